-- Which of some tags rows of other imports name. Before the import made them
-- nobody could. $1 account, $2 the import that is taken back, $3 tags.
select distinct t.tag_id
  from leads l join imports n on n.account_id = l.account_id and n.import_id = l.import_id and n.state <> 'undone', unnest(l.tag_ids) t (tag_id)
 where l.account_id = $1 and l.import_id > $2 and t.tag_id = any($3)
