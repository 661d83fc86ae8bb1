-- +goose Up

-- How many rows of an import became leads. The views counted them in the history,
-- which takes seconds for a million.
alter table bateia.imports add column leads bigint not null default 0;
-- +goose StatementBegin
do $$
declare a int;
begin
  for a in select account_id from bateia.accounts loop
    perform set_config('bateia.account', a::text, true);
    update bateia.imports i set leads = (select count(*) from bateia.leads l where l.account_id = a and l.import_id = i.import_id)
     where i.account_id = a and i.state = 'applied';
  end loop;
  perform set_config('bateia.account', '', true);
end $$;
-- +goose StatementEnd

-- Every prospect that an import speaks of has one row that created it, updated it
-- or found it unchanged; the others are duplicates.
create or replace view report.funnel with (security_barrier = true) as
select a.slug as account, bateia.import_id_text(n.import_id) as import_id,
       bateia.account_day(n.created_at, a.timezone) as day,
       s.kind as source_kind,
       coalesce(nullif(s.name, ''), nullif(s.instance, ''), s.system) as source,
       n.state, n.rows_read,
       n.rows_read - n.rejected as valid,
       n.created + n.updated + n.unchanged + n.duplicate as accepted,
       case when n.state = 'applied' then n.leads else 0 end as leads,
       case when n.state = 'applied' then n.created + n.updated + n.unchanged else 0 end as prospects,
       n.prospects_created,
       n.created_at
from bateia.imports n
join bateia.accounts a using (account_id)
left join bateia.sources s using (account_id, source_id)
where n.account_id = any (array(select account_id from bateia.visible_accounts));
comment on view report.funnel is
  'one row per import, from rows read to prospects: read, valid, accepted, stored as leads, prospects that they speak of, as they were when it was applied; leads and prospects of an import that does not count (any state but applied) are 0';

-- Which of the voices about a field gives its value, as package survivorship has it.
-- The state is {rank, import, row} of the value, null when there is none.
create function bateia.survivor_step(
  state bigint[], said text, of_rank int, import_id bigint, "row" bigint, is_identity boolean, by_id boolean, rule text, to_draw boolean, unchanged boolean
) returns bigint[] language sql immutable parallel safe return
  case when unchanged then state
       when state is null then case when said <> '' then array[of_rank, import_id, "row"] end
       when is_identity then case when by_id then array[of_rank, import_id, "row"] else state end
       when rule in ('existing_wins', 'fill_only') then state
       when rule <> 'incoming_wins' and of_rank < state[1] then state
       when to_draw then state
       when said = '' then null
       else array[of_rank, import_id, "row"] end;
create aggregate bateia.survivor(
  said text, of_rank int, import_id bigint, "row" bigint, is_identity boolean, by_id boolean, rule text, to_draw boolean, unchanged boolean
) (sfunc = bateia.survivor_step, stype = bigint[]);

-- Everything that counting imports said of a prospect, field by field. From the
-- prospect to its leads by key; then one prospect at a time:
--
--   said     the rows that say something of it
--   told     their values
--   spoken   the same with the name as a whole, since it is taken whole
--   cleared  blanks of imports whose blank cells clear
--   voices   what each import says of a field: an edit by id or else the first row
--            of an identity, the last row of anything else
--   winners  the voice that gives the value; of a source that sends whole records
--            only what changed since its last import is a voice
create or replace view report.field_lineage with (security_barrier = true) as
select a.slug as account, p.prospect_id, v.field, v.value, v.current,
       bateia.import_id_text(v.lead_import) || ':' || v.lead_row as lead_id,
       bateia.import_id_text(v.import_id) as import_id,
       v.applied_no, v.row, v.line, v.sheet_row, v.byte_offset, v.source_ref, v.file_name,
       v.again, v.created_at
