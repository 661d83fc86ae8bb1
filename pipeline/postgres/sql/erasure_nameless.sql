-- Takes the name of its file from import $2 of account $1, which names a person. The
-- object lies under key $3 no more. Drops of it are forgotten, and a source that is
-- called so.
with forgotten as (
  delete from bateia.drops where account_id = $1 and key = $3 and key <> ''),
unnamed as (
  update bateia.sources s set name = 'erased-' || s.source_id from bateia.imports n
   where s.account_id = $1 and n.account_id = $1 and n.import_id = $2 and s.source_id = n.source_id and s.name = n.file_name)
update bateia.imports
   set key = case when key = $3 then '' else key end, file_name = 'erased', result_key = null, feedback_key = null
 where account_id = $1 and import_id = $2
