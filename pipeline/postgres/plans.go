package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/old_plans.sql
var oldPlansSQL string

// OldPlan is a stored plan of an import that is over.
type OldPlan struct {
	ImportID schemas.ImportID
	Prefix   string
}

// OldPlans returns up to limit plans of imports of the account that ended longer
// than age ago, oldest first.
func (db *DB) OldPlans(ctx context.Context, account int32, age time.Duration, limit int) ([]OldPlan, error) {
	var out []OldPlan
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, oldPlansSQL, account, age, limit)
		if err != nil {
			return fmt.Errorf("find old plans: %w", err)
		}
		if out, err = pgx.CollectRows(rows, pgx.RowToStructByPos[OldPlan]); err != nil {
			return fmt.Errorf("find old plans: %w", err)
		}
		return nil
	})
	return out, err
}

// SetPlan stores where the plan of an applied import lies, when it was saved
// after the commit. It reports false when somebody whose rows it holds was erased
// meanwhile: then nothing is stored, and the files are to go.
func (db *DB) SetPlan(ctx context.Context, account int32, id schemas.ImportID, prefix, sha256 string) (stored bool, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var barred bool
		err := tx.QueryRow(ctx, "select 'plan' = any (expired) from bateia.imports where account_id = $1 and import_id = $2 for update", account, id).Scan(&barred)
		if err != nil {
			return fmt.Errorf("save plan of import %s: %w", id, err)
		}
		if stored = !barred; barred {
			return nil
		}
		return savePlan(ctx, tx, account, id, prefix, sha256)
	})
	return stored, err
}

// ForgetPlan records that the files of a plan are gone, and the pages of a sync.
func (db *DB) ForgetPlan(ctx context.Context, account int32, id schemas.ImportID) error {
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		if err := savePlan(ctx, tx, account, id, "", ""); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from bateia.omie_cursors where account_id = $1 and import_id = $2", account, id); err != nil {
			return fmt.Errorf("forget pages of import %s: %w", id, err)
		}
		return nil
	})
}

// savePlan stores prefix and hash, or that there is no plan when prefix is "".
func savePlan(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID, prefix, sha256 string) error {
	_, err := tx.Exec(ctx, "update bateia.imports set plan_prefix = nullif($3, ''), plan_sha256 = nullif($4, '') where account_id = $1 and import_id = $2",
		account, id, prefix, sha256)
	if err != nil {
		return fmt.Errorf("save plan of import %s: %w", id, err)
	}
	return nil
}
