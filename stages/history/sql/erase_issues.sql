-- Issues stay as counts do, without what stood in the cells. $1 account.
update issues i set value = null, shape = null, source_ref = null
  from erased_rows e
 where i.account_id = $1 and i.import_id = e.import_id and i.row = e.row and (i.value is not null or i.source_ref is not null)
