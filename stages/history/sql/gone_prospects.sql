-- $1 account.
delete from prospects p using history_gone g where p.account_id = $1 and p.prospect_id = g.prospect_id
