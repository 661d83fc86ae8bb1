package resolve

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/restart.sql
	restartSQL string
	//go:embed sql/edges.sql
	edgesSQL string
	//go:embed sql/veto.sql
	vetoSQL string
	//go:embed sql/targets.sql
	targetsSQL string
	//go:embed sql/refusals.sql
	refusalsSQL string
	//go:embed sql/identities.sql
	identitiesSQL string
	//go:embed sql/leads.sql
	leadsSQL string
	//go:embed sql/outcomes.sql
	outcomesSQL string
)

// Stage makes the plan of an import.
type Stage struct {
	// InAccount runs fn in a transaction that sees one account.
	InAccount func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error
}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageResolve }

// Run implements pipeline.Stage.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) error {
	// Postgres is only read here; what it said is in the workset before any
	// heavy work starts, so that the transaction is short.
	err := s.InAccount(ctx, run.Account.ID, func(tx pgx.Tx) error { return load(ctx, tx, run) })
	if err != nil {
		return err
	}
	return plan(ctx, run)
}

// In makes the plan again inside a transaction, which holds the account's lock:
// what it reads cannot move until the transaction ends.
func In(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	if err := load(ctx, tx, run); err != nil {
		return err
	}
	return plan(ctx, run)
}

// plan computes the plan's tables from what load brought.
func plan(ctx context.Context, run *pipeline.Run) error {
	w := run.Workset
	if err := duck.CloseComponents(ctx, w); err != nil {
		return err
	}
	for _, script := range []string{targetsSQL, refusalsSQL, identitiesSQL} {
		if err := w.Exec(ctx, script); err != nil {
			return err
		}
	}
	for _, script := range fieldScripts(run.Facts.Fields, run.Request.Mapping) {
		if err := w.Exec(ctx, script); err != nil {
			return err
		}
	}
	for _, script := range []string{leadsSQL, outcomesSQL} {
		if err := w.Exec(ctx, script); err != nil {
			return err
		}
	}
	if err := Count(ctx, run); err != nil {
		return err
	}
	run.Report(pipeline.Progress{Stage: schemas.StageResolve, Rows: run.Facts.Records, TotalRows: run.Facts.Records})
	return run.Facts.Ledger.Check()
}

// Count fills the ledger, the counts of prospects and the counts of issues from
// the plan's tables. What was read is the count that parse made, so that a row
// lost on the way shows.
func Count(ctx context.Context, run *pipeline.Run) error {
	facts := &run.Facts
	facts.Ledger = schemas.Ledger{Read: facts.Records, Blank: facts.Blank}
	for b, err := range run.Workset.Read(ctx, "select outcome, count(*) from plan_rows group by outcome") {
		if err != nil {
			return err
		}
		for i := range int(b.NumRows()) {
			facts.Ledger.Add(schemas.Outcome(text(b, 0, i)), integer(b, 1, i))
		}
	}
	_, err := run.Workset.Scan(ctx, `
select count(*) filter (where action = 'create'), count(*) filter (where action in ('update', 'merge')), (select count(*) from plan_merges)
  from plan_prospects`, nil, &facts.Counts.Created, &facts.Counts.Updated, &facts.Counts.Merged)
	if err != nil {
		return err
	}
	if facts.Ledger.Duplicate > 0 {
		setFileIssue(facts, schemas.FileIssue{Code: "DUPLICATE_IN_FILE", Severity: schemas.SeverityWarning, Count: facts.Ledger.Duplicate})
	}
	if err := fileIssues(ctx, run); err != nil {
		return err
	}
	facts.ByCode = nil
	for b, err := range run.Workset.Read(ctx, `
select code, severity, count(distinct row) from issues where row is not null group by code, severity order by severity, count(distinct row) desc, code`) {
		if err != nil {
			return err
		}
		for i := range int(b.NumRows()) {
			facts.ByCode = append(facts.ByCode, schemas.IssueCount{
				Code: text(b, 0, i), Severity: schemas.Severity(text(b, 1, i)), Rows: integer(b, 2, i)})
		}
	}
	for _, issue := range facts.Issues {
		facts.ByCode = append(facts.ByCode, schemas.IssueCount{Code: issue.Code, Severity: issue.Severity, Rows: max(issue.Count, 1)})
	}
	return nil
}

// fileIssues puts the issues on the file as a whole beside those of its rows.
func fileIssues(ctx context.Context, run *pipeline.Run) error {
	if err := run.Workset.Exec(ctx, "delete from issues where row is null"); err != nil {
		return err
	}
	for _, issue := range run.Facts.Issues {
		err := run.Workset.Exec(ctx, `insert into issues values (null, ?, null, ?, ?, null, null)`,
			strings.Join(issue.Names, ", "), string(issue.Severity), issue.Code)
		if err != nil {
			return err
		}
	}
	return nil
}

// setFileIssue replaces the issue of that code, or adds it.
func setFileIssue(facts *schemas.Facts, issue schemas.FileIssue) {
	for i := range facts.Issues {
		if facts.Issues[i].Code == issue.Code {
			facts.Issues[i] = issue
			return
		}
	}
	facts.Issues = append(facts.Issues, issue)
}

// variables sets what the scripts read.
func variables(ctx context.Context, run *pipeline.Run, list int64, tags []int64) error {
	mode := run.Request.Mapping.Mode
	if mode == "" {
		mode = schemas.ModeUpsert
	}
	return run.Workset.Exec(ctx, fmt.Sprintf(`
set variable import_id = '%s';
set variable mode = '%s';
set variable list_id = %d;
set variable tag_ids = %s;
create or replace macro document_kind(v) as case when v like '%%:%%' then split_part(v, ':', 1) else length(v)::varchar end;`,
		run.ImportID, mode, list, intList(tags)))
}

func intList(values []int64) string {
	out := "[]::bigint[]"
	if len(values) == 0 {
		return out
	}
	out = "["
	for i, v := range values {
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprint(v)
	}
	return out + "]::bigint[]"
}
