package stages_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/stages"
)

// What somebody confirmed merges whom it showed, and nobody else.
func TestAConfirmedPlanMergesNobodyElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Ana"}})
	run := b.plan(t, []lead{{Phone: phoneA, Email: emailB, External: "crm:1", Name: "Ana"}, {Phone: phoneA, External: "crm:2", Name: "Ana"}})
	run.Request.Confirmed = true
	b.take(t, []lead{{External: "crm:2", Name: "Ana"}})
	b.finish(t, run)
	if l := ledgerOf(run); l.Conflict != 2 || run.Facts.Counts.Merged != 0 {
		t.Errorf("ledger %+v, merged %d: the plan that was shown merged one", l, run.Facts.Counts.Merged)
	}
	b.steady(t)
}

// A plan whose conflicts were found by an attempt that failed is made again by the
// next one when the base moved in between, as if that attempt had never been.
func TestConflictsOfAnAttemptThatFailed(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]bool{"undisturbed": false, "after an attempt": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.names = 2
			run := b.plan(t, []lead{{Email: emailB, Name: "Ana", City: "Canoas"}, {Email: emailB, Name: "Bia", Phone: phoneA}, {Email: emailB, Name: "Caio", Phone: phoneB}})
			run.Request.Confirmed = true
			b.take(t, []lead{of("Ana"), {Phone: phoneA}, {Phone: phoneB}})
			if cut {
				nothing := func(context.Context, pgx.Tx, *pipeline.Run) error { return nil }
				fails := func(context.Context, pgx.Tx, *pipeline.Run) error { return errCut }
				err := stages.Apply(b.deps(), stages.Hooks{Fence: nothing, Finish: fails})[0].Run(t.Context(), run)
				if !errors.Is(err, errCut) {
					t.Fatal(err)
				}
			}
			b.take(t, []lead{{Phone: phoneC}})
			b.finish(t, run)
			if l := ledgerOf(run); l.Conflict != 3 {
				t.Errorf("ledger %+v, want three conflicts", l)
			}
			b.steady(t)
		})
	}
}

// An import that only says things again moves the base, too: what was said last
// decides.
func TestWhatIsSaidAgainMovesTheBase(t *testing.T) {
	t.Parallel()
	t.Run("before a merge", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}})
		b.take(t, []lead{{Email: emailB, Name: "Ana", City: "Lajeado"}})
		run := b.plan(t, []lead{{Phone: phoneA, Email: emailB}})
		b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}})
		b.finish(t, run)
		b.steady(t)
	})
	t.Run("before a whole record", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		erp := func(r *pipeline.Run) { r.Source.Kind = "omie" }
		in := func(city string) []lead { return []lead{{External: "omie:1", Name: "Ana", City: city}} }
		b.take(t, in("Canoas"), erp)
		b.take(t, in("Lajeado"), erp)
		b.take(t, []lead{{ID: b.states(t)[0].ID, City: "Canoas"}})
		run := b.plan(t, in("Lajeado"), erp)
		b.take(t, in("Canoas"), erp)
		b.finish(t, run)
		b.steady(t)
	})
}
