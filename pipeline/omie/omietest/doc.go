// Package omietest is a simulator of Omie's API, as far as public material tells
// how it behaves: see the facts in pipeline/omie. It speaks HTTP on any listener,
// answers as Omie does, faults and their odd statuses included, and notes every
// limit that its client broke, so that a test can fail for it.
//
//	server.go   the way of a call: envelope, key, limits, method
//	limits.go   what Omie counts, and what it does when a client goes too far
//	faults.go   Omie's texts, and faults that a test asks for
//	data.go     companies and their records
//	archive.go  companies written by hand, in a txtar archive
//	list.go     the methods that list, with filters and pages
//	hooks.go    endpoints that hear of changes: queue, tries, duplicates, disorder
//	event.go    the messages to them
//	control.go  /simulator/…: data and faults for other processes
//	gate.go     a gate for a client in the same process
//
// Time can pass faster than it does (Options.Scale), so that a block of half an
// hour is over in seconds.
//
// The server starts goroutines only for Server.Hook; Server.Close ends them.
package omietest
