package pipeline

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// lockClass is the first half of the advisory locks that apply, undo, merge and
// erase take for an account; the account id is the second.
const lockClass = 0x62617465 // "bate"

// Querier is the part of a transaction that LockAccount needs.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// LockAccount takes the account's lock until the transaction ends. It is the
// first statement of everything that changes prospects. It does not wait: it
// returns an error of kind busy when somebody else holds it.
func LockAccount(ctx context.Context, tx Querier, account int32) error {
	var locked bool
	if err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1, $2)", lockClass, account).Scan(&locked); err != nil {
		return DatabaseError("lock account", err)
	}
	if !locked {
		return &Error{Op: "lock account", Kind: KindBusy, Err: errors.New("another import of the account is being applied")}
	}
	return nil
}
