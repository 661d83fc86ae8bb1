package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bateia/bateia/pipeline"
)

//go:embed sql/reader_check.sql
var readerCheckSQL string

// Reader runs SQL that somebody typed, with the rights of an analyst and no
// others. Four things hold it, each by itself enough for what it holds:
//
//   - Who is logged in is an analyst: a member of bateia_analyst and of nothing
//     else, which OpenReader looks up. There is no other role to go back to, no
//     right on anything but the views, and session_user, by which they filter, is
//     the login itself.
//   - The extended protocol takes one statement. Only one that has columns is
//     executed, so none that sets, begins, ends or calls something.
//   - The transaction is read-only from before its first statement, and is always
//     rolled back: also what Postgres lets a reader do (large objects before
//     version 16, NOTIFY) never happened.
//   - The server ends a statement that takes too long.
//
// It is for one goroutine.
type Reader struct {
	conn *pgx.Conn
	read int // statements so far: each is prepared under a name of its own
}

// ErrNotAnalyst is what OpenReader ends in for a login that could do more than an
// analyst, or less.
var ErrNotAnalyst = errors.New("the login is not an analyst and nothing else")

// ErrNoColumns is what Read ends in for a statement that gives no rows.
var ErrNoColumns = errors.New("the statement gives no rows: take select, with, table, values, show or explain")

// ErrTooLong is what Read ends in when the statement's time is over.
var ErrTooLong = errors.New("the statement took too long")

// Query is one statement to read.
type Query struct {
	SQL     string
	Args    []any
	Timeout time.Duration // 0 means one minute
}

// defaultQueryTimeout ends a statement that nobody gave a time.
const defaultQueryTimeout = time.Minute

// cancelWait is how long the server may take to end a canceled statement.
const cancelWait = 5 * time.Second

// OpenReader logs in and looks at who that is. The search path is schema report,
// the timezone UTC.
func OpenReader(ctx context.Context, loginURL string) (*Reader, error) {
	cfg, err := pgx.ParseConfig(loginURL)
	if err != nil {
		return nil, &pipeline.Error{Op: "open database", Kind: pipeline.KindPermanent,
			Err: errors.New("the analyst's database URL cannot be read"), Hint: "Check BATEIA_ANALYST_DATABASE_URL."}
	}
	params := cfg.RuntimeParams
	params["search_path"], params["TimeZone"], params["DateStyle"], params["application_name"] = "report", "UTC", "ISO, YMD", "bateia query"
	params["default_transaction_read_only"] = "on"
	// A canceled context ends the statement at the server too.
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: cancelWait}
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, StripDetail(err)
	}
	var who string
	var analyst bool
	err = conn.QueryRow(ctx, readerCheckSQL).Scan(&who, &analyst)
	if err == nil && !analyst {
		err = fmt.Errorf("%s: %w", who, ErrNotAnalyst)
	}
	if err != nil {
		return nil, errors.Join(StripDetail(err), conn.Close(context.WithoutCancel(ctx)))
	}
	return &Reader{conn: conn}, nil
}

// Close ends the connection.
func (r *Reader) Close(ctx context.Context) error { return r.conn.Close(ctx) }

// Read runs one statement. head is called once, before any row; row once for each,
// with cells that are good until it returns; when it returns false the rest is
// not read. An error of either ends reading and is returned as it is.
//
// Errors of the server keep its sentence where that speaks of the statement, and
// a sentence of ours where it might quote a value. They are of kind permanent,
// unless the connection broke.
func (r *Reader) Read(ctx context.Context, q Query, head func([]Column) error, row func([]Cell) (more bool, err error)) error {
	if q.Timeout <= 0 {
		q.Timeout = defaultQueryTimeout
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	tx, err := r.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return queryError(ctx, err)
	}
	enough, err := r.rows(ctx, stop, tx, q, head, row)
	if enough {
		err = nil // the server was told to stop
	}
	// A connection that broke has no transaction to end.
	rolled := tx.Rollback(context.WithoutCancel(ctx))
	if err == nil && !enough && rolled != nil && !errors.Is(rolled, pgx.ErrTxClosed) {
		return queryError(ctx, rolled)
	}
	return err
}

