-- Issues of an import that was just applied, as the dataset has them: values masked as
-- bateia.mask_value does. :id is the import's id as text, :now when it was registered,
-- :texts the sentences of its codes.
select ':id', i.row, r.line, r.sheet_row, r.byte_offset, r.source_ref, i."column", i.field, i.severity, i.code,
       case when length(i.value) < 2 then regexp_replace(i.value, '.', '*', 's')
            else left(i.value, 1) || regexp_replace(substr(i.value, 2), '[^\] .,;:@/()_+\[-]', '*', 'g') end,
       i.shape, coalesce(t.sentence, i.code), make_timestamp(:now)::timestamptz
  from numbered_issues i
  left join rows r on r.row = i.row
  left join (:texts) t on t.code = i.code
 order by i.seq
