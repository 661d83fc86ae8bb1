-- +goose Up

-- Companies at the ERP Omie whose customers are read. The secret is sealed with
-- the key-encryption key, the connection's id as associated data.
create table bateia.connections (
  account_id    int not null references bateia.accounts,
  connection_id int generated always as identity unique,
  name          text not null,
  folded        text not null,
  app_key       text not null,
  sealed        bytea not null,                  -- app secret and webhook secret
  state         text not null default 'valid' check (state in ('valid', 'invalid', 'disconnected')),
  code          text,                            -- why it is invalid
  settings      jsonb not null default '{}',     -- schedule, list, filters: schemas.ConnectionSettings
  watermark     timestamptz,                     -- newest change that is applied; null asks for all
  next_run      timestamptz,                     -- by the schedule, null without one
  last_success  timestamptz,
  last_full     timestamptz,
  empty_runs    int not null default 0,          -- syncs in a row whose first answer was "no records"
  runs          bigint not null default 0,
  sellers       jsonb not null default '{}',     -- code → name, as last read
  import_id     bigint,                          -- the last sync
  told          text not null default '',        -- the trouble that people were told of last
  created_at    timestamptz not null default now(),
  primary key (account_id, connection_id),
  unique (account_id, folded)
);

-- When each connection is due, across accounts, and whose it is: no row-level
-- security, and nothing in it but this.
create table bateia.omie_schedules (
  connection_id int primary key,
  account_id    int not null,
  folded        text not null,
  due_at        timestamptz, -- null when it is not scheduled
  foreign key (account_id, connection_id) references bateia.connections on delete cascade
);
create index omie_schedules_due on bateia.omie_schedules (due_at) where due_at is not null;

-- How far a sync is: pages that are stored, and what is asked next. Written page
-- by page, each in one transaction.
create table bateia.omie_cursors (
  account_id    int not null references bateia.accounts,
  import_id     bigint not null,
  connection_id int not null,
  cursor        jsonb not null,
  primary key (account_id, import_id)
);

-- What a connection's records are known as. A record that disappeared at its
-- source keeps its prospect.
create table bateia.source_records (
  account_id      int not null references bateia.accounts,
  connection_id   int not null,
  record_id       bigint not null,                -- codigo_cliente_omie
  document_hash   bigint,                         -- of the canonical document: tells two companies apart
  first_import    bigint not null,
  source_gone_at  timestamptz,
  gone_import     bigint,                         -- that found it gone
  source_inactive_at timestamptz,
  primary key (account_id, connection_id, record_id)
);

-- What webhooks said, until a sync has read it.
create table bateia.omie_signals (
  account_id    int not null references bateia.accounts,
  connection_id int not null,
  message_id    text not null,
  record_id     bigint not null,
  deleted       boolean not null,
  received_at   timestamptz not null default now(),
  import_id     bigint,                           -- the sync that takes it up
  primary key (account_id, connection_id, message_id)
);

-- What must be remembered of a key and a method by everybody who calls: Omie
-- counts per key, whoever of the accounts has it. The key stands here by its hash.
create table bateia.omie_lanes (
  key_hash text not null,
  method   text not null,
  lane     jsonb not null default '{}',
  primary key (key_hash, method)
);

-- Whether what is owed reads a connection: that is another kind of job.
alter table bateia.work add column sync boolean not null default false;

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['connections', 'omie_cursors', 'source_records', 'omie_signals'] loop
    execute format('alter table bateia.%I enable row level security', t);
    execute format('alter table bateia.%I force row level security', t);
    execute format('create policy account on bateia.%I using (account_id = bateia.current_account()) with check (account_id = bateia.current_account())', t);
    execute format('grant select, insert, update, delete on bateia.%I to bateia_worker', t);
  end loop;
  grant select, insert, update, delete on bateia.omie_schedules, bateia.omie_lanes to bateia_worker;
end $$;
-- +goose StatementEnd

-- +goose Down
alter table bateia.work drop column sync;
drop table bateia.omie_lanes, bateia.omie_signals, bateia.source_records, bateia.omie_cursors, bateia.omie_schedules, bateia.connections;
