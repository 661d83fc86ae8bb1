package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/owe_disturbed.sql
var oweDisturbedSQL string

//go:embed sql/announce_datasets.sql
var announceDatasetsSQL string

//go:embed sql/finish_datasets.sql
var finishDatasetsSQL string

// DatasetFile is a file of a dataset in the bucket.
type DatasetFile struct {
	Dataset string
	Key     string
	Rows    int64
	Bytes   int64
}

// LockDatasets runs fn while nobody else writes the datasets of an import, whoever
// has the claim. Error of kind busy when somebody does.
func (db *DB) LockDatasets(ctx context.Context, id schemas.ImportID, fn func() error) error {
	tx, err := db.Pool.Begin(ctx)
	if err != nil {
		return StripDetail(err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // ends the lock; nothing is written
	var locked bool
	if err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock(hashtextextended('bateia.datasets', $1))", id).Scan(&locked); err != nil {
		return StripDetail(fmt.Errorf("lock datasets of import %s: %w", id, err))
	}
	if !locked {
		return &pipeline.Error{Op: fmt.Sprintf("lock datasets of import %s", id), Kind: pipeline.KindBusy, Err: errors.New("another worker still writes them")}
	}
	return fn()
}

// AnnounceDatasets notes the files that are about to be written for an import, and
// returns those that it had and has no more.
func AnnounceDatasets(ctx context.Context, tx pgx.Tx, c Claim, files []DatasetFile) ([]DatasetFile, error) {
	if err := Fence(ctx, tx, c); err != nil {
		return nil, err
	}
	datasets, keys, _, _ := columnsOfFiles(files)
	rows, err := tx.Query(ctx, announceDatasetsSQL, c.Account, c.ImportID, datasets, keys)
	if err != nil {
		return nil, fmt.Errorf("announce datasets of import %s: %w", c.ImportID, err)
	}
	old, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DatasetFile])
	if err != nil {
		return nil, fmt.Errorf("announce datasets of import %s: %w", c.ImportID, err)
	}
	return old, nil
}

// FinishDatasets ends the phase: the files are there, and no others.
func FinishDatasets(ctx context.Context, tx pgx.Tx, c Claim, files []DatasetFile) error {
	if err := FinishAfter(ctx, tx, c, ""); err != nil {
		return err
	}
	datasets, keys, rows, bytes := columnsOfFiles(files)
	if _, err := tx.Exec(ctx, finishDatasetsSQL, c.Account, c.ImportID, datasets, keys, rows, bytes); err != nil {
		return fmt.Errorf("note datasets of import %s: %w", c.ImportID, err)
	}
	return nil
}

func columnsOfFiles(files []DatasetFile) (datasets, keys []string, rows, bytes []int64) {
	datasets, keys = []string{}, []string{}
	for _, f := range files {
		datasets, keys = append(datasets, f.Dataset), append(keys, f.Key)
		rows, bytes = append(rows, f.Rows), append(bytes, f.Bytes)
	}
	return datasets, keys, rows, bytes
}

// OweDisturbed makes the datasets owed of other imports of which something else is
// true once the claim's import is applied, touched among them (see
// sql/owe_disturbed.sql), and returns them. The caller inserts their jobs.
func OweDisturbed(ctx context.Context, tx pgx.Tx, c Claim, touched []schemas.ImportID) ([]Owed, error) {
	ids := make([]int64, len(touched))
	for i, id := range touched {
		ids[i] = int64(id)
	}
	rows, err := tx.Query(ctx, oweDisturbedSQL, c.Account, c.ImportID, ids, ownJob)
	if err != nil {
		return nil, fmt.Errorf("owe datasets: %w", err)
	}
	owed, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Owed])
	if err != nil {
		return nil, fmt.Errorf("owe datasets: %w", err)
	}
	return owed, nil
}
