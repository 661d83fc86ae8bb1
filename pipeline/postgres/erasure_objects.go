package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/erasure_datasets.sql
	erasureDatasetsSQL string
	//go:embed sql/erasure_imports.sql
	erasureImportsSQL string
	//go:embed sql/erasure_import_done.sql
	erasureImportDoneSQL string
	//go:embed sql/erasure_others_rows.sql
	erasureOthersRowsSQL string
	//go:embed sql/erasure_forget_rows.sql
	erasureForgetRowsSQL string
	//go:embed sql/erasure_repin.sql
	erasureRepinSQL string
	//go:embed sql/erasure_reports.sql
	erasureReportsSQL string
	//go:embed sql/erasure_nameless.sql
	erasureNamelessSQL string
)

// ErasureImport is an import that an erasure looks through.
type ErasureImport struct {
	ID        schemas.ImportID
	State     schemas.State
	Object    schemas.ObjectPin // Key is "" for what read no object
	FileName  string
	Options   schemas.Options
	Sync      bool
	ResultKey string
	Touched   bool // the database had rows of the person
	// Rows that the database had, and where they lie; in parallel.
	Rows, Offsets, Lengths []int64
}

// Open reports whether its object is still to be read.
func (i ErasureImport) Open() bool {
	switch i.State {
	case schemas.Received, schemas.Planning, schemas.Ready:
		return true
	}
	return false
}

// ErasureImports returns the imports of the account that the erasure has not looked
// through, in the order of their ids.
func (db *DB) ErasureImports(ctx context.Context, e Erasure) ([]ErasureImport, error) {
	var out []ErasureImport
	err := db.InAccount(ctx, e.Account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, erasureImportsSQL, e.Account, e.ID)
		if err != nil {
			return fmt.Errorf("find imports: %w", err)
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (i ErasureImport, err error) {
			var options string
			var modified *time.Time
			o := &i.Object
			err = r.Scan(&i.ID, &i.State, &o.Bucket, &o.Key, &o.VersionID, &o.ETag, &o.Size, &modified, &i.FileName, &options, &i.Sync, &i.ResultKey,
				&i.Touched, &i.Rows, &i.Offsets, &i.Lengths)
			if modified != nil {
				o.Modified = modified.UTC()
			}
			if err != nil {
				return i, err
			}
			return i, json.Unmarshal([]byte(options), &i.Options)
		})
		if err != nil {
			return fmt.Errorf("find imports: %w", err)
		}
		return nil
	})
	return out, err
}

// Pinned reports whether an import of the account reads this version of an object.
func (db *DB) Pinned(ctx context.Context, account int32, o schemas.ObjectPin) (pinned bool, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select exists (select from bateia.imports where account_id = $1 and bucket = $2 and key = $3 and version_id = $4 and etag = $5)",
			account, o.Bucket, o.Key, o.VersionID, o.ETag).Scan(&pinned)
	})
	return pinned, err
}

// OthersRows returns which rows of imports became leads of somebody who is there.
func (db *DB) OthersRows(ctx context.Context, account int32, imports []schemas.ImportID, rows []int64) (map[int64]bool, error) {
	out := map[int64]bool{}
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		found, err := tx.Query(ctx, erasureOthersRowsSQL, account, imports, rows)
		if err != nil {
			return fmt.Errorf("find rows of others: %w", err)
		}
		list, err := pgx.CollectRows(found, pgx.RowTo[int64])
		for _, row := range list {
			out[row] = true
		}
		return err
	})
	return out, err
}

// EachIssueValue hands on what issues of the account's rows keep of cells.
func (db *DB) EachIssueValue(ctx context.Context, account int32, each func(id schemas.ImportID, row int64, value string) error) error {
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select import_id, row, value from bateia.issues where account_id = $1 and row is not null and value is not null", account)
		if err != nil {
			return fmt.Errorf("read issues: %w", err)
		}
		var id schemas.ImportID
		var row int64
		var value string
		_, err = pgx.ForEachRow(rows, []any{&id, &row, &value}, func() error { return each(id, row, value) })
		return err
	})
}

