-- Takes back what an earlier resolve of this workset added, so that it can run
-- again: its own issues, and the keys it moved aside.
delete from issues
 where row is null
    or code in ('ID_NOT_FOUND', 'ID_DUPLICATE_IN_FILE', 'ID_IDENTITY_CONFLICT', 'SUPPRESSED', 'EXISTS', 'NO_MATCH', 'EDIT_CONFLICT', 'TARGET_CHANGED')
    or (code = 'MATCH_CONFLICT' and field = 'document')
    or (code = 'MATCH_COMPONENT_TOO_LARGE' and field is not null);
create table if not exists moved_keys (grp bigint, k1 bigint, old_k2 bigint, k2 bigint, joins boolean, disputed boolean);
update group_keys set joins = m.joins, disputed = m.disputed, k2 = m.old_k2
  from moved_keys m
 where group_keys.grp = m.grp and group_keys.k1 = m.k1 and group_keys.k2 = m.k2;
delete from moved_keys;
drop table if exists base_keys; drop table if exists base_ids; drop table if exists suppressed; drop table if exists base_prospects; drop table if exists base_statements; drop table if exists base_held;
