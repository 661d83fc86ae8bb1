-- What the source calls each row.
update rows set source_ref = record_refs.source_ref from record_refs where record_refs.row = rows.row;
