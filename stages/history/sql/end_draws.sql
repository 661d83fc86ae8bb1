-- Deletes draws and keeps whose turns they were in history_ended. $1 account; which is
-- filled in.
with ended as (
  delete from draws d where d.account_id = $1 /*which*/ returning d.folded, d.turn, d.owner)
insert into history_ended (folded, turn, owner) select folded, turn, owner from ended
