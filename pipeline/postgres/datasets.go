package postgres

import (
	"context"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/dataset_*.sql
var datasetSQL embed.FS

// DatasetHead is what the names of an import's files are made of.
type DatasetHead struct {
	Account string // slug
	Day     time.Time
	State   schemas.State
}

// DatasetReader reads what one import did, all of it as of one moment.
type DatasetReader struct {
	DatasetHead
	tx      pgx.Tx
	account int32
	id      schemas.ImportID
	found   bool // the prospects that changed are in a temporary table
}

// ReadDatasets calls read with a reader of an import. The transaction it reads in
// is rolled back.
func (db *DB) ReadDatasets(ctx context.Context, account int32, id schemas.ImportID, read func(*DatasetReader) error) error {
	return db.snapshot(ctx, account, func(tx pgx.Tx) error {
		r := &DatasetReader{tx: tx, account: account, id: id}
		sql, err := datasetQuery("head", account, id)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sql, account, id).Scan(&r.Account, &r.Day, &r.State); err != nil {
			return fmt.Errorf("read import %s: %w", id, err)
		}
		return read(r)
	})
}

// datasetMemory lets the sorts and hashes of one import of a million rows stay in
// memory. There is one such transaction a worker.
const datasetMemory = "128MB"

// snapshot runs fn in a transaction of the account that sees one moment. It is
// rolled back: temporary tables are all that may be written in it.
func (db *DB) snapshot(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error {
	tx, err := db.Pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return StripDetail(err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // nothing was written that could be lost
	if err := setAccount(ctx, tx, account); err != nil {
		return StripDetail(err)
	}
	if _, err := tx.Exec(ctx, "select set_config('work_mem', $1, true), set_config('jit', 'off', true)", datasetMemory); err != nil {
		return StripDetail(err)
	}
	return StripDetail(fn(tx))
}

// Read streams a dataset's rows of the import in their order, by batches that are
// good until the next one is asked for. Datasets are read one after the other.
func (r *DatasetReader) Read(ctx context.Context, d schemas.Dataset) pipeline.Batches {
	if d.Name != schemas.DatasetProspects {
		return r.read(ctx, d, d.Name)
	}
	return func(yield func(arrow.RecordBatch, error) bool) {
		if err := r.findChanged(ctx); err != nil {
			yield(nil, err)
			return
		}
		for _, part := range []string{"prospects_founded", "prospects_changed"} {
			for b, err := range r.read(ctx, d, part) {
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	}
}

func (r *DatasetReader) read(ctx context.Context, d schemas.Dataset, name string) pipeline.Batches {
	sql, err := datasetQuery(name, r.account, r.id)
	if err != nil {
		return func(yield func(arrow.RecordBatch, error) bool) { yield(nil, err) }
	}
	return copyOut(ctx, r.tx, sql, d.Arrow())
}

// findChanged gathers the prospects that the import touched beside those that it
// founded.
func (r *DatasetReader) findChanged(ctx context.Context) error {
	if r.found {
		return nil
	}
	sql, err := datasetQuery("changed", r.account, r.id)
	if err != nil {
		return err
	}
	for _, step := range []string{sql, "create index on dataset_changed (prospect_id)", "analyze dataset_changed"} {
		if _, err := r.tx.Exec(ctx, step); err != nil {
			return fmt.Errorf("find changed prospects: %w", err)
		}
	}
	r.found = true
	return nil
}

// ReadSnapshot streams all prospects of an account to read, as of one moment.
func (db *DB) ReadSnapshot(ctx context.Context, account int32, id schemas.ImportID, read func(pipeline.Batches) error) error {
	d, _ := schemas.DatasetByName(schemas.DatasetSnapshot)
	return db.snapshot(ctx, account, func(tx pgx.Tx) error {
		sql, err := datasetQuery(d.Name, account, id)
		if err != nil {
			return err
		}
		return read(copyOut(ctx, tx, sql, d.Arrow()))
	})
}

// datasetQuery is a statement of sql/dataset_*.sql about an import: COPY takes no
// parameters, so numbers and ids, which have no character that SQL knows, stand in
// it.
func datasetQuery(name string, account int32, id schemas.ImportID) (string, error) {
	text, err := datasetSQL.ReadFile("sql/dataset_" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("read dataset: there is none called %s", name)
	}
	return strings.NewReplacer(
		":account", strconv.Itoa(int(account)), ":import", strconv.FormatInt(int64(id), 10), ":id", id.String(),
		":below", "ba"+(id+1).String(),
	).Replace(string(text)), nil
}