from bateia.prospects p
join bateia.accounts a using (account_id)
cross join lateral (
  with said as (
    select l.import_id as lead_import, l.row as lead_row, l.source_ref, l.by_id, l.extra,
           l.phone, l.email, l.document, l.instagram, l.telegram, l.name, l.first_name, l.last_name, l.company, l.job_title,
           l.birthday, l.street, l.street_number, l.complement, l.district, l.city, l.state, l.postal_code, l.country, l.website,
           l.source, l.status, l.lifecycle, l.owner, l.is_company, l.notes, l.utm_source, l.utm_medium, l.utm_campaign,
           h.import_id, h.row, h.line, h.sheet_row, h.byte_offset, h.again,
           n.applied_no, n.file_name, n.created_at, n.source_id,
           greatest(1, n.rank, case when l.by_id then 2 end) as rank, o.kind = 'omie' as whole_records,
           coalesce(n.request -> 'mapping' -> 'options' ->> 'survivorship', '') as rule,
           coalesce(n.request -> 'mapping' -> 'options' ->> 'blank' = 'clear', false) as clears
    from unnest(p.lead_imports, p.lead_rows) as held (import_id, row)
    join bateia.leads l on l.account_id = p.account_id and l.import_id = held.import_id and l.row = held.row
    cross join lateral (
      select l.import_id, l.row, l.line, l.sheet_row, l.byte_offset, false as again
      union all
      select g.import_id, g.row, g.line, g.sheet_row, g.byte_offset, true
      from bateia.seen_leads g
      where g.account_id = l.account_id and g.lead_import = l.import_id and g.lead_row = l.row) h
    join bateia.imports n on n.account_id = p.account_id and n.import_id = h.import_id and n.state = 'applied'
    left join bateia.sources o on o.account_id = n.account_id and o.source_id = n.source_id
  ), told as (
    select s.import_id, s.row, f.class, f.field, f.value, f.raw
    from said s
    cross join lateral (
      select 'identity', f.field, f.value, f.value
      from (values ('phone', s.phone), ('email', s.email), ('document', s.document), ('instagram', s.instagram),
                   ('telegram', s.telegram)) as f (field, value)
      union all
      select 'name', f.field, f.value, f.value
      from (values ('name', s.name), ('first_name', s.first_name), ('last_name', s.last_name)) as f (field, value)
      union all
      select 'other', f.field, f.value, f.value
      from (values ('company', s.company), ('job_title', s.job_title), ('birthday', s.birthday::text), ('street', s.street),
                   ('street_number', s.street_number), ('complement', s.complement), ('district', s.district), ('city', s.city),
                   ('state', s.state), ('postal_code', s.postal_code), ('country', s.country), ('website', s.website),
                   ('source', s.source), ('status', s.status), ('lifecycle', s.lifecycle), ('owner', s.owner),
                   ('is_company', s.is_company::text), ('notes', s.notes), ('utm_source', s.utm_source),
                   ('utm_medium', s.utm_medium), ('utm_campaign', s.utm_campaign)) as f (field, value)
      union all
      select 'other', 'extra.' || e.key, e.value #>> '{}', e.value::text
      from jsonb_each(s.extra) e) f (class, field, value, raw)
    where f.value <> ''
  ), spoken as (
    select import_id, row, field as key, class, raw as said, null::text[] as parts from told where class <> 'name'
    union all
    select import_id, row, 'name', 'name', coalesce(nullif(name, ''), concat_ws(' ', nullif(first_name, ''), nullif(last_name, ''))),
           array[coalesce(name, ''), coalesce(first_name, ''), coalesce(last_name, '')]
    from said
    where coalesce(nullif(name, ''), nullif(first_name, ''), nullif(last_name, '')) is not null
  ), last_rows as (
    select distinct on (import_id) import_id, row from said where clears order by import_id, row desc
  ), cleared as (
    select distinct e.import_id, e.row, k.key, k.class, '' as said, array['', '', ''] as parts
    from last_rows e
    join bateia.import_columns c on c.account_id = p.account_id and c.import_id = e.import_id and c.imported
    cross join lateral (select case when c.field in ('first_name', 'last_name') then 'name' else c.field end,
                               case when c.field in ('name', 'first_name', 'last_name') then 'name' else 'other' end) k (key, class)
    where case k.class
            when 'name' then not exists (select from spoken s where s.import_id = e.import_id and s.key = 'name')
            else k.key in ('company', 'job_title', 'birthday', 'street', 'street_number', 'complement', 'district', 'city', 'state',
                           'postal_code', 'country', 'website', 'source', 'status', 'lifecycle', 'owner', 'is_company', 'notes',
                           'utm_source', 'utm_medium', 'utm_campaign')
                 and not exists (select from told t where t.import_id = e.import_id and t.row = e.row and t.field = k.key) end
  ), voices as (
    select distinct on (u.import_id, u.key) u.import_id, u.row, u.key, u.class, u.said, u.parts,
           s.by_id, s.rank, s.rule, s.whole_records, s.source_id, coalesce(s.applied_no, 0) as place
    from (select *, false as blank from spoken union all select *, true from cleared) u
    join said s using (import_id, row)
    order by u.import_id, u.key, u.blank desc, u.class = 'identity' and s.by_id desc, case when u.class = 'identity' then u.row else -u.row end
  ), before as (
    select import_id, lag(import_id) over (partition by source_id order by place, import_id) as last
    from (select distinct import_id, source_id, coalesce(applied_no, 0) as place from said where whole_records) i
  ), winners as (
    select v.key, bateia.survivor(v.said, v.rank, v.import_id, v.row, v.class = 'identity', v.by_id, v.rule,
             v.key = 'owner' and starts_with(v.said, 'distribution:'),
             b.last is not null and case when v.class = 'name' then v.parts = coalesce(w.parts, array['', '', ''])
                                         else v.said = coalesce(w.said, '') end
             order by v.place, v.import_id) as best
    from voices v
    left join before b on b.import_id = v.import_id
    left join voices w on w.import_id = b.last and w.key = v.key
    group by v.key
  )
  select t.field, t.value, coalesce(w.best[2] = t.import_id and w.best[3] = t.row, false) as current,
         s.lead_import, s.lead_row, s.import_id, s.applied_no, s.row, s.line, s.sheet_row, s.byte_offset, s.source_ref, s.file_name,
         s.again, s.created_at
  from told t
  join said s using (import_id, row)
  left join winners w on w.key = case when t.class = 'name' then 'name' else t.field end) v
