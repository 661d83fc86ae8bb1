// Package report writes what the person who dropped a file finds beside it:
//
//	<local time>-<state>.txt           counts, refusals by cause, what to do next
//	<local time>-<state>.json          the import as a schemas.ImportDocument
//	<local time>-<state>-corrigir.csv  the rows to correct, when there are any
//
// in the account's language and local time, in one folder per file. Names are
// made from the import's own times, so a report that is written again replaces
// itself.
//
// The refused rows keep no cells in the database: their bytes are read back
// from the pinned object ([WithIssues], [ReadBack]).
package report
