package stages_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// atMost sets with how many joining values rows still become one.
func atMost(n int) func(*pipeline.Run) {
	return func(r *pipeline.Run) { r.Account.Settings.MaxComponent = n }
}

// largest returns how many joining values the prospect has that has most.
func (b *bench) largest(t testing.TB) (n int) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
select coalesce(max(n), 0) from (
  select count(*) as n from identities i left join aliases a on a.account_id = i.account_id and a.alias_id = i.prospect_id
   where i.account_id = 1 and i.joins group by coalesce(a.survivor_id, i.prospect_id)) sizes`).Scan(&n)
	})
	return n
}

// No prospect grows beyond max_component, over however many files its values come,
// and the same files again find what they founded.
func TestComponentTooLargeOverFiles(t *testing.T) {
	t.Parallel()
	rows := []lead{{Phone: phoneA, Email: emailA}, {Phone: phoneB, Email: emailB}, {Phone: phoneA, Email: emailB, Name: "Ana"}}
	for _, tt := range []struct {
		name      string
		files     [][]lead
		prospects int
		warned    int64 // rows of the last file
	}{
		{"in one file", [][]lead{rows}, 3, 3},
		{"a bridge between two", [][]lead{rows[:2], rows[2:]}, 3, 1},
		{"rows that bring too much to one", [][]lead{rows[:1], rows[1:]}, 2, 2},
		{"row by row", [][]lead{rows[:1], rows[1:2], rows[2:]}, 3, 1},
		{"two who bring too much only together", [][]lead{rows[:1], {{Phone: phoneA, Email: "c@exemplo.com.br"}, {Email: emailA, Phone: phoneB}}}, 3, 2},
		{"one of two beside who is known", [][]lead{rows[:1], {{Phone: phoneA, City: "Canoas"}, {Email: emailA, Phone: phoneB, CPF: cpfAna}}}, 2, 1},
		{"a chain of two bridges", [][]lead{{rows[0], {Phone: phoneB}, {Email: emailB}}, {{Phone: phoneA, Email: emailB}, {Phone: phoneB, CPF: cpfAna}, {Email: emailA, CPF: cpfAna}}}, 2, 2},
		{"not more than the limit", [][]lead{rows[:1], {{Phone: phoneA, Email: emailB}}, {{Email: emailB, City: "Canoas"}}}, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var last *pipeline.Run
			for _, f := range tt.files {
				last = b.plan(t, f, atMost(3))
				b.finish(t, last)
				b.steady(t)
			}
			if got := len(b.people(t)); got != tt.prospects {
				t.Errorf("%d prospects, want %d\n%s", got, tt.prospects, b.shown(t))
			}
			if got := codesOf(last)["MATCH_COMPONENT_TOO_LARGE"]; got != tt.warned {
				t.Errorf("MATCH_COMPONENT_TOO_LARGE on %d rows, want %d", got, tt.warned)
			}
			if n := b.largest(t); n > 3 {
				t.Errorf("a prospect has %d joining values\n%s", n, b.shown(t))
			}
			before := b.dump(t)
			for i, f := range tt.files {
				run := b.plan(t, f, atMost(3))
				b.finish(t, run)
				if l := ledgerOf(run); l.Created+l.Updated+l.Rejected != 0 {
					t.Errorf("file %d again: ledger %+v, want nothing new", i+1, l)
				}
			}
			if diff := cmp.Diff(before, b.dump(t)); diff != "" {
				t.Errorf("the same files again changed the base (-before +after):\n%s", diff)
			}
			b.steady(t)
			if _, broken := b.broken(t); broken != "" {
				t.Error(broken)
			}
		})
	}
}

// A prospect that is at the limit, or beyond one that was lowered, is updated like any
// other, and who names it by id may bring a value.
func TestAFullProspectIsUpdated(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 3} {
		b := setup(t)
		b.take(t, []lead{{Phone: phoneA, Email: emailA, CPF: cpfAna, Name: "Ana"}})
		for _, l := range []lead{{Phone: phoneA, City: "Canoas"}, {Email: emailA, CPF: cpfAna, City: "Lajeado"}, {ID: b.states(t)[0].ID, Email: emailB, City: "Torres"}} {
			run := b.plan(t, []lead{l}, atMost(limit))
			b.finish(t, run)
			if diff := cmp.Diff(schemas.Ledger{Read: 1, Updated: 1}, ledgerOf(run)); diff != "" {
				t.Errorf("limit %d, %+v: ledger mismatch (-want +got):\n%s", limit, l, diff)
			}
			if codes := codesOf(run); len(codes) != 0 {
				t.Errorf("limit %d, %+v: codes %v, want none", limit, l, codes)
			}
		}
		if got := b.people(t); len(got) != 1 || len(got[0].Identities) != 4 || got[0].City != "Torres" {
			t.Errorf("limit %d: %+v, want one prospect in Torres with four values", limit, got)
		}
		b.steady(t)
	}
}

// Who was kept from a full prospect is found by what is its own when it says more, and
// comes to no third one.
func TestWhoIsKeptFromAFullProspectGrows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA, Email: emailA, CPF: cpfAna, Name: "Ana"}})
	for _, l := range []lead{{Phone: phoneA, Email: emailB, Name: "Bia"}, {Phone: phoneA, Email: emailB, City: "Canoas"}, {Phone: phoneA, Email: emailB, City: "Lajeado", CPF: cpfBia}} {
		run := b.plan(t, []lead{l}, atMost(3))
		b.finish(t, run)
		b.steady(t)
	}
	got := b.people(t)
	if len(got) != 2 || got[0].City != "" || got[1].City != "Lajeado" {
		t.Errorf("%+v, want Ana as she was and Bia in Lajeado\n%s", got, b.shown(t))
	}
	if _, broken := b.broken(t); broken != "" {
		t.Error(broken)
	}
}

// The limit holds too when the plan is made again because the base grew meanwhile.
func TestComponentTooLargeByTheTimeOfApply(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA, Email: emailA}}, atMost(3))
	run := b.plan(t, []lead{{Phone: phoneA, Email: emailB, Name: "Bia"}}, atMost(3))
	b.take(t, []lead{{Phone: phoneA, CPF: cpfAna}}, atMost(3))
	b.finish(t, run)
	if n := len(b.people(t)); n != 2 || b.largest(t) != 3 || codesOf(run)["MATCH_COMPONENT_TOO_LARGE"] != 1 {
		t.Errorf("%d prospects, %v\n%s", n, codesOf(run), b.shown(t))
	}
	b.steady(t)
}
