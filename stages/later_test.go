package stages_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/history"
)

// applied is what an import leaves behind, as far as two ways to it are compared.
type applied struct {
	Ledger    schemas.Ledger
	Codes     map[string]int64
	Prospects []state
	Shared    []int64 // values that join only together with the same name
}

// applyLater applies a plan that is not of today, and compares with what a plan of
// today would have done: an import taken back and made again is no other than one
// that is taken back, and then made. What somebody confirmed is written as it was
// shown, or not at all.
func (p *play) applyLater(f taken, run *pipeline.Run) error {
	if p.script.Plain || run.Request.Confirmed {
		return p.applyFile(f, run) // the model and the laws tell
	}
	want, err := p.afresh(f, run)
	if err != nil {
		return &wrong{-1, "planned afresh: " + err.Error()}
	}
	if err := p.applyFile(f, run); err != nil {
		return err
	}
	got, err := p.outcome(p.t, run)
	if err != nil {
		return &wrong{-1, err.Error()}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return &wrong{p.blame(want.Prospects, got.Prospects), "planned earlier it ends otherwise than planned now (-now +earlier):\n" + diff}
	}
	return nil
}

// errLooked ends a transaction that was only to be looked at.
var errLooked = errors.New("looked at")

// afresh says what a plan of today does, and leaves the base as it was.
func (p *play) afresh(f taken, run *pipeline.Run) (out applied, err error) {
	next := p.next
	defer func() { p.next, p.within = next, nil }()
	err = p.db.InAccount(context.Background(), 1, func(tx pgx.Tx) error {
		p.within = tx
		if run.RedoOf != 0 {
			back := p.manual()
			back.UndoOf = run.RedoOf
			if err := (history.Undo{Hooks: p.hooks()}).Run(context.Background(), back); err != nil {
				return err
			}
		}
		now, err := p.tryPlan(p.t, f.rows, f.ask, func(r *pipeline.Run) { r.ImportID = run.ImportID })
		if err != nil {
			return err
		}
		now.RedoOf = run.RedoOf // decisions about its rows are carried over
		if err := p.tryApply(now); err != nil {
			return err
		}
		if out, err = p.outcome(p.t, now); err != nil {
			return err
		}
		return errLooked
	})
	if errors.Is(err, errLooked) {
		err = nil
	}
	return out, err
}

func (b *bench) outcome(t testing.TB, run *pipeline.Run) (applied, error) {
	out := applied{Ledger: run.Facts.Ledger, Codes: codesOf(run), Prospects: b.states(t)}
	err := b.inAccount(context.Background(), 1, func(tx pgx.Tx) error {
		rows, err := tx.Query(context.Background(), "select distinct k1 from shared_values where revoked_at is null order by 1")
		if err != nil {
			return err
		}
		out.Shared, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	return out, err
}

// blame returns the world of the first prospect that is not the same in both.
func (p *play) blame(want, got []state) int {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			return p.of(want[i].ID)
		case i >= len(want) || !cmp.Equal(want[i], got[i]):
			return p.of(got[i].ID)
		}
	}
	return -1
}
