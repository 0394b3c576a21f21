-- title: What a digest may choose from
-- description: Every visible opportunity that is not over at :now; news and studies count until they are seen for longer than :floor.
-- columns: id, key, audience, kind, language, starts, next (deadline), spans (only when that deadline is over), sectors, countries, amount
select l.opportunity, o.key, l.audience, l.kind, l.language, coalesce(o.starts, ''), coalesce(o.next_deadline, ''),
    case when o.next_deadline < :now then l.spans else '' end, l.sectors, l.countries, l.amount
from listing l join opportunity o on o.id = l.opportunity
where l.ends >= :now and (l.kind not in ('news', 'study') or l.seen >= :floor)
order by l.opportunity
