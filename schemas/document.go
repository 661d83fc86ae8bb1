package schemas

import (
	"encoding/json"
	"slices"
	"time"
)

// ImportDocument is one import as JSON: what the commands print and what lies
// beside a drop. Its keys are public (see CONTRACT); times are UTC, durations
// seconds. A nil pointer is null: not known yet, or it does not apply.
type ImportDocument struct {
	ImportID    string          `json:"import_id"`
	Account     string          `json:"account"` // slug
	Source      Source          `json:"source"`
	Object      *string         `json:"object"` // s3:// URL
	List        string          `json:"list"`
	RequestedBy string          `json:"requested_by"`
	State       State           `json:"state"`
	Held        bool            `json:"held"`    // it waits at ready for a decision
	Code        *string         `json:"code"`    // why it is rejected, failed or held
	Message     *string         `json:"message"` // the code's sentence
	Remedy      *string         `json:"remedy"`
	Ledger      Ledger          `json:"ledger"`
	Prospects   ProspectCounts  `json:"prospects"`
	Resolved    int64           `json:"resolved,omitempty"` // rows that imports refused before, and this one took corrected
	Issues      DocumentIssues  `json:"issues"`
	Columns     []Column        `json:"columns"`
	Dialect     *Dialect        `json:"dialect"`           // null for a source that is no file
	Skipped     []Skipped       `json:"skipped,omitempty"` // lines that are no records
	Stages      []StageTime     `json:"stages"`
	Objects     DocumentObjects `json:"objects"`
	Effect      *Effect         `json:"effect,omitempty"` // of an undo, a merge, a split
	UndoOf      *string         `json:"undo_of"`
	RedoOf      *string         `json:"redo_of"`
	ReplayOf    *string         `json:"replay_of"`
	CreatedAt   time.Time       `json:"created_at"`
	FinishedAt  *time.Time      `json:"finished_at"`
	Seconds     *float64        `json:"seconds"`
}

// DocumentIssues counts the issues of an import.
type DocumentIssues struct {
	Errors   int64       `json:"errors"`
	Warnings int64       `json:"warnings"`
	ByCode   []CodeCount `json:"by_code"`
}

// CodeCount is how many rows of an import a code was found in.
type CodeCount struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Rows     int64    `json:"rows"`
}

// DocumentObjects are the s3:// URLs of what an import left in the bucket.
type DocumentObjects struct {
	Feedback *string `json:"feedback"` // the refused rows as CSV
	Result   *string `json:"result"`   // the text for people
	Plan     *string `json:"plan"`     // the folder of the plan's files
}

// Explain sets message and remedy to those of the code, in a locale. issues are
// those on the file: the one with the code fills the placeholders.
func (d *ImportDocument) Explain(locale string, issues []FileIssue) {
	d.Message, d.Remedy = nil, nil
	if d.Code == nil {
		return
	}
	var args Args
	if i := slices.IndexFunc(issues, func(f FileIssue) bool { return f.Code == *d.Code }); i >= 0 {
		args = issues[i].Args()
	}
	message := Sentence(*d.Code, locale, args)
	d.Message = &message
	if remedy := Remedy(*d.Code, locale, args); remedy != "" {
		d.Remedy = &remedy
	}
}

// MarshalJSON writes lists that are nil as [] and times in UTC.
func (d ImportDocument) MarshalJSON() ([]byte, error) {
	type plain ImportDocument // without this method
	p := plain(d)
	p.Columns, p.Stages, p.Issues.ByCode = full(p.Columns), full(p.Stages), full(p.Issues.ByCode)
	p.CreatedAt = p.CreatedAt.UTC()
	if p.FinishedAt != nil {
		t := p.FinishedAt.UTC()
		p.FinishedAt = &t
	}
	return json.Marshal(p)
}

// full returns an empty list for a nil one.
func full[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
