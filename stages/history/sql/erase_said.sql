-- What the person's leads say that names it. $1 account.
select l.name, l.first_name, l.last_name, l.company, l.phone, l.email, l.document, l.instagram, l.telegram
  from erased_leads e join leads l on l.account_id = $1 and l.import_id = e.import_id and l.row = e.row
 order by l.import_id, l.row
