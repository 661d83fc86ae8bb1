package schemas

import "fmt"

// Ledger counts the rows of an import by outcome. Blank lines are no rows.
type Ledger struct {
	Read      int64 `json:"read"`
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Duplicate int64 `json:"duplicate"`
	Rejected  int64 `json:"rejected"`
	Skipped   int64 `json:"skipped"`
	Conflict  int64 `json:"conflict"`
	Blank     int64 `json:"blank"`
}

// Add counts n rows under an outcome.
func (l *Ledger) Add(o Outcome, n int64) {
	switch o {
	case OutcomeCreated:
		l.Created += n
	case OutcomeUpdated:
		l.Updated += n
	case OutcomeUnchanged:
		l.Unchanged += n
	case OutcomeDuplicate:
		l.Duplicate += n
	case OutcomeRejected:
		l.Rejected += n
	case OutcomeSkipped:
		l.Skipped += n
	case OutcomeConflict:
		l.Conflict += n
	}
}

// Sum is the number of rows that have an outcome.
func (l Ledger) Sum() int64 {
	return l.Created + l.Updated + l.Unchanged + l.Duplicate + l.Rejected + l.Skipped + l.Conflict
}

// Check returns an error unless every row that was read has one outcome.
func (l Ledger) Check() error {
	if l.Sum() != l.Read {
		return fmt.Errorf("ledger does not balance: %d rows read, %d with an outcome", l.Read, l.Sum())
	}
	return nil
}

// ProspectCounts counts what an import did to prospects.
type ProspectCounts struct {
	Created int64 `json:"created"`
	Updated int64 `json:"updated"`
	Merged  int64 `json:"merged"`
}
