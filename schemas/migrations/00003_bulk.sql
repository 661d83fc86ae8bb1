-- +goose Up

-- The big tables. COPY into a table with row-level security is refused by
-- Postgres, so each is a partitioned parent with forced row-level security over
-- leaves without it, on which the worker has INSERT and nothing else: COPY goes
-- into the leaf, everything else through the parent.
-- Each has one index, and rows are written in its order.

-- State: partitioned by account, so that the database itself enforces that a
-- joining value belongs to one prospect of an account.
create table bateia.prospects (
  account_id    int not null,
  prospect_id   text collate "C" not null,
  phone         text,
  email         text,
  document      text,
  instagram     text,
  telegram      text,
  name          text,
  first_name    text,
  last_name     text,
  company       text,
  job_title     text,
  birthday      date,
  street        text,
  street_number text,
  complement    text,
  district      text,
  city          text,
  state         text,
  postal_code   text,
  country       text,
  website       text,
  source        text,
  status        text,
  lifecycle     text,
  owner         text,
  is_company    boolean,
  notes         text,
  utm_source    text,
  utm_medium    text,
  utm_campaign  text,
  extra         jsonb,
  -- Everything that hangs on a prospect is found from here, through the primary
  -- keys of identities and leads: a second index on either costs half the import.
  keys          uuid[] not null,   -- of identities
  lead_imports  bigint[] not null, -- leads, in parallel with the two below
  lead_rows     bigint[] not null,
  lead_hashes   bigint[] not null, -- of the statement: the same again is not stored again
  list_ids      int[] not null default '{}',
  tag_ids       int[] not null default '{}',
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  updated_by    bigint not null,   -- import
  primary key (account_id, prospect_id)
) partition by list (account_id);

-- key: see schemas/identity.Key. Its first half is the same for one value
-- whatever the name, so that a shared value is found by a range of the key.
create table bateia.identities (
  account_id      int not null,
  key             uuid not null,
  kind            smallint not null,
  value           text not null,
  joins           boolean not null,
  prospect_id     text collate "C" not null, -- as written; read through aliases
  first_import_id bigint not null,
  first_row       bigint not null,
  name_hashes     bigint[] not null default '{}', -- up to five folded names seen with it
  primary key (account_id, key)
) partition by list (account_id);

create table bateia.aliases (
  account_id  int not null,
  alias_id    text collate "C" not null,
  survivor_id text collate "C" not null, -- never itself an alias
  primary key (account_id, alias_id)
);

create table bateia.merges (
  account_id  int not null,
  import_id   bigint not null,
  survivor_id text collate "C" not null,
  merged_id   text collate "C" not null,
  row         bigint,
  reason      text not null,
  merged_at   timestamptz not null default now(),
  undone_at   timestamptz,
  primary key (account_id, import_id, merged_id)
);

-- History: partitioned by the time-ordered import id, so that it expires by
-- import. Leaves are months.
create table bateia.leads (
  account_id    int not null,
  import_id     bigint not null,
  row           bigint not null,
  line          bigint not null,
  sheet_row     bigint not null,
  byte_offset   bigint not null,
  byte_length   bigint not null,
  source_ref    text,
  prospect_id   text collate "C" not null, -- as written; read through aliases
  outcome       text not null,
  statement     bigint not null,
  identities    text[] not null,           -- <kind>:<canonical value>
  phone         text,
  email         text,
  document      text,
  instagram     text,
  telegram      text,
  name          text,
  first_name    text,
  last_name     text,
  company       text,
  job_title     text,
  birthday      date,
  street        text,
  street_number text,
  complement    text,
  district      text,
  city          text,
  state         text,
  postal_code   text,
  country       text,
  website       text,
  source        text,
  status        text,
  lifecycle     text,
  owner         text,
  is_company    boolean,
  notes         text,
  utm_source    text,
  utm_medium    text,
  utm_campaign  text,
  extra         jsonb,
  primary key (account_id, import_id, row)
) partition by range (import_id);

