-- title: Material changes
-- description: What changed materially after the row :cursor, of visible opportunities, oldest first.
-- columns: id, key, audience, type, field, old, new, direction, at
select c.id, o.key, coalesce(o.embargo_cluster, '') as audience, c.type, c.field, c.old, c.new, c.direction, c.at
from change c join opportunity o on o.id = c.opportunity
where c.id > :cursor and c.material = 1 and c.type not in ('created', 'merged', 'split', 'cosmetic')
    and o.review = 'published' and o.merged_into is null
order by c.id
