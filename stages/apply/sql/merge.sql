-- Gives a survivor what hung on the prospects that merge into it. Their own rows
-- stay as they are and are read through aliases; nothing is re-pointed. It was
-- created by what was applied first, which need not be what has the lowest id.
-- $1 account, $2 import, of which only its own merges count: taking back the import
-- whose place it takes may have left smaller ones.
with merged as (
  select m.survivor_id, array_agg(m.merged_id order by m.merged_id) as ids
    from merges m where m.account_id = $1 and m.import_id = $2 and m.reason = 'identity' group by m.survivor_id)
update prospects s
   set keys         = s.keys || array(select k from prospects p, unnest(p.keys) k
                                       where p.account_id = $1 and p.prospect_id = any(m.ids) order by p.prospect_id, k),
       lead_imports = s.lead_imports || array(select l from prospects p, unnest(p.lead_imports) with ordinality u (l, n)
                                       where p.account_id = $1 and p.prospect_id = any(m.ids) order by p.prospect_id, n),
       lead_rows    = s.lead_rows || array(select l from prospects p, unnest(p.lead_rows) with ordinality u (l, n)
                                       where p.account_id = $1 and p.prospect_id = any(m.ids) order by p.prospect_id, n),
       lead_hashes  = s.lead_hashes || array(select l from prospects p, unnest(p.lead_hashes) with ordinality u (l, n)
                                       where p.account_id = $1 and p.prospect_id = any(m.ids) order by p.prospect_id, n),
       list_ids     = array(select distinct x from (select unnest(s.list_ids) x union select unnest(p.list_ids) from prospects p
                                       where p.account_id = $1 and p.prospect_id = any(m.ids)) u order by x),
       tag_ids      = array(select distinct x from (select unnest(s.tag_ids) x union select unnest(p.tag_ids) from prospects p
                                       where p.account_id = $1 and p.prospect_id = any(m.ids)) u order by x),
       created_at   = coalesce((select i.created_at from prospects p, unnest(p.lead_imports) u (id) join imports i on i.account_id = $1 and i.import_id = u.id
                                 where p.account_id = $1 and (p.prospect_id = s.prospect_id or p.prospect_id = any(m.ids)) and i.import_id <> $2
                                 order by i.applied_no nulls first, i.import_id limit 1), s.created_at)
  from merged m
 where s.account_id = $1 and s.prospect_id = m.survivor_id;
