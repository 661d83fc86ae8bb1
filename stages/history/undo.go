package history

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/touched.sql
	touchedSQL string
	//go:embed sql/confirmed.sql
	confirmedSQL string
	//go:embed sql/alone.sql
	aloneSQL string
	//go:embed sql/gone_counts.sql
	goneCountsSQL string
	//go:embed sql/gone_identities.sql
	goneIdentitiesSQL string
	//go:embed sql/gone_prospects.sql
	goneProspectsSQL string
	//go:embed sql/revoke.sql
	revokeSQL string
)

// Codes of refusals.
const (
	CodeNotApplied = "UNDO_NOT_APPLIED"
	CodeOfUndo     = "UNDO_OF_UNDO"
	CodeExpired    = "UNDO_EXPIRED"
)

// Hooks are what the job that runs a stage adds to its transaction, as for the
// stage that applies.
type Hooks struct {
	// InAccount runs fn in a transaction that sees one account, and runs it again
	// from the start after a deadlock or a serialization failure.
	InAccount func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error
	// Fence is the first thing in the transaction after the lock: it returns an
	// error of kind fenced when the claim on the work is lost.
	Fence func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
	// Finish is the last thing: state, ledger, events, follow-up jobs, and the
	// completion of the job that runs this.
	Finish func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
}

// run does something in a transaction that holds the account's lock.
func (h Hooks) run(ctx context.Context, run *pipeline.Run, do func(tx pgx.Tx) (Summary, error)) error {
	return h.InAccount(ctx, run.Account.ID, func(tx pgx.Tx) error {
		if err := pipeline.LockAccount(ctx, tx, run.Account.ID); err != nil {
			return err
		}
		if err := h.Fence(ctx, tx, run); err != nil {
			return err
		}
		s, err := do(tx)
		if err != nil {
			return err
		}
		// None of these imports reads a row, so the ledger balances at nothing.
		run.Facts.Ledger, run.Facts.Effect = schemas.Ledger{}, &s
		run.Facts.Counts = schemas.ProspectCounts{Created: s.Founded, Updated: s.Updated + s.Restored, Merged: s.Merged}
		if err := run.Facts.Ledger.Check(); err != nil {
			return err
		}
		return h.Finish(ctx, tx, run)
	})
}

// Undo takes back the import that run.UndoOf names. An import that was taken
// back already is left alone. It returns an error of kind busy when another
// import of the account is being applied.
type Undo struct {
	Hooks
	// Done is called with what was done, in the transaction. It may be nil.
	Done func(Summary)
}

// Name implements pipeline.Stage.
func (Undo) Name() string { return schemas.StageApply }

// Run implements pipeline.Stage.
func (u Undo) Run(ctx context.Context, run *pipeline.Run) error {
	return u.run(ctx, run, func(tx pgx.Tx) (Summary, error) {
		s, err := UndoIn(ctx, tx, run, run.UndoOf)
		if err == nil && u.Done != nil {
			u.Done(s)
		}
		return s, err
	})
}

// UndoIn takes an import back inside a transaction that holds the account's lock.
// What changes is kept in before-images under the id of run. Errors have the
// codes above when the import cannot be taken back.
func UndoIn(ctx context.Context, tx pgx.Tx, run *pipeline.Run, id schemas.ImportID) (Summary, error) {
	done, err := undoable(ctx, tx, run.Account.ID, id)
	if err != nil || done {
		return Summary{}, err
	}
	if _, err := tx.Exec(ctx, "select ensure_history($1)", int64(run.ImportID)); err != nil {
		return Summary{}, pipeline.DatabaseError("make history partitions", err)
	}
	e := &engine{tx: tx, account: run.Account.ID, by: run.ImportID, without: id, reason: "undo"}
	s, err := e.undo(ctx)
	if err != nil {
		return Summary{}, err
	}
	return s, e.settle(ctx, &s)
}

