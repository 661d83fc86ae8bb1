-- +goose Up

-- Datasets for analysts: what an import did, as Parquet in the bucket.

-- Writing them is a phase of its own behind the others. What was imported before
-- this migration is owed too: everything comes from the tables.
alter table bateia.work drop constraint work_phase_check;
alter table bateia.work add constraint work_phase_check check (phase in ('plan', 'apply', 'report', 'datasets'));

-- +goose StatementBegin
do $$
declare account int;
begin
  for account in select account_id from bateia.accounts loop
    perform set_config('bateia.account', account::text, true);
    insert into bateia.work (import_id, phase, account_id)
    select import_id, 'datasets', account from bateia.imports
     where account_id = account and state in ('applied', 'undone', 'rejected', 'failed', 'canceled', 'ready')
        on conflict do nothing;
  end loop;
end $$;
-- +goose StatementEnd

-- What became of a row that said something again: of every other row that was read
-- the outcome is known already, from leads and row_outcomes. Null on rows of before.
alter table bateia.seen_leads add column outcome text;

-- The files that were written, or are about to be: a key stands here before its
-- object does, so that none is ever left behind unknown.
create table bateia.dataset_files (
  account_id int not null references bateia.accounts,
  import_id  bigint not null,
  dataset    text not null,
  key        text not null,
  rows       bigint,      -- null until the object is there
  bytes      bigint,
  primary key (account_id, import_id, dataset, key)
);
comment on table bateia.dataset_files is 'Parquet objects of the datasets, by import';

-- All prospects of an account at one moment, asked for by somebody or weekly.
create table bateia.snapshots (
  account_id   int not null references bateia.accounts,
  snapshot_id  bigint not null, -- of the same kind as imports have
  requested_by text not null default '', -- '' is the week's
  state        text not null default 'owed' check (state in ('owed', 'done')),
  key          text not null default '',
  rows         bigint,
  bytes        bigint,
  created_at   timestamptz not null default now(),
  finished_at  timestamptz,
  primary key (account_id, snapshot_id)
);
comment on table bateia.snapshots is 'Parquet objects with all prospects of an account, kept for a week';

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['dataset_files', 'snapshots'] loop
    execute format('alter table bateia.%I enable row level security', t);
    execute format('alter table bateia.%I force row level security', t);
    execute format('create policy account on bateia.%I using (account_id = bateia.current_account()) with check (account_id = bateia.current_account())', t);
    execute format('grant select, insert, update, delete on bateia.%I to bateia_worker', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table bateia.snapshots, bateia.dataset_files;
alter table bateia.seen_leads drop column outcome;
delete from bateia.work where phase = 'datasets';
alter table bateia.work drop constraint work_phase_check;
alter table bateia.work add constraint work_phase_check check (phase in ('plan', 'apply', 'report'));
