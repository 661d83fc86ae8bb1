// Package history takes imports back, keeps people's decisions about who is one
// person (merge, split, unmerge), and erases people.
//
// Nothing here replays images of the past. What an import said is left out, and
// grouping, ids and values of the prospects it touched are computed again from
// the leads that remain:
//
//	statements   what the rows of imports that count said; see bundle.go
//	regroup      leads that are one prospect, and which id each gets
//	value        the row of a prospect, from its statements
//	diff         what differs from what is stored, and nothing else, is written
//
// A bundle is what is computed together: a prospect with everything that merged
// into it, or, for a decision, all prospects it speaks of. Bundles do not touch
// each other, so they are loaded, computed and written some thousands at a time.
//
// An erasure removes everything that speaks of a person, undone imports included,
// and leaves of rows that they were there. It is taken back by nothing.
package history