where p.account_id = any (array(select account_id from bateia.visible_accounts))
  and not exists (select from bateia.aliases m where m.account_id = p.account_id and m.alias_id = p.prospect_id);
comment on view report.field_lineage is
  'one row per prospect, field and row that said something of it, by imports that count today; current marks the one from which the prospect has its value (an owner that was drawn: the row that named the distribution). Ask for given prospects: they are found by key, anything else reads all that was said in the account';
comment on column report.field_lineage.current is 'whether the prospect has its value from this row';
comment on column report.funnel.leads is 'rows that were stored as leads; the others said what was known';
comment on column report.funnel.prospects is 'prospects that its rows speak of';

-- How many values a field has in the rows that were loaded.
alter table bateia.import_columns add column distinct_values bigint;
create or replace view report.import_columns with (security_barrier = true) as
select bateia.import_id_text(c.import_id) as import_id, a.slug as account,
       c.position, c.name, nullif(c.field, '') as field, nullif(c.type, '') as type,
       c.confidence, c.reason, c.filled, c.valid, c.imported, c.distinct_values
from bateia.import_columns c
join bateia.accounts a using (account_id)
where c.account_id = any (array(select account_id from bateia.visible_accounts));
create or replace view report.quality with (security_barrier = true) as
select a.slug as account, bateia.import_id_text(n.import_id) as import_id, n.state,
       f.field, f.columns, f.filled, f.valid, f.filled - f.valid as invalid,
       f.filled::double precision / nullif(n.rows_read, 0) as filled_rate,
       f.valid::double precision / nullif(f.filled, 0) as valid_rate,
       f.rows_with_errors, f.rows_with_warnings, f.changed,
       n.created_at, f.distinct_values
from bateia.imports n
join bateia.accounts a using (account_id)
cross join lateral (
  select c.field, c.columns, c.filled, c.valid, c.distinct_values, coalesce(i.errors, 0) as rows_with_errors,
         coalesce(i.warnings, 0) as rows_with_warnings, coalesce(i.changed, 0) as changed
  from (select c.field, count(*) as columns, sum(c.filled)::bigint as filled, sum(c.valid)::bigint as valid, max(c.distinct_values) as distinct_values
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
comment on column report.import_columns.distinct_values is 'values that the field has in the rows that were loaded, each once; null for extra fields and those that share the place of another one, such as phone2';
comment on column report.quality.distinct_values is 'values that the field has in the rows that were loaded, each once; null for extra fields and those that share the place of another one, such as phone2';

-- +goose Down
drop view report.quality, report.import_columns;
create view report.import_columns with (security_barrier = true) as
select bateia.import_id_text(c.import_id) as import_id, a.slug as account,
       c.position, c.name, nullif(c.field, '') as field, nullif(c.type, '') as type,
       c.confidence, c.reason, c.filled, c.valid, c.imported
from bateia.import_columns c
join bateia.accounts a using (account_id)
where c.account_id = any (array(select account_id from bateia.visible_accounts));
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
grant select on report.quality, report.import_columns to bateia_analyst, bateia_worker;
alter table bateia.import_columns drop column distinct_values;
create or replace view report.funnel with (security_barrier = true) as
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
create or replace view report.field_lineage with (security_barrier = true) as
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
drop aggregate bateia.survivor(text, int, bigint, bigint, boolean, boolean, text, boolean, boolean);
drop function bateia.survivor_step(bigint[], text, int, bigint, bigint, boolean, boolean, text, boolean, boolean);
alter table bateia.imports drop column leads;
