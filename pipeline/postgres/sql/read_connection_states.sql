-- Connections of account $1, their state and when they last succeeded.
select connection_id, state, last_success
from bateia.connections
where account_id = $1
order by connection_id
