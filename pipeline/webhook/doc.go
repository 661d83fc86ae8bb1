// Package webhook tells another program, in one small JSON POST, that an import
// is over or waits for a decision.
//
// The message carries ids, counts and codes, never a value of a cell and never
// a file name, which may be a person's. It may arrive twice, with the same
// Idempotency-Key: a notice is sent again until it was answered with 2xx.
package webhook
