package stages

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
)

// givenTable is the table of the workset with what exports gave out.
const givenTable = "given"

// givenSchema is that of an export's object: the hash of every cell, null where it was
// blank.
func givenSchema() *arrow.Schema {
	fields := []arrow.Field{{Name: "bateia_id", Type: arrow.BinaryTypes.String}}
	for _, name := range schemas.ExportColumns() {
		fields = append(fields, arrow.Field{Name: schemas.FieldColumn(name), Type: arrow.PrimitiveTypes.Int64, Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

// givenRows is how many rows are written at once.
const givenRows = 16 << 10

// Exporter remembers what an export gives out. Close must be called.
type Exporter struct {
	id   schemas.ImportID
	salt string
	w    *duck.Workset
	b    *array.RecordBuilder
	n    int
}

// NewExporter works in dir, which must be its own. salt is that of schemas.GivenHash.
func NewExporter(ctx context.Context, dir string, id schemas.ImportID, salt string) (*Exporter, error) {
	w, err := duck.Open(ctx, dir, duck.Options{})
	if err != nil {
		return nil, err
	}
	return &Exporter{id: id, salt: salt, w: w, b: array.NewRecordBuilder(memory.DefaultAllocator, givenSchema())}, nil
}

// Add remembers the cells of a prospect, in the order of schemas.ExportColumns.
func (e *Exporter) Add(ctx context.Context, prospect string, cells []string) error {
	e.b.Field(0).(*array.StringBuilder).Append(prospect)
	for i, cell := range cells {
		b := e.b.Field(1 + i).(*array.Int64Builder)
		if cell == "" {
			b.AppendNull()
		} else {
			b.Append(schemas.GivenHash(e.salt, cell))
		}
	}
	if e.n++; e.n%givenRows == 0 {
		return e.flush(ctx)
	}
	return nil
}

func (e *Exporter) flush(ctx context.Context) error {
	batch := e.b.NewRecordBatch()
	defer batch.Release()
	_, err := e.w.Write(ctx, givenTable, givenSchema(), func(yield func(arrow.RecordBatch, error) bool) { yield(batch, nil) })
	return err
}

// Save writes the object of the export.
func (e *Exporter) Save(ctx context.Context, store PlanStore) error {
	if err := e.flush(ctx); err != nil {
		return err
	}
	path, err := e.w.Export(ctx, "select * from "+givenTable, "given.parquet")
	if err != nil {
		return err
	}
	return store.PutFile(ctx, schemas.ExportKey(e.id), path)
}

// Close gives up what it holds.
func (e *Exporter) Close() error {
	e.b.Release()
	return e.w.Close()
}

// given brings what exports gave out into the workset, of those that the account has and
// keeps.
func given(ctx context.Context, d Deps, run *pipeline.Run, exports []schemas.ImportID) error {
	var columns, names strings.Builder
	for i, f := range givenSchema().Fields() {
		kind := "bigint"
		if f.Type.ID() == arrow.STRING {
			kind = "varchar"
		}
		fmt.Fprintf(&columns, ", %s %s", f.Name, kind)
		fmt.Fprintf(&names, "%s'%s'", [...]string{"", ", "}[min(i, 1)], f.Name)
	}
	if err := run.Workset.Exec(ctx, "create or replace table "+givenTable+" (export_name varchar, salt varchar"+columns.String()+")"); err != nil {
		return err
	}
	salts, err := d.Exports(ctx, run.Account.ID, exports)
	if err != nil {
		return err
	}
	for _, id := range exports {
		salt, kept := salts[id]
		if !kept {
			continue
		}
		path := filepath.Join(run.Dir, "given.parquet")
		switch err := d.Files.GetFile(ctx, schemas.ExportKey(id), path); {
		case errors.Is(err, fs.ErrNotExist):
			continue // it never got to the end
		case err != nil:
			return err
		}
		// A field that is none any more is left out, one that was none then is null.
		err := run.Workset.Exec(ctx, "insert into "+givenTable+" by name select ? as export_name, ? as salt, columns(c -> list_contains(["+names.String()+"], c)) from read_parquet(?)",
			schemas.ExportName(id), salt, path)
		if err := errors.Join(err, os.Remove(path)); err != nil {
			return err
		}
	}
	return nil
}

// ExportWithout makes of the object of an export, which lies at path in dir, one without
// these prospects. It returns "" when the export has none of them.
func ExportWithout(ctx context.Context, dir, path string, prospects []string) (without string, err error) {
	w, err := duck.Open(ctx, dir, duck.Options{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.Import(ctx, givenTable, filepath.Base(path)); err != nil {
		return "", err
	}
	quoted := make([]string, len(prospects))
	for i, id := range prospects {
		quoted[i] = "'" + strings.ReplaceAll(id, "'", "''") + "'"
	}
	hers := "bateia_id in (" + strings.Join(quoted, ", ") + ")"
	var some bool
	if _, err := w.Scan(ctx, "select exists (select 1 from "+givenTable+" where "+hers+")", nil, &some); err != nil || !some {
		return "", err
	}
	return w.Export(ctx, "select * from "+givenTable+" where not "+hers, "without.parquet")
}