// ForgetRows leaves of rows of an import that they were there.
func ForgetRows(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID, rows []int64) error {
	if _, err := tx.Exec(ctx, erasureForgetRowsSQL, account, id, rows); err != nil {
		return fmt.Errorf("forget rows of import %s: %w", id, err)
	}
	return nil
}

// Overwriting says that the object under a key is being overwritten: until Repin it
// is no new drop. What is to be read of it waits, and whoever reads it now is fenced.
func Overwriting(ctx context.Context, tx pgx.Tx, account int32, pin schemas.ObjectPin, by schemas.ImportID, open []schemas.ImportID) error {
	_, err := tx.Exec(ctx, "insert into bateia.drops (account_id, bucket, key, version, import_id) values ($1, $2, $3, $4, $5) on conflict do nothing",
		account, pin.Bucket, pin.Key, erasing, by)
	if err != nil {
		return fmt.Errorf("mark drop: %w", err)
	}
	_, err = HoldPlans(ctx, tx, account, open)
	return err
}

// HoldPlans sends imports that are not written yet back to planning, for later, and
// fences whoever plans them: what is removed of them meanwhile does not come back. It
// reports whether there were any.
func HoldPlans(ctx context.Context, tx pgx.Tx, account int32, ids []schemas.ImportID) (some bool, err error) {
	for _, id := range ids {
		anew, err := planAnew(ctx, tx, account, id, 10*time.Minute)
		if err != nil {
			return some, err
		}
		some = some || anew
	}
	return some, nil
}

// Repin gives every import that read one object another one, which is no new drop.
func Repin(ctx context.Context, tx pgx.Tx, account int32, old, new schemas.ObjectPin, sha256 string, by schemas.ImportID) error {
	for _, version := range DropVersions(new) {
		_, err := tx.Exec(ctx, "insert into bateia.drops (account_id, bucket, key, version, import_id) values ($1, $2, $3, $4, $5) on conflict do nothing",
			account, new.Bucket, new.Key, version, by)
		if err != nil {
			return fmt.Errorf("remember drop: %w", err)
		}
	}
	if err := Overwritten(ctx, tx, account, old); err != nil {
		return err
	}
	var modified *time.Time
	if !new.Modified.IsZero() {
		modified = &new.Modified
	}
	_, err := tx.Exec(ctx, erasureRepinSQL, account, old.Bucket, old.Key, old.VersionID, old.ETag, new.Key, new.VersionID, new.ETag, new.Size, modified, sha256)
	if err != nil {
		return fmt.Errorf("pin object: %w", err)
	}
	return nil
}

// Overwritten ends Overwriting.
func Overwritten(ctx context.Context, tx pgx.Tx, account int32, pin schemas.ObjectPin) error {
	_, err := tx.Exec(ctx, "delete from bateia.drops where account_id = $1 and bucket = $2 and key = $3 and version = $4", account, pin.Bucket, pin.Key, erasing)
	if err != nil {
		return fmt.Errorf("unmark drop: %w", err)
	}
	return nil
}

// Nameless takes from an import the name of its file, whose object lay under key and
// lies there no more.
func Nameless(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID, key string) error {
	if _, err := tx.Exec(ctx, erasureNamelessSQL, account, id, key); err != nil {
		return fmt.Errorf("forget name of import %s: %w", id, err)
	}
	return nil
}

