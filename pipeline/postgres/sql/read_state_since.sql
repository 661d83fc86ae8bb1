-- When import $2 of account $1 came into state $3: what its newest event of
-- that kind says, null when there is none. A held import is told as held.
select max(created_at)
from bateia.events
where account_id = $1 and import_id = $2 and (kind = 'import.' || $3 or $3 = 'ready' and kind = 'import.held')
