package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/save_result.sql
var saveResultSQL string

//go:embed sql/save_columns.sql
var saveColumnsSQL string

//go:embed sql/save_issue_counts.sql
var saveIssueCountsSQL string

//go:embed sql/save_file_issues.sql
var saveFileIssuesSQL string

// Result is what the stages learnt about an import, for its row and the small
// tables beside it.
type Result struct {
	Facts       schemas.Facts
	BaseVersion *int64 // the one resolve read, nil before
}

// issueCounts returns one count for each code and severity: of the rows that carry
// it and of the file's own issues the larger one.
func issueCounts(f schemas.Facts) []schemas.IssueCount {
	var out []schemas.IssueCount
	add := func(code string, severity schemas.Severity, rows int64) {
		i := slices.IndexFunc(out, func(c schemas.IssueCount) bool { return c.Code == code && c.Severity == severity })
		if i < 0 {
			out = append(out, schemas.IssueCount{Code: code, Severity: severity, Rows: rows})
			return
		}
		out[i].Rows = max(out[i].Rows, rows)
	}
	for _, c := range f.ByCode {
		add(c.Code, c.Severity, c.Rows)
	}
	for _, i := range f.Issues {
		add(i.Code, i.Severity, max(i.Count, 1))
	}
	return out
}

// saveResult replaces what is known about the import's facts, ledger, columns
// and issue counts.
func saveResult(ctx context.Context, tx pgx.Tx, c Claim, r Result) error {
	facts, err := jsonb(r.Facts)
	if err != nil {
		return err
	}
	issues := issueCounts(r.Facts)
	var errors, warnings int64
	for _, n := range issues {
		if n.Severity == schemas.SeverityError {
			errors += n.Rows
		} else {
			warnings += n.Rows
		}
	}
	l, p := r.Facts.Ledger, r.Facts.Counts
	_, err = tx.Exec(ctx, saveResultSQL, c.Account, c.ImportID, facts, r.Facts.SHA256, r.BaseVersion,
		l.Read, l.Created, l.Updated, l.Unchanged, l.Duplicate, l.Rejected, l.Skipped, l.Conflict, max(l.Blank, r.Facts.Blank),
		p.Created, p.Updated, p.Merged, errors, warnings, r.Facts.Leads)
	if err != nil {
		return fmt.Errorf("save facts of import %s: %w", c.ImportID, err)
	}
	if err := saveList(ctx, tx, c, saveColumnsSQL, r.Facts.Columns); err != nil {
		return fmt.Errorf("save columns of import %s: %w", c.ImportID, err)
	}
	if err := saveList(ctx, tx, c, saveIssueCountsSQL, issues); err != nil {
		return fmt.Errorf("save issue counts of import %s: %w", c.ImportID, err)
	}
	return nil
}

func saveList[T any](ctx context.Context, tx pgx.Tx, c Claim, sql string, list []T) error {
	if list == nil {
		list = []T{}
	}
	data, err := jsonb(list)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sql, c.Account, c.ImportID, data)
	return err
}

// saveRefusal keeps what was learnt before an import was rejected or failed. Its
// ledger stays empty, because no row got an outcome; the code itself is an issue
// on the file.
func saveRefusal(ctx context.Context, tx pgx.Tx, c Claim, state schemas.State, code string, r Result) error {
	r.Facts.Ledger, r.Facts.Counts, r.Facts.ByCode = schemas.Ledger{}, schemas.ProspectCounts{}, nil
	r.BaseVersion = nil
	if state == schemas.Rejected && !slices.ContainsFunc(r.Facts.Issues, func(f schemas.FileIssue) bool { return f.Code == code }) {
		r.Facts.Issues = append(slices.Clone(r.Facts.Issues), schemas.FileIssue{Code: code, Severity: schemas.SeverityError})
	}
	if err := saveResult(ctx, tx, c, r); err != nil {
		return err
	}
	if err := saveList(ctx, tx, c, saveFileIssuesSQL, r.Facts.Issues); err != nil {
		return fmt.Errorf("save issues of import %s: %w", c.ImportID, err)
	}
	return nil
}

// addEvent records what happened; payload holds counts, codes and ids only.
func addEvent(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID, kind string, payload map[string]any) error {
	if payload == nil {
		payload = map[string]any{}
	}
	_, err := tx.Exec(ctx, "insert into bateia.events (account_id, import_id, kind, payload) values ($1, $2, $3, $4)", account, id, kind, payload)
	if err != nil {
		return fmt.Errorf("add event %s: %w", kind, err)
	}
	return nil
}
