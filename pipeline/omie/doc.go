// Package omie calls the API of the ERP Omie: the calls that a sync of customers
// needs, under the limits that Omie sets and punishes.
//
//	client.go       the calls; bodies hold the secret and are never logged
//	credentials.go  the key pair of one company
//	record.go       what comes back, as typed records
//	fault.go        Omie's failures, what they mean and how long to wait
//	limit.go        when the next call may start
//
// What is known of the API is public material and no contract; where it is vague
// the cautious side is taken. A failure comes with any status, most often 500 and
// sometimes 200, so the body is looked at first, and a body that cannot be read is
// a failure, never an empty page.
//
// The limits, per key and method: one call at a time, 300 ms from start to start;
// the same call not twice within a minute; nothing at all inside a block. Ten
// errors in a row earn a block of half an hour, so the circuit opens at six. An
// answer without records counts as an error there.
package omie
