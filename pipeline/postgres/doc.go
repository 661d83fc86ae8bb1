// Package postgres is the database adapter: connecting as role bateia_worker,
// migrating as bateia_owner, and the store of imports, claims and drops.
//
// Every statement about an account's data runs inside [DB.InAccount], which sets
// the account for one transaction; row-level security does the rest. Only the
// tables accounts, work and scans have none, so that ids given without an
// account can be resolved and reconcile sees what is owed everywhere.
//
// Errors that leave this package went through [StripDetail]: they carry the
// SQLSTATE and names of the schema, never a value, a statement or a password.
package postgres
