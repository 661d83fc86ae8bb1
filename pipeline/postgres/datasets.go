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

// DatasetHead is what the names of an import's files are made of, and more that they
// take.
type DatasetHead struct {
	Account   string // slug
	Day       time.Time
	State     schemas.State
	AppliedNo int64 // place among all that was applied to the account, 0 for none
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
		if err := tx.QueryRow(ctx, sql, account, id).Scan(&r.Account, &r.Day, &r.State, &r.AppliedNo); err != nil {
			return fmt.Errorf("read import %s: %w", id, err)
		}
		return read(r)
	})
}

// datasetMemory lets the sorts and hashes of one import of a million rows stay in
// memory. Few such transactions run in a process at once.
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

// datasetParts are the statements of the datasets that take several, in the order of
// their rows.
var datasetParts = map[string][]string{
	schemas.DatasetRows:      {"rows_leads", "rows_others"},
	schemas.DatasetProspects: {"prospects_founded", changedPart},
}

// changedPart is the statement about prospects that the import touched and those that
// it founded and others changed since.
const changedPart = "prospects_changed"

// datasetTables are the temporary tables that statements read, each with its key. They
// are filled in this order unless they are there.
var datasetTables = map[string][][2]string{
	schemas.DatasetLeads: {{"aliases", "alias_id"}},
	"rows_leads":         {{"aliases", "alias_id"}, {"told", "row"}, {"firsts", "prospect_id"}},
	"rows_others":        {{"aliases", "alias_id"}, {"told", "row"}, {"firsts", "prospect_id"}, {"taken", "row"}},
	"prospects_founded":  {{"later", "prospect_id"}, {"changed", "prospect_id"}, {"labels", "list_ids, tag_ids"}},
	changedPart:          {{"later", "prospect_id"}, {"changed", "prospect_id"}},
}

// wholeParts read an import from end to end in the order of a key, and join little
// to it, by keys too: looking that up keeps the order, where a hash join is followed
// by a sort of a million wide rows.
var wholeParts = []string{schemas.DatasetLeads, "rows_leads", "rows_others", "prospects_founded"}

// Read streams a dataset's rows of the import, by batches that are good until the next
// one is asked for. Datasets are read one after the other, each once.
func (r *DatasetReader) Read(ctx context.Context, d schemas.Dataset) pipeline.Batches {
	parts, several := datasetParts[d.Name]
	if !several {
		parts = []string{d.Name}
	}
	return r.read(ctx, d, parts...)
}

// Sentences are what the import's codes mean, in the account's language.
func (r *DatasetReader) Sentences(ctx context.Context) (map[string]string, error) {
	rows, err := r.tx.Query(ctx, `
select t.code, t.sentence
  from bateia.issue_counts c
  join bateia.accounts a on a.account_id = c.account_id
  join bateia.code_texts t on t.code = c.code and t.locale = a.locale
 where c.account_id = $1 and c.import_id = $2`, r.account, r.id)
	if err != nil {
		return nil, fmt.Errorf("read texts of codes: %w", err)
	}
	out := map[string]string{}
	var code, sentence string
	if _, err := pgx.ForEachRow(rows, []any{&code, &sentence}, func() error { out[code] = sentence; return nil }); err != nil {
		return nil, fmt.Errorf("read texts of codes: %w", err)
	}
	return out, nil
}

// ReadChanged streams, of the dataset prospects, those that the import did not found;
// such as it founded may be among them.
func (r *DatasetReader) ReadChanged(ctx context.Context, d schemas.Dataset) pipeline.Batches {
	return r.read(ctx, d, changedPart)
}

func (r *DatasetReader) read(ctx context.Context, d schemas.Dataset, parts ...string) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for _, part := range parts {
			for _, table := range datasetTables[part] {
				if err := r.fill(ctx, table[0], table[1]); err != nil {
					yield(nil, err)
					return
				}
			}
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
