-- title: The phrases that prove the tags
-- description: The tags, with their evidence, of the opportunities whose keys are in the JSON list :keys.
-- columns: key, facet, value, role, evidence (JSON)
select o.key, t.facet, t.value, t.role, t.evidence
from opportunity o join tag t on t.opportunity = o.id
where o.key in (select value from json_each(:keys))
order by o.key, t.score desc, t.facet, t.value, t.role
