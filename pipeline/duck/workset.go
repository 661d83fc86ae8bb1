package duck

import (
	"context"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"

	"github.com/bateia/bateia/pipeline"
)

//go:embed sql/macros.sql
var macrosSQL string

// writeChunk is how many rows are handed to the engine at once: one row group
// of DuckDB's storage, so that a chunk becomes one compressed block of columns.
const writeChunk = 122_880

// writeBytes bounds a chunk of wide rows, in bytes of Arrow memory.
const writeBytes = 64 << 20

// Options of a workset. Zero means default.
type Options struct {
	MemoryLimit string // DuckDB's spelling, default 600MB: what exceeds it spills to the folder
	Threads     int    // default 2
}

// Workset is a pipeline.Workset in one DuckDB file.
type Workset struct {
	dir       string
	connector *duckdb.Connector
	writer    *duckdb.Conn
	mu        sync.Mutex // held by the one statement that runs on writer
	views     atomic.Int64
}

var _ pipeline.Workset = (*Workset)(nil)

// Open makes or opens the workset file in the folder dir, which must be the
// attempt's own: the engine may read and write there and nowhere else.
func Open(ctx context.Context, dir string, o Options) (*Workset, error) {
	if o.MemoryLimit == "" {
		o.MemoryLimit = "600MB"
	}
	if o.Threads == 0 {
		o.Threads = 2
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open workset: %w", err)
	}
	spill := filepath.Join(dir, "spill")
	if err := os.MkdirAll(spill, 0o700); err != nil {
		return nil, fmt.Errorf("open workset: %w", err)
	}
	connector, err := duckdb.NewConnector(filepath.Join(dir, "workset.duckdb"), nil)
	if err != nil {
		return nil, wrap("open workset", err)
	}
	w := &Workset{dir: dir, connector: connector}
	if w.writer, err = w.connect(ctx); err != nil {
		connector.Close()
		return nil, err
	}
	// The order matters: folders first, then the door is shut and locked. Tables
	// live for one attempt, so nothing is won by compressing them: it takes half of
	// the time that writing a table with texts takes.
	script := fmt.Sprintf(`
set threads = %d; set memory_limit = '%s'; set temp_directory = '%s'; set allowed_directories = ['%s'];
set force_compression = 'uncompressed'; set checkpoint_threshold = '1GB'; set TimeZone = 'UTC';
set enable_external_access = false; set lock_configuration = true;`,
		o.Threads, o.MemoryLimit, quote(spill), quote(dir))
	if err := w.Exec(ctx, script+macrosSQL); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Close closes the file; it stays in its folder.
func (w *Workset) Close() error {
	return wrap("close workset", errors.Join(w.writer.Close(), w.connector.Close()))
}

func (w *Workset) connect(ctx context.Context) (*duckdb.Conn, error) {
	c, err := w.connector.Connect(ctx)
	if err != nil {
		return nil, wrap("open workset", err)
	}
	conn, ok := c.(*duckdb.Conn)
	if !ok {
		return nil, wrap("open workset", errors.Join(errors.New("not a duckdb connection"), c.Close()))
	}
	return conn, nil
}

// Exec implements pipeline.Workset.
func (w *Workset) Exec(ctx context.Context, script string, args ...any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.exec(ctx, script, args...)
}

func (w *Workset) exec(ctx context.Context, script string, args ...any) error {
	_, err := w.writer.ExecContext(ctx, script, named(args))
	return wrap("run statement", err)
}

// Write implements pipeline.Workset. All chunks of one call are one
// transaction of the engine.
func (w *Workset) Write(ctx context.Context, table string, schema *arrow.Schema, batches pipeline.Batches) (rows int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.exec(ctx, createTable(table, schema)); err != nil {
		return 0, err
	}
	if err := w.exec(ctx, "begin transaction"); err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.exec(context.WithoutCancel(ctx), "rollback"))
		}
	}()
	c := chunk{}
	defer c.release()
	for b, err := range batches {
		if err != nil {
			return rows, err
		}
		c.add(b)
		if c.rows >= writeChunk || c.bytes >= writeBytes {
			if err := w.insert(ctx, table, schema, &c); err != nil {
				return rows, err
			}
			rows += c.rows
			c.release()
		}
	}
	if c.rows > 0 {
		if err := w.insert(ctx, table, schema, &c); err != nil {
			return rows, err
		}
		rows += c.rows
	}
	return rows, w.exec(ctx, "commit")
}