-- Rows that became no lead: rejected, skipped, conflict.
create table bateia.row_outcomes (
  account_id    int not null,
  import_id     bigint not null,
  row           bigint not null,
  line          bigint not null,
  sheet_row     bigint not null,
  byte_offset   bigint not null,
  byte_length   bigint not null,
  source_ref    text,
  outcome       text not null,
  reason_code   text not null,
  codes         text[] not null,
  prospect_id   text collate "C",
  first_row     bigint,
  primary key (account_id, import_id, row)
) partition by range (import_id);

create table bateia.issues (
  account_id    int not null,
  import_id     bigint not null,
  seq           bigint not null,
  row           bigint,
  line          bigint,
  sheet_row     bigint,
  byte_offset   bigint,
  source_ref    text,
  "column"      text,
  field         text,
  severity      text not null,
  code          text not null,
  value         text,
  shape         text,
  primary key (account_id, import_id, seq)
) partition by range (import_id);

create table bateia.before_images (
  account_id    int not null,
  import_id     bigint not null,
  prospect_id   text collate "C" not null,
  image         jsonb not null,
  primary key (account_id, import_id, prospect_id)
) partition by range (import_id);

create table bateia.prospects_default  partition of bateia.prospects default;
create table bateia.identities_default partition of bateia.identities default;
grant insert on bateia.prospects_default, bateia.identities_default to bateia_worker;

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['prospects', 'identities', 'aliases', 'merges', 'leads', 'row_outcomes', 'issues', 'before_images'] loop
    execute format('alter table bateia.%I enable row level security', t);
    execute format('alter table bateia.%I force row level security', t);
    execute format('create policy account on bateia.%I using (account_id = bateia.current_account()) with check (account_id = bateia.current_account())', t);
    execute format('grant select, insert, update, delete on bateia.%I to bateia_worker', t);
  end loop;
end $$;
-- +goose StatementEnd

-- Makes the month's leaves of the history tables that an import needs and
-- returns the month, which is the suffix of their names.
-- +goose StatementBegin
create function bateia.ensure_history(id bigint) returns text
  language plpgsql security definer set search_path = pg_catalog, bateia, pg_temp as $$
declare
  moment timestamptz := date_trunc('month', to_timestamp((id >> 12) / 1000.0), 'UTC');
  month  text := to_char(moment at time zone 'UTC', 'YYYYMM');
  low    bigint := (extract(epoch from moment) * 1000)::bigint << 12;
  high   bigint := (extract(epoch from (moment at time zone 'UTC' + interval '1 month') at time zone 'UTC') * 1000)::bigint << 12;
  t      text;
begin
  if to_regclass('bateia.before_images_' || month) is not null then
    return month;
  end if;
  perform pg_advisory_xact_lock(hashtext('bateia.ensure_history'));
  foreach t in array array['leads', 'row_outcomes', 'issues', 'before_images'] loop
    if to_regclass(format('bateia.%I', t || '_' || month)) is null then
      -- Attaching waits for no running import; "create … partition of" would.
      execute format('create table bateia.%I (like bateia.%I including defaults including constraints)', t || '_' || month, t);
      execute format('alter table bateia.%I attach partition bateia.%I for values from (%s) to (%s)', t, t || '_' || month, low, high);
      execute format('grant insert on bateia.%I to bateia_worker', t || '_' || month);
    end if;
  end loop;
  return month;
end $$;
-- +goose StatementEnd
revoke all on function bateia.ensure_history(bigint) from public;
grant execute on function bateia.ensure_history(bigint) to bateia_worker;

-- The worker owns nothing, so it may not ANALYZE by itself.
-- +goose StatementBegin
create function bateia.analyze_state() returns void
  language plpgsql security definer set search_path = pg_catalog, bateia, pg_temp as $$
begin
  analyze bateia.prospects_default;
  analyze bateia.identities_default;
end $$;
-- +goose StatementEnd
revoke all on function bateia.analyze_state() from public;
grant execute on function bateia.analyze_state() to bateia_worker;

-- +goose Down
drop function bateia.analyze_state();
drop function bateia.ensure_history(bigint);
drop table bateia.before_images, bateia.issues, bateia.row_outcomes, bateia.leads, bateia.merges, bateia.aliases,
  bateia.identities, bateia.prospects;
