// Package dedupe finds the rows of one import that are the same prospect:
// connected components over joining identities, in DuckDB.
//
// The way it takes is contraction. Of all keys only those matter that more than
// one row carries; each is named by its lowest row; a row stands for the lowest
// name among its keys; and only the pairs of names that some row brings together
// are closed. On a file of one million rows that leaves a few thousand edges,
// where a recursion over all rows takes twenty seconds.
//
// Every group is named by its lowest row, and every winner has a total order, so
// the result depends on neither threads nor batches.
package dedupe
