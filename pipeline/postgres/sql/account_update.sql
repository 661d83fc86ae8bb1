-- Stores the settings of account $1: $2 country, $3 locale, $4 timezone, $5 settings.
update bateia.accounts
set country = $2, locale = $3, timezone = $4, settings = $5
where account_id = $1
