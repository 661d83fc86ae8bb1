package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/bateia/bateia/pipeline"
)

// SQLError is what is kept of an error of the server: names of the schema, and
// no value of a row. Text is the server's sentence for the classes that speak of
// the statement, the connection or the server only: 42 (syntax, missing objects,
// rights), 28 and 3D (login), 53 (resources) and 57 (shutdown, cancel).
type SQLError struct {
	State      string // SQLSTATE, five characters
	Table      string // "" when the server named none
	Constraint string
	Text       string
}

func (e *SQLError) Error() string {
	var b strings.Builder
	b.WriteString("SQLSTATE " + e.State)
	if e.Table != "" {
		b.WriteString(" on table " + e.Table)
	}
	if e.Constraint != "" {
		b.WriteString(", constraint " + e.Constraint)
	}
	if e.Text != "" {
		b.WriteString(": " + e.Text)
	}
	return b.String()
}

// SQLState returns the SQLSTATE of the server's error in the chain, stripped or
// not, and "" when there is none. Stages, which do not know this package, strip
// with pipeline.DatabaseError: that leaves the state in the text only.
func SQLState(err error) string {
	var own *SQLError
	if errors.As(err, &own) {
		return own.State
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	if err != nil {
		if _, after, ok := strings.Cut(err.Error(), "SQLSTATE "); ok && len(after) >= 5 {
			return after[:5]
		}
	}
	return ""
}

// StripDetail makes an error of the database fit to be logged. The server's
// errors become a *pipeline.Error around a *SQLError whose kind says whether
// trying again can help; a lost connection becomes one of kind transient. What
// stood before the server's text ("insert import") is kept as Op, and a
// *pipeline.Error further out keeps its stage, code and kind. Other errors are
// returned as they are, except those of argument encoding, which quote values.
func StripDetail(err error) error {
	if err == nil {
		return nil
	}
	var own *pipeline.Error
	errors.As(err, &own)
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &pg):
		return around(own, opBefore(err, pg), kindOfState(pg.Code), &SQLError{
			State: pg.Code, Table: pg.TableName, Constraint: pg.ConstraintName, Text: publicText(pg),
		})
	case own != nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, pgx.ErrNoRows):
		return err
	case errors.As(err, &connect), isConnection(err):
		return around(nil, "reach database", pipeline.KindTransient, plainConnection(err))
	case strings.Contains(err.Error(), "unable to encode"), strings.Contains(err.Error(), "can't scan into"):
		return around(nil, "query database", pipeline.KindPermanent, errors.New("an argument or column has an unexpected type"))
	}
	return err
}

// around builds the public error; what an outer error said wins.
func around(outer *pipeline.Error, op string, kind pipeline.Kind, cause error) error {
	e := &pipeline.Error{Op: op, Kind: kind, Err: cause}
	if outer != nil {
		e.Stage, e.Code, e.Hint = outer.Stage, outer.Code, outer.Hint
		if outer.Op != "" {
			e.Op = outer.Op
		}
		// Permanent is what nobody decided: a lost connection stays transient.
		if outer.Kind != "" && outer.Kind != pipeline.KindPermanent {
			e.Kind = outer.Kind
		}
	}
	return e
}

// opBefore returns our own words before the text of the server's error.
func opBefore(err error, pg *pgconn.PgError) string {
	before, found := strings.CutSuffix(err.Error(), pg.Error())
	if before = strings.TrimSuffix(before, ": "); !found || before == "" {
		return "query database"
	}
	return before
}

func publicText(pg *pgconn.PgError) string {
	switch pg.Code[:min(2, len(pg.Code))] {
	case "42", "28", "3D", "57", "53":
		return pg.Message
	}
	return ""
}

// kindOfState says what a SQLSTATE means for the work. Classes 08 (connection),
// 53 (resources), 57P (shutdown) and the two conflicts of concurrent
// transactions pass; 55P03 is a lock somebody else holds.
func kindOfState(state string) pipeline.Kind {
	switch {
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "53"), strings.HasPrefix(state, "57P"):
		return pipeline.KindTransient
	case state == "40001", state == "40P01", state == "57014":
		return pipeline.KindTransient
	case state == "55P03":
		return pipeline.KindBusy
	}
	return pipeline.KindPermanent
}

// isConnection reports whether the connection broke under a statement.
func isConnection(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) || errors.Is(err, pgconn.ErrConnClosed) ||
		strings.Contains(err.Error(), "closed pool")
}

// plainConnection keeps what helps (which host refused) and drops the wrapping.
func plainConnection(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF
	}
	return errors.New("connection lost or refused")
}

// Retryable reports whether a transaction that failed with err may simply run
// again: a deadlock or a serialization failure.
func Retryable(err error) bool {
	state := SQLState(err)
	return state == "40001" || state == "40P01"
}
