// Package apply writes the plan of an import into Postgres: one transaction, or
// nothing.
//
// Under the account's advisory lock it checks the claim, resolves again when the
// base moved since the plan was made, and writes: what is new by binary COPY in
// the order of each table's index, what changes by one set-based UPDATE, and
// with them before-images, leads, refused rows, issues, ledger, follow-up jobs
// and the job's own completion. The counts of what was written are compared with
// the plan's, and the ledger has to balance.
//
// COPY goes into a leaf (see schemas/migrations/00003_bulk.sql), everything else
// through the parent, under row-level security.
package apply
