-- Stores the settings of account $1: $2 country, $3 locale, $4 timezone, $5 settings.
-- Other settings may mean another plan, so that those in the making are made again.
update bateia.accounts
set country = $2, locale = $3, timezone = $4, settings = $5, base_version = base_version + (settings is distinct from $5)::int
where account_id = $1
