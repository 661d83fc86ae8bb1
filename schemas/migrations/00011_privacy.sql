-- +goose Up

-- What keeps a person who was erased from coming back: keyed hashes. Without the
-- key, which is elsewhere, nobody can tell a number that is on the list from one
-- that is not. The table was never written before, so it is made anew.
drop table bateia.suppressions;
create table bateia.suppressions (
  account_id int not null references bateia.accounts,
  key_id     int not null,    -- which of the secret keys made the hash: see pipeline/sealed
  hash       bytea not null,  -- HMAC-SHA-256 of an identity's key
  erasure_id bigint not null,
  created_at timestamptz not null default now(),
  primary key (account_id, key_id, hash)
);
comment on table bateia.suppressions is 'keyed hashes of identities that must never come back; no values';

-- Erasures of people: what is done of each, without who it was. What has to be
-- looked for is sealed, and wiped when the erasure ends.
create table bateia.erasures (
  account_id   int not null references bateia.accounts,
  erasure_id   bigint generated always as identity unique,
  state        text not null default 'asked' check (state in ('asked', 'objects', 'done')),
  requested_by text not null default '',
  uploads      text not null check (uploads in ('redact', 'delete')),
  sealed       bytea,                         -- what is looked for; null when done
  removed      jsonb not null default '{}',   -- counts
  asked_at     timestamptz not null default now(),
  database_at  timestamptz,                   -- since when the database has nothing of them
  finished_at  timestamptz,
  primary key (account_id, erasure_id),
  constraint wiped check (state <> 'done' or sealed is null)
);
comment on table bateia.erasures is 'people who were removed: when, by whom, how much; never who';

-- Where rows of the person lie, and which imports were looked through: what a
-- worker needs that takes over. Gone when the erasure is done.
create table bateia.erasure_rows (
  account_id  int not null,
  erasure_id  bigint not null,
  import_id   bigint not null,
  row         bigint not null,
  byte_offset bigint not null,
  byte_length bigint not null,
  primary key (account_id, erasure_id, import_id, row)
);
create table bateia.erasure_imports (
  account_id int not null,
  erasure_id bigint not null,
  import_id  bigint not null,
  touched    boolean not null default false, -- it spoke of the person
  done       boolean not null default false,
  primary key (account_id, erasure_id, import_id)
);

-- Rows that had become leads of people who were erased: that they were there, and
-- what came of them, so that every ledger can be counted again. Refused ones stay
-- among the outcomes of rows, without anything that says whose they were.
create table bateia.forgotten_rows (
  account_id int not null,
  import_id  bigint not null,
  row        bigint not null,
  outcome    text not null,
  primary key (account_id, import_id, row)
);
comment on table bateia.forgotten_rows is 'rows of imports that spoke of people who were erased, with their outcome and nothing else';

-- Whose the work is, and until when: across accounts, so without row-level
-- security, and nothing in it but this.
create table bateia.erasure_work (
  erasure_id  bigint primary key,
  account_id  int not null,
  epoch       bigint not null default 0,
  lease_until timestamptz,
  not_before  timestamptz not null default now(),
  foreign key (account_id, erasure_id) references bateia.erasures on delete cascade
);
grant select, insert, update, delete on bateia.erasure_work to bateia_worker;

-- What of an import's history is gone, by age (issues, rows, leads), and that its
-- plan is not to be stored any more (plan): what would need it can say so.
alter table bateia.imports add column expired text[] not null default '{}';

-- The account's day on which its history was looked through for what is too old.
alter table bateia.accounts add column purged_on date;

