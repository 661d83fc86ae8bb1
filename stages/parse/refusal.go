package parse

import (
	"errors"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// reason is why a file is refused, beyond its code: what fills the sentence.
type reason struct {
	detail string
	names  []string
	count  int64
}

func (r *reason) Error() string { return r.detail }

// refusal returns the error that refuses a file for a reason.
func refusal(code, detail string, names ...string) error {
	return refusalOf(code, reason{detail: detail, names: names})
}

func refusalOf(code string, r reason) error {
	e := pipeline.Reject(code, "read file")
	e.Err = &r
	return e
}

// Refusal returns the issue on the file that stands for a refusal of Unpack,
// Open or Clean. ok is false for any other error.
func Refusal(err error) (issue schemas.FileIssue, ok bool) {
	if pipeline.KindOf(err) != pipeline.KindRejected {
		return issue, false
	}
	issue = schemas.FileIssue{Code: pipeline.CodeOf(err), Severity: schemas.SeverityError}
	var r *reason
	if errors.As(err, &r) {
		issue.Detail, issue.Names, issue.Count = r.detail, r.names, r.count
	}
	return issue, issue.Code != ""
}
