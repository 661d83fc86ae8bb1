// Package pipeline is the frame in which stages run: what a stage is (Stage),
// what it works on (Run, Workset), what runs stages in order (Runner), and the
// one error type that says what a failure means (Error).
//
// A stage reads named tables of the run's workset and writes named tables; it
// keeps nothing in memory for the next one but Facts. So a stage can run alone,
// and what it produced can be looked at.
package pipeline
