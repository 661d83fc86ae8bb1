-- Refused rows that a later import took. A replay has the rows of the import that it
-- replays, under the same numbers.
create temporary table dataset_taken on commit drop as
select v.row, bateia.import_id_text(max(v.resolved_by)) as resolved_by
  from bateia.imports n
  join bateia.resolutions v on v.account_id = n.account_id and v.import_id = coalesce(n.replay_of, n.import_id)
  join bateia.imports t on t.account_id = v.account_id and t.import_id = v.resolved_by and v.taken and t.state = 'applied'
 where n.account_id = :account and n.import_id = :import
 group by v.row
