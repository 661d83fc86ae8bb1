package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/read_find_import.sql
var readFindImportSQL string

//go:embed sql/read_imports.sql
var readImportsSQL string

//go:embed sql/read_issue_counts.sql
var readIssueCountsSQL string

//go:embed sql/read_stages.sql
var readStagesSQL string

// Import is everything that is kept about one import but its rows.
type Import struct {
	ID          schemas.ImportID
	Account     int32
	Source      schemas.Source
	FileName    string
	List        string
	RequestedBy string
	Request     schemas.Request
	Object      schemas.ObjectPin
	State       schemas.State
	Code        string // why it is rejected, failed or held; "" otherwise
	Held        bool
	Confirmed   bool
	Facts       schemas.Facts
	Ledger      schemas.Ledger
	Prospects   schemas.ProspectCounts
	Errors      int64
	Warnings    int64
	PlanPrefix  string // "" without a plan
	ResultKey   string
	FeedbackKey string
	UndoOf      schemas.ImportID // 0 when it undoes none
	RedoOf      schemas.ImportID
	ReplayOf    schemas.ImportID
	CreatedAt   time.Time
	StartedAt   *time.Time
	FinishedAt  *time.Time
}

// Title is what people call the import: its file, or the connection that it reads;
// "" for what people decided.
func (i Import) Title() string {
	if i.FileName == "" && i.Request.Sync != nil {
		return i.Source.Name
	}
	return i.FileName
}

// IssueCount is how many rows of an import a code was found in.
type IssueCount = schemas.IssueCount

// StageRun is the newest run of one stage.
type StageRun struct {
	schemas.StageTime
	Done bool
}

// ImportFilter picks imports; zero means any.
type ImportFilter struct {
	State  string // a schemas.State, or "held"
	List   string
	Source string // name of the source
	Since  time.Time
	Limit  int // default 50
}

// FindImports returns the newest imports, at most two, whose id starts with the
// hexadecimal digits of prefix ("" for all), and their accounts. account
// narrows it to one account when it is not nil.
func (db *DB) FindImports(ctx context.Context, account *int32, prefix string) ([]schemas.ImportID, []int32, error) {
	lo, hi := schemas.ImportID(0), schemas.ImportID(math.MaxInt64)
	if prefix != "" {
		var err error
		if lo, hi, err = schemas.PrefixRange(prefix); err != nil {
			return nil, nil, err
		}
	}
	rows, err := db.Pool.Query(ctx, readFindImportSQL, lo, hi, account)
	if err != nil {
		return nil, nil, StripDetail(fmt.Errorf("find import: %w", err))
	}
	var ids []schemas.ImportID
	var accounts []int32
	var id schemas.ImportID
	var owner int32
	_, err = pgx.ForEachRow(rows, []any{&owner, &id}, func() error {
		ids, accounts = append(ids, id), append(accounts, owner)
		return nil
	})
	if err != nil {
		return nil, nil, StripDetail(fmt.Errorf("find import: %w", err))
	}
	return ids, accounts, nil
}

// ReadImport returns one import, or ErrNotFound.
func (db *DB) ReadImport(ctx context.Context, account int32, id schemas.ImportID) (Import, error) {
	var out Import
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		list, err := readImports(ctx, tx, account, &id, ImportFilter{Limit: 1})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("read import %s: %w", id, ErrNotFound)
		}
		out = list[0]
		return nil
	})
	return out, err
}

// ReadImports returns imports of an account, newest first.
func (db *DB) ReadImports(ctx context.Context, account int32, f ImportFilter) ([]Import, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	var out []Import
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var err error
		out, err = readImports(ctx, tx, account, nil, f)
		return err
	})
	return out, err
}

func readImports(ctx context.Context, tx pgx.Tx, account int32, id *schemas.ImportID, f ImportFilter) ([]Import, error) {
	var since *time.Time
	if !f.Since.IsZero() {
		since = &f.Since
	}
	rows, err := tx.Query(ctx, readImportsSQL, account, id, given(f.State), given(f.List), given(f.Source), since, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Import, error) {
		i := Import{Account: account}
		return i, scanImport(row, &i)
	})
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	return list, nil
}

func scanImport(row pgx.CollectableRow, i *Import) error {
	var request, facts []byte
	var modified *time.Time
	l, p := &i.Ledger, &i.Prospects
	err := row.Scan(&i.ID, &i.Source.Kind, &i.Source.System, &i.Source.Name, &i.Source.Instance,
		&i.FileName, &i.List, &i.RequestedBy, &request,
		&i.Object.Bucket, &i.Object.Key, &i.Object.VersionID, &i.Object.ETag, &i.Object.Size, &modified,
		&i.State, &i.Code, &i.Held, &i.Confirmed, &facts,
		&l.Read, &l.Created, &l.Updated, &l.Unchanged, &l.Duplicate, &l.Rejected, &l.Skipped, &l.Conflict, &l.Blank,
		&p.Created, &p.Updated, &p.Merged, &i.Errors, &i.Warnings,
		&i.PlanPrefix, &i.ResultKey, &i.FeedbackKey, &i.UndoOf, &i.RedoOf, &i.ReplayOf,
		&i.CreatedAt, &i.StartedAt, &i.FinishedAt)
	if err != nil {
		return err
	}
	if modified != nil {
		i.Object.Modified = modified.UTC()
	}
	if err := json.Unmarshal(request, &i.Request); err != nil {
		return fmt.Errorf("request of import %s: %w", i.ID, err)
	}
	if err := json.Unmarshal(facts, &i.Facts); err != nil {
		return fmt.Errorf("facts of import %s: %w", i.ID, err)
	}
	return nil
}

// given is nil for the empty string, which filters nothing.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// ReadIssueCounts returns the counts of an import's issues by code.
func (db *DB) ReadIssueCounts(ctx context.Context, account int32, id schemas.ImportID) ([]IssueCount, error) {
	return readAll(ctx, db, account, readIssueCountsSQL, id, func(row pgx.CollectableRow) (c IssueCount, err error) {
		return c, row.Scan(&c.Code, &c.Severity, &c.Rows)
	})
}

// ReadStages returns the stages of an import in the order in which they began.
func (db *DB) ReadStages(ctx context.Context, account int32, id schemas.ImportID) ([]StageRun, error) {
	return readAll(ctx, db, account, readStagesSQL, id, func(row pgx.CollectableRow) (s StageRun, err error) {
		return s, row.Scan(&s.Name, &s.Attempt, &s.Seconds, &s.Rows, &s.Bytes, &s.Done)
	})
}

// readAll collects a query about one import.
func readAll[T any](ctx context.Context, db *DB, account int32, sql string, id schemas.ImportID, scan pgx.RowToFunc[T]) ([]T, error) {
	var out []T
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, account, id)
		if err != nil {
			return fmt.Errorf("read import %s: %w", id, err)
		}
		if out, err = pgx.CollectRows(rows, scan); err != nil {
			return fmt.Errorf("read import %s: %w", id, err)
		}
		return nil
	})
	return out, err
}
