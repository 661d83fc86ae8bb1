-- Imports of account $1 whose datasets may speak of the person of erasure $2: those
-- that did, and decisions, which have no file that could be looked through.
select i.import_id
  from bateia.imports i
  left join bateia.erasure_imports e on e.account_id = i.account_id and e.import_id = i.import_id and e.erasure_id = $2
 where i.account_id = $1 and i.finished_at is not null and (e.touched or i.request ? 'decision')
 order by i.import_id
