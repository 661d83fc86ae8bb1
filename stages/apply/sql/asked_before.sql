-- What statements that count say of owners: which of $2, from 1, place and id of the
-- import, and the owner's text, of those that name a distribution. $1 account, $2 ids of
-- prospects. The way is set: a look into the index a lead.
select u.n, coalesce(i.applied_no, 0), s.import_id, s.owner
  from unnest($2::text[]) with ordinality u (id, n)
 cross join lateral (select * from prospects x where x.account_id = $1 and x.prospect_id = u.id offset 0) p
 cross join lateral unnest(p.lead_imports, p.lead_rows) as l (import_id, row)
 cross join lateral (select import_id, owner from statements x where x.account_id = $1 and x.lead_import = l.import_id and x.lead_row = l.row and x.owner like 'distribution:%' offset 0) s
  join imports i on i.account_id = $1 and i.import_id = s.import_id and i.state = 'applied'
