-- The months of history table $1 that have a leaf, oldest first.
select right(c.relname, 6)
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
 where i.inhparent = ('bateia.' || $1)::regclass and c.relname ~ '_[0-9]{6}$'
 order by 1
