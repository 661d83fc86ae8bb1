-- What account $1 registered of bucket $2 under keys from $3 to $4: (key, version),
-- with older versions and other names of the same ones. One range of the primary
-- key, whatever the statistics say; the caller compares. On a table never analyzed
-- a list of 1,000 keys was planned as a filter over the whole account (40 to 600 ms
-- a page instead of 1), and an anti join as 1,000 of them (1 s).
select key, version from bateia.drops
where account_id = $1 and bucket = $2 and key between $3 and $4
