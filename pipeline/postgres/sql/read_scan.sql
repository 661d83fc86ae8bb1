-- When the last finished scan of bucket $1 began: what was dropped before it is
-- registered. Null before the first one.
select finished_at - make_interval(secs => seconds) from bateia.scans where bucket = $1
