-- title: Figures
-- description: Series that statistical sources publish about this country, with the sectors that they were found to concern.
select n.id, n.title, n.url, coalesce(s.publisher, n.source) as publisher, json_extract(n.payload, '$.raw.figures') as figures,
    coalesce(json_extract(n.payload, '$.raw.labels'), '{}') as labels, coalesce(json_extract(n.payload, '$.raw.unit'), '') as unit,
    coalesce(json_extract(n.payload, '$.codes'), '[]') as codes,
    (select json_group_array(json_object('sector', t.value, 'evidence', json(t.evidence))) from tag t
        where t.opportunity = n.opportunity and t.facet = 'sector') as sectors
from tag c
join notice n on n.opportunity = c.opportunity
left join source s on s.name = n.source
where c.facet = 'country' and c.value = :country and n.kind = 'study' and n.withdrawn_at is null
    and json_extract(n.payload, '$.raw.figures') is not null
group by n.id
order by n.title, n.id
