-- The prospects of account $1 that carry an identity with a key from $2 to $3,
-- as they answer today.
select distinct coalesce(a.survivor_id, i.prospect_id)
from bateia.identities i
left join bateia.aliases a on a.account_id = i.account_id and a.alias_id = i.prospect_id
where i.account_id = $1 and i.key between $2 and $3
order by 1
limit 1000
