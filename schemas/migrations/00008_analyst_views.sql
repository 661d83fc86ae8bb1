-- +goose Up

-- More views for analysts, and a word on every column. Rights, policies and the
-- condition on accounts are those of 00004_report_views.sql: owner's rights, a
-- security barrier, session_user. The table of rows that said something again is
-- read by the views for the first time here.

create policy report on bateia.seen_leads for select to bateia_owner
  using (account_id = any (array(select account_id from bateia.visible_accounts)));

create view report.codes with (security_barrier = true) as
select a.slug as account, t.code, t.sentence as message, t.remedy
from bateia.accounts a
join bateia.code_texts t on t.locale = a.locale
where a.account_id = any (array(select account_id from bateia.visible_accounts));

-- Columns and issues of an import meet inside one lateral query, so that each is
-- read once per import, by key.
create view report.quality with (security_barrier = true) as
select a.slug as account, bateia.import_id_text(n.import_id) as import_id, n.state,
       f.field, f.columns, f.filled, f.valid, f.filled - f.valid as invalid,
       f.filled::double precision / nullif(n.rows_read, 0) as filled_rate,
       f.valid::double precision / nullif(f.filled, 0) as valid_rate,
       f.rows_with_errors, f.rows_with_warnings, f.changed,
       n.created_at
from bateia.imports n
join bateia.accounts a using (account_id)
cross join lateral (
  select c.field, c.columns, c.filled, c.valid, coalesce(i.errors, 0) as rows_with_errors,
         coalesce(i.warnings, 0) as rows_with_warnings, coalesce(i.changed, 0) as changed
  from (select c.field, count(*) as columns, sum(c.filled)::bigint as filled, sum(c.valid)::bigint as valid
        from bateia.import_columns c
        where c.account_id = n.account_id and c.import_id = n.import_id and c.imported and c.field <> ''
        group by c.field) c
  left join (select i.field,
                    count(distinct i.row) filter (where i.severity = 'error') as errors,
                    count(distinct i.row) filter (where i.severity = 'warning') as warnings,
                    count(distinct i.row) filter (where i.code in ('PHONE_NINTH_DIGIT_ADDED', 'PHONE_AREA_ASSUMED', 'DOCUMENT_ZEROS_RESTORED')) as changed
             from bateia.issues i
             where i.account_id = n.account_id and i.import_id = n.import_id
             group by i.field) i using (field)) f
where n.account_id = any (array(select account_id from bateia.visible_accounts));

create view report.sources with (security_barrier = true) as
select a.slug as account, s.kind as source_kind, s.system as source_system,
       coalesce(nullif(s.name, ''), nullif(s.instance, ''), s.system) as source,
       n.imports, n.applied, n.rejected_files, n.failed, n.undone,
       n.rows_read, n.rejected, n.skipped, n.conflict, n.duplicate,
       n.rejected::double precision / nullif(n.rows_read, 0) as refusal_rate,
       n.duplicate::double precision / nullif(n.rows_read, 0) as duplicate_rate,
       n.prospects_created, n.first_import_at, n.last_import_at, n.last_applied_at,
       extract(epoch from now() - n.last_applied_at)::double precision as seconds_since_applied
from bateia.sources s
join bateia.accounts a using (account_id)
join (select account_id, source_id,
             count(*) as imports,
             count(*) filter (where state = 'applied') as applied,
             count(*) filter (where state = 'rejected') as rejected_files,
             count(*) filter (where state = 'failed') as failed,
             count(*) filter (where state = 'undone') as undone,
             coalesce(sum(rows_read) filter (where state = 'applied'), 0)::bigint as rows_read,
             coalesce(sum(rejected) filter (where state = 'applied'), 0)::bigint as rejected,
             coalesce(sum(skipped) filter (where state = 'applied'), 0)::bigint as skipped,
             coalesce(sum(conflict) filter (where state = 'applied'), 0)::bigint as conflict,
             coalesce(sum(duplicate) filter (where state = 'applied'), 0)::bigint as duplicate,
             coalesce(sum(prospects_created) filter (where state = 'applied'), 0)::bigint as prospects_created,
             min(created_at) as first_import_at, max(created_at) as last_import_at,
             max(finished_at) filter (where state = 'applied') as last_applied_at
      from bateia.imports
      group by account_id, source_id) n using (account_id, source_id)
where s.account_id = any (array(select account_id from bateia.visible_accounts));