func (r *Reader) rows(ctx context.Context, stop func(), tx pgx.Tx, q Query, head func([]Column) error, row func([]Cell) (bool, error)) (enough bool, err error) {
	// Its first snapshot is taken here: from now on nothing makes it writable.
	if _, err := tx.Exec(ctx, "select set_config('statement_timeout', $1, true)", strconv.FormatInt(max(q.Timeout.Milliseconds(), 1), 10)); err != nil {
		return false, queryError(ctx, err)
	}
	r.read++
	name := "bateia_query_" + strconv.Itoa(r.read)
	described, err := r.conn.Prepare(ctx, name, q.SQL)
	if err != nil {
		return false, queryError(ctx, err)
	}
	if len(described.Fields) == 0 {
		return false, ErrNoColumns
	}
	if want, got := len(described.ParamOIDs), len(q.Args); want != got {
		return false, &pipeline.Error{Op: "run query", Kind: pipeline.KindPermanent, Err: fmt.Errorf("the statement has parameters, and %d of %d are given", got, want)}
	}
	columns := columnsOf(r.conn.TypeMap(), described.Fields)
	if err := head(columns); err != nil {
		return false, err
	}
	rows, err := tx.Query(ctx, name, append([]any{pgx.QueryResultFormats{pgtype.TextFormatCode}}, q.Args...)...)
	if err != nil {
		return false, queryError(ctx, err)
	}
	defer rows.Close()
	cells := make([]Cell, len(columns))
	for rows.Next() {
		for i, raw := range rows.RawValues() {
			cells[i] = Cell{column: &columns[i], raw: raw}
		}
		more, err := row(cells)
		if err != nil || !more {
			stop() // or closing would read the rest
			return err == nil, err
		}
	}
	return false, queryError(ctx, rows.Err())
}

// queryError makes an error of a statement fit for whoever typed it.
func queryError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return StripDetail(err)
	}
	if pg.Code == "57014" {
		return &pipeline.Error{Op: "run query", Kind: pipeline.KindPermanent, Err: ErrTooLong, Hint: "Ask for less, or give it more time with --timeout."}
	}
	if kind := kindOfState(pg.Code); kind != pipeline.KindPermanent && kind != pipeline.KindBusy {
		return StripDetail(err)
	}
	text := querySentence(pg)
	if pg.Position > 0 {
		text += fmt.Sprintf(" (at character %d)", pg.Position)
	}
	out := &pipeline.Error{Op: "run query", Kind: pipeline.KindPermanent, Err: &SQLError{State: pg.Code, Text: text}}
	switch class := pg.Code[:min(2, len(pg.Code))]; {
	case pg.Code == "42P01", pg.Code == "42501":
		out.Hint = "What can be read are the views of schema report: select * from information_schema.tables where table_schema = 'report'."
	case class == "42":
		out.Hint = pg.Hint // speaks of names in the statement
	}
	return out
}

// querySentence is the server's text where that can only quote the statement, and
// one of ours where it might quote a value that was read.
func querySentence(pg *pgconn.PgError) string {
	// The only syntax error without a place is that of several statements.
	if pg.Code == "42601" && pg.Position == 0 {
		return "one statement is taken, not several"
	}
	if text := publicText(pg); text != "" {
		return text
	}
	switch pg.Code {
	case "22012":
		return "division by zero"
	case "22P02", "22007", "22008", "22018":
		return "a text cannot be read as the type it is cast to"
	case "22003":
		return "a number is out of range"
	case "21000":
		return "a subquery gave more than one row"
	case "25001", "25006", "55000", "0A000":
		return pg.Message // names the command, or an object of the schema
	}
	return "the server refused the statement"
}
