-- Issues of an import as view report.issues has them, values masked.
select ':id', i.row, i.line, i.sheet_row, i.byte_offset, i.source_ref, i."column", i.field, i.severity, i.code,
       bateia.mask_value(i.value), i.shape, coalesce(t.sentence, i.code), n.created_at
  from bateia.issues i
  join bateia.imports n on n.account_id = i.account_id and n.import_id = i.import_id
  join bateia.accounts a on a.account_id = i.account_id
  left join bateia.code_texts t on t.code = i.code and t.locale = a.locale
 where i.account_id = :account and i.import_id = :import
 order by i.seq
