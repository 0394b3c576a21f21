-- title: What changed lately
-- description: Changes of substance in the last thirty days to what is listed above, newest first.
select o.key, o.title, o.url, o.language, c.type, c.field, c.old, c.new, c.direction, c.at
from change c join opportunity o on o.id = c.opportunity
where o.key in (select value from json_each(:keys)) and c.material and c.at >= :month_ago
    and c.type not in ('created', 'merged', 'split', 'cosmetic')
order by c.at desc, c.id desc
limit 20
