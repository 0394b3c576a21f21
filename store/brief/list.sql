-- The findings of one section. :kinds is a JSON list; :only says what must hold: 'usable' (not over at :now), 'open' (usable, and not
-- merely announced), 'coming' (its last day is not past), 'recent' (published since :since), 'any'. Ordered by :sort: deadline, starts, newest.
select o.key, o.kind, o.title, o.summary, o.organiser, o.url, coalesce(p.publisher, o.source) as publisher, o.programme, o.next_deadline, o.last_deadline, o.rolling, o.planned,
    o.zone, o.starts_local, o.ends_local, o.city, o.venue_country, o.online, o.amount_min, o.amount_max, o.currency,
    o.published, o.first_seen, o.language, json_group_array(distinct c.role) as roles,
    json_extract(c.evidence, '$[0].quote') as country_quote, json_extract(s.evidence, '$[0].quote') as sector_quote, max(s.score) as fit
from tag s
join tag c on c.opportunity = s.opportunity and c.facet = 'country'
    and c.value in (select value from json_each(:codes)) and (c.value = :country or c.role = 'eligible')
join opportunity o on o.id = s.opportunity
join listing l on l.opportunity = o.id and l.audience = '' and l.ends <> '0'
left join source p on p.name = o.source
where s.facet = 'sector' and s.value = :sector and o.kind in (select value from json_each(:kinds))
    and case :only
        when 'usable' then l.ends >= :now
        when 'open' then l.ends >= :now and l.opens <= :now
        when 'coming' then coalesce(o.ends, o.starts) >= :now
        when 'recent' then coalesce(o.published, o.first_seen) >= :since
        else 1 end
    and not (o.kind = 'study' and exists (
        select 1 from notice n where n.opportunity = o.id and json_extract(n.payload, '$.raw.figures') is not null))
group by o.id
order by case :sort when 'deadline' then coalesce(o.next_deadline, '9999') when 'starts' then o.starts else '' end,
    coalesce(o.published, o.first_seen) desc, o.id
limit :most
