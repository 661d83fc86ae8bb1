-- +goose Up

-- Imports and what is known about them. These tables are small: they carry
-- forced row-level security themselves, and the worker writes them by INSERT.

create table bateia.sources (
  account_id int not null references bateia.accounts,
  source_id  int generated always as identity,
  kind       text not null check (kind in ('upload', 'omie', 'api', 'manual')),
  system     text not null default '',
  name       text not null default '',
  instance   text not null default '',
  created_at timestamptz not null default now(),
  primary key (account_id, source_id),
  unique (account_id, kind, system, name, instance)
);

-- An object version that was seen, and the import it became. The primary key is
-- what makes a drop be imported once. Keys compare as bytes, which is the order of
-- a listing: what is known of one page of it is one range of the primary key.
create table bateia.drops (
  account_id int not null references bateia.accounts,
  bucket     text collate "C" not null,
  key        text collate "C" not null,
  version    text collate "C" not null, -- the version id, or ETag, size and time without versions
  import_id  bigint not null,
  seen_at    timestamptz not null default now(),
  primary key (account_id, bucket, key, version)
);

create table bateia.imports (
  account_id     int not null references bateia.accounts,
  import_id      bigint not null,
  source_id      int not null,
  file_name      text not null default '',
  list           text not null default '',
  requested_by   text not null default '',
  request        jsonb not null default '{}', -- mapping, options, mode: what was asked
  -- the pinned object
  bucket         text not null default '',
  key            text not null default '',
  version_id     text not null default '',
  etag           text not null default '',
  size           bigint not null default 0,
  modified       timestamptz,
  sha256         text not null default '',
  state          text not null default 'received' check (state in
                 ('received', 'planning', 'ready', 'applying', 'applied', 'rejected', 'failed', 'canceled', 'undone')),
  code           text,             -- why it is rejected, failed or held
  held           boolean not null default false,
  confirmed      boolean not null default false,
  facts          jsonb not null default '{}',
  -- the ledger: rows_read is the sum of the seven outcomes
  rows_read      bigint not null default 0,
  created        bigint not null default 0,
  updated        bigint not null default 0,
  unchanged      bigint not null default 0,
  duplicate      bigint not null default 0,
  rejected       bigint not null default 0,
  skipped        bigint not null default 0,
  conflict       bigint not null default 0,
  blank          bigint not null default 0,
  prospects_created bigint not null default 0,
  prospects_updated bigint not null default 0,
  prospects_merged  bigint not null default 0,
  errors         bigint not null default 0,
  warnings       bigint not null default 0,
  -- the plan: where its files are and what vouches for them
  base_version   bigint,
  plan_prefix    text,             -- plans/<import>/<epoch>/
  plan_sha256    text,             -- of the manifest
  result_key     text,
  feedback_key   text,
  undo_of        bigint,
  redo_of        bigint,
  replay_of      bigint,
  created_at     timestamptz not null default now(),
  started_at     timestamptz,
  finished_at    timestamptz,
  primary key (account_id, import_id),
  foreign key (account_id, source_id) references bateia.sources,
  constraint ledger_balances check (state <> 'applied' or
    rows_read = created + updated + unchanged + duplicate + rejected + skipped + conflict)
);
create index imports_open on bateia.imports (state, created_at) where state in ('received', 'planning', 'ready', 'applying');

create table bateia.import_stages (
  account_id  int not null,
  import_id   bigint not null,
  stage       text not null,
  attempt     bigint not null,  -- the epoch of the claim
  started_at  timestamptz not null,
  finished_at timestamptz,
  seconds     double precision,
  rows        bigint,
  bytes       bigint,
  primary key (account_id, import_id, stage, attempt)
);

create table bateia.import_columns (
  account_id int not null,
  import_id  bigint not null,
  position   int not null,
  name       text not null,
  field      text not null,
  type       text not null default '',
  confidence double precision not null,
  reason     text not null,
  filled     bigint not null,
  valid      bigint not null,
  imported   boolean not null,
  primary key (account_id, import_id, position)
);

create table bateia.issue_counts (
  account_id int not null,
  import_id  bigint not null,
  code       text not null,
  severity   text not null check (severity in ('error', 'warning')),
  rows       bigint not null,
  primary key (account_id, import_id, code, severity)
);

create table bateia.lists (
  account_id int not null references bateia.accounts,
  list_id    int generated always as identity,
  name       text not null,
  folded     text not null, -- trimmed and case-folded: what makes two names one list
  created_by bigint,
  created_at timestamptz not null default now(),
  primary key (account_id, list_id),
  unique (account_id, folded)
);

create table bateia.tags (
  account_id int not null references bateia.accounts,
  tag_id     int generated always as identity,
  name       text not null,
  folded     text not null,
  created_by bigint,
  created_at timestamptz not null default now(),
  primary key (account_id, tag_id),
  unique (account_id, folded)
);

create table bateia.field_definitions (
  account_id int not null references bateia.accounts,
  name       text not null, -- of extra.<name>
  label      text not null, -- header it was first seen under
  type       text not null default 'text',
  created_by bigint,
  created_at timestamptz not null default now(),
  primary key (account_id, name)
);

-- What people decided about identity: remembered by every later import.
create table bateia.decisions (
  account_id  int not null references bateia.accounts,
  decision_id bigint generated always as identity,
  kind        text not null check (kind in ('merge', 'split', 'unmerge', 'shared', 'joining')),
  subject     jsonb not null,
  import_id   bigint,
  decided_by  text not null default '',
  decided_at  timestamptz not null default now(),
  revoked_at  timestamptz,
  primary key (account_id, decision_id)
);

-- Identities that must never come back: keyed hashes, no values.
create table bateia.suppressions (
  account_id int not null references bateia.accounts,
  key        uuid not null,
  created_at timestamptz not null default now(),
  primary key (account_id, key)
);

create table bateia.events (
  account_id int not null references bateia.accounts,
  event_id   bigint generated always as identity,
  import_id  bigint,
  kind       text not null,
  payload    jsonb not null default '{}', -- counts and ids, never a value
  created_at timestamptz not null default now(),
  primary key (account_id, event_id)
);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['sources', 'drops', 'imports', 'import_stages', 'import_columns', 'issue_counts',
                           'lists', 'tags', 'field_definitions', 'decisions', 'suppressions', 'events'] loop
    execute format('alter table bateia.%I enable row level security', t);
    execute format('alter table bateia.%I force row level security', t);
    execute format('create policy account on bateia.%I using (account_id = bateia.current_account()) with check (account_id = bateia.current_account())', t);
    execute format('grant select, insert, update, delete on bateia.%I to bateia_worker', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table bateia.events, bateia.suppressions, bateia.decisions, bateia.field_definitions, bateia.tags, bateia.lists,
  bateia.issue_counts, bateia.import_columns, bateia.import_stages, bateia.imports, bateia.drops, bateia.sources;
