package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// eraser removes a person from what lies in the bucket. Everything it does can be
// done again: it goes import by import, and notes each when nothing is left of it.
type eraser struct {
	*Service
	e       postgres.Erasure
	account schemas.Account
	person  schemas.Person
	says    func(text string) bool
	removed schemas.Erased
	dir     string
}

// objects looks through the objects of every import of the account. Files are read
// whole, as an import does: rows that were refused stand in no table by what they
// say.
func (x *eraser) objects(ctx context.Context) (err error) {
	if x.account, err = x.db.AccountByID(ctx, x.e.Account); err != nil {
		return err
	}
	// It has the name of an attempt, so that purge finds what a dead process left.
	x.dir = filepath.Join(x.cfg.ScratchDir, fmt.Sprintf("%s-erasure-%d", schemas.ImportID(0), x.e.ID))
	x.live.add(x.dir)
	defer x.live.remove(x.dir)
	if err := errors.Join(os.RemoveAll(x.dir), os.MkdirAll(x.dir, 0o700)); err != nil {
		return fmt.Errorf("make folder of the erasure: %w", err)
	}
	defer os.RemoveAll(x.dir) // what stays is purge's business

	hits, err := x.issues(ctx)
	if err != nil {
		return err
	}
	list, err := x.db.ErasureImports(ctx, x.e)
	if err != nil {
		return err
	}
	for _, group := range samePin(list) {
		if err := x.group(ctx, group, hits); err != nil {
			return err
		}
	}
	if err := x.strays(ctx); err != nil {
		return err
	}
	if err := x.exports(ctx); err != nil {
		return err
	}
	return x.datasets(ctx)
}

// issues finds the rows of which an issue keeps a cell that speaks of the person,
// also where the file is gone.
func (x *eraser) issues(ctx context.Context) (map[schemas.ImportID][]int64, error) {
	hits := map[schemas.ImportID][]int64{}
	err := x.db.EachIssueValue(ctx, x.e.Account, func(id schemas.ImportID, row int64, value string) error {
		if x.says(value) && !slices.Contains(hits[id], row) {
			hits[id] = append(hits[id], row)
		}
		return nil
	})
	return hits, err
}

// samePin puts imports together that read one object: a redo or replay reads that of
// another one.
func samePin(list []postgres.ErasureImport) [][]postgres.ErasureImport {
	var out [][]postgres.ErasureImport
	at := map[schemas.ObjectPin]int{}
	for _, i := range list {
		pin := i.Object
		pin.Modified, pin.Size = pin.Modified.UTC(), 0
		if n, some := at[pin]; some && pin.Key != "" {
			out[n] = append(out[n], i)
			continue
		}
		at[pin] = len(out)
		out = append(out, []postgres.ErasureImport{i})
	}
	return out
}

// group removes the person from all that belongs to imports of one object.
func (x *eraser) group(ctx context.Context, group []postgres.ErasureImport, hits map[schemas.ImportID][]int64) error {
	touched := false
	rows := map[int64]bool{}
	var ids []schemas.ImportID
	var candidates []int64
	for _, i := range group {
		ids = append(ids, i.ID)
		touched = touched || i.Touched
		for _, row := range i.Rows {
			rows[row] = true
		}
		candidates = append(candidates, hits[i.ID]...)
	}
	found, err := x.file(ctx, group, ids, rows)
	if err != nil {
		return err
	}
	others, err := x.db.OthersRows(ctx, x.e.Account, ids, candidates)
	if err != nil {
		return err
	}
	for _, row := range candidates {
		if !others[row] {
			rows[row] = true
		}
	}
	touched = touched || found || len(rows) > 0
	// A sync that is over needs its pages no more; which of them has the person
	// nobody needs to know.
	if !touched && !group[0].Sync {
		return x.done(ctx, group, nil, false, nil)
	}
	return x.forget(ctx, group, rows, touched)
}

