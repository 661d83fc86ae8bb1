-- What an erasure works with inside one transaction.
create temporary table if not exists erased_ids (prospect_id text collate "C" primary key) on commit drop;
create temporary table if not exists erased_keys (key uuid primary key) on commit drop;
create temporary table if not exists erased_leads (import_id bigint, row bigint, primary key (import_id, row)) on commit drop;
create temporary table if not exists erased_rows (
  import_id bigint, row bigint, line bigint, sheet_row bigint, byte_offset bigint, byte_length bigint, outcome text,
  primary key (import_id, row)) on commit drop;
truncate erased_ids, erased_keys, erased_leads, erased_rows;
