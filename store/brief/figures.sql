-- title: Figures
-- description: Indicators that statistical sources gave for this country, newest value first in each series.
select n.title, n.url, n.source, json_extract(n.payload, '$.raw') as raw, n.last_seen
from notice n
where n.kind = 'study' and json_extract(n.payload, '$.raw.indicator') is not null
    and json_extract(n.payload, '$.raw.country') = :country and n.withdrawn_at is null
order by n.title
limit 40
