-- +goose Up

-- Rows that an import refused and a later one took. What counts is whether that
-- import is applied: undoing it opens the row again by itself, and a row that two
-- of them took in turn keeps both.
create table bateia.resolutions (
  account_id  int not null references bateia.accounts,
  import_id   bigint not null,  -- that refused the row
  row         bigint not null,
  resolved_by bigint not null,  -- import
  primary key (account_id, import_id, row, resolved_by)
);
alter table bateia.resolutions enable row level security;
alter table bateia.resolutions force row level security;
create policy account on bateia.resolutions using (account_id = bateia.current_account()) with check (account_id = bateia.current_account());
create policy report on bateia.resolutions for select to bateia_owner
  using (account_id = any (array(select account_id from bateia.visible_accounts)));
grant select, insert, update, delete on bateia.resolutions to bateia_worker;

-- The rows of an applied import that are refused to this day, all of them or with
-- one code. A replay reads them, and before it commits it asks again.
-- +goose StatementBegin
create function bateia.open_refusals(account int, import bigint, of_code text)
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
revoke all on function bateia.open_refusals(int, bigint, text) from public;
grant execute on function bateia.open_refusals(int, bigint, text) to bateia_worker;

-- A replay has the rows of the import it replays, under the same numbers.
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
           and t.state = 'applied') as resolved_by
from bateia.row_outcomes r
join bateia.imports n on n.account_id = r.account_id and n.import_id = r.import_id
join bateia.accounts a on a.account_id = r.account_id
left join bateia.aliases m on m.account_id = r.account_id and m.alias_id = r.prospect_id
where r.account_id = any (array(select account_id from bateia.visible_accounts));
comment on column report.rows.resolved_by is 'the import that took the row later, such as a replay; null while it is open';

-- +goose Down
create or replace view report.rows with (security_barrier = true) as
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
comment on column report.rows.resolved_by is 'the import that took the corrected row; null while it is open';
drop function bateia.open_refusals(int, bigint, text);
drop table bateia.resolutions;