// forget removes what was made of imports: plans, pages, results.
func (x *eraser) forget(ctx context.Context, group []postgres.ErasureImport, rows map[int64]bool, touched bool) error {
	err := x.db.InAccount(ctx, x.e.Account, func(tx pgx.Tx) error {
		if err := postgres.FenceErasure(ctx, tx, x.e); err != nil {
			return err
		}
		ids := make([]schemas.ImportID, len(group))
		for n, i := range group {
			ids[n] = i.ID
		}
		held, err := postgres.HoldPlans(ctx, tx, x.e.Account, ids)
		touched = touched || held
		return err
	})
	if err != nil {
		return err
	}
	var folders []string
	for _, i := range group {
		n, err := x.removeBelow(ctx, "plans/"+i.ID.String()+"/")
		if err != nil {
			return err
		}
		x.removed.Deleted += n
		if i.Sync {
			if err := x.db.ForgetPlan(ctx, x.e.Account, i.ID); err != nil {
				return err
			}
		}
		if folder := path.Dir(i.ResultKey) + "/"; touched && i.ResultKey != "" && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	for _, folder := range folders {
		n, err := x.removeBelow(ctx, folder)
		if err != nil {
			return err
		}
		x.removed.Deleted += n
	}
	numbers := make([]int64, 0, len(rows))
	for row := range rows {
		numbers = append(numbers, row)
	}
	slices.Sort(numbers)
	return x.done(ctx, group, numbers, touched, folders)
}

// done notes that imports were looked through, with what that makes owed.
func (x *eraser) done(ctx context.Context, group []postgres.ErasureImport, rows []int64, touched bool, folders []string) error {
	var again int64
	err := x.db.InAccount(ctx, x.e.Account, func(tx pgx.Tx) error {
		if err := postgres.FenceErasure(ctx, tx, x.e); err != nil {
			return err
		}
		for _, i := range group {
			if err := postgres.ForgetRows(ctx, tx, x.e.Account, i.ID, rows); err != nil {
				return err
			}
			if touched && x.says(i.FileName+" "+i.Object.Key) {
				if err := postgres.Nameless(ctx, tx, x.e.Account, i.ID, i.Object.Key); err != nil {
					return err
				}
			}
		}
		owed, n, err := postgres.LookedThrough(ctx, tx, x.e, group, touched, folders)
		if err != nil {
			return err
		}
		again = n
		return x.EnqueueTx(ctx, tx, owed...)
	})
	x.removed.PlannedAgain += again
	return err
}

// datasets removes the Parquet files of the imports that spoke of the person, and
// those that hold everybody; the former are written again from the database. They
// are owed after the files went: who writes one at this moment, from what the
// database was before, is waited for by the next one, which writes it again.
func (x *eraser) datasets(ctx context.Context) error {
	ids, err := x.db.ErasureDatasets(ctx, x.e)
	if err != nil {
		return err
	}
	if err := x.db.ForgetSnapshots(ctx, x.e.Account); err != nil {
		return err
	}
	of, everybody := "/account="+x.account.Slug+"/", schemas.DatasetFolder(schemas.DatasetSnapshot, x.account.Slug)
	n, err := x.cfg.Store.EraseBelow(ctx, schemas.DatasetPrefix, func(key string) bool {
		if !strings.Contains(key, of) {
			return false
		}
		id, known := schemas.ImportOfDatasetKey(key)
		return !known || slices.Contains(ids, id) || strings.HasPrefix(key, everybody)
	})
	x.removed.Deleted += n
	if err != nil {
		return storeError(err)
	}
	return x.db.InAccount(ctx, x.e.Account, func(tx pgx.Tx) error {
		if err := postgres.FenceErasure(ctx, tx, x.e); err != nil {
			return err
		}
		owed, err := postgres.OweDatasets(ctx, tx, x.e.Account, ids)
		if err != nil {
			return err
		}
		return x.EnqueueTx(ctx, tx, owed...)
	})
}

// exports removes the person from what files of prospects gave out.
func (x *eraser) exports(ctx context.Context) error {
	if len(x.person.Prospects) == 0 {
		return nil
	}
	list, err := x.db.AllExports(ctx, x.e.Account)
	if err != nil {
		return err
	}
	for _, export := range list {
		var had bool
		_, err := x.db.InExport(ctx, x.e.Account, export.ID, func() (forget bool, err error) {
			had, forget, err = x.cfg.People.LeaveExport(ctx, x.dir, export.ID, x.person.Prospects)
			return forget, err
		})
		if err != nil {
			return err
		}
		if had {
			x.removed.Redacted++
		}
	}
	return nil
}

// pinGone reports whether an object is not what it was when it was pinned.
func pinGone(err error) bool {
	return errors.Is(err, objstore.ErrNotFound) || errors.Is(err, objstore.ErrChanged)
}

// storeFailure keeps the name of an object out of an error of the store; others stay
// what they are.
func storeFailure(err error) error {
	var own *objstore.Error
	if !errors.As(err, &own) {
		return err
	}
	return storeError(err)
}