-- The two counts over the history stand in the select list: who does not ask for
-- them does not pay for them.
create view report.funnel with (security_barrier = true) as
select a.slug as account, bateia.import_id_text(n.import_id) as import_id,
       bateia.account_day(n.created_at, a.timezone) as day,
       s.kind as source_kind,
       coalesce(nullif(s.name, ''), nullif(s.instance, ''), s.system) as source,
       n.state, n.rows_read,
       n.rows_read - n.rejected as valid,
       n.created + n.updated + n.unchanged + n.duplicate as accepted,
       case when n.state = 'applied' then
         (select count(*) from bateia.leads l where l.account_id = n.account_id and l.import_id = n.import_id) else 0 end as leads,
       case when n.state = 'applied' then
         (select count(distinct coalesce(m.survivor_id, l.prospect_id))
          from (select l.prospect_id from bateia.leads l where l.account_id = n.account_id and l.import_id = n.import_id
                union all
                select l.prospect_id
                from bateia.seen_leads g
                join bateia.leads l on l.account_id = g.account_id and l.import_id = g.lead_import and l.row = g.lead_row
                where g.account_id = n.account_id and g.import_id = n.import_id) l
          left join bateia.aliases m on m.account_id = n.account_id and m.alias_id = l.prospect_id) else 0 end as prospects,
       n.prospects_created,
       n.created_at
from bateia.imports n
join bateia.accounts a using (account_id)
left join bateia.sources s using (account_id, source_id)
where n.account_id = any (array(select account_id from bateia.visible_accounts));

create view report.daily with (security_barrier = true) as
select a.slug as account, d.day, d.imports, d.applied, d.rejected_files, d.failed, d.undone,
       d.rows_read, d.created, d.updated, d.unchanged, d.duplicate, d.rejected, d.skipped, d.conflict, d.blank,
       d.prospects_created, d.prospects_updated, d.prospects_merged
from (select n.account_id, bateia.account_day(n.created_at, a.timezone) as day,
             count(*) as imports,
             count(*) filter (where n.state = 'applied') as applied,
             count(*) filter (where n.state = 'rejected') as rejected_files,
             count(*) filter (where n.state = 'failed') as failed,
             count(*) filter (where n.state = 'undone') as undone,
             coalesce(sum(n.rows_read) filter (where n.state = 'applied'), 0)::bigint as rows_read,
             coalesce(sum(n.created) filter (where n.state = 'applied'), 0)::bigint as created,
             coalesce(sum(n.updated) filter (where n.state = 'applied'), 0)::bigint as updated,
             coalesce(sum(n.unchanged) filter (where n.state = 'applied'), 0)::bigint as unchanged,
             coalesce(sum(n.duplicate) filter (where n.state = 'applied'), 0)::bigint as duplicate,
             coalesce(sum(n.rejected) filter (where n.state = 'applied'), 0)::bigint as rejected,
             coalesce(sum(n.skipped) filter (where n.state = 'applied'), 0)::bigint as skipped,
             coalesce(sum(n.conflict) filter (where n.state = 'applied'), 0)::bigint as conflict,
             coalesce(sum(n.blank) filter (where n.state = 'applied'), 0)::bigint as blank,
             coalesce(sum(n.prospects_created) filter (where n.state = 'applied'), 0)::bigint as prospects_created,
             coalesce(sum(n.prospects_updated) filter (where n.state = 'applied'), 0)::bigint as prospects_updated,
             coalesce(sum(n.prospects_merged) filter (where n.state = 'applied'), 0)::bigint as prospects_merged
      from bateia.imports n
      join bateia.accounts a using (account_id)
      where n.account_id = any (array(select account_id from bateia.visible_accounts))
      group by n.account_id, bateia.account_day(n.created_at, a.timezone)) d
join bateia.accounts a using (account_id);

-- Everything that counting imports said of a prospect, field by field. From the
-- prospect to its leads by key. Which of several equal voices gave the value is
-- survivorship's business (ranks, modes, clearing), which the program computes:
-- here "current" says only that a voice says what the prospect has.
create view report.field_lineage with (security_barrier = true) as
select a.slug as account, p.prospect_id, v.field, v.value,
       v.value is not distinct from v.now as current,
       bateia.import_id_text(l.import_id) || ':' || l.row as lead_id,
       bateia.import_id_text(n.import_id) as import_id,
       n.applied_no, said.row, said.line, said.sheet_row, said.byte_offset, l.source_ref, n.file_name,
       said.again, n.created_at
