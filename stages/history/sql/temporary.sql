-- What history works with inside one transaction. Undo and apply of a redo share
-- a transaction, so the tables may be there already.
create temporary table if not exists history_touched (prospect_id text collate "C" primary key) on commit drop;
create temporary table if not exists history_gone (prospect_id text collate "C" primary key) on commit drop;
create temporary table if not exists history_confirmed (prospect_id text collate "C" primary key) on commit drop;
create temporary table if not exists history_members (survivor_id text collate "C", prospect_id text collate "C", primary key (survivor_id, prospect_id)) on commit drop;
create temporary table if not exists history_ids (prospect_id text collate "C" primary key) on commit drop;
create temporary table if not exists history_leads (
  import_id bigint, row bigint, prospect_id text, statement bigint, keys uuid[], primary key (import_id, row)) on commit drop;
create temporary table if not exists history_homes (
  from_import bigint, from_row bigint, import_id bigint, row bigint, line bigint, sheet_row bigint, byte_offset bigint, byte_length bigint,
  prospect_id text, statement bigint, keys uuid[], primary key (from_import, from_row)) on commit drop;
create temporary table if not exists history_seen (
  from_import bigint, from_row bigint, import_id bigint, row bigint, lead_import bigint, lead_row bigint,
  primary key (from_import, from_row, import_id, row)) on commit drop;
create temporary table if not exists history_identities (
  key uuid primary key, kind smallint, value text, joins boolean, prospect_id text, first_import_id bigint, first_row bigint, name_hashes bigint[]) on commit drop;
create temporary table if not exists history_ended (folded text, turn bigint, owner text) on commit drop;
create temporary table if not exists history_owners (was text collate "C", folded text, prospect_id text collate "C", import_id bigint) on commit drop;
create temporary table if not exists history_draws (prospect_id text collate "C", folded text, owner text, import_id bigint, turn bigint) on commit drop;
create temporary table if not exists history_keys (key uuid primary key) on commit drop;
create temporary table if not exists history_aliases (alias_id text primary key, survivor_id text) on commit drop;
truncate history_touched, history_gone, history_confirmed, history_members, history_ids, history_leads, history_homes, history_seen, history_identities, history_keys, history_aliases, history_ended, history_owners, history_draws;
