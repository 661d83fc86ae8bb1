-- The external ids that records $2 of account $1 have through any connection, of
-- those that are gone or inactive at their source.
select 'omie:' || replace(replace(c.folded, ' ', '-'), ':', '-') || ':' || r.record_id, r.source_gone_at, r.source_inactive_at
from bateia.source_records r
join bateia.connections c using (account_id, connection_id)
where r.account_id = $1 and r.record_id = any ($2) and (r.source_gone_at is not null or r.source_inactive_at is not null)