-- Drops a month's leaf of a history table when every import of that month, whatever
-- the account, has no part in it any more; says whether it did. It waits for nobody:
-- what is in use is dropped another day. The worker owns nothing, so it may not do so
-- by itself; and with forced row-level security the owner sees one account at a time.
-- +goose StatementBegin
create function bateia.drop_history(history text, month text, part text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, bateia, pg_temp set lock_timeout = '1s' as $$
declare
  first timestamptz := to_date(month, 'YYYYMM')::timestamp at time zone 'UTC';
  after timestamptz := (first at time zone 'UTC' + interval '1 month') at time zone 'UTC';
  low   bigint := (extract(epoch from first) * 1000)::bigint << 12;
  high  bigint := (extract(epoch from after) * 1000)::bigint << 12;
  leaf  text := history || '_' || month;
  was   text := current_setting('bateia.account', true);
  one   int;
begin
  -- Leads go one by one: prospects stand on them. A month that is not over gets more.
  if history not in ('row_outcomes', 'issues', 'before_images') or after > now() - interval '2 days' or to_regclass(format('bateia.%I', leaf)) is null then
    return false;
  end if;
  for one in select account_id from bateia.accounts loop
    perform set_config('bateia.account', one::text, true);
    if exists (select from bateia.imports where account_id = one and import_id >= low and import_id < high and part <> all (expired)) then
      perform set_config('bateia.account', coalesce(was, ''), true);
      return false;
    end if;
  end loop;
  perform set_config('bateia.account', coalesce(was, ''), true);
  execute format('drop table bateia.%I', leaf);
  return true;
exception when lock_not_available then
  return false;
end $$;
-- +goose StatementEnd
revoke all on function bateia.drop_history(text, text, text) from public;
grant execute on function bateia.drop_history(text, text, text) to bateia_worker;

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['suppressions', 'erasures', 'erasure_rows', 'erasure_imports', 'forgotten_rows'] loop
    execute format('alter table bateia.%I enable row level security', t);
    execute format('alter table bateia.%I force row level security', t);
    execute format('create policy account on bateia.%I using (account_id = bateia.current_account()) with check (account_id = bateia.current_account())', t);
    execute format('grant select, insert, update, delete on bateia.%I to bateia_worker', t);
  end loop;
end $$;
-- +goose StatementEnd

-- Rows of people who were erased are counted, and nothing is left to read again.
-- +goose StatementBegin
create or replace function bateia.open_refusals(account int, import bigint, of_code text)
  returns table ("row" bigint, line bigint, sheet_row bigint, byte_offset bigint, byte_length bigint, reason_code text)
  language sql stable as $$
    -- Both sides are put together and sorted out, not looked up one by one: after a
    -- large replay the planner knows nothing of its rows yet.
    select u.row, max(u.line), max(u.sheet_row), max(u.byte_offset), max(u.byte_length), max(u.reason_code)
      from (select r.row, r.line, r.sheet_row, r.byte_offset, r.byte_length, r.reason_code, false as taken
              from bateia.row_outcomes r
             where r.account_id = account and r.import_id = import and r.outcome = 'rejected'
               and 'ERASED' <> all (r.codes) and (of_code = '' or of_code = any (r.codes))
               and exists (select from bateia.imports i where i.account_id = account and i.import_id = import and i.state = 'applied')
            union all
            select v.row, null, null, null, null, null, true
              from bateia.resolutions v join bateia.imports t on t.account_id = v.account_id and t.import_id = v.resolved_by
             where v.account_id = account and v.import_id = import and t.state = 'applied') u
     group by u.row
    having not bool_or(u.taken)
  $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function bateia.open_refusals(account int, import bigint, of_code text)
  returns table ("row" bigint, line bigint, sheet_row bigint, byte_offset bigint, byte_length bigint, reason_code text)
  language sql stable as $$
    -- Both sides are put together and sorted out, not looked up one by one: after a
    -- large replay the planner knows nothing of its rows yet.
    select u.row, max(u.line), max(u.sheet_row), max(u.byte_offset), max(u.byte_length), max(u.reason_code)
      from (select r.row, r.line, r.sheet_row, r.byte_offset, r.byte_length, r.reason_code, false as taken
              from bateia.row_outcomes r
             where r.account_id = account and r.import_id = import and r.outcome = 'rejected'
               and (of_code = '' or of_code = any (r.codes))
               and exists (select from bateia.imports i where i.account_id = account and i.import_id = import and i.state = 'applied')
            union all
            select v.row, null, null, null, null, null, true
              from bateia.resolutions v join bateia.imports t on t.account_id = v.account_id and t.import_id = v.resolved_by
             where v.account_id = account and v.import_id = import and t.state = 'applied') u
     group by u.row
    having not bool_or(u.taken)
  $$;
-- +goose StatementEnd
drop function bateia.drop_history(text, text, text);
alter table bateia.accounts drop column purged_on;
alter table bateia.imports drop column expired;
drop table bateia.forgotten_rows, bateia.erasure_work, bateia.erasure_imports, bateia.erasure_rows, bateia.erasures, bateia.suppressions;
create table bateia.suppressions (
  account_id int not null references bateia.accounts,
  key        uuid not null,
  created_at timestamptz not null default now(),
  primary key (account_id, key)
);
alter table bateia.suppressions enable row level security;
alter table bateia.suppressions force row level security;
create policy account on bateia.suppressions using (account_id = bateia.current_account()) with check (account_id = bateia.current_account());
grant select, insert, update, delete on bateia.suppressions to bateia_worker;
