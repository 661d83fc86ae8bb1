package pipeline

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// DatabaseError wraps an error of Postgres. What Postgres says beside the
// SQLSTATE can carry values of rows (DETAIL, and many a MESSAGE), so only the
// state is kept.
func DatabaseError(op string, err error) error {
	if err == nil {
		return nil
	}
	var p *Error
	if errors.As(err, &p) {
		return err
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		// Not from the server: the connection broke, or the context ended.
		return &Error{Op: op, Kind: KindTransient, Err: err}
	}
	kind := KindPermanent
	switch pg.Code[:2] {
	case "08", // connection
		"40", // deadlock, serialization
		"53", // out of connections, disk or memory
		"57": // shut down, canceled
		kind = KindTransient
	}
	return &Error{Op: op, Kind: kind, Err: errors.New("SQLSTATE " + pg.Code)}
}
