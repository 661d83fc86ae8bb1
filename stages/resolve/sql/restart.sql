-- Takes back what an earlier resolve of this workset added, so that it can run
-- again: its own issues, and the keys it moved aside.
delete from issues
 where row is null
    or code in ('ID_NOT_FOUND', 'ID_DUPLICATE_IN_FILE', 'ID_IDENTITY_CONFLICT', 'SUPPRESSED', 'EXISTS', 'NO_MATCH', 'TARGET_CHANGED')
    or (code = 'MATCH_CONFLICT' and field = 'document');
create table if not exists moved_keys (grp bigint, old_k2 bigint, k1 bigint, k2 bigint);
update group_keys set joins = true, disputed = false, k2 = old_k2
  from moved_keys
 where group_keys.grp = moved_keys.grp and group_keys.k1 = moved_keys.k1 and group_keys.k2 = moved_keys.k2;
delete from moved_keys;
drop table if exists base_keys; drop table if exists base_ids; drop table if exists suppressed; drop table if exists base_prospects; drop table if exists base_statements;
