-- Invented imports of account "default": 60 days up to 28 November 2026, from two
-- lists, two companies at Omie and an API, with refused rows of many kinds. :imports
-- is how many of a source there are a day, :refused how many rows of each are
-- refused at most. Read after functions.sql.

insert into bateia.sources (account_id, kind, system, name) values (1, 'upload', '', 'feira-caxias'), (1, 'upload', '', 'site'),
  (1, 'omie', 'omie', 'loja centro'), (1, 'omie', 'omie', 'filial norte'), (1, 'api', '', 'formulário'), (1, 'manual', '', 'merge');
insert into bateia.connections (account_id, name, folded, app_key, sealed, settings, last_success, next_run) values
  (1, 'loja centro', 'loja centro', 'k', 's', '{"every": "15m"}', '2026-11-28 14:50Z', '2026-11-28 15:05Z'),
  (1, 'filial norte', 'filial norte', 'k', 's', '{"every": "1h"}', '2026-11-26 08:10Z', '2026-11-26 09:10Z');
insert into bateia.connections (account_id, name, folded, app_key, sealed, state, code) values (1, 'depósito', 'depósito', 'k', 's', 'invalid', 'OMIE_AUTH');

-- Work days bring files, every day brings syncs; a fair brought a lot at once.
select pg_temp.make(1, pg_temp.source(s.name), d + s.hour * interval '1 hour' + seq % 50 * interval '1 minute', seq::int,
    case when s.file = '' then '' else s.file || to_char(d, '-DD-MM') || '.csv' end, s.list, 'applied', null,
    s.rows * pg_temp.pick(seq, 30, 180) / 100 * case when d::date = '2026-11-12' and s.file = 'feira' then 7 else 1 end,
    least(s.rows * s.bad * pg_temp.pick(seq + 7, 20, 160) / 10000, :refused), s.took * pg_temp.pick(seq + 3, 50, 200) / 100)
from generate_series('2026-09-29 00:00-03'::timestamptz, '2026-11-28 00:00-03', '1 day') with ordinality d (d, day)
cross join (values ('feira-caxias', 'feira', 'feira', 9, 620, 5, 4.2), ('site', 'leads-do-site', 'site', 11, 240, 2, 1.1), ('loja centro', '', 'clientes', 7, 90, 1, 2.4),
  ('filial norte', '', 'clientes', 6, 60, 1, 1.9), ('formulário', '', '', 10, 35, 3, 0.4)) s (name, file, list, hour, rows, bad, took)
cross join generate_series(1, :imports) g (g)
cross join lateral (select (day * 7 + length(s.name) + g * 131)::bigint as seq) q
where (extract(isodow from d) < 6 or s.file = '') and not (s.name = 'filial norte' and d > '2026-11-26')
  and not (extract(isodow from d) = 2 and s.name = 'feira-caxias');
