package duck

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/bateia/bateia/pipeline"
)

//go:embed sql/views.sql
var viewsSQL string

// Reader runs SQL that somebody typed over the files of datasets. Four things hold
// it, each by itself enough for what it holds:
//
//   - The engine has nothing but memory and one folder, which is locked in before the
//     first statement: no other file, no network, no extension, no setting.
//   - One statement is taken, and it must be a query: that is asked of the engine,
//     after it has parsed and bound it and before it runs.
//   - The folder holds the files of the accounts that may be seen, and no others.
//   - A statement that takes too long is interrupted.
//
// It is for one goroutine.
type Reader struct {
	connector *duckdb.Connector
	conn      *duckdb.Conn
	dir       string
}

// ReaderOptions of a reader. Zero means default.
type ReaderOptions struct {
	MemoryLimit string // DuckDB's spelling, default 1GB: what exceeds it spills to the folder
	Threads     int    // default 2
}

// Query is one statement to read.
type Query struct {
	SQL     string
	Args    []any
	Timeout time.Duration
}

// Errors of statements.
var (
	ErrNotOne    = errors.New("one statement is taken, not several")
	ErrNotSelect = errors.New("only queries are taken: select, with, values or from")
	ErrTooLong   = errors.New("the statement took too long")
)

// Datasets lists what the views of a statement are made of: the datasets whose files
// it may read, all of them when that cannot be told.
func Datasets(ctx context.Context, q Query, all []string) (list []string, err error) {
	statement := q.SQL
	for i := range q.Args {
		// The engine finds no table in a statement with parameters.
		statement = strings.ReplaceAll(statement, fmt.Sprintf("$%d", i+1), "null")
	}
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, wrap("read statement", err)
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, wrap("read statement", err)
	}
	defer conn.Close()
	names, err := duckdb.GetTableNames(conn, statement, false)
	if err != nil {
		return all, nil // it will be refused
	}
	for _, name := range names {
		name = strings.ToLower(name)
		if d, known := madeOf[name]; known {
			list = append(list, d...)
		} else if slices.Contains(all, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// madeOf are the datasets of views that are made of others than their own.
var madeOf = map[string][]string{
	"rows":    {"rows", "merges"},
	"leads":   {"leads", "merges"},
	"quality": {"imports", "import_columns", "issues"},
	"sources": {"imports"},
	"daily":   {"imports"},
	"funnel":  {"imports", "leads", "rows", "merges"},
	"aliases": {"merges"},
}

// OpenReader makes a reader of the files below dir, which must be the reader's own:
// <dataset>/account=<account>/date=<date>/<name>.parquet for each of the datasets,
// each of which has a file.
func OpenReader(ctx context.Context, dir string, datasets []string, o ReaderOptions) (_ *Reader, err error) {
	if o.MemoryLimit == "" {
		o.MemoryLimit = "1GB"
	}
	if o.Threads == 0 {
		o.Threads = 2
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("open datasets: %w", err)
	}
	spill := filepath.Join(dir, "spill")
	if err := os.MkdirAll(spill, 0o700); err != nil {
		return nil, fmt.Errorf("open datasets: %w", err)
	}
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, wrap("open datasets", err)
	}
	r := &Reader{connector: connector, dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	c, err := connector.Connect(ctx)
	if err != nil {
		return nil, wrap("open datasets", err)
	}
	r.conn = c.(*duckdb.Conn)
	var script strings.Builder
	fmt.Fprintf(&script, "set threads = %d; set memory_limit = '%s'; set temp_directory = '%s'; set allowed_directories = ['%s']; set TimeZone = 'UTC';\n",
		o.Threads, o.MemoryLimit, quote(spill), quote(dir))
	// Nothing is fetched from anywhere, and what is not linked in stays out.
	script.WriteString("set autoinstall_known_extensions = false; set autoload_known_extensions = false; set allow_community_extensions = false;\n")
	script.WriteString("create schema datasets; create schema report;\n")
	for _, d := range datasets {
		fmt.Fprintf(&script, "create view datasets.%s as select * from read_parquet('%s/*/*/*.parquet', hive_partitioning = true, hive_types = {'account': varchar, 'date': date}, union_by_name = true);\n",
			ident(d), quote(filepath.Join(dir, d)))
	}
	script.WriteString(viewsSQL)
	script.WriteString("set search_path = 'report'; set enable_external_access = false; set lock_configuration = true;")
	if _, err := r.conn.ExecContext(ctx, script.String(), nil); err != nil {
		return nil, wrap("open datasets", err)
	}
	return r, nil
}

// Close ends the engine.
func (r *Reader) Close() error {
	var err error
	if r.conn != nil {
		err = r.conn.Close()
	}
	return wrap("close datasets", errors.Join(err, r.connector.Close()))
}

// Check says what is wrong with a statement, without running it.
func (r *Reader) Check(q Query) error {
	stmt, err := r.prepare(q)
	if err != nil {
		return err
	}
	return wrap("run query", stmt.Close())
}

// prepare takes one statement that is a query. The driver's PrepareContext would
// run all statements but the last.
func (r *Reader) prepare(q Query) (*duckdb.Stmt, error) {
	prepared, err := r.conn.Prepare(q.SQL)
	if err != nil {
		return nil, statementError(context.Background(), err)
	}
	stmt, ok := prepared.(*duckdb.Stmt)
	if !ok {
		return nil, errors.Join(ErrNotSelect, prepared.Close())
	}
	kind, err := stmt.StatementType()
	if err == nil && kind != duckdb.STATEMENT_TYPE_SELECT {
		err = &pipeline.Error{Op: "run query", Kind: pipeline.KindPermanent, Err: ErrNotSelect}
	}
	if err == nil && stmt.NumInput() != len(q.Args) {
		err = &pipeline.Error{Op: "run query", Kind: pipeline.KindPermanent,
			Err: fmt.Errorf("the statement has parameters, and %d of %d are given", len(q.Args), stmt.NumInput())}
	}
	if err != nil {
		return nil, errors.Join(err, stmt.Close())
	}
	return stmt, nil
}

// Read runs one statement. head is called once, before any row; row once for each,
// with cells that are good until it returns; when it returns false the rest is not
// read. An error of either ends reading and is returned as it is.
func (r *Reader) Read(ctx context.Context, q Query, head func([]Column) error, row func([]Cell) (more bool, err error)) (err error) {
	stmt, err := r.prepare(q)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wrap("run query", stmt.Close())) }()
	limited := ctx
	if q.Timeout > 0 {
		var stop context.CancelFunc
		limited, stop = context.WithTimeoutCause(ctx, q.Timeout, ErrTooLong)
		defer stop()
	}
	rows, err := stmt.QueryContext(limited, named(q.Args))
	if err != nil {
		return statementError(limited, err)
	}
	defer rows.Close()
	columns, err := columnsOf(rows)
	if err != nil {
		return err
	}
	if err := head(columns); err != nil {
		return err
	}
	values, cells := make([]driver.Value, len(columns)), make([]Cell, len(columns))
	for limited.Err() == nil {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return statementError(limited, err)
		}
		for i, v := range values {
			cells[i] = Cell{column: &columns[i], value: v}
		}
		if more, err := row(cells); err != nil || !more {
			return err
		}
	}
	return statementError(limited, limited.Err())
}

