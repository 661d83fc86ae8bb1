-- Who is apart from a prospect that is no more is apart from the one that has its leads.
-- $1 account, $2 the prospect, $3 the other one, $4 an import whose pairs are left alone.
with renamed as (
  delete from apart where account_id = $1 and $2 in (prospect_id, other_id) and import_id <> $4
  returning case when prospect_id = $2 then $3 else prospect_id end as prospect_id, case when other_id = $2 then $3 else other_id end as other_id, import_id)
insert into apart (account_id, prospect_id, other_id, import_id)
select $1, prospect_id, other_id, import_id from renamed where prospect_id <> other_id
    on conflict do nothing
