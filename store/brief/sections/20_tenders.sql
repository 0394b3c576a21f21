-- title: Public tenders
-- description: Tenders still open for offers.
select o.key, o.kind, o.title, o.summary, o.organiser, o.url, o.source, o.programme, o.next_deadline, o.last_deadline, o.rolling,
    o.zone, o.starts_local, o.ends_local, o.city, o.venue_country, o.online, o.amount_min, o.amount_max, o.currency,
    o.published, o.first_seen, o.language, json_group_array(distinct c.role) as roles,
    json_extract(c.evidence, '$[0].quote') as country_quote, json_extract(s.evidence, '$[0].quote') as sector_quote, max(s.score) as fit
from tag s
join tag c on c.opportunity = s.opportunity and c.facet = 'country'
    and c.value in (select value from json_each(:codes)) and (c.value = :country or c.role = 'eligible')
join opportunity o on o.id = s.opportunity
where s.facet = 'sector' and s.value = :sector and o.kind in ('tender')
    and o.review = 'published' and o.merged_into is null and o.embargo_cluster is null and not o.withdrawn
    and (not o.cancelled and (o.last_deadline is null or o.last_deadline >= :now))
group by o.id
order by o.next_deadline is null, o.next_deadline
limit 25