// insert hands one chunk to the engine through a view that is read once.
func (w *Workset) insert(ctx context.Context, table string, schema *arrow.Schema, c *chunk) error {
	reader, err := array.NewRecordReader(schema, c.batches)
	if err != nil {
		return &pipeline.Error{Op: "write table " + table, Kind: pipeline.KindPermanent, Err: err}
	}
	defer reader.Release()
	arrowConn, err := duckdb.NewArrowFromConn(w.writer)
	if err != nil {
		return wrap("write table "+table, err)
	}
	view := fmt.Sprintf("arrow_view_%d", w.views.Add(1))
	release, err := arrowConn.RegisterView(reader, view)
	if err != nil {
		return wrap("write table "+table, err)
	}
	defer release()
	res, err := w.writer.ExecContext(ctx, fmt.Sprintf("insert into %s select * from %s", ident(table), view), nil)
	if err != nil {
		return wrap("write table "+table, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return wrap("write table "+table, err)
	}
	if n != c.rows {
		return &pipeline.Error{Op: "write table " + table, Kind: pipeline.KindPermanent,
			Err: fmt.Errorf("%d rows handed over, %d arrived", c.rows, n)}
	}
	return w.exec(ctx, "drop view "+view)
}

// Read implements pipeline.Workset. Every Read has a connection of its own, so
// that a table can be written while another one is read. The engine holds the
// whole result in memory: callers read long tables range by range.
func (w *Workset) Read(ctx context.Context, query string, args ...any) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		conn, err := w.connect(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer conn.Close()
		a, err := duckdb.NewArrowFromConn(conn)
		if err != nil {
			yield(nil, wrap("read workset", err))
			return
		}
		reader, err := a.QueryContext(ctx, query, args...)
		if err != nil {
			yield(nil, wrap("read workset", err))
			return
		}
		defer reader.Release()
		for reader.Next() {
			if !yield(reader.RecordBatch(), nil) {
				return
			}
		}
		if err := reader.Err(); err != nil {
			yield(nil, wrap("read workset", err))
		}
	}
}

// Scan implements pipeline.Workset.
func (w *Workset) Scan(ctx context.Context, query string, args []any, dest ...any) (found bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rows, err := w.writer.QueryContext(ctx, query, named(args))
	if err != nil {
		return false, wrap("read workset", err)
	}
	defer func() { err = errors.Join(err, wrap("read workset", rows.Close())) }()
	values := make([]driver.Value, len(rows.Columns()))
	if len(values) != len(dest) {
		return false, fmt.Errorf("read workset: %d columns for %d destinations", len(values), len(dest))
	}
	switch err := rows.Next(values); {
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		return false, wrap("read workset", err)
	}
	for i, v := range values {
		if err := assign(dest[i], v); err != nil {
			return true, fmt.Errorf("read workset: column %d: %w", i, err)
		}
	}
	return true, nil
}

// chunk is the batches that go into one insert.
type chunk struct {
	batches []arrow.RecordBatch
	rows    int64
	bytes   int64
}

func (c *chunk) add(b arrow.RecordBatch) {
	b.Retain()
	c.batches = append(c.batches, b)
	c.rows += b.NumRows()
	for _, col := range b.Columns() {
		c.bytes += int64(col.Data().SizeInBytes())
	}
}

func (c *chunk) release() {
	for _, b := range c.batches {
		b.Release()
	}
	*c = chunk{batches: c.batches[:0]}
}

func named(args []any) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}

// quote doubles the single quotes of a text that stands between them in SQL.
func quote(s string) string { return strings.ReplaceAll(s, "'", "''") }

// ident quotes an identifier.
func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
