-- +goose Up

-- What merging over time needs: which lead every value comes from can be computed
-- again, so that an import can be taken back.

-- A lead knows the keys under which it was joined: whether a value joined by
-- itself, with its name, or not at all was decided when it came, and stays so.
alter table bateia.leads add column keys uuid[] not null default '{}';    -- of identities
alter table bateia.leads add column by_id boolean not null default false; -- the row named its prospect by id: an edit by hand
alter table bateia.leads add column tag_ids int[];                        -- tags of the row itself


-- Leads that are there already get the keys of their prospect that carry their
-- values. Under forced row-level security nobody sees a row without an account.
-- +goose StatementBegin
do $$
declare account int;
begin
  for account in select account_id from bateia.accounts loop
    perform set_config('bateia.account', account::text, true);
    update bateia.leads l
       set keys = array(select i.key from bateia.prospects p, unnest(p.keys) k join bateia.identities i on i.account_id = account and i.key = k
                         where p.account_id = account and p.prospect_id = l.prospect_id and i.kind || ':' || i.value = any (l.identities))
     where l.account_id = account;
  end loop;
end $$;
-- +goose StatementEnd
alter table bateia.leads drop column identities;

-- Rows that said again what a prospect's lead says already: seen, not stored
-- again. They count for values (A, B, A is A), for lists, and when the import
-- that stored the lead is undone. Found by lead: an undo asks who else said it.
create table bateia.seen_leads (
  account_id  int not null,
  lead_import bigint not null,
  lead_row    bigint not null,
  import_id   bigint not null,
  row         bigint not null,
  line        bigint not null,
  sheet_row   bigint not null,
  byte_offset bigint not null,
  byte_length bigint not null,
  primary key (account_id, lead_import, lead_row, import_id, row)
) partition by range (import_id);

-- The rank of the source that a value comes from, of the fields where it is above
-- the lowest: {"name": 2}. Null when it is of none, as on most prospects.
alter table bateia.prospects add column ranks jsonb;

-- What an import's source counts for in survivorship, as the account had it then.
alter table bateia.imports add column rank smallint not null default 1;

-- Pairs that people said are two: no import joins them. Both directions stand
-- here, so that a pair is found from either side.
create table bateia.apart (
  account_id  int not null references bateia.accounts,
  prospect_id text collate "C" not null,
  other_id    text collate "C" not null,
  import_id   bigint not null, -- the decision
  primary key (account_id, prospect_id, other_id, import_id)
);

-- Values that join only together with the same name from here on, because too
-- many names carry them or because somebody said so. k1 is the first half of the
-- value's key. A reversed decision stays, with its end.
create table bateia.shared_values (
  account_id int not null references bateia.accounts,
  k1         bigint not null,
  kind       smallint not null,
  import_id  bigint,           -- which import found it; null for a person's decision
  names      int not null default 0, -- how many were seen
  decided_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (account_id, k1, decided_at)
);

-- Owners in turn. One pointer for all imports of the account, so that shares
-- never differ by more than one.
create table bateia.distributions (
  account_id int not null references bateia.accounts,
  folded     text not null,
  name       text not null,
  members    text[] not null default '{}',
  next       int not null default 0, -- index into members of whose turn it is
  created_at timestamptz not null default now(),
  primary key (account_id, folded)
);

-- Who drew a prospect from which distribution: computing its values again does
-- not draw again.
create table bateia.draws (
  account_id  int not null references bateia.accounts,
  prospect_id text collate "C" not null,
  folded      text not null,
  owner       text not null,
  import_id   bigint not null,
  primary key (account_id, prospect_id, folded)
);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['seen_leads', 'apart', 'shared_values', 'distributions', 'draws'] loop
    execute format('alter table bateia.%I enable row level security', t);
    execute format('alter table bateia.%I force row level security', t);
    execute format('create policy account on bateia.%I using (account_id = bateia.current_account()) with check (account_id = bateia.current_account())', t);
    execute format('grant select, insert, update, delete on bateia.%I to bateia_worker', t);
  end loop;
end $$;
-- +goose StatementEnd

-- Everything that was said: a lead where it was stored, and again wherever an
-- import saw it. The values of a prospect are made of these, in this order.
create view bateia.statements with (security_invoker = true) as
select l.account_id, l.import_id as lead_import, l.row as lead_row, l.import_id, l.row, l.line, l.sheet_row, l.source_ref,
       l.prospect_id, l.statement, l.keys, l.by_id, l.tag_ids,
       l.phone, l.email, l.document, l.instagram, l.telegram, l.name, l.first_name, l.last_name, l.company,
       l.job_title, l.birthday, l.street, l.street_number, l.complement, l.district, l.city, l.state, l.postal_code,
       l.country, l.website, l.source, l.status, l.lifecycle, l.owner, l.is_company, l.notes, l.utm_source,
       l.utm_medium, l.utm_campaign, l.extra
from bateia.leads l
union all
select l.account_id, s.lead_import, s.lead_row, s.import_id, s.row, s.line, s.sheet_row, l.source_ref,
       l.prospect_id, l.statement, l.keys, l.by_id, l.tag_ids,
       l.phone, l.email, l.document, l.instagram, l.telegram, l.name, l.first_name, l.last_name, l.company,
       l.job_title, l.birthday, l.street, l.street_number, l.complement, l.district, l.city, l.state, l.postal_code,
       l.country, l.website, l.source, l.status, l.lifecycle, l.owner, l.is_company, l.notes, l.utm_source,
       l.utm_medium, l.utm_campaign, l.extra
from bateia.seen_leads s
join bateia.leads l on l.account_id = s.account_id and l.import_id = s.lead_import and l.row = s.lead_row;
grant select on bateia.statements to bateia_worker;

-- Leads of an import that was taken back count for nothing.
create or replace view report.leads with (security_barrier = true) as
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
where l.account_id = any (array(select account_id from bateia.visible_accounts)) and n.state <> 'undone';

-- +goose StatementBegin
create or replace function bateia.ensure_history(id bigint) returns text
  language plpgsql security definer set search_path = pg_catalog, bateia, pg_temp as $$
declare
  moment timestamptz := date_trunc('month', to_timestamp((id >> 12) / 1000.0), 'UTC');
  month  text := to_char(moment at time zone 'UTC', 'YYYYMM');
  low    bigint := (extract(epoch from moment) * 1000)::bigint << 12;
  high   bigint := (extract(epoch from (moment at time zone 'UTC' + interval '1 month') at time zone 'UTC') * 1000)::bigint << 12;
  t      text;
begin
  if to_regclass('bateia.seen_leads_' || month) is not null then
    return month;
  end if;
  perform pg_advisory_xact_lock(hashtext('bateia.ensure_history'));
  foreach t in array array['leads', 'row_outcomes', 'issues', 'before_images', 'seen_leads'] loop
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

-- +goose Down
drop view bateia.statements;
drop table bateia.draws, bateia.distributions, bateia.shared_values, bateia.apart, bateia.seen_leads;
alter table bateia.imports drop column rank;
alter table bateia.prospects drop column ranks;
alter table bateia.leads drop column keys, drop column by_id, drop column tag_ids;
alter table bateia.leads add column identities text[] not null default '{}';
