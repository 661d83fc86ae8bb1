// Package sync is the stage that reads customers from the ERP Omie into the table
// records, in the place of fetch and parse.
//
//	stage.go   the stage: what was stored before, what is still to be asked
//	table.go   the table, of each record what was read last
//	ahead.go   answers that are validated beside the next calls
//	walk.go    which pages are asked in which order, and when a reading is complete
//	ask.go     one call, again where that helps
//	pages.go   pages as objects in the bucket
//	record.go  a customer as a record: the columns and what they feed
//
// # Complete
//
// A list is read page by page while the company works on it. Records that are
// deleted move the ones behind them to earlier pages, and records that come into
// the list move them to later ones. The first page says how many there are; then
// they are read from the last to the second, and the first once more. So a record
// that moves to an earlier page is read there, whatever is deleted meanwhile. One
// that moves to a later page, because another came in before it, may be missed:
// that is found out by asking at the end what changed since the beginning, and the
// list is read again. A list that is in the order of its ids only grows at its end.
//
// A window that fits one page is one answer, and complete by itself.
//
// The watermark only moves when the reading was complete, and never beyond the
// moment at which it began.
//
// # Gone
//
// A list does not show what was deleted. A full reading that was complete names the
// known records that it did not show; each of them is asked for by its id, and only
// those that Omie does not return then are gone.
package sync
