-- +goose Up

-- Imports are applied in another order than they are received: one waits for a
-- person, two workers race. What was applied later speaks later, so its place
-- among all that was applied to the account is kept. Those of before have the
-- order of their ids, in which they were computed so far.
alter table bateia.accounts add column applied_no bigint not null default 0; -- of the last one
alter table bateia.imports add column applied_no bigint;

-- +goose StatementBegin
do $$
declare account int;
begin
  for account in select account_id from bateia.accounts loop
    perform set_config('bateia.account', account::text, true);
    update bateia.imports i
       set applied_no = n.place
      from (select import_id, row_number() over (order by import_id) as place from bateia.imports where account_id = account and state in ('applied', 'undone')) n
     where i.account_id = account and i.import_id = n.import_id;
    update bateia.accounts
       set applied_no = (select count(*) from bateia.imports where account_id = account and state in ('applied', 'undone'))
     where account_id = account;
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
alter table bateia.imports drop column applied_no;
alter table bateia.accounts drop column applied_no;
