// Package resolve compares the groups of an import with the prospects that
// exist, and writes the plan: for every row its outcome, for every prospect what
// happens to it and which fields change.
//
// It asks Postgres for nothing but what the import touches: its keys, in the
// order of the index, and the prospects behind them. Everything else happens in
// the workset. Tables it writes:
//
//	base_keys, base_ids, base_prospects, base_leads   what exists
//	targets        group → prospect, new or not
//	refusals       rows kept out by mode, id or suppression
//	members, heads rows and prospects that go on
//	plan_prospects one row a prospect: action, changed fields, new values
//	plan_changes   one row a changed field: old and new value
//	plan_identities, plan_leads, plan_merges, plan_rows
//
// The same code runs again inside the apply transaction when the base moved
// after the plan was made (In).
package resolve
