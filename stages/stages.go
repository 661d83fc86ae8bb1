// Package stages lists the stages in the order in which a file passes them. The
// lists are all there is to the flow: nothing registers itself.
package stages

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/apply"
	"github.com/bateia/bateia/stages/dedupe"
	"github.com/bateia/bateia/stages/fetch"
	"github.com/bateia/bateia/stages/parse"
	"github.com/bateia/bateia/stages/resolve"
	"github.com/bateia/bateia/stages/sync"
	"github.com/bateia/bateia/stages/validate"
)

// Deps is what stages need of the world.
type Deps struct {
	Objects fetch.Store
	// InAccount runs fn in a transaction of Postgres that sees one account, and
	// runs it again from the start after a deadlock or serialization failure.
	InAccount func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error
	// Fingerprints make the hashes by which people are known who must never come
	// back. Needed for accounts that erased somebody.
	Fingerprints pipeline.Fingerprints
	// Exports returns the salts of those of the account's exports that are kept, and
	// Files has what they gave out. Without them every cell of an export that comes
	// back counts as an edit.
	Exports func(ctx context.Context, account int32, ids []schemas.ImportID) (map[schemas.ImportID]string, error)
	Files   PlanStore
}

// validator is the stage validate of files.
func (d Deps) validator() validate.Stage {
	if d.Exports == nil {
		return validate.Stage{}
	}
	return validate.Stage{Given: func(ctx context.Context, run *pipeline.Run, exports []schemas.ImportID) error {
		return given(ctx, d, run, exports)
	}}
}

// Hooks are what the job that runs apply adds to its transaction.
type Hooks struct {
	// Fence is called first: it returns an error of kind fenced when the claim on
	// the work is lost.
	Fence func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
	// Finish is called last: state and ledger of the import, follow-up jobs, the
	// completion of the job.
	Finish func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
}

// CSV is the way of a file to its plan. Nothing that others see is written.
func CSV(d Deps) []pipeline.Stage {
	return []pipeline.Stage{
		fetch.Stage{Store: d.Objects},
		parse.Stage{},
		d.validator(),
		dedupe.Stage{Shared: SharedValues(d)},
		resolver(d),
	}
}

// Omie is the way of a sync to its plan: another beginning, the same end. What an
// answer brought is validated beside the next calls.
func Omie(d Deps, s sync.Stage) []pipeline.Stage {
	ahead := &validate.Ahead{}
	s.Ahead = ahead
	return []pipeline.Stage{
		s,
		validate.Stage{Ahead: ahead},
		dedupe.Stage{Shared: SharedValues(d)},
		resolver(d),
	}
}

func resolver(d Deps) resolve.Stage {
	return resolve.Stage{InAccount: d.InAccount, Fingerprints: d.Fingerprints, Renew: renew, Regroup: dedupe.Again,
		Without: func(run *pipeline.Run) resolve.InAccount { return without(d, run) }}
}

// renew is the transaction's own view of shared values: since dedupe asked, another
// import may have been applied, or one taken back.
func renew(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	shared, joining, err := sharedValues(ctx, tx, run.Account.ID)
	if err != nil {
		return err
	}
	return dedupe.Renew(ctx, run, shared, joining)
}

// SharedValues returns what dedupe asks: which values of an account join only
// together with the same name, and which join whatever the names, because
// somebody reversed that. What ended with an undone import is neither.
func SharedValues(d Deps) func(ctx context.Context, account int32) (shared, joining []int64, err error) {
	return func(ctx context.Context, account int32) (shared, joining []int64, err error) {
		err = d.InAccount(ctx, account, func(tx pgx.Tx) (err error) {
			shared, joining, err = sharedValues(ctx, tx, account)
			return err
		})
		return shared, joining, err
	}
}

func sharedValues(ctx context.Context, tx pgx.Tx, account int32) (shared, joining []int64, err error) {
	rows, err := tx.Query(ctx, `
select v.k1, bool_or(v.revoked_at is null)
  from shared_values v left join imports i on i.account_id = v.account_id and i.import_id = v.import_id
 where v.account_id = $1 and (v.revoked_at is null or i.state is distinct from 'undone')
 group by v.k1 order by v.k1`, account)
	if err != nil {
		return nil, nil, pipeline.DatabaseError("read shared values", err)
	}
	var k1 int64
	var open bool
	_, err = pgx.ForEachRow(rows, []any{&k1, &open}, func() error {
		if open {
			shared = append(shared, k1)
		} else {
			joining = append(joining, k1)
		}
		return nil
	})
	return shared, joining, pipeline.DatabaseError("read shared values", err)
}

// Apply is the way of a plan into Postgres: one transaction.
func Apply(d Deps, h Hooks) []pipeline.Stage {
	return []pipeline.Stage{
		apply.Stage{InAccount: d.InAccount, TakeBack: takeBack, Resolve: resolver(d).In, Fewer: resolve.Fewer, Carry: carry,
			Fence: h.Fence, Finish: h.Finish},
	}
}
