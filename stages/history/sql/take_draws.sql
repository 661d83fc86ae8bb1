-- Takes draws out of the table into history_draws, as history_owners says they are to
-- be. $1 account.
with out as (
  delete from draws d using history_owners o where d.account_id = $1 and d.prospect_id = o.was and d.folded = o.folded
  returning o.prospect_id, d.folded, d.owner, o.import_id, d.turn)
insert into history_draws (prospect_id, folded, owner, import_id, turn) select prospect_id, folded, owner, import_id, turn from out