// statementError makes an error of a statement fit for whoever typed it. Only texts
// that are made before a value is seen are kept.
func statementError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		if errors.Is(context.Cause(ctx), ErrTooLong) {
			return &pipeline.Error{Op: "run query", Kind: pipeline.KindPermanent, Err: ErrTooLong, Hint: "Ask for less, or give it more time with --timeout."}
		}
		return ctx.Err()
	}
	out := &pipeline.Error{Op: "run query", Kind: pipeline.KindPermanent}
	var d *duckdb.Error
	switch {
	case !errors.As(err, &d):
		// The driver's own: it is about the number of statements.
		out.Err = ErrNotOne
		if text := err.Error(); strings.Contains(text, "empty") {
			out.Err = ErrNotSelect
		}
	case d.Type == duckdb.ErrorTypePermission:
		out.Err = errors.New("the statement reaches outside the datasets, which is not allowed")
	case slices.Contains([]duckdb.ErrorType{duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax, duckdb.ErrorTypeSettings}, d.Type):
		out.Err = errors.New(firstSentence(d.Msg))
		if d.Type == duckdb.ErrorTypeCatalog {
			out.Hint = "What can be read: " + strings.Join(viewNames(), ", ") + ". The rest is in Postgres: leave out --parquet."
		}
	case d.Type == duckdb.ErrorTypeOutOfMemory:
		out.Err = errors.New("the statement needs more memory than there is")
		out.Hint = "Ask for less, or raise BATEIA_MEMORY_LIMIT."
	default:
		class, _, _ := strings.Cut(d.Msg, ":")
		out.Err = errors.New("the engine refused the statement: " + class)
	}
	return out
}

// firstSentence is a message up to where the engine quotes the statement or makes
// suggestions.
func firstSentence(msg string) string {
	line, _, _ := strings.Cut(msg, "\n")
	return line
}

// viewNames are the views that there are.
func viewNames() (names []string) {
	for _, line := range strings.Split(viewsSQL, "\n") {
		if name, ok := strings.CutPrefix(line, "create view report."); ok {
			names = append(names, strings.TrimSuffix(name, " as"))
		}
	}
	return names
}
