package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/erasure_claim.sql
	erasureClaimSQL string
	//go:embed sql/erasures_due.sql
	erasuresDueSQL string
	//go:embed sql/erasure_save_rows.sql
	erasureSaveRowsSQL string
	//go:embed sql/read_erasures.sql
	readErasuresSQL string
	//go:embed sql/forgive.sql
	forgiveSQL string
)

// States of an erasure.
const (
	ErasureAsked   = "asked"   // nothing is removed yet
	ErasureObjects = "objects" // the database has nothing of the person; files may
	ErasureDone    = "done"
)

// Erasure is the removal of a person, claimed: its holder renews the claim, and
// every commit checks it.
type Erasure struct {
	Account int32
	ID      int64
	Epoch   int64
	State   string
	Uploads string // redact or delete
	Sealed  []byte // the person
	Removed schemas.Erased
}

// ErasureOf says what a sealed person belongs to.
func ErasureOf(id int64) string { return fmt.Sprintf("erasure %d", id) }

// AskErasure records that a person is to be removed, in a transaction of InAccount.
// seal seals the person for the erasure's id. The caller inserts the job.
func AskErasure(ctx context.Context, tx pgx.Tx, account int32, requestedBy, uploads string, seal func(id int64) ([]byte, error)) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, "insert into bateia.erasures (account_id, requested_by, uploads) values ($1, $2, $3) returning erasure_id",
		account, requestedBy, uploads).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("ask for erasure: %w", err)
	}
	sealed, err := seal(id)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, "update bateia.erasures set sealed = $3 where account_id = $1 and erasure_id = $2", account, id, sealed); err != nil {
		return 0, fmt.Errorf("ask for erasure: %w", err)
	}
	_, err = tx.Exec(ctx, "insert into bateia.erasure_work (erasure_id, account_id, not_before) values ($1, $2, now() + $3::interval)", id, account, ownJob)
	if err != nil {
		return 0, fmt.Errorf("owe erasure: %w", err)
	}
	return id, nil
}

// ClaimErasure takes an erasure for the time of a lease. ErrNotOwed when it is done;
// kind busy when somebody holds it.
func (db *DB) ClaimErasure(ctx context.Context, id int64, lease time.Duration) (Erasure, error) {
	e := Erasure{ID: id}
	err := db.Pool.QueryRow(ctx, erasureClaimSQL, id, lease).Scan(&e.Account, &e.Epoch)
	if errors.Is(err, pgx.ErrNoRows) {
		var owed bool
		if err := db.Pool.QueryRow(ctx, "select exists (select from bateia.erasure_work where erasure_id = $1)", id).Scan(&owed); err != nil {
			return e, StripDetail(fmt.Errorf("claim erasure: %w", err))
		}
		if !owed {
			return e, fmt.Errorf("claim erasure %d: %w", id, ErrNotOwed)
		}
		return e, &pipeline.Error{Op: fmt.Sprintf("claim erasure %d", id), Kind: pipeline.KindBusy, Err: errors.New("another worker holds it")}
	}
	if err != nil {
		return e, StripDetail(fmt.Errorf("claim erasure: %w", err))
	}
	return e, db.InAccount(ctx, e.Account, func(tx pgx.Tx) error {
		var removed []byte
		err := tx.QueryRow(ctx, "select state, uploads, sealed, removed::text from bateia.erasures where account_id = $1 and erasure_id = $2", e.Account, id).
			Scan(&e.State, &e.Uploads, &e.Sealed, &removed)
		if err != nil {
			return fmt.Errorf("read erasure: %w", err)
		}
		return json.Unmarshal(removed, &e.Removed)
	})
}

// RenewErasure pushes the end of the lease away. Error of kind fenced: somebody took
// it.
func (db *DB) RenewErasure(ctx context.Context, e Erasure, lease time.Duration) error {
	tag, err := db.Pool.Exec(ctx, "update bateia.erasure_work set lease_until = clock_timestamp() + $3::interval where erasure_id = $1 and epoch = $2", e.ID, e.Epoch, lease)
	if err != nil {
		return StripDetail(fmt.Errorf("renew claim: %w", err))
	}
	if tag.RowsAffected() == 0 {
		return fencedErasure(e)
	}
	return nil
}

// ReleaseErasure gives the claim back: the erasure is due again after delay.
func (db *DB) ReleaseErasure(ctx context.Context, e Erasure, delay time.Duration) error {
	_, err := db.Pool.Exec(ctx, "update bateia.erasure_work set lease_until = null, not_before = clock_timestamp() + $3::interval where erasure_id = $1 and epoch = $2", e.ID, e.Epoch, delay)
	return StripDetail(err)
}

// FenceErasure checks within a transaction that the claim still holds, and keeps it
// so until the transaction ends.
func FenceErasure(ctx context.Context, tx pgx.Tx, e Erasure) error {
	var held bool
	err := tx.QueryRow(ctx, "select true from bateia.erasure_work where erasure_id = $1 and epoch = $2 for update", e.ID, e.Epoch).Scan(&held)
	if errors.Is(err, pgx.ErrNoRows) {
		return fencedErasure(e)
	}
	if err != nil {
		return fmt.Errorf("check claim: %w", err)
	}
	return nil
}

func fencedErasure(e Erasure) error {
	return &pipeline.Error{Op: fmt.Sprintf("check claim on erasure %d", e.ID), Kind: pipeline.KindFenced, Err: fmt.Errorf("epoch %d is over", e.Epoch)}
}

