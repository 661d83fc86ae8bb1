-- Two accounts with the same little story: one import of the 1st of March 2026
-- 01:30 UTC (still the 28th of February in São Paulo) whose row 1 founded a
-- prospect, whose row 2 founded another one that was merged into the first, whose
-- row 3 was refused, and whose row 4 said again what row 2 says. Run as a superuser, who stands above row-level
-- security. Values of account bravo start with "secret".
insert into bateia.accounts (account_id, slug, locale, timezone) values
  (101, 'acme', 'pt-BR', 'America/Sao_Paulo'), (102, 'bravo', 'es', 'Nowhere/Unknown');
select bateia.ensure_history(id) from (values (7259457945600000)) v(id);

create function pg_temp.story(account int, word text) returns void language plpgsql as $$
declare
  imp  bigint := 7259457945600000 + account;
  src  int;
  one  text := 'ba' || lpad(to_hex(imp), 14, '0') || '00000001';
  two  text := 'ba' || lpad(to_hex(imp), 14, '0') || '00000002';
  born timestamptz := '2026-03-01 01:30:00+00';
begin
  insert into bateia.sources (account_id, kind, name) values (account, 'upload', word) returning source_id into src;
  insert into bateia.imports (account_id, import_id, source_id, file_name, list, requested_by, bucket, key, size, state,
      rows_read, created, rejected, prospects_created, prospects_merged, leads, errors, created_at, started_at, finished_at)
    values (account, imp, src, word || '.csv', 'feira', 'drop', 'b', 'uploads/' || word || '.csv', 99, 'applied',
      3, 2, 1, 2, 1, 1, 1, born, born + interval '1 second', born + interval '3 seconds');
  insert into bateia.import_stages values (account, imp, 'parse', 1, born, born + interval '1 second', 1, 3, 99);
  insert into bateia.import_columns values (account, imp, 0, word, 'phone', 'identity', 0.99, 'header', 3, 2, true);
  insert into bateia.issue_counts values (account, imp, 'PHONE_TOO_SHORT', 'error', 1);
  insert into bateia.lists (account_id, name, folded) values (account, word, word);
  insert into bateia.tags (account_id, name, folded) values (account, word, word);
  insert into bateia.prospects (account_id, prospect_id, name, phone, extra, keys, lead_imports, lead_rows, lead_hashes,
      list_ids, tag_ids, created_at, updated_at, updated_by)
    select account, p, word, '+5551999999999', jsonb_build_object('cor', word), '{}', array[imp, imp], array[1, 2], array[11, 12],
      array(select list_id from bateia.lists l where l.account_id = account), array(select tag_id from bateia.tags t where t.account_id = account),
      born, born, imp
    from unnest(array[one, two]) p;
  insert into bateia.identities (account_id, key, kind, value, joins, prospect_id, first_import_id, first_row)
    values (account, gen_random_uuid(), 1, word, true, two, imp, 2);
  insert into bateia.aliases values (account, two, one);
  insert into bateia.merges (account_id, import_id, survivor_id, merged_id, row, reason, merged_at)
    values (account, imp, one, two, 2, 'identity', born);
  insert into bateia.leads (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, prospect_id, outcome, statement, keys, name, phone)
    values (account, imp, 2, 3, 3, 10, 10, two, 'created', 12, '{}', word, '+5551999999999');
  insert into bateia.seen_leads values (account, imp, 2, imp, 4, 5, 5, 30, 10);
  insert into bateia.row_outcomes (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, outcome, reason_code, codes, prospect_id)
    values (account, imp, 3, 4, 4, 20, 10, 'rejected', 'PHONE_TOO_SHORT', '{PHONE_TOO_SHORT}', two);
  insert into bateia.issues values (account, imp, 1, 3, 4, 4, 20, null, word, 'phone', 'error', 'PHONE_TOO_SHORT', word || ' 51-9999', '99-9999');
  insert into bateia.connections (account_id, name, folded, app_key, sealed, state, code, settings, last_success)
    values (account, word, word, 'secret key', 'secret', 'invalid', 'OMIE_AUTH', '{"every": "2h"}', born);
end $$;
select pg_temp.story(101, 'acme'), pg_temp.story(102, 'secret');
