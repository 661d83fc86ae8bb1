package resolve

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
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
	//go:embed sql/over.sql
	overSQL string
	//go:embed sql/names.sql
	namesSQL string
	//go:embed sql/targets.sql
	targetsSQL string
	//go:embed sql/refused_edges.sql
	refusedEdgesSQL string
	//go:embed sql/refusals_by_id.sql
	refusalsByIDSQL string
	//go:embed sql/refusals_by_key.sql
	refusalsByKeySQL string
	//go:embed sql/refusals_by_mode.sql
	refusalsByModeSQL string
	//go:embed sql/members.sql
	membersSQL string
	//go:embed sql/identities.sql
	identitiesSQL string
	//go:embed sql/leads.sql
	leadsSQL string
	//go:embed sql/outcomes.sql
	outcomesSQL string
	//go:embed sql/views.sql
	viewsSQL string
)

// InAccount runs fn in a transaction that sees one account.
type InAccount func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error

// Stage makes the plan of an import.
type Stage struct {
	// InAccount runs fn in a transaction that sees one account.
	InAccount InAccount
	// Without returns an InAccount whose transaction sees the base without the
	// import that the run takes the place of. Needed for runs that do.
	Without func(run *pipeline.Run) InAccount
	// Fingerprints make the hashes by which people are known who must never come
	// back. An account that has none on its list does not need it.
	Fingerprints pipeline.Fingerprints
	// Renew takes up what the account knows of shared values in this transaction,
	// and groups the rows anew when that is not what they were grouped by.
	Renew func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
	// Regroup groups the rows anew after more values were found to be shared,
	// which stand in found_shared.
	Regroup func(ctx context.Context, run *pipeline.Run) error
}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageResolve }

// Run implements pipeline.Stage.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) error {
	// Postgres is only read here; what it said is in the workset before any
	// heavy work starts, so that the transaction is short.
	in := s.InAccount
	if run.RedoOf != 0 {
		in = s.Without(run)
	}
	err := in(ctx, run.Account.ID, func(tx pgx.Tx) error { return s.load(ctx, tx, run) })
	if err != nil {
		return err
	}
	return plan(ctx, run)
}

// In makes the plan again inside a transaction, which holds the account's lock:
// what it reads cannot move until the transaction ends. One that fails halfway
// leaves no plan: the next attempt makes it from the start.
func (s Stage) In(ctx context.Context, tx pgx.Tx, run *pipeline.Run) (err error) {
	defer func() {
		if err != nil {
			run.BaseVersion = noVersion
		}
	}()
	if err := s.load(ctx, tx, run); err != nil {
		return err
	}
	return plan(ctx, run)
}

// noVersion is the version of no base.
const noVersion = -1