// Preview computes what taking an import back would do, and writes nothing but
// temporary tables. The transaction needs no lock.
func Preview(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (Summary, error) {
	done, err := undoable(ctx, tx, account, id)
	if err != nil || done {
		return Summary{}, err
	}
	e := &engine{tx: tx, account: account, without: id, dry: true}
	return e.undo(ctx)
}

// undoable reports whether the import was taken back already, and returns an
// error when it cannot be.
func undoable(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (done bool, err error) {
	var state schemas.State
	var undoOf *int64
	var expired bool
	err = tx.QueryRow(ctx, "select state, undo_of, 'leads' = any (expired) from imports where account_id = $1 and import_id = $2 for update", account, int64(id)).
		Scan(&state, &undoOf, &expired)
	refuse := func(code, why, hint string) error {
		return &pipeline.Error{Op: "undo import " + id.String(), Kind: pipeline.KindPermanent, Code: code, Err: errors.New(why), Hint: hint}
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, refuse(CodeNotApplied, "there is no such import", "Look for its id with “bateia imports”.")
	case err != nil:
		return false, pipeline.DatabaseError("read import", err)
	case undoOf != nil:
		return false, refuse(CodeOfUndo, "it took another import back", fmt.Sprintf("Import the same file again with “bateia redo %s”.", schemas.ImportID(*undoOf)))
	case state == schemas.Undone:
		return true, nil
	case expired && state == schemas.Applied:
		return false, refuse(CodeExpired, "its history is no longer kept", "Correct the prospects with an import in mode update.")
	case state != schemas.Applied:
		return false, refuse(CodeNotApplied, "it is "+string(state)+" and wrote nothing", "Only an import that was applied can be undone; one that waits is ended with “bateia cancel”.")
	}
	return false, nil
}

// undo computes and, unless the engine is dry, writes the base without the
// import.
func (e *engine) undo(ctx context.Context) (s Summary, err error) {
	if err := e.start(ctx); err != nil {
		return s, err
	}
	back, err := e.takeBack(ctx)
	if err != nil {
		return s, err
	}
	e.back = back
	if err := e.find(ctx, back == nil); err != nil {
		return s, err
	}
	var together []string
	if back != nil {
		if together, err = e.resolveIDs(ctx, append(back.ids(), back.others...)); err != nil {
			return s, err
		}
		if err := e.touch(ctx, together); err != nil {
			return s, err
		}
		between, err := e.touchBetween(ctx, e.without)
		if err != nil {
			return s, err
		}
		together = append(together, between...)
	}
	if err := e.touchApart(ctx); err != nil {
		return s, err
	}
	if err := e.drop(ctx, &s); err != nil {
		return s, err
	}
	ids, err := e.members(ctx)
	if err != nil {
		return s, err
	}
	count := see(&s)
	revert := func(b *bundle, leads []*lead) {
		back.revert(b, leads)
		e.merged(b, leads)
	}
	err = e.each(ctx, ids, together, revert, func(b *bundle, c *change) {
		count(b, c)
		keep(&s, c, e.tellers[e.without].Applied)
	})
	if err != nil {
		return s, err
	}
	return s, e.dropLabels(ctx, &s)
}

// find looks for the prospects that the import touched and, of those, the ones
// that go with it. What a decision touched is looked at in full.
func (e *engine) find(ctx context.Context, alone bool) error {
	steps := []struct{ table, sql string }{{"history_touched", touchedSQL}, {"history_confirmed", confirmedSQL}, {"history_gone", aloneSQL}}
	if !alone {
		steps = steps[:1]
	}
	for _, step := range steps {
		if err := e.exec(ctx, "fill "+step.table, step.sql, e.account, int64(e.without)); err != nil {
			return err
		}
		// Nothing else tells the planner how many there are.
		if err := e.exec(ctx, "analyze "+step.table, "analyze "+step.table); err != nil {
			return err
		}
	}
	return nil
}

// drop counts and deletes the prospects that go with the import.
func (e *engine) drop(ctx context.Context, s *Summary) error {
	err := e.tx.QueryRow(ctx, goneCountsSQL, e.account).Scan(&s.Deleted, &s.Identities, &s.ListMemberships, &s.TagMemberships)
	if err != nil {
		return pipeline.DatabaseError("count prospects that go", err)
	}
	if e.dry || s.Deleted == 0 {
		return nil
	}
	if err := e.exec(ctx, "delete identities", goneIdentitiesSQL, e.account); err != nil {
		return err
	}
	if err := e.endDraws(ctx, "and d.prospect_id in (select prospect_id from history_gone)"); err != nil {
		return err
	}
	return e.exec(ctx, "delete prospects", goneProspectsSQL, e.account)
}

// settle records that the import is taken back.
func (e *engine) settle(ctx context.Context, s *Summary) error {
	payload, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	for _, step := range []struct {
		op, sql string
		args    []any
	}{
		{"end merges", "update merges set undone_at = now() where account_id = $1 and import_id = $2 and undone_at is null", nil},
		{"revoke decisions", revokeSQL, nil},
		{"delete pairs apart", "delete from apart where account_id = $1 and import_id = $2", nil},
		{"revoke shared values", "update shared_values set revoked_at = now() where account_id = $1 and import_id = $2 and revoked_at is null", nil},
		{"set state", "update imports set state = 'undone' where account_id = $1 and import_id = $2", nil},
		{"write event", "insert into events (account_id, import_id, kind, payload) values ($1, $2, 'import.undone', $3)", []any{payload}},
	} {
		if err := e.exec(ctx, step.op, step.sql, append([]any{e.account, int64(e.without)}, step.args...)...); err != nil {
			return err
		}
	}
	if err := e.endDraws(ctx, "and d.import_id = $2", int64(e.without)); err != nil {
		return err
	}
	return e.raise(ctx)
}
