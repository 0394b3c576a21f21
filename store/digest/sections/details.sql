-- title: What a line says
-- description: The facts of the opportunities whose keys are in the JSON list :keys, in no order.
-- columns: key and the facts
select o.id, o.key, o.kind, o.title, o.summary, o.language, o.url, coalesce(s.publisher, o.source) as publisher, o.organiser,
    o.deadlines, o.rolling, o.opens, o.starts_local, o.ends_local, o.zone, o.venue, o.city, o.venue_country, o.online,
    o.amount_min, o.amount_max, o.currency, o.cancelled, o.withdrawn, coalesce(o.published, o.first_seen) as published,
    case when o.review = 'published' then coalesce(o.embargo_cluster, '') else '-' end as audience
from opportunity o left join source s on s.name = o.source
where o.key in (select value from json_each(:keys))
