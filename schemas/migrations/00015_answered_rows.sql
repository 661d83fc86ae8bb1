-- +goose Up

-- A refused row may come back in a later file, named by its bateia_row. When the
-- row that answers it is refused, too, it stays open (taken is false), and whoever
-- takes that one takes both.
alter table bateia.resolutions
  add column by_row bigint,  -- the row of resolved_by that answers; null of a replay, where both have one number
  add column taken boolean not null default true;
create index resolutions_by_answer on bateia.resolutions (account_id, resolved_by, by_row);

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
             where v.account_id = account and v.import_id = import and v.taken and t.state = 'applied') u
     group by u.row
    having not bool_or(u.taken)
  $$;
-- +goose StatementEnd

create or replace view report.rows with (security_barrier = true) as
select bateia.import_id_text(n.import_id) as import_id, a.slug as account,
       r.row, r.line, r.sheet_row, r.source_ref, r.outcome, r.reason_code, r.codes,
       null::text as lead_id,
       coalesce(m.survivor_id, r.prospect_id) as prospect_id,
       r.first_row,
       (select bateia.import_id_text(max(v.resolved_by))
          from bateia.resolutions v join bateia.imports t on t.account_id = v.account_id and t.import_id = v.resolved_by
         -- Not coalesce: the index is of use under the policies only for what cannot
         -- leak, which coalesce does not count as.
         where v.account_id = r.account_id and v.row = r.row
           and v.import_id = case when n.replay_of is null then r.import_id else n.replay_of end
           and v.taken and t.state = 'applied') as resolved_by
from bateia.row_outcomes r
join bateia.imports n on n.account_id = r.account_id and n.import_id = r.import_id
join bateia.accounts a on a.account_id = r.account_id
left join bateia.aliases m on m.account_id = r.account_id and m.alias_id = r.prospect_id
where r.account_id = any (array(select account_id from bateia.visible_accounts));
comment on column report.rows.resolved_by is 'the import that took the row later, such as a replay or the corrected file; null while it is open';

-- +goose Down
create or replace view report.rows with (security_barrier = true) as
select bateia.import_id_text(n.import_id) as import_id, a.slug as account,
       r.row, r.line, r.sheet_row, r.source_ref, r.outcome, r.reason_code, r.codes,
       null::text as lead_id,
       coalesce(m.survivor_id, r.prospect_id) as prospect_id,
       r.first_row,
       (select bateia.import_id_text(max(v.resolved_by))
          from bateia.resolutions v join bateia.imports t on t.account_id = v.account_id and t.import_id = v.resolved_by
         where v.account_id = r.account_id and v.row = r.row
           and v.import_id = case when n.replay_of is null then r.import_id else n.replay_of end
           and t.state = 'applied') as resolved_by
from bateia.row_outcomes r
join bateia.imports n on n.account_id = r.account_id and n.import_id = r.import_id
join bateia.accounts a on a.account_id = r.account_id
left join bateia.aliases m on m.account_id = r.account_id and m.alias_id = r.prospect_id
where r.account_id = any (array(select account_id from bateia.visible_accounts));
comment on column report.rows.resolved_by is 'the import that took the row later, such as a replay; null while it is open';
-- +goose StatementBegin
create or replace function bateia.open_refusals(account int, import bigint, of_code text)
  returns table ("row" bigint, line bigint, sheet_row bigint, byte_offset bigint, byte_length bigint, reason_code text)
  language sql stable as $$
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
delete from bateia.resolutions where not taken;
drop index bateia.resolutions_by_answer;
alter table bateia.resolutions drop column by_row, drop column taken;
