// Package resolve compares the groups of an import with the prospects that
// exist, and writes the plan: for every row its outcome, for every prospect what
// happens to it and which fields change.
//
// It asks Postgres for nothing but what the import touches: its keys, in the
// order of the index, and the prospects behind them. Everything else happens in
// the workset. Tables it writes:
//
//	base_keys, base_ids, base_prospects, base_leads, base_held   what exists
//	base_nodes     the numbers of prospects in the workset, all below zero
//	targets        group → number of its prospect, its own when it founds one
//	refusals       rows kept out by mode, id or suppression
//	silent         rows of people who must not come back
//	disputed_keys  rows and the keys that they have in place of those in dispute
//	members, heads rows and prospects that go on
//	incoming       what the import says of a prospect with several rows
//	plan_updates   one row a prospect that exists: action, changed fields, values
//	plan_changes   one row a changed field: old and new value
//	plan_identities, plan_leads, plan_seen, plan_merges, plan_outcomes
//	plan_rows, plan_prospects   views of the plan with ids, for people
//	told_issues    view of the issues as they may be written
//
// Prospects are numbers here and not ids: joins on them are several times
// faster, and a new prospect's number is the row that founds it.
//
// The same code runs again inside the apply transaction when the base moved
// after the plan was made (In).
package resolve
