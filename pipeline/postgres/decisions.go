package postgres

import (
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

//go:embed sql/read_shared_values.sql
var readSharedValuesSQL string

//go:embed sql/read_decisions.sql
var readDecisionsSQL string

//go:embed sql/join_again.sql
var joinAgainSQL string

// SharedValue is a value that joins only together with the same name.
type SharedValue struct {
	Kind      identity.Kind
	Names     int // how many were seen with it, 0 when nobody counted
	DecidedAt time.Time
	Import    schemas.ImportID // that found it, 0 for none
	Value     string           // canonical; "" when no prospect has it any more
}

// Decision is what somebody decided about prospects or values.
type Decision struct {
	Kind      string          // merge, split, unmerge, shared, joining
	Subject   json.RawMessage // ids only
	Import    schemas.ImportID
	DecidedBy string
	DecidedAt time.Time
}

// ReadDecisions returns what is in force in an account: the values that became
// shared, and what people decided, both newest first.
func (db *DB) ReadDecisions(ctx context.Context, account int32) (shared []SharedValue, decisions []Decision, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, readSharedValuesSQL, account)
		if err != nil {
			return fmt.Errorf("read shared values: %w", err)
		}
		if shared, err = pgx.CollectRows(rows, pgx.RowToStructByPos[SharedValue]); err != nil {
			return fmt.Errorf("read shared values: %w", err)
		}
		if rows, err = tx.Query(ctx, readDecisionsSQL, account); err != nil {
			return fmt.Errorf("read decisions: %w", err)
		}
		decisions, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Decision, error) {
			var d Decision
			var subject string
			err := row.Scan(&d.Kind, &subject, &d.Import, &d.DecidedBy, &d.DecidedAt)
			d.Subject = json.RawMessage(subject)
			return d, err
		})
		if err != nil {
			return fmt.Errorf("read decisions: %w", err)
		}
		return nil
	})
	return shared, decisions, err
}

// JoinAgain lets a value that became shared join by itself from here on; what was
// told apart meanwhile stays apart until a row brings it together. It reports
// false when no decision holds the value. The error is of kind busy while an
// import of the account is being applied.
func (db *DB) JoinAgain(ctx context.Context, account int32, v identity.Value) (bool, error) {
	key := identity.Key(v.Kind, v.Canonical)
	var ended int64
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		if err := pipeline.LockAccount(ctx, tx, account); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, joinAgainSQL, account, int64(binary.BigEndian.Uint64(key[:8])), key).Scan(&ended); err != nil {
			return fmt.Errorf("end decision: %w", err)
		}
		if ended == 0 {
			return nil
		}
		// Plans that were made before do not know it.
		if _, err := tx.Exec(ctx, "update bateia.accounts set base_version = base_version + 1 where account_id = $1", account); err != nil {
			return fmt.Errorf("raise base version: %w", err)
		}
		return nil
	})
	return ended > 0, err
}
