-- Pairs of prospects, read through aliases, that people keep apart, of those that
-- are computed again. $1 account, $2 an import whose pairs are left out.
select distinct coalesce(a.survivor_id, p.prospect_id), coalesce(o.survivor_id, p.other_id)
  from apart p
  left join aliases a on a.account_id = $1 and a.alias_id = p.prospect_id
  left join aliases o on o.account_id = $1 and o.alias_id = p.other_id
 where p.account_id = $1 and p.import_id <> $2
   and p.prospect_id in (select prospect_id from history_members) and p.other_id in (select prospect_id from history_members)
 order by 1, 2
