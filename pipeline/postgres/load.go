package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/load_import.sql
var loadImportSQL string

// ImportRow is what the jobs need to know of an import beside the run.
type ImportRow struct {
	State     schemas.State
	Code      string // why it is rejected, failed or held; "" otherwise
	Held      bool
	Confirmed bool
	// BaseVersion is the one the stored plan was made on, nil without a plan.
	BaseVersion *int64
	PlanPrefix  string // "" when no plan is stored
	PlanSHA256  string
	Facts       schemas.Facts // of the last plan; zero before
}

// LoadRun returns the run of an import as far as the database knows it: Epoch,
// Dir, Workset, Log and Progress are the caller's to set, and Facts start empty.
// ErrNotFound when the account has no such import.
func (db *DB) LoadRun(ctx context.Context, account int32, id schemas.ImportID) (*pipeline.Run, ImportRow, error) {
	var run *pipeline.Run
	var row ImportRow
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var err error
		run, row, err = loadRun(ctx, tx, account, id)
		return err
	})
	return run, row, err
}

func loadRun(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (*pipeline.Run, ImportRow, error) {
	var row ImportRow
	acc, err := oneAccount(ctx, tx, &account, nil)
	if err != nil {
		return nil, row, err
	}
	if acc.Distributions, err = distributions(ctx, tx, account, "name, members"); err != nil {
		return nil, row, err
	}
	run := &pipeline.Run{ImportID: id, Account: acc}
	var request, facts []byte
	var modified *time.Time
	err = tx.QueryRow(ctx, loadImportSQL, account, id).Scan(
		&run.Source.Kind, &run.Source.System, &run.Source.Name, &run.Source.Instance,
		&run.FileName, &request,
		&run.Object.Bucket, &run.Object.Key, &run.Object.VersionID, &run.Object.ETag, &run.Object.Size, &modified,
		&row.State, &row.Code, &row.Held, &row.Confirmed, &row.BaseVersion, &row.PlanPrefix, &row.PlanSHA256,
		&facts, &run.Now, &run.UndoOf, &run.RedoOf, &run.ReplayOf)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, row, fmt.Errorf("load import %s: %w", id, ErrNotFound)
	case err != nil:
		return nil, row, fmt.Errorf("load import %s: %w", id, err)
	}
	if err := json.Unmarshal(request, &run.Request); err != nil {
		return nil, row, fmt.Errorf("read request of import %s: %w", id, err)
	}
	if err := json.Unmarshal(facts, &row.Facts); err != nil {
		return nil, row, fmt.Errorf("read facts of import %s: %w", id, err)
	}
	run.Request.Confirmed = row.Confirmed
	if modified != nil {
		run.Object.Modified = modified.UTC()
	}
	run.Now = run.Now.UTC()
	return run, row, nil
}
