-- +goose Up

-- What a report has to know of an account, its language and where its days begin,
-- and how fresh the connections are that are read on a schedule. Rights and the
-- condition on accounts are those of 00004_report_views.sql. Of a connection no
-- key and no secret is shown.

create policy report on bateia.connections for select to bateia_owner
  using (account_id = any (array(select account_id from bateia.visible_accounts)));

create view report.accounts with (security_barrier = true) as
select a.slug as account, a.country, a.locale, a.timezone, a.created_at
from bateia.accounts a
where a.account_id = any (array(select account_id from bateia.visible_accounts));

create view report.connections with (security_barrier = true) as
select a.slug as account, c.name as source, c.state, c.code,
       coalesce(c.settings ->> 'every', '') as every,
       c.created_at, c.last_success as last_success_at, c.last_full as last_full_at, c.next_run as next_run_at,
       extract(epoch from now() - c.last_success)::double precision as seconds_since_success
from bateia.connections c
join bateia.accounts a using (account_id)
where c.account_id = any (array(select account_id from bateia.visible_accounts));

comment on view report.accounts is 'one row per account that the login may read: its country, language and timezone';
comment on column report.accounts.account is 'slug of the account';
comment on column report.accounts.country is 'ISO 3166 code: how numbers without a country are read';
comment on column report.accounts.locale is 'language: en, pt-BR or es';
comment on column report.accounts.timezone is 'IANA name; days in the views begin there';
comment on column report.accounts.created_at is 'when it was made';
comment on view report.connections is
  'one row per connection that is read on a schedule, such as a company at Omie: whether it works, when it succeeded last and when it is next due; its imports are those of the source of the same name';
comment on column report.connections.account is 'slug of the account';
comment on column report.connections.source is 'name of the connection, and of its source in the other views';
comment on column report.connections.state is 'valid, invalid (the key pair was refused) or disconnected';
comment on column report.connections.code is 'why it is invalid';
comment on column report.connections.every is 'an interval or a cron expression; blank is every 15 minutes';
comment on column report.connections.created_at is 'when it was connected';
comment on column report.connections.last_success_at is 'when a sync succeeded last, also one that found nothing new; null before the first';
comment on column report.connections.last_full_at is 'when everything was read last';
comment on column report.connections.next_run_at is 'when the schedule reads it next; null without one';
comment on column report.connections.seconds_since_success is 'freshness: seconds from the last success to now';

grant select on report.accounts, report.connections to bateia_analyst, bateia_worker;

-- +goose Down
drop view report.connections, report.accounts;
drop policy report on bateia.connections;
