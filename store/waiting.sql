-- title: What a curator should look at
-- description: What waits for a decision or a second person, what a source contradicts, what was read with doubt, tagged weakly, may be told twice, or comes from a new source; merged away, over or decided and quiet left out.
-- columns: id, key, title, kind, source, doubt, review, next_deadline, flags, undated, assumed, bare, second, conflict, pending, seen, score (of the surest sector, null without any), fresh_source, twin (key of what may be the same)
with asked (id) as (
    select id from opportunity where review = 'pending'
    union select id from (select id from opportunity where review = 'published' and doubt > 0 order by doubt desc limit 1000)
    union select opportunity from curation where undone_at is null and (waits or conflict is not null)
    union select l.opportunity from listing l where l.seen >= :month
        and (select max(score) from tag where tag.opportunity = l.opportunity and facet = 'sector') < :sure
    union select n.opportunity from merge_link l join notice n on n.id in (l.one, l.other) where l.outcome = 'maybe'
    union select l.opportunity from listing l where l.seen >= :fortnight and l.source in (select source from fresh)
), fresh (source) as (
    select source from run where stage = 'crawl' group by source having min(started) >= :fortnight
        and (select min(started) from run) < :fortnight
), seen as (
    select o.id, o.key, o.title, o.kind, o.source, o.doubt, o.review, o.next_deadline, o.flags,
        o.kind in ('call', 'tender') and o.deadlines = '[]' or o.kind in ('fair', 'event') and o.starts is null as undated,
        exists (select 1 from json_each(o.deadlines) d where json_extract(d.value, '$.zone_source') = 'assumed') as assumed,
        o.summary = '' and o.text = '' and o.kind not in ('news', 'study') as bare,
        exists (select 1 from curation c where c.opportunity = o.id and c.waits and c.undone_at is null) as second,
        exists (select 1 from curation c where c.opportunity = o.id and c.conflict is not null and c.undone_at is null) as conflict,
        o.review = 'pending' as pending,
        exists (select 1 from curation c where c.opportunity = o.id and c.action in ('approve', 'hide') and c.undone_at is null) as seen,
        (select max(score) from tag where tag.opportunity = o.id and facet = 'sector') as score,
        o.source in (select source from fresh) as fresh_source,
        (select b.key from notice n join merge_link l on n.id in (l.one, l.other) and l.outcome = 'maybe'
            join notice p on p.id = l.one + l.other - n.id join opportunity b on b.id = p.opportunity
            where n.opportunity = o.id and b.id <> o.id and b.review <> 'hidden' and coalesce(b.embargo_cluster, '') in ('', :cluster)
                and not exists (select 1 from merge_pair q where q.one = l.one and q.other = l.other and q.undone_at is null)
            order by l.score desc limit 1) as twin
    from opportunity o where o.id in (select id from asked) and o.merged_into is null
        and coalesce(o.last_deadline, o.ends, :now) >= :now
)
select * from seen where second or conflict or pending
    or (not seen and (doubt > 0 or twin is not null or coalesce(score, 1) < :sure or fresh_source))
