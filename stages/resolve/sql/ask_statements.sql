-- What counting imports said of prospects, and whether the source of the import
-- said it. $1 account, $2 prospects that are no aliases, $3 to $6 kind, system, name
-- and instance of the source, $7 whether only what it said is asked for. /*fields*/
-- is replaced by the catalogue's columns as pairs of a JSON object. The way is set as
-- in ask_keys.sql.
select p.prospect_id, s.import_id, s.row, s.by_id, coalesce(i.applied_no, 0), i.rank, o.kind, i.source_id, coalesce(i.request->'mapping'->'options', '{}')::text,
       case when i.request->'mapping'->'options'->>'blank' = 'clear' then
         array(select c.field from import_columns c where c.account_id = i.account_id and c.import_id = i.import_id and c.imported) end,
       jsonb_strip_nulls(jsonb_build_object(/*fields*/))::text, s.extra::text, own
  from unnest($2::text[]) n (id)
 cross join lateral (select * from prospects x where x.account_id = $1 and x.prospect_id = n.id offset 0) p
 cross join lateral unnest(p.lead_imports, p.lead_rows) as l(import_id, row)
 cross join lateral (select * from statements x where x.account_id = $1 and x.lead_import = l.import_id and x.lead_row = l.row offset 0) s
  join imports i on i.account_id = s.account_id and i.import_id = s.import_id and i.state = 'applied'
  join sources o on o.account_id = i.account_id and o.source_id = i.source_id
 cross join lateral (select o.kind = $3 and o.system = $4 and o.name = $5 and o.instance = $6 as own) by_itself
 where own or not $7
