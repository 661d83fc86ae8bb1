package schemas

// State is where an import stands. See the package jobs for who moves it.
type State string

// States of an import. The last five are terminal, and Ready waits for a
// decision when the import is held.
const (
	Received State = "received"
	Planning State = "planning"
	Ready    State = "ready"
	Applying State = "applying"
	Applied  State = "applied"
	Rejected State = "rejected" // the file as a whole was refused
	Failed   State = "failed"   // a service or the program gave up, with one code
	Canceled State = "canceled"
	Undone   State = "undone"
)

// Terminal reports whether an import in this state is over.
func (s State) Terminal() bool {
	switch s {
	case Applied, Rejected, Failed, Canceled, Undone:
		return true
	}
	return false
}

// Outcome is what became of one row. Every row that was read has exactly one.
type Outcome string

// Outcomes in the order in which they are decided: a refused row is never
// skipped, a skipped one never in conflict, and only what is left is counted
// by what the import did to its prospect.
const (
	OutcomeRejected  Outcome = "rejected"
	OutcomeSkipped   Outcome = "skipped"
	OutcomeConflict  Outcome = "conflict"
	OutcomeCreated   Outcome = "created"
	OutcomeUpdated   Outcome = "updated"
	OutcomeUnchanged Outcome = "unchanged"
	OutcomeDuplicate Outcome = "duplicate" // a later row of a prospect of the same import
)

// Action is what an import does to one prospect.
type Action string

// Actions of a plan.
const (
	ActionCreate    Action = "create"
	ActionUpdate    Action = "update"
	ActionUnchanged Action = "unchanged"
	ActionMerge     Action = "merge" // an update that also takes in other prospects
)

// Mode says what an import may do with rows that match or do not match.
type Mode string

// Modes of an import.
const (
	ModeUpsert Mode = "upsert"
	ModeInsert Mode = "insert" // a match is skipped with EXISTS
	ModeUpdate Mode = "update" // no match is skipped with NO_MATCH
)

// Severity of an issue.
type Severity string

// Severities. An error refuses the row or the file, a warning does not.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Names of the stages, in the order in which a file passes them.
const (
	StageFetch    = "fetch"
	StageParse    = "parse"
	StageSync     = "sync" // in the place of the first two
	StageValidate = "validate"
	StageDedupe   = "dedupe"
	StageResolve  = "resolve"
	StageApply    = "apply"
	StageReport   = "report"
)