// plan computes the plan's tables from what load brought.
func plan(ctx context.Context, run *pipeline.Run) error {
	w := run.Workset
	if err := duck.CloseComponents(ctx, w); err != nil {
		return err
	}
	if err := w.Exec(ctx, targetsSQL); err != nil {
		return err
	}
	if err := refuse(ctx, run); err != nil {
		return err
	}
	for _, script := range []string{membersSQL, identitiesSQL, namesSQL} {
		if err := w.Exec(ctx, script); err != nil {
			return err
		}
	}
	if err := joinValues(ctx, run); err != nil {
		return err
	}
	s, err := survivalOf(ctx, run)
	if err != nil {
		return err
	}
	for _, script := range append(fieldScripts(run.Facts.Fields, s), leadsSQL, outcomesSQL, viewsSQL) {
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

// refuse writes refusals: the rows that an id, a suppression or the mode keeps
// out. Each reason is asked for only where it can apply.
func refuse(ctx context.Context, run *pipeline.Run) error {
	if err := run.Workset.Exec(ctx, "create or replace table refusals (row bigint, rank integer, outcome varchar, reason varchar)"); err != nil {
		return err
	}
	var byID, byKey bool
	_, err := run.Workset.Scan(ctx, "select exists (select 1 from rows where bateia_id is not null), exists (select 1 from suppressed)", nil, &byID, &byKey)
	if err != nil {
		return err
	}
	mode := run.Request.Mapping.Mode
	for _, r := range []struct {
		applies bool
		script  string
	}{
		{byID, refusalsByIDSQL},
		{byKey, refusalsByKeySQL},
		{mode == schemas.ModeInsert || mode == schemas.ModeUpdate, refusalsByModeSQL},
	} {
		if !r.applies {
			continue
		}
		if err := run.Workset.Exec(ctx, r.script); err != nil {
			return err
		}
	}
	return refuseEdits(ctx, run)
}

// Fewer computes again what depends on all rows, after some were taken out of the
// plan: names are learnt from members alone.
func Fewer(ctx context.Context, run *pipeline.Run) error {
	if err := run.Workset.Exec(ctx, namesSQL); err != nil {
		return err
	}
	return Count(ctx, run)
}

// Count fills the ledger, the counts of prospects and the counts of issues from
// the plan's tables. What was read is the count that parse made, so that a row
// lost on the way shows.
func Count(ctx context.Context, run *pipeline.Run) error {
	facts := &run.Facts
	facts.Ledger = schemas.Ledger{Read: facts.Records, Blank: facts.Blank}
	for b, err := range run.Workset.Read(ctx, "select outcome, count(*) from plan_outcomes group by outcome") {
		if err != nil {
			return err
		}
		for i := range int(b.NumRows()) {
			facts.Ledger.Add(schemas.Outcome(text(b, 0, i)), integer(b, 1, i))
		}
	}
	_, err := run.Workset.Scan(ctx, `
select (select count(*) from heads where target > 0), (select count(*) from plan_updates where action in ('update', 'merge')), (select count(*) from plan_merges), (select count(*) from plan_leads)`, nil, &facts.Counts.Created, &facts.Counts.Updated, &facts.Counts.Merged, &facts.Leads)
	if err != nil {
		return err
	}
	setFileIssue(facts, schemas.FileIssue{Code: "DUPLICATE_IN_FILE", Severity: schemas.SeverityWarning, Count: facts.Ledger.Duplicate})
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

// setFileIssue puts the issue in the place of that of its code, if there is one;
// without a count it only takes that one away.
func setFileIssue(facts *schemas.Facts, issue schemas.FileIssue) {
	at := slices.IndexFunc(facts.Issues, func(i schemas.FileIssue) bool { return i.Code == issue.Code })
	switch {
	case at < 0 && issue.Count > 0:
		facts.Issues = append(facts.Issues, issue)
	case at >= 0 && issue.Count > 0:
		facts.Issues[at] = issue
	case at >= 0:
		facts.Issues = slices.Delete(facts.Issues, at, at+1)
	}
}

// variables sets what the scripts read.
func variables(ctx context.Context, run *pipeline.Run, list int64, tags []int64) error {
	mode := run.Request.Mapping.Mode
	if mode == "" {
		mode = schemas.ModeUpsert
	}
	if err := macros(ctx, run); err != nil {
		return err
	}
	set := run.Account.Settings.WithDefaults()
	return run.Workset.Exec(ctx, fmt.Sprintf(`
set variable max_names = %d;
set variable max_component = %d;
set variable import_id = '%s';
set variable mode = '%s';
set variable list_id = %d;
set variable tag_ids = %s;`, set.MaxNames, set.MaxComponent, run.ImportID, mode, list, intList(tags)))
}

// macros are what the connections that read share; variables they do not.
func macros(ctx context.Context, run *pipeline.Run) error {
	return run.Workset.Exec(ctx, fmt.Sprintf(`
create or replace macro prospect_of(founder) as 'ba%s' || printf('%%08x', founder);`, run.ImportID))
}

// Restore makes what a plan's tables need besides their rows, after they were
// read back from files.
func Restore(ctx context.Context, run *pipeline.Run) error {
	if err := macros(ctx, run); err != nil {
		return err
	}
	return run.Workset.Exec(ctx, viewsSQL)
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
