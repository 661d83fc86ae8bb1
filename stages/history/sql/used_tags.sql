-- Which of some tags rows name that count without the import: those of imports
-- that were applied later, before which nobody could name what it made, and those
-- that a later one said again. $1 account, $2 the import that is taken back, $3
-- tags.
select t.tag_id, (array_agg(n.import_id order by n.applied_no))[1]
  from imports n join leads l on l.account_id = n.account_id and l.import_id = n.import_id, unnest(l.tag_ids) t (tag_id)
 where n.account_id = $1 and n.state <> 'undone' and t.tag_id = any($3)
   and n.applied_no > (select applied_no from imports where account_id = $1 and import_id = $2) group by 1
union all
select t.tag_id, (array_agg(n.import_id order by n.applied_no))[1]
  from leads l join seen_leads s on s.account_id = l.account_id and s.lead_import = l.import_id and s.lead_row = l.row
  join imports n on n.account_id = s.account_id and n.import_id = s.import_id and n.state <> 'undone', unnest(l.tag_ids) t (tag_id)
 where l.account_id = $1 and l.import_id = $2 and s.import_id <> $2 and t.tag_id = any($3)
 group by 1
 order by 1, 2
