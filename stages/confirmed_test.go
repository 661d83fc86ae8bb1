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

// What changed of somebody who merges into another one, after a plan was shown, is not
// replaced silently either.
func TestAConfirmedPlanMergesWhomItShowed(t *testing.T) {
	t.Parallel()
	wins := func(r *pipeline.Run) {
		r.Request.Mapping.Options.Survivorship = "incoming_wins"
		r.Request.Confirmed = true
	}
	listed := func(r *pipeline.Run) { r.Request.Mapping.List = "Feira" }
	for _, tt := range []struct {
		name      string
		meanwhile func(t *testing.T, b *bench)
		want      int64 // conflicts
	}{
		{"nothing of theirs", func(t *testing.T, b *bench) { b.take(t, []lead{{Phone: phoneC}}) }, 0},
		{"the same said again", func(t *testing.T, b *bench) { b.take(t, []lead{{Email: emailB, Name: "Ana"}}) }, 0},
		{"less of the same", func(t *testing.T, b *bench) { b.take(t, []lead{{Email: emailB}}) }, 0},
		{"a value", func(t *testing.T, b *bench) { b.take(t, []lead{{Email: emailB, City: "Lajeado"}}) }, 2},
		{"an identity", func(t *testing.T, b *bench) { b.take(t, []lead{{Email: emailB, External: "crm:7"}}) }, 2},
		{"a list", func(t *testing.T, b *bench) { b.take(t, []lead{{Email: emailB, Name: "Ana"}}, listed) }, 2},
		{"a tag", func(t *testing.T, b *bench) { b.take(t, []lead{{Email: emailB, Tags: `["quente"]`}}) }, 2},
		{"a value that was taken back", func(t *testing.T, b *bench) {
			b.undo(t, b.take(t, []lead{{Email: emailB, City: "Lajeado"}}))
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}, {Email: emailB, Name: "Ana"}})
			run := b.plan(t, []lead{{Phone: phoneA, Email: emailB, City: "Esteio"}, {Email: emailB, City: "Esteio"}, {Phone: phoneB}}, wins)
			tt.meanwhile(t, b)
			b.finish(t, run)
			if l := ledgerOf(run); l.Conflict != tt.want {
				t.Errorf("ledger %+v, want %d conflicts", l, tt.want)
			}
			b.steady(t)
		})
	}
}

// Rows in conflict make no value a shared one for others of their file: where their
// names are needed for it, the others are in conflict, too.
func TestConflictsMakeNoValueShared(t *testing.T) {
	t.Parallel()
	names := []string{"Ana", "Bia", "Caio", "Dora", "Eva"}
	for _, tt := range []struct {
		name     string
		names    int
		conflict int64
		shared   int
	}{
		{"too few names without it", 3, 4, 0}, // also a row without a name
		{"enough names without it", 4, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.names = 2
			b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}})
			file := []lead{{Phone: phoneA, Email: emailB, Name: "Ana", City: "Esteio"}, {Email: emailB, City: "Gramado"}, {Phone: phoneC}}
			for i, name := range names[1:tt.names] {
				file = append(file, lead{Phone: phoneIn(1, i), Email: emailB, Name: name})
			}
			run := b.plan(t, file)
			run.Request.Confirmed = true
			b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Lajeado"}})
			b.finish(t, run)
			if l := ledgerOf(run); l.Conflict != tt.conflict {
				t.Errorf("ledger %+v, want %d conflicts", l, tt.conflict)
			}
			if n := b.count(t, "shared_values"); n != tt.shared {
				t.Errorf("%d shared values, want %d", n, tt.shared)
			}
			b.steady(t)
		})
	}
}

// One conflict leads to the next where one row's name makes two values shared.
func TestConflictsMakeNoValueSharedInTurn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}})
	run := b.plan(t, []lead{
		{Phone: phoneA, Email: emailB, Name: "Ana", City: "Esteio"},
		{Email: emailB, Name: "Bia"},
		{Email: emailB, External: "crm:1", Name: "Caio"},
		{External: "crm:1", Name: "Dora"},
		{External: "crm:1", Name: "Eva"},
		{Phone: phoneC, Name: "Eva"},
	})
	run.Request.Confirmed = true
	b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Lajeado"}})
	b.finish(t, run)
	if l, n := ledgerOf(run), b.count(t, "shared_values"); l.Conflict != 5 || l.Created != 1 || n != 0 {
		t.Errorf("ledger %+v, %d shared values; want five conflicts and no shared value", l, n)
	}
	b.steady(t)
}
