-- title: Changes of substance
-- description: What changed after the row :cursor, of visible opportunities, oldest first; a way back that was found to be flapping is
-- there as well, not material, so that the last value of a field is known.
-- columns: id, key, audience, type, field, old, new, direction, at, material
select c.id, o.key, coalesce(o.embargo_cluster, '') as audience, c.type, c.field, c.old, c.new, c.direction, c.at,
    c.material
from change c join opportunity o on o.id = c.opportunity
where c.id > :cursor and c.type not in ('created', 'merged', 'split', 'cosmetic')
    and o.review = 'published' and o.merged_into is null
order by c.id
