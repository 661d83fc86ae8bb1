-- The identities of the person, and whether each joins by itself under any key.
-- $1 account.
select i.kind, i.value, bool_or(i.joins)
  from erased_keys k join identities i on i.account_id = $1 and i.key = k.key
 where i.prospect_id in (select prospect_id from erased_ids)
 group by i.kind, i.value
 order by i.kind, i.value
