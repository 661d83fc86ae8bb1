-- The views of schema report over the datasets, with the names and columns that
-- they have in Postgres. Schema datasets has the files as they are. What a prospect
-- is today is read through merges, as Postgres reads it through aliases.

create view datasets.aliases as
with recursive live as (
  select account, merged_id, arg_max(survivor_id, applied_no) as survivor_id
  from datasets.merges where undone_at is null group by account, merged_id
), chain as (
  select account, merged_id as alias_id, survivor_id, 1 as steps from live
  union all
  select c.account, c.alias_id, l.survivor_id, c.steps + 1
  from chain c join live l on l.account = c.account and l.merged_id = c.survivor_id
  where c.steps < 1000
)
select account, alias_id, arg_max(survivor_id, steps) as survivor_id from chain group by account, alias_id;

create view report.imports as
select import_id, account, source_kind, source_system, source, object, file_name, size, list, requested_by, state, held, code,
       rows_read, created, updated, unchanged, duplicate, rejected, skipped, conflict, blank,
       prospects_created, prospects_updated, prospects_merged, errors, warnings, created_at, started_at, finished_at,
       seconds, rows_per_second, undo_of, redo_of, replay_of
from datasets.imports;

create view report.import_stages as
select import_id, account, stage, attempt, started_at, finished_at, seconds, "rows", bytes from datasets.import_stages;

create view report.import_columns as
select import_id, account, position, name, field, type, confidence, reason, filled, valid, imported, distinct_values
from datasets.import_columns;

create view report.rows as
select r.import_id, r.account, r.row, r.line, r.sheet_row, r.source_ref, r.outcome, r.reason_code, r.codes, r.lead_id,
       coalesce(m.survivor_id, r.prospect_id) as prospect_id, r.first_row, r.resolved_by
from datasets.rows r
left join datasets.aliases m on m.account = r.account and m.alias_id = r.prospect_id;

create view report.issues as
select import_id, account, row, line, sheet_row, byte_offset, source_ref, "column", field, severity, code, value, shape, message, created_at
from datasets.issues;

create view report.issue_counts as
select account, import_id, date as day, code, severity, "rows" from datasets.issue_counts;

create view report.leads as
select l.lead_id, l.import_id, l.account, l.row, l.sheet_row, l.source_ref, l.outcome,
       coalesce(m.survivor_id, l.prospect_id) as prospect_id, l.phone, l.email, l.document, l.name, l.created_at
from datasets.leads l
left join datasets.aliases m on m.account = l.account and m.alias_id = l.prospect_id;

create view report.prospects as
select prospect_id, account, name, phone, email, document, company, city, state, country, lists, tags, source, owner, status,
       lifecycle, attributes::json as attributes, leads, created_at, updated_at
from (select *, row_number() over (partition by account, prospect_id order by applied_no desc) as place from datasets.prospects)
where place = 1 and change not in ('merged', 'removed');

create view report.merges as
select account, survivor_id, merged_id, import_id, reason, merged_at, undone_at from datasets.merges;

create view report.codes as
select account, code, message, remedy from datasets.codes;

create view report.quality as
select n.account, n.import_id, n.state, c.field, c.columns, c.filled, c.valid, c.filled - c.valid as invalid,
       c.filled / nullif(n.rows_read, 0) as filled_rate, c.valid / nullif(c.filled, 0) as valid_rate,
       coalesce(i.errors, 0) as rows_with_errors, coalesce(i.warnings, 0) as rows_with_warnings, coalesce(i.changed, 0) as changed,
       n.created_at, c.distinct_values
from datasets.imports n
join (select account, import_id, field, count(*) as columns, sum(filled)::bigint as filled, sum(valid)::bigint as valid,
             max(distinct_values) as distinct_values
      from datasets.import_columns
      where imported and field is not null
      group by account, import_id, field) c on c.account = n.account and c.import_id = n.import_id
left join (select account, import_id, field,
                  count(distinct row) filter (where severity = 'error') as errors,
                  count(distinct row) filter (where severity = 'warning') as warnings,
                  count(distinct row) filter (where code in ('PHONE_NINTH_DIGIT_ADDED', 'PHONE_AREA_ASSUMED', 'DOCUMENT_ZEROS_RESTORED')) as changed
           from datasets.issues
           group by account, import_id, field) i on i.account = n.account and i.import_id = n.import_id and i.field = c.field;

create view report.sources as
select *, extract(epoch from now() - last_applied_at)::double as seconds_since_applied
from (
  select account, source_kind, source_system, source,
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
         coalesce(sum(rejected) filter (where state = 'applied'), 0) / nullif(coalesce(sum(rows_read) filter (where state = 'applied'), 0), 0) as refusal_rate,
         coalesce(sum(duplicate) filter (where state = 'applied'), 0) / nullif(coalesce(sum(rows_read) filter (where state = 'applied'), 0), 0) as duplicate_rate,
         coalesce(sum(prospects_created) filter (where state = 'applied'), 0)::bigint as prospects_created,
         min(created_at) as first_import_at, max(created_at) as last_import_at,
         max(finished_at) filter (where state = 'applied') as last_applied_at
  from datasets.imports
  where source_kind is not null
  group by account, source_kind, source_system, source);

create view report.funnel as
select n.account, n.import_id, n.date as day, n.source_kind, n.source, n.state, n.rows_read,
       n.rows_read - n.rejected as valid,
       n.created + n.updated + n.unchanged + n.duplicate as accepted,
       case when n.state = 'applied' then n.leads else 0 end as leads,
       case when n.state = 'applied' then n.created + n.updated + n.unchanged else 0 end as prospects,
       n.prospects_created, n.created_at
from datasets.imports n;

create view report.daily as
select account, date as day,
       count(*) as imports,
       count(*) filter (where state = 'applied') as applied,
       count(*) filter (where state = 'rejected') as rejected_files,
       count(*) filter (where state = 'failed') as failed,
       count(*) filter (where state = 'undone') as undone,
       coalesce(sum(rows_read) filter (where state = 'applied'), 0)::bigint as rows_read,
       coalesce(sum(created) filter (where state = 'applied'), 0)::bigint as created,
       coalesce(sum(updated) filter (where state = 'applied'), 0)::bigint as updated,
       coalesce(sum(unchanged) filter (where state = 'applied'), 0)::bigint as unchanged,
       coalesce(sum(duplicate) filter (where state = 'applied'), 0)::bigint as duplicate,
       coalesce(sum(rejected) filter (where state = 'applied'), 0)::bigint as rejected,
       coalesce(sum(skipped) filter (where state = 'applied'), 0)::bigint as skipped,
       coalesce(sum(conflict) filter (where state = 'applied'), 0)::bigint as conflict,
       coalesce(sum(blank) filter (where state = 'applied'), 0)::bigint as blank,
       coalesce(sum(prospects_created) filter (where state = 'applied'), 0)::bigint as prospects_created,
       coalesce(sum(prospects_updated) filter (where state = 'applied'), 0)::bigint as prospects_updated,
       coalesce(sum(prospects_merged) filter (where state = 'applied'), 0)::bigint as prospects_merged
from datasets.imports
group by account, date;
