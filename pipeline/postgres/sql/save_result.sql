-- Stores what was learnt about import $2 of account $1: $3 facts, $4 SHA-256 of
-- the object, $5 base version (null keeps the old one), $6 to $14 the ledger,
-- $15 to $17 prospects, $18 errors, $19 warnings, $20 leads.
update bateia.imports
set facts = $3, sha256 = $4, base_version = coalesce($5, base_version),
    rows_read = $6, created = $7, updated = $8, unchanged = $9, duplicate = $10, rejected = $11, skipped = $12,
    conflict = $13, blank = $14,
    prospects_created = $15, prospects_updated = $16, prospects_merged = $17, errors = $18, warnings = $19, leads = $20
where account_id = $1 and import_id = $2
