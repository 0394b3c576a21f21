-- title: Keys that were merged away
-- description: Each key whose opportunity is now part of another, with the key of that other.
-- columns: key, into
select o.key, t.key as "into" from opportunity o join opportunity t on t.id = o.merged_into order by o.id
