-- What goes with the prospects that go. $1 account.
select count(*), coalesce(sum(cardinality(p.keys)), 0), coalesce(sum(cardinality(p.list_ids)), 0), coalesce(sum(cardinality(p.tag_ids)), 0)
  from history_gone g join prospects p on p.account_id = $1 and p.prospect_id = g.prospect_id
