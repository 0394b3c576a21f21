-- title: How much was published
-- description: Findings of this country and sector by month of publication and kind, the last thirteen months; no series of figures.
select substr(coalesce(o.published, o.first_seen), 1, 7) as month, o.kind as kind, count(distinct o.id) as n
from tag s
join tag c on c.opportunity = s.opportunity and c.facet = 'country'
    and c.value in (select value from json_each(:codes)) and (c.value = :country or c.role = 'eligible')
join opportunity o on o.id = s.opportunity
where s.facet = 'sector' and s.value = :sector and o.review = 'published' and o.merged_into is null and o.embargo_cluster is null
    and coalesce(o.published, o.first_seen) >= :year_ago
    and not (o.kind = 'study' and exists (
        select 1 from notice n where n.opportunity = o.id and json_extract(n.payload, '$.raw.figures') is not null))
group by 1, 2
order by 1, 2