from bateia.prospects p
join bateia.accounts a using (account_id)
cross join lateral unnest(p.lead_imports, p.lead_rows) as held (import_id, row)
join bateia.leads l on l.account_id = p.account_id and l.import_id = held.import_id and l.row = held.row
cross join lateral (
  select l.import_id, l.row, l.line, l.sheet_row, l.byte_offset, false as again
  union all
  select g.import_id, g.row, g.line, g.sheet_row, g.byte_offset, true
  from bateia.seen_leads g
  where g.account_id = l.account_id and g.lead_import = l.import_id and g.lead_row = l.row) said
join bateia.imports n on n.account_id = p.account_id and n.import_id = said.import_id and n.state = 'applied'
cross join lateral (
  select f.field, f.value, f.now
  from (values ('phone', l.phone, p.phone), ('email', l.email, p.email), ('document', l.document, p.document),
               ('instagram', l.instagram, p.instagram), ('telegram', l.telegram, p.telegram),
               ('name', l.name, p.name), ('first_name', l.first_name, p.first_name), ('last_name', l.last_name, p.last_name),
               ('company', l.company, p.company), ('job_title', l.job_title, p.job_title),
               ('birthday', l.birthday::text, p.birthday::text),
               ('street', l.street, p.street), ('street_number', l.street_number, p.street_number),
               ('complement', l.complement, p.complement), ('district', l.district, p.district), ('city', l.city, p.city),
               ('state', l.state, p.state), ('postal_code', l.postal_code, p.postal_code), ('country', l.country, p.country),
               ('website', l.website, p.website), ('source', l.source, p.source), ('status', l.status, p.status),
               ('lifecycle', l.lifecycle, p.lifecycle), ('owner', l.owner, p.owner),
               ('is_company', l.is_company::text, p.is_company::text), ('notes', l.notes, p.notes),
               ('utm_source', l.utm_source, p.utm_source), ('utm_medium', l.utm_medium, p.utm_medium),
               ('utm_campaign', l.utm_campaign, p.utm_campaign)) as f (field, value, now)
  where f.value is not null
  union all
  select 'extra.' || e.key, e.value, p.extra ->> e.key
  from jsonb_each_text(l.extra) e
  where e.value is not null) v
where p.account_id = any (array(select account_id from bateia.visible_accounts))
  and not exists (select from bateia.aliases m where m.account_id = p.account_id and m.alias_id = p.prospect_id);

comment on view report.codes is
  'one row per account and code: what it means and what to do about it, in the account''s language; names in {braces} stand for what the program fills in';
comment on view report.quality is
  'one row per import and field that its file feeds: cells filled and loaded, rows with errors and warnings, values altered on the way in';
comment on view report.sources is
  'one row per source that imported anything: how often, how many rows, which share of them was rejected or repeated, how fresh it is; rows are those of imports that count today (state applied)';
comment on view report.funnel is
  'one row per import, from rows read to prospects: read, valid, accepted, stored as leads, prospects today; leads and prospects of an import that does not count (any state but applied) are 0';
comment on view report.daily is
  'one row per account and day on which an import was registered; days are the account''s, outcomes and prospects are those of imports that count today (state applied)';
comment on view report.field_lineage is
  'one row per prospect, field and row that said something of it, by imports that count today. The order in which values are made is applied_no nulls first, import_id, row. current says that the row says the value the prospect has: when one row of a field does, the value comes from it; when several do, "bateia prospect" tells which one, since that depends on ranks and modes; none does when the value was drawn from a distribution. Ask for given prospects: they are found by key, anything else reads all that was said in the account';

