-- title: Open tenders by buyer's country
-- description: Tenders of this sector that take offers now, by the country of the buyer; this market stands first.
select country, count(distinct opportunity) as n
from find
where audience = '' and sector = :sector and country <> '' and kind = 'tender' and roles & :buyer
    and until >= :now and after < :now and opens <= :now
group by country
order by country <> :country, 2 desc, 1
limit 12
