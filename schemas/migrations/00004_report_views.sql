-- +goose Up

-- The views of schema report, for analysts and for "bateia query".
--
-- Who sees what: an analyst is a login role, member of bateia_analyst, and
-- bateia.analysts says which accounts it may read. The views ask for
-- session_user, the role that logged in: SET ROLE does not change it, only a
-- superuser can, and no setting takes part. An analyst has no right on schema
-- bateia, so the views are the only way in.
--
-- How the views reach the tables: a view reads with the rights of its owner,
-- bateia_owner, and Postgres applies to it the policies of that role. The base
-- tables force row-level security on their owner too, whose policy "account"
-- would show nothing (or whatever account a session sets); so each gets a second
-- policy, for select and for bateia_owner alone, with the same condition as the
-- views. Nobody is a member of bateia_owner, so the policy holds for nobody
-- else: the worker still sees the account of its transaction and no other.
--
-- Both the views and the policies carry the condition. Policies are joined by
-- OR, so without the views' own an analyst could name an account with
-- set_config('bateia.account', …).
--
-- security_barrier keeps an analyst's own functions from seeing rows that the
-- condition drops.

create table bateia.analysts (
  role_name  name not null, -- a login role, member of bateia_analyst
  account_id int not null references bateia.accounts on delete cascade,
  created_at timestamptz not null default now(),
  primary key (role_name, account_id)
);
comment on table bateia.analysts is 'which login role may read which account through the views of schema report';

-- The accounts of whoever is logged in: those of an analyst, or, for the worker,
-- the account of its transaction, so that the program can use the views too.
create view bateia.visible_accounts with (security_barrier = true) as
  select account_id from bateia.analysts where role_name = session_user
  union all
  select bateia.current_account() where session_user = 'bateia_worker';

-- When an import was registered: the time in its id.
create function bateia.import_time(id bigint) returns timestamptz
  language sql immutable parallel safe strict
  return to_timestamp((id >> 12) / 1000.0);

-- A value whose shape can be seen and whose content cannot: the first character
-- stays, letters and digits of any script become stars, blanks and the
-- punctuation of phones, addresses and documents stay. One character alone
-- would be all of the value, so it becomes a star.
create function bateia.mask_value(value text) returns text
  language sql immutable parallel safe strict
  return case when char_length(value) < 2 then regexp_replace(value, '.', '*')
    else left(value, 1) || regexp_replace(substr(value, 2), '[^] .,;:@/()_+[-]', '*', 'g') end;

-- The day of a moment in an account's timezone, in UTC when Postgres does not
-- know the timezone: one account's typing error must not break everybody's view.
-- +goose StatementBegin
create function bateia.account_day(moment timestamptz, timezone text) returns date
  language plpgsql stable strict set search_path = pg_catalog, pg_temp as $$
begin
  return (moment at time zone timezone)::date;
exception when invalid_parameter_value then
  return (moment at time zone 'UTC')::date;
end $$;
-- +goose StatementEnd