// SaveErased records what the database lost, and where rows of the person lie in
// files; only objects are left to do.
func SaveErased(ctx context.Context, tx pgx.Tx, e Erasure, sealed []byte, rows []pipeline.RowPlace, imports []schemas.ImportID, removed schemas.Erased) error {
	count, err := json.Marshal(removed)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "update bateia.erasures set state = 'objects', sealed = $3, removed = $4, database_at = now() where account_id = $1 and erasure_id = $2", e.Account, e.ID, sealed, count)
	if err != nil {
		return fmt.Errorf("save erasure: %w", err)
	}
	var ids, numbers, offsets, lengths []int64
	for _, r := range rows {
		ids, numbers, offsets, lengths = append(ids, int64(r.Import)), append(numbers, r.Row), append(offsets, r.Offset), append(lengths, r.Length)
	}
	if _, err := tx.Exec(ctx, erasureSaveRowsSQL, e.Account, e.ID, ids, numbers, offsets, lengths); err != nil {
		return fmt.Errorf("save rows of erasure: %w", err)
	}
	_, err = tx.Exec(ctx, "insert into bateia.erasure_imports (account_id, erasure_id, import_id, touched) select $1, $2, id, true from unnest($3::bigint[]) id on conflict do nothing",
		e.Account, e.ID, imports)
	if err != nil {
		return fmt.Errorf("save imports of erasure: %w", err)
	}
	return barPlans(ctx, tx, e.Account, imports)
}

// barPlans keeps imports that are applied from storing their plan after the commit.
func barPlans(ctx context.Context, tx pgx.Tx, account int32, imports []schemas.ImportID) error {
	_, err := tx.Exec(ctx, "update bateia.imports set expired = expired || '{plan}' where account_id = $1 and import_id = any ($2) and 'plan' <> all (expired) and state in ('applying', 'applied', 'undone')", account, imports)
	if err != nil {
		return fmt.Errorf("bar plans: %w", err)
	}
	return nil
}

// FinishErasure records that nothing is left of the person, and wipes what was
// looked for.
func FinishErasure(ctx context.Context, tx pgx.Tx, e Erasure, removed schemas.Erased) error {
	count, err := json.Marshal(removed)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"update bateia.erasures set state = 'done', sealed = null, removed = $3, finished_at = now() where account_id = $1 and erasure_id = $2", []any{e.Account, e.ID, count}},
		{"delete from bateia.erasure_rows where account_id = $1 and erasure_id = $2", []any{e.Account, e.ID}},
		{"delete from bateia.erasure_imports where account_id = $1 and erasure_id = $2", []any{e.Account, e.ID}},
		{"delete from bateia.erasure_work where account_id = $1 and erasure_id = $2", []any{e.Account, e.ID}},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("finish erasure: %w", err)
		}
	}
	return nil
}

// OwedErasure is an erasure that waits for a worker.
type OwedErasure struct {
	Account int32
	ID      int64
}

// DueErasures returns up to limit erasures that are owed and have no job, and puts
// off their next turn by again. The caller inserts their jobs.
func DueErasures(ctx context.Context, tx pgx.Tx, limit int, again time.Duration) ([]OwedErasure, error) {
	rows, err := tx.Query(ctx, erasuresDueSQL, limit, again)
	if err != nil {
		return nil, fmt.Errorf("find owed erasures: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OwedErasure])
	if err != nil {
		return nil, fmt.Errorf("find owed erasures: %w", err)
	}
	return list, nil
}

// ErasureRecord is what is kept of an erasure: never who it was.
type ErasureRecord struct {
	ID          int64          `json:"erasure_id"`
	State       string         `json:"state"`
	RequestedBy string         `json:"requested_by"`
	Uploads     string         `json:"uploads"`
	Removed     schemas.Erased `json:"removed"`
	AskedAt     time.Time      `json:"asked_at"`
	FinishedAt  *time.Time     `json:"finished_at"`
	Suppressed  int64          `json:"on_the_list"` // hashes that still keep the person away
}

// ReadErasures returns the erasures of an account, newest first; with an id that one.
func (db *DB) ReadErasures(ctx context.Context, account int32, id int64) (out []ErasureRecord, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, readErasuresSQL, account, id)
		if err != nil {
			return fmt.Errorf("read erasures: %w", err)
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (e ErasureRecord, err error) {
			var removed []byte
			if err := r.Scan(&e.ID, &e.State, &e.RequestedBy, &e.Uploads, &removed, &e.AskedAt, &e.FinishedAt, &e.Suppressed); err != nil {
				return e, err
			}
			return e, json.Unmarshal(removed, &e.Removed)
		})
		return err
	})
	return out, err
}

// Suppressed reports whether the list of an account has one of the hashes, and since
// which erasure.
func (db *DB) Suppressed(ctx context.Context, account int32, hashes [][]byte) (erasure int64, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select coalesce(max(erasure_id), 0) from bateia.suppressions where account_id = $1 and hash = any ($2)", account, hashes).Scan(&erasure)
	})
	return erasure, err
}

// Forgive takes hashes off the list of an account, with all that the same erasures
// put there, and returns how many that were. Plans that were made before are made
// again.
func (db *DB) Forgive(ctx context.Context, account int32, hashes [][]byte) (n int64, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, forgiveSQL, account, hashes)
		if err != nil {
			return fmt.Errorf("end suppression: %w", err)
		}
		if n = tag.RowsAffected(); n == 0 {
			return nil
		}
		_, err = tx.Exec(ctx, "update bateia.accounts set base_version = base_version + 1 where account_id = $1", account)
		return err
	})
	return n, err
}

// OtherKeys reports whether the list of an account has hashes of secret keys that are
// not among the known ones.
func (db *DB) OtherKeys(ctx context.Context, account int32, known []int32) (some bool, err error) {
	if known == nil {
		known = []int32{}
	}
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select exists (select from bateia.suppressions where account_id = $1 and key_id <> all ($2))", account, known).Scan(&some)
	})
	return some, err
}