// LookedThrough records that imports were looked through. Those that spoke of the
// person lose their plan; one that waits is planned again, and of those that are over
// the report is owed again, with that of every other one whose results lay beside it.
// It returns what is owed, whose jobs the caller inserts.
func LookedThrough(ctx context.Context, tx pgx.Tx, e Erasure, imports []ErasureImport, touched bool, folders []string) (owed []Owed, again int64, err error) {
	ids := make([]schemas.ImportID, len(imports))
	for n, i := range imports {
		ids[n] = i.ID
	}
	if _, err := tx.Exec(ctx, erasureImportDoneSQL, e.Account, e.ID, ids, touched); err != nil {
		return nil, 0, fmt.Errorf("note imports: %w", err)
	}
	if !touched {
		return nil, 0, nil
	}
	for _, i := range imports {
		anew, err := planAnew(ctx, tx, e.Account, i.ID, ownJob)
		if err == nil && !anew {
			// What stores its plan after the commit must not store it any more.
			err = barPlans(ctx, tx, e.Account, []schemas.ImportID{i.ID})
		}
		if err != nil {
			return nil, 0, err
		}
		if anew {
			owed = append(owed, Owed{Account: e.Account, ImportID: i.ID, Phase: PhasePlan, Sync: i.Sync})
			again++
			continue
		}
		if err := savePlan(ctx, tx, e.Account, i.ID, "", ""); err != nil {
			return nil, 0, err
		}
	}
	rows, err := tx.Query(ctx, erasureReportsSQL, e.Account, ids, folders)
	if err != nil {
		return nil, 0, fmt.Errorf("find reports: %w", err)
	}
	reports, err := pgx.CollectRows(rows, pgx.RowTo[schemas.ImportID])
	if err != nil {
		return nil, 0, fmt.Errorf("find reports: %w", err)
	}
	for _, id := range reports {
		for _, phase := range writtenAgain {
			if err := Owe(ctx, tx, e.Account, id, phase, ownJob); err != nil {
				return nil, 0, err
			}
			owed = append(owed, Owed{Account: e.Account, ImportID: id, Phase: phase})
		}
	}
	return owed, again, nil
}

// writtenAgain are the phases that write objects from the database which speak of
// people: an erasure removes the objects, and these write them anew.
var writtenAgain = []Phase{PhaseReport}

// ErasureDatasets returns the imports whose datasets may speak of the person.
func (db *DB) ErasureDatasets(ctx context.Context, e Erasure) (ids []schemas.ImportID, err error) {
	err = db.InAccount(ctx, e.Account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, erasureDatasetsSQL, e.Account, e.ID)
		if err != nil {
			return fmt.Errorf("find datasets: %w", err)
		}
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[schemas.ImportID]); err != nil {
			return fmt.Errorf("find datasets: %w", err)
		}
		return nil
	})
	return ids, err
}

// OweDatasets makes the datasets of imports owed, whose files were removed, and
// returns them. The caller inserts their jobs.
func OweDatasets(ctx context.Context, tx pgx.Tx, account int32, ids []schemas.ImportID) (owed []Owed, err error) {
	for _, id := range ids {
		if err := Owe(ctx, tx, account, id, PhaseDatasets, ownJob); err != nil {
			return nil, err
		}
		owed = append(owed, Owed{Account: account, ImportID: id, Phase: PhaseDatasets})
	}
	return owed, nil
}

// planAnew sends an import that is not written yet back to planning, due after delay,
// and fences whoever plans it. It reports false for one that is over or being
// applied.
func planAnew(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID, delay time.Duration) (bool, error) {
	state, err := lockImport(ctx, tx, account, id)
	if err != nil {
		return false, err
	}
	switch state {
	case schemas.Received, schemas.Planning:
	case schemas.Ready:
		if err := move(ctx, tx, Claim{Account: account, ImportID: id}, schemas.Planning, "", false, state); err != nil {
			return false, err
		}
		// Somebody may have said apply: that holds, and the new plan goes on by itself.
		if err := finishWork(ctx, tx, Claim{Account: account, ImportID: id}, PhaseApply); err != nil {
			return false, err
		}
		if err := savePlan(ctx, tx, account, id, "", ""); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	return true, Owe(ctx, tx, account, id, PhasePlan, delay)
}