-- Sentence and remedy of each code by locale, as the program's catalogue has
-- them; refreshed by the program when it migrates.
create table bateia.code_texts (
  code     text not null,
  locale   text not null,
  sentence text not null,
  remedy   text not null,
  primary key (code, locale)
);
grant select on bateia.code_texts to bateia_worker;

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['sources', 'imports', 'import_stages', 'import_columns', 'issue_counts', 'lists', 'tags',
                           'prospects', 'identities', 'aliases', 'merges', 'leads', 'row_outcomes', 'issues'] loop
    execute format('create policy report on bateia.%I for select to bateia_owner
      using (account_id = any (array(select account_id from bateia.visible_accounts)))', t);
  end loop;
end $$;
-- +goose StatementEnd

-- array(select …) is computed once per query and is a plain condition for the
-- planner: it finds the account's partition and uses the keys, which all start
-- with the account. The views on history take the import's id from the small
-- table imports, where a condition on its text is cheap, and go by key from
-- there to the import's rows; on the big tables it would read the whole history.

create view report.imports with (security_barrier = true) as
select bateia.import_id_text(i.import_id)  as import_id,
       a.slug                              as account,
       s.kind                              as source_kind,
       s.system                            as source_system,
       coalesce(nullif(s.name, ''), nullif(s.instance, ''), s.system) as source,
       case when i.key <> '' then 's3://' || i.bucket || '/' || i.key end as object,
       i.file_name,
       i.size,
       i.list,
       i.requested_by,
       i.state,
       i.held,
       i.code,
       i.rows_read, i.created, i.updated, i.unchanged, i.duplicate, i.rejected, i.skipped, i.conflict, i.blank,
       i.prospects_created, i.prospects_updated, i.prospects_merged,
       i.errors, i.warnings,
       i.created_at, i.started_at, i.finished_at,
       t.seconds,
       i.rows_read / nullif(t.seconds, 0)  as rows_per_second,
       bateia.import_id_text(i.undo_of)    as undo_of,
       bateia.import_id_text(i.redo_of)    as redo_of,
       bateia.import_id_text(i.replay_of)  as replay_of
from bateia.imports i
join bateia.accounts a using (account_id)
left join bateia.sources s using (account_id, source_id)
cross join lateral (select extract(epoch from i.finished_at - i.started_at)::double precision as seconds) t
where i.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.imports is
  'one row per import: where it came from, its state, and its ledger (rows_read is the sum of created, updated, unchanged, duplicate, rejected, skipped and conflict); code says why it is rejected, failed or held; seconds run from its first stage to its end';

create view report.import_stages with (security_barrier = true) as
select bateia.import_id_text(t.import_id) as import_id, a.slug as account,
       t.stage, t.attempt, t.started_at, t.finished_at, t.seconds, t.rows, t.bytes
from bateia.import_stages t
join bateia.accounts a using (account_id)
where t.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.import_stages is
  'one row per stage and attempt of an import: when, how long, over how many rows and bytes; finished_at is null for an attempt that was cut off';

create view report.import_columns with (security_barrier = true) as
select bateia.import_id_text(c.import_id) as import_id, a.slug as account,
       c.position, c.name, nullif(c.field, '') as field, nullif(c.type, '') as type,
       c.confidence, c.reason, c.filled, c.valid, c.imported
from bateia.import_columns c
join bateia.accounts a using (account_id)
where c.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.import_columns is
  'one row per column of an import''s file, in file order from 0: the field it feeds and why, its filled cells, the cells that were loaded, and whether it was imported at all';

create view report.rows with (security_barrier = true) as
select bateia.import_id_text(n.import_id) as import_id, a.slug as account,
       r.row, r.line, r.sheet_row, r.source_ref, r.outcome, r.reason_code, r.codes,
       null::text as lead_id,
       coalesce(m.survivor_id, r.prospect_id) as prospect_id,
       r.first_row,
       null::text as resolved_by
from bateia.row_outcomes r
join bateia.imports n on n.account_id = r.account_id and n.import_id = r.import_id
join bateia.accounts a on a.account_id = r.account_id
left join bateia.aliases m on m.account_id = r.account_id and m.alias_id = r.prospect_id
where r.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.rows is
  'rejected, skipped and conflict rows, with the one code that decided (reason_code, so that counting by it equals the ledger) and all codes; rows that became leads are in report.leads, and the Parquet dataset rows has every row';
comment on column report.rows.lead_id is 'always null here: these rows became no lead';
comment on column report.rows.resolved_by is 'the import that took the corrected row; null while it is open';

create view report.issues with (security_barrier = true) as
select bateia.import_id_text(n.import_id) as import_id, a.slug as account,
       i.row, i.line, i.sheet_row, i.byte_offset, i.source_ref, i."column", i.field, i.severity, i.code,
       bateia.mask_value(i.value) as value,
       i.shape,
       coalesce(t.sentence, i.code) as message,
       n.created_at
from bateia.issues i
join bateia.imports n on n.account_id = i.account_id and n.import_id = i.import_id
join bateia.accounts a on a.account_id = i.account_id
left join bateia.code_texts t on t.code = i.code and t.locale = a.locale
where i.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.issues is
  'one row per error or warning on a file (row is null), a row or a cell: where, which code, the masked value and its shape; message is in the account''s language, created_at is when the import was registered';

create view report.issue_counts with (security_barrier = true) as
select a.slug as account, bateia.import_id_text(n.import_id) as import_id,
       bateia.account_day(n.created_at, a.timezone) as day,
       c.code, c.severity, c.rows
from bateia.issue_counts c
join bateia.imports n on n.account_id = c.account_id and n.import_id = c.import_id
join bateia.accounts a on a.account_id = c.account_id
where c.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.issue_counts is
  'how many rows of an import have a code, by import; day is the account''s day on which the import was registered';

create view report.leads with (security_barrier = true) as
select bateia.import_id_text(n.import_id) || ':' || l.row as lead_id,
       bateia.import_id_text(n.import_id) as import_id, a.slug as account,
       l.row, l.sheet_row, l.source_ref, l.outcome,
       coalesce(m.survivor_id, l.prospect_id) as prospect_id,
       l.phone, l.email, l.document, l.name,
       n.created_at
from bateia.leads l
join bateia.imports n on n.account_id = l.account_id and n.import_id = l.import_id
join bateia.accounts a on a.account_id = l.account_id
left join bateia.aliases m on m.account_id = l.account_id and m.alias_id = l.prospect_id
where l.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.leads is
  'one row per lead, a distinct statement about a prospect: what the row said, and the prospect it counts for today, merges included; created_at is when its import was registered';

create view report.prospects with (security_barrier = true) as
select p.prospect_id, a.slug as account,
       p.name, p.phone, p.email, p.document, p.company, p.city, p.state, p.country,
       array(select l.name from bateia.lists l
             where l.account_id = p.account_id and l.list_id = any (p.list_ids) order by l.name) as lists,
       array(select t.name from bateia.tags t
             where t.account_id = p.account_id and t.tag_id = any (p.tag_ids) order by t.name) as tags,
       p.source, p.owner, p.status, p.lifecycle,
       coalesce(p.extra, '{}'::jsonb) as attributes,
       cardinality(p.lead_imports) as leads,
       p.created_at, p.updated_at
from bateia.prospects p
join bateia.accounts a using (account_id)
where p.account_id = any (array(select account_id from bateia.visible_accounts))
  and not exists (select from bateia.aliases m where m.account_id = p.account_id and m.alias_id = p.prospect_id);
comment on view report.prospects is
  'one row per prospect with its best value per field; a prospect that was merged into another one is not here, its id is in report.merges';
comment on column report.prospects.attributes is 'the account''s own fields (extra.<name>) as a JSON object';
comment on column report.prospects.leads is 'how many leads add up to the prospect';

create view report.identities with (security_barrier = true) as
select a.slug as account,
       coalesce(m.survivor_id, i.prospect_id) as prospect_id,
       case i.kind when 1 then 'phone' when 2 then 'email' when 3 then 'document'
                   when 4 then 'external_id' when 5 then 'instagram' when 6 then 'telegram' end as kind,
       i.value, i.joins,
       bateia.import_id_text(i.first_import_id) as first_import_id,
       bateia.import_time(i.first_import_id)    as first_seen_at
from bateia.identities i
join bateia.accounts a using (account_id)
left join bateia.aliases m on m.account_id = i.account_id and m.alias_id = i.prospect_id
where i.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.identities is
  'one row per canonical value that names a prospect, with the prospect it counts for today; joins says whether the value joins by itself or only together with the same name';

create view report.merges with (security_barrier = true) as
select a.slug as account, m.survivor_id, m.merged_id,
       bateia.import_id_text(m.import_id) as import_id, m.reason, m.merged_at, m.undone_at
from bateia.merges m
join bateia.accounts a using (account_id)
where m.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.merges is
  'one row per prospect that was merged into another one: by which import, why, and when that was undone, if it was';

grant select on all tables in schema report to bateia_analyst, bateia_worker;

-- +goose Down
drop view report.merges, report.identities, report.prospects, report.leads, report.issue_counts, report.issues,
  report.rows, report.import_columns, report.import_stages, report.imports;
-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['sources', 'imports', 'import_stages', 'import_columns', 'issue_counts', 'lists', 'tags',
                           'prospects', 'identities', 'aliases', 'merges', 'leads', 'row_outcomes', 'issues'] loop
    execute format('drop policy report on bateia.%I', t);
  end loop;
end $$;
-- +goose StatementEnd
drop table bateia.code_texts;
drop function bateia.account_day(timestamptz, text);
drop function bateia.mask_value(text);
drop function bateia.import_time(bigint);
drop view bateia.visible_accounts;
drop table bateia.analysts;
