-- Ends what keeps prospects apart that are to be one. $1 account, $2 prospects.
delete from apart a
 where a.account_id = $1 and a.prospect_id in (select prospect_id from history_members where survivor_id = any($2))
   and a.other_id in (select prospect_id from history_members where survivor_id = any($2))
returning a.prospect_id, a.other_id, a.import_id
