-- What writes an invented import straight into the tables, for a superuser.

create function pg_temp.pick(seed bigint, low bigint, high bigint) returns bigint language sql immutable
  return low + abs(hashint8(seed)::bigint) % (high - low + 1);

create function pg_temp.make(account int, src int, born timestamptz, seq int, file text, into_list text, state text, code text,
    read bigint, refused bigint, took double precision) returns bigint language plpgsql as $$
declare
  imp    bigint := ((extract(epoch from born) * 1000)::bigint << 12) | (seq % 4096);
  dup    bigint := read * pg_temp.pick(imp, 1, 12) / 100;
  same   bigint := read * pg_temp.pick(imp + 1, 2, 35) / 100;
  upd    bigint := read * pg_temp.pick(imp + 2, 1, 18) / 100;
  skip   bigint := case when seq % 5 = 0 then read / 40 else 0 end;
  clash  bigint := case when seq % 11 = 0 then read / 90 else 0 end;
  kinds  text[] := '{PHONE_TOO_SHORT,PHONE_LOCAL_ONLY,EMAIL_INVALID,IDENTIFIER_MISSING,PHONE_SCIENTIFIC,DOCUMENT_INVALID,ROW_TOO_MANY_CELLS,PHONE_INVALID}';
  shapes text[] := array['99-9999', '9999-9999', 'a@a', '', '9,99a+99', '999.999.999-99', '', '99 99999 99999'];
  done   boolean := state in ('applied', 'undone');
begin
  perform bateia.ensure_history(imp);
  if read = 0 then dup := 0; same := 0; upd := 0; end if;
  insert into bateia.imports (account_id, import_id, source_id, file_name, list, requested_by, bucket, key, size, state, held, code,
      rows_read, created, updated, unchanged, duplicate, rejected, skipped, conflict, blank,
      prospects_created, prospects_updated, prospects_merged, errors, warnings, created_at, started_at, finished_at)
    values (account, imp, src, file, into_list, case when seq % 3 = 0 then 'drop' else 'ana@escritorio' end,
      case when file <> '' then 'bateia' else '' end, case when file <> '' then 'uploads/default/' || file else '' end, read * 61, state, code is not null and state = 'ready', code,
      read, read - dup - same - upd - skip - clash - refused, upd, same, dup, refused, skip, clash, read / 200,
      case when done or state = 'ready' then read - dup - same - upd - skip - clash - refused else 0 end, case when done then upd else 0 end, case when done then read / 300 else 0 end,
      refused, dup, born, born + interval '2 seconds',
      case when state in ('applied', 'undone', 'rejected', 'failed', 'canceled') then born + interval '2 seconds' + took * interval '1 second' end);
  insert into bateia.import_stages
    select account, imp, s.stage, 1, born + s.n * interval '1 second', born + (s.n + 1) * interval '1 second', took * s.part, read, read * 61
    from (values (1, case when file = '' then 'sync' else 'parse' end, 0.08), (2, 'validate', 0.17), (3, 'dedupe', 0.12), (4, 'resolve', 0.21), (5, 'apply', 0.36), (6, 'report', 0.06)) s (n, stage, part)
    where read > 0 and (done or s.n < 5);
  insert into bateia.import_columns
    select account, imp, c.n, c.name, c.field, 'text', c.sure, c.why, c.fill * read / 100, c.fill * c.good * read / 10000, c.field <> ''
    from (values (0, 'Nome completo', 'name', 0.99, 'header', 97, 100), (1, 'Telefone', 'phone', 0.99, 'header', 91, 94), (2, 'E-mail', 'email', 0.97, 'header', 64, 97),
      (3, 'CPF/CNPJ', 'document', 0.88, 'cells', 31, 92), (4, 'Cidade', 'city', 0.95, 'header', 72, 100), (5, 'UF', 'state', 0.9, 'header', 70, 99),
      (6, 'Cor favorita', 'extra.cor_favorita', 0.5, 'rest', 12, 100), (7, '', '', 0, 'none', 4, 0)) c (n, name, field, sure, why, fill, good)
    where read > 0 and (src % 2 = 0 or c.n < 6);
  if done and refused + skip + clash > 0 then
    insert into bateia.row_outcomes (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, outcome, reason_code, codes)
      select account, imp, g, g + 1, g + 1, g * 61, 60,
        case when g <= refused then 'rejected' when g <= refused + skip then 'skipped' else 'conflict' end, w.code, array[w.code]
      from generate_series(1, refused + skip + clash) g
      cross join lateral (select case when g <= refused then kinds[1 + least(pg_temp.pick(imp + g, 0, 9), pg_temp.pick(imp - g, 0, 7))::int]
        when g <= refused + skip then 'EXISTS' else 'TARGET_CHANGED' end as code) w;
    insert into bateia.issues
      select account, imp, r.row, r.row, r.line, r.sheet_row, r.byte_offset, null, w.col, w.field, 'error', r.reason_code, 'secret-51',
        case when pg_temp.pick(r.row, 0, 3) = 0 then replace(shapes[i.n], '9', '99') else shapes[i.n] end
      from bateia.row_outcomes r
      cross join lateral (select array_position(kinds, r.reason_code) as n) i
      cross join lateral (select case when r.reason_code like 'PHONE%' then 'Telefone' when r.reason_code like 'EMAIL%' then 'E-mail' else 'CPF/CNPJ' end as col,
        case when r.reason_code like 'PHONE%' then 'phone' when r.reason_code like 'EMAIL%' then 'email' else 'document' end as field) w
      where r.account_id = account and r.import_id = imp and r.outcome = 'rejected' and shapes[i.n] <> '';
  end if;
  insert into bateia.issue_counts
    select account, imp, reason_code, 'error', count(*) from bateia.row_outcomes r
    where r.account_id = account and r.import_id = imp and outcome = 'rejected' group by reason_code;
  insert into bateia.issue_counts
    select account, imp, w.code, 'warning', w.rows from (values ('PHONE_NINTH_DIGIT_ADDED', read / 9), ('DUPLICATE_IN_FILE', dup), ('EMAIL_SUSPECT_DOMAIN', read / 150)) w (code, rows)
    where read > 0 and w.rows > 0;
  return imp;
end $$;

create function pg_temp.source(wanted text) returns int language sql stable
  return (select source_id from bateia.sources where account_id = 1 and name = wanted);