-- +goose StatementBegin
do $$
declare c record;
begin
  -- What means the same in every view.
  for c in
    select v.relname, t.attname, w.text
    from pg_class v join pg_namespace s on s.oid = v.relnamespace join pg_attribute t on t.attrelid = v.oid and t.attnum > 0
    join (values
      ('account', 'slug of the account'),
      ('import_id', 'the import, as commands take it'),
      ('row', 'record of the file, from 1 after the header'),
      ('line', 'physical line of the file on which the row begins'),
      ('sheet_row', 'row number that a spreadsheet shows'),
      ('byte_offset', 'where the row begins in the decompressed file, in bytes'),
      ('source_ref', 'the row''s own id at its source, such as Omie''s customer code'),
      ('source_kind', 'upload, omie, api or manual'),
      ('source_system', 'system that the source belongs to, blank for uploads'),
      ('source', 'name of the source'),
      ('prospect_id', 'the prospect that it counts for today, merges included'),
      ('lead_id', '<import>:<row> of the lead'),
      ('code', 'code of the catalogue; its sentence and remedy are in report.codes'),
      ('severity', 'error or warning'),
      ('day', 'day of the account''s timezone on which the import was registered'),
      ('state', 'received, planning, ready, applying, applied, rejected, failed, canceled or undone'),
      ('created_at', 'when the import was registered'),
      ('finished_at', 'when it ended; null while it has not'),
      ('started_at', 'when it began; null while it has not'),
      ('rows_read', 'rows of the file; the sum of the seven outcomes'),
      ('created', 'rows that founded a prospect'),
      ('updated', 'rows that changed a prospect'),
      ('unchanged', 'rows that said nothing new'),
      ('duplicate', 'rows that repeat a prospect of an earlier row of the same file'),
      ('rejected', 'rows that were refused'),
      ('skipped', 'rows that were left out on purpose'),
      ('conflict', 'rows that contradict what was changed meanwhile'),
      ('blank', 'blank rows, which are not among those read'),
      ('imports', 'imports that were registered, in whatever state'),
      ('applied', 'imports that count today'),
      ('rejected_files', 'imports whose file was rejected as a whole'),
      ('failed', 'imports that failed'),
      ('undone', 'imports that were taken back'),
      ('prospects_created', 'prospects that imports founded'),
      ('prospects_updated', 'prospects that imports changed'),
      ('prospects_merged', 'prospects that imports merged into others'),
      ('file_name', 'name of the file'),
      ('field', 'field of a prospect, or extra.<name>'),
      ('phone', 'E.164'),
      ('email', 'canonical e-mail address'),
      ('document', 'tax document in its canonical form'),
      ('name', 'name of the person, else of the company')) w (name, text) on w.name = t.attname
    where s.nspname = 'report' and v.relkind = 'v' and col_description(v.oid, t.attnum) is null
  loop
    execute format('comment on column report.%I.%I is %L', c.relname, c.attname, c.text);
  end loop;
  -- What one view alone has, or means otherwise.
  for c in
    select * from (values
      ('codes', 'message', 'the sentence'), ('codes', 'remedy', 'what to do about it'),
      ('quality', 'columns', 'columns of the file that feed the field'),
      ('quality', 'filled', 'cells that are not blank'),
      ('quality', 'valid', 'cells that were loaded'),
      ('quality', 'invalid', 'filled cells that were not loaded'),
      ('quality', 'filled_rate', 'filled cells by rows read; above 1 when several columns feed the field'),
      ('quality', 'valid_rate', 'loaded cells by filled cells'),
      ('quality', 'rows_with_errors', 'rows with an error in the field; of applied imports, as issues are'),
      ('quality', 'rows_with_warnings', 'rows with a warning in the field'),
      ('quality', 'changed', 'rows whose value was altered on the way in with a warning: a ninth digit added, an area code assumed, zeros restored'),
      ('sources', 'refusal_rate', 'rejected rows by rows read, 0 to 1; null without rows'),
      ('sources', 'duplicate_rate', 'rows that repeat an earlier row of their file by rows read, 0 to 1'),
      ('sources', 'first_import_at', 'when its first import was registered'),
      ('sources', 'last_import_at', 'when its latest import was registered, in whatever state'),
      ('sources', 'last_applied_at', 'when the latest import that counts was written'),
      ('sources', 'seconds_since_applied', 'freshness: seconds from there to now'),
      ('funnel', 'valid', 'rows that were not rejected'),
      ('funnel', 'accepted', 'rows with outcome created, updated, unchanged or duplicate'),
      ('funnel', 'leads', 'distinct statements that were stored; rows that repeat a known one are not'),
      ('funnel', 'prospects', 'distinct prospects that its rows speak of today, merges included'),
      ('funnel', 'prospects_created', 'prospects that the import founded'),
      ('field_lineage', 'value', 'what the row said, in its canonical form'),
      ('field_lineage', 'current', 'whether it is the value that the prospect has'),
      ('field_lineage', 'lead_id', '<import>:<row> of the lead that holds the statement'),
      ('field_lineage', 'import_id', 'the import whose row said it'),
      ('field_lineage', 'applied_no', 'place of the import among all that were applied to the account'),
      ('field_lineage', 'again', 'whether the row said again what the lead says already'),
      ('imports', 'object', 'the object that was read; null for imports without one'),
      ('imports', 'size', 'of the object, in bytes'),
      ('imports', 'list', 'list that its prospects were put on'),
      ('imports', 'requested_by', 'who asked, or drop'),
      ('imports', 'held', 'whether it waits at ready for a decision'),
      ('imports', 'code', 'why it is rejected, failed or held'),
      ('imports', 'errors', 'issues that are errors'), ('imports', 'warnings', 'issues that are warnings'),
      ('imports', 'seconds', 'from its first stage to its end'),
      ('imports', 'rows_per_second', 'rows read by seconds'),
      ('imports', 'undo_of', 'the import that it took back'),
      ('imports', 'redo_of', 'the import in whose place it stands'),
      ('imports', 'replay_of', 'the import whose refused rows it read again'),
      ('import_stages', 'stage', 'sync, fetch, parse, validate, dedupe, resolve, apply or report'),
      ('import_stages', 'attempt', 'number of the attempt'),
      ('import_stages', 'started_at', 'when the attempt began'),
      ('import_stages', 'finished_at', 'when it ended; null when it was cut off'),
      ('import_stages', 'seconds', 'how long it took'),
      ('import_stages', 'rows', 'rows it went through'), ('import_stages', 'bytes', 'bytes it went through'),
      ('import_columns', 'position', 'place in the file, from 0'),
      ('import_columns', 'name', 'header of the column'),
      ('import_columns', 'field', 'field that it feeds; null when none'),
      ('import_columns', 'type', 'how its cells are read'),
      ('import_columns', 'confidence', 'how sure the program was, 0 to 1'),
      ('import_columns', 'reason', 'what decided: its header, its cells, a mapping …'),
      ('import_columns', 'filled', 'cells that are not blank'),
      ('import_columns', 'valid', 'cells that were loaded'),
      ('import_columns', 'imported', 'whether it was imported at all'),
      ('rows', 'outcome', 'rejected, skipped or conflict'),
      ('rows', 'reason_code', 'the one code that decided'),
      ('rows', 'codes', 'all codes of the row'),
      ('rows', 'prospect_id', 'the prospect that the row named, when it named one'),
      ('rows', 'first_row', 'the earlier row that it repeats'),
      ('issues', 'column', 'header of the column'),
      ('issues', 'value', 'the cell, masked: only its first character and its shape can be seen'),
      ('issues', 'shape', 'the cell with digits as 9 and letters as one letter: what refused cells have in common'),
      ('issues', 'message', 'the sentence of the code'),
      ('issue_counts', 'rows', 'rows that have the code'),
      ('leads', 'outcome', 'created, updated, unchanged or duplicate'),
      ('prospects', 'prospect_id', 'the prospect'), ('prospects', 'company', 'company it belongs to'),
      ('prospects', 'city', 'city'), ('prospects', 'state', 'state or province'), ('prospects', 'country', 'ISO 3166 code'),
      ('prospects', 'lists', 'names of its lists, in order'), ('prospects', 'tags', 'names of its tags, in order'),
      ('prospects', 'source', 'where it is said to come from'), ('prospects', 'owner', 'who it belongs to'),
      ('prospects', 'status', 'as the sources say it'), ('prospects', 'lifecycle', 'lead, suspect, prospect, client or discarded'),
      ('prospects', 'created_at', 'when it was founded'), ('prospects', 'updated_at', 'when its values changed last'),
      ('identities', 'kind', 'phone, email, document, external_id, instagram or telegram'),
      ('identities', 'value', 'canonical value'),
      ('identities', 'joins', 'whether it joins by itself or only together with the same name'),
      ('identities', 'first_import_id', 'the import that brought it'), ('identities', 'first_seen_at', 'when that was registered'),
      ('merges', 'survivor_id', 'the prospect that stayed'), ('merges', 'merged_id', 'the one that became part of it'),
      ('merges', 'reason', 'why'), ('merges', 'merged_at', 'when'), ('merges', 'undone_at', 'when it was taken back; null when it was not')
    ) w (view, name, text)
  loop
    execute format('comment on column report.%I.%I is %L', c.view, c.name, c.text);
  end loop;
end $$;
-- +goose StatementEnd

grant select on all tables in schema report to bateia_analyst, bateia_worker;

-- +goose Down
drop view report.field_lineage, report.daily, report.funnel, report.sources, report.quality, report.codes;
drop policy report on bateia.seen_leads;
-- +goose StatementBegin
do $$
declare c record;
begin
  for c in
    select v.relname, t.attname
    from pg_class v join pg_namespace s on s.oid = v.relnamespace join pg_attribute t on t.attrelid = v.oid and t.attnum > 0
    where s.nspname = 'report' and v.relkind = 'v' and col_description(v.oid, t.attnum) is not null
      and (v.relname, t.attname) not in (('rows', 'lead_id'), ('rows', 'resolved_by'), ('prospects', 'attributes'), ('prospects', 'leads'))
  loop
    execute format('comment on column report.%I.%I is null', c.relname, c.attname);
  end loop;
end $$;
-- +goose StatementEnd
