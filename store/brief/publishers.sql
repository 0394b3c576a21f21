-- title: Who publishes for this market
-- description: Publishers whose notices of the last thirteen months concern this country and sector, the most active first.
select coalesce(p.publisher, n.source) as publisher, count(distinct o.id) as n, max(coalesce(o.published, o.first_seen)) as newest,
    json_group_array(distinct o.kind) as kinds
from tag s
join tag c on c.opportunity = s.opportunity and c.facet = 'country'
    and c.value in (select value from json_each(:codes)) and (c.value = :country or c.role = 'eligible')
join opportunity o on o.id = s.opportunity
join listing l on l.opportunity = o.id and l.audience = ''
join notice n on n.opportunity = o.id
left join source p on p.name = n.source
where s.facet = 'sector' and s.value = :sector and coalesce(o.published, o.first_seen) >= :year_ago
group by 1
order by 2 desc, 1
limit 15
