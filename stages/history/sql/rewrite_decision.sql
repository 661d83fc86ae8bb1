-- $1 account, $2 decision, $3 its subject.
update decisions set subject = $3 where account_id = $1 and decision_id = $2
