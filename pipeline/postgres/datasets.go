package postgres

import (
	"context"
	"embed"
	"fmt"
	"slices"
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

//go:embed sql/settings_of_datasets.sql
var datasetSettingsSQL string

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
	filled  map[string]bool // temporary tables that are there
}

// ReadDatasets calls read with a reader of an import. The transaction it reads in
// is rolled back.
func (db *DB) ReadDatasets(ctx context.Context, account int32, id schemas.ImportID, read func(*DatasetReader) error) error {
	return db.snapshot(ctx, account, func(tx pgx.Tx) error {
		r := &DatasetReader{tx: tx, account: account, id: id, filled: map[string]bool{}}
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
	if _, err := tx.Exec(ctx, datasetSettingsSQL, datasetMemory); err != nil {
		return StripDetail(err)
	}
	return StripDetail(fn(tx))
}

// datasetParts are the datasets that take several statements: those that fill
// temporary tables, each with its key, unless they are there, and those that give the
// rows, in this order.
var datasetParts = map[string]struct {
	fill  [][2]string
	parts []string
}{
	schemas.DatasetLeads:     {[][2]string{{"aliases", "alias_id"}}, []string{"leads"}},
	schemas.DatasetRows:      {[][2]string{{"aliases", "alias_id"}, {"told", "row"}, {"firsts", "prospect_id"}, {"taken", "row"}}, []string{"rows_leads", "rows_others"}},
	schemas.DatasetProspects: {[][2]string{{"later", "prospect_id"}, {"changed", "prospect_id"}, {"labels", "list_ids, tag_ids"}}, []string{"prospects_founded", "prospects_changed"}},
}

// wholeParts read an import from end to end in the order of a key, and join little
// to it, by keys too: looking that up keeps the order, where a hash join is followed
// by a sort of a million wide rows.
var wholeParts = []string{schemas.DatasetLeads, "rows_leads", "rows_others", "prospects_founded"}

// Read streams a dataset's rows of the import in their order, by batches that are
// good until the next one is asked for. Datasets are read one after the other, each
// once.
func (r *DatasetReader) Read(ctx context.Context, d schemas.Dataset) pipeline.Batches {
	p, several := datasetParts[d.Name]
	if !several {
		return readDataset(ctx, r.tx, d, d.Name, r.account, r.id)
	}
	return func(yield func(arrow.RecordBatch, error) bool) {
		for _, table := range p.fill {
			if err := r.fill(ctx, table[0], table[1]); err != nil {
				yield(nil, err)
				return
			}
		}
		for _, part := range p.parts {
			for b, err := range readDataset(ctx, r.tx, d, part, r.account, r.id) {
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	}
}

// readDataset streams what one statement gives.
func readDataset(ctx context.Context, tx pgx.Tx, d schemas.Dataset, name string, account int32, id schemas.ImportID) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		hashes := "on"
		if slices.Contains(wholeParts, name) {
			hashes = "off"
		}
		sql, err := datasetQuery(name, account, id)
		if err == nil {
			_, err = tx.Exec(ctx, "select set_config('enable_hashjoin', $1, true)", hashes)
		}
		if err != nil {
			yield(nil, fmt.Errorf("read dataset: %w", err))
			return
		}
		copyOut(ctx, tx, sql, d.Arrow())(yield)
	}
}

// fill makes a temporary table with its key, and tells the planner of it.
func (r *DatasetReader) fill(ctx context.Context, name, key string) error {
	if r.filled[name] {
		return nil
	}
	sql, err := datasetQuery(name, r.account, r.id)
	if err != nil {
		return err
	}
	table := "dataset_" + name
	for _, step := range []string{"set local enable_hashjoin = on", sql, "create index on " + table + " (" + key + ")", "analyze " + table} {
		if _, err := r.tx.Exec(ctx, step); err != nil {
			return fmt.Errorf("fill %s: %w", table, err)
		}
	}
	r.filled[name] = true
	return nil
}

// ReadSnapshot streams all prospects of an account to read, as of one moment.
func (db *DB) ReadSnapshot(ctx context.Context, account int32, id schemas.ImportID, read func(pipeline.Batches) error) error {
	d, _ := schemas.DatasetByName(schemas.DatasetSnapshot)
	return db.snapshot(ctx, account, func(tx pgx.Tx) error {
		return read(readDataset(ctx, tx, d, d.Name, account, id))
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
