package stages_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// drawing is a file of people who are to have an owner of Sul.
func drawing(people ...int) (leads []lead) {
	for _, n := range people {
		leads = append(leads, lead{Email: fmt.Sprintf("p%d@exemplo.com.br", n), Owner: sul})
	}
	return leads
}

// shares tells how many turns of Sul are in force, by member.
func (b *bench) shares(t testing.TB) map[string]int {
	t.Helper()
	out := map[string]int{"ana": 0, "beto": 0, "carla": 0}
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select owner, count(*)::int from draws where folded = 'sul' group by owner")
		if err != nil {
			return err
		}
		var owner string
		var n int
		_, err = pgx.ForEachRow(rows, []any{&owner, &n}, func() error {
			out[owner] = n
			return nil
		})
		return err
	})
	return out
}

// drawnBy tells whose people are, in the order of their numbers.
func (b *bench) drawnBy(t testing.TB) string {
	t.Helper()
	var out []string
	for _, p := range b.states(t) {
		out = append(out, fmt.Sprintf("%s %s", strings.TrimSuffix(p.Email, "@exemplo.com.br"), p.Owner))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (b *bench) members(t testing.TB, change func(*schemas.Distribution)) {
	t.Helper()
	_, err := b.db.ChangeDistribution(context.Background(), 1, "Sul", func(d *schemas.Distribution) error { change(d); return nil })
	if err != nil {
		t.Fatal(err)
	}
}

// Turns that ended with an undo come back, and are the next ones.
func TestTurnsComeBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(b *bench)
		want string
	}{
		{"from between others", func(b *bench) {
			b.take(t, drawing(1))
			second := b.take(t, drawing(2))
			b.take(t, drawing(3))
			b.undo(t, second)
			b.take(t, drawing(4, 5))
		}, "p1 ana, p3 carla, p4 beto, p5 ana"},
		{"of two imports", func(b *bench) {
			first := b.take(t, drawing(1))
			second := b.take(t, drawing(2))
			b.take(t, drawing(3))
			b.undo(t, first)
			b.undo(t, second)
			b.take(t, drawing(4, 5, 6))
		}, "p3 carla, p4 beto, p5 ana, p6 ana"},
		{"to the same people when it is made again", func(b *bench) {
			first := b.take(t, drawing(1, 2))
			second := b.take(t, drawing(3, 4, 5, 6, 7))
			b.take(t, drawing(8, 9))
			b.undo(t, first)
			b.take(t, drawing(3, 4, 5, 6, 7), func(r *pipeline.Run) { r.RedoOf = second })
		}, "p3 carla, p4 ana, p5 beto, p6 carla, p7 ana, p8 beto, p9 carla"},
		{"to the same people when they are imported again", func(b *bench) {
			first := b.take(t, drawing(1, 2, 3, 4, 5))
			b.take(t, drawing(6, 7))
			b.undo(t, first)
			b.take(t, drawing(1, 2, 3, 4, 5, 8))
		}, "p1 ana, p2 beto, p3 carla, p4 ana, p5 beto, p6 carla, p7 ana, p8 beto"},
		{"for the others when it is made again with fewer people", func(b *bench) {
			first := b.take(t, drawing(1, 2, 3, 4, 5))
			b.take(t, drawing(6))
			b.take(t, drawing(1, 2), func(r *pipeline.Run) { r.RedoOf = first })
			b.take(t, drawing(7, 8))
		}, "p1 ana, p2 beto, p6 carla, p7 ana, p8 beto"},
		{"not those that others ask for", func(b *bench) {
			first := b.take(t, drawing(1, 2))
			b.take(t, drawing(2, 3))
			b.undo(t, first)
			b.undo(t, first)
			b.take(t, drawing(4, 5))
		}, "p2 beto, p3 carla, p4 ana, p5 ana"},
		{"but to nobody who has left", func(b *bench) {
			first := b.take(t, drawing(1, 2))
			b.members(t, func(d *schemas.Distribution) { d.Leave("ana") })
			b.undo(t, first)
			b.take(t, drawing(3, 4, 5))
		}, "p3 beto, p4 carla, p5 beto"},
		{"but to nobody who leaves, also when he joins again", func(b *bench) {
			first := b.take(t, drawing(1, 2))
			b.undo(t, first)
			b.members(t, func(d *schemas.Distribution) { d.Leave("ana"); d.Join("ana") })
			b.take(t, drawing(3, 4, 5))
		}, "p3 beto, p4 carla, p5 ana"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := distributed(t)
			tt.do(b)
			if diff := cmp.Diff(tt.want, b.drawnBy(t)); diff != "" {
				t.Errorf("owners mismatch (-want +got):\n%s", diff)
			}
			b.steady(t)
		})
	}
}

// Whatever is imported, taken back and made again, in any order: after as many turns
// as came back the shares differ by one at most, and stay so.
func TestSharesStayEvenOverUndos(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for seed := range uint64(3) {
		b.forget(t)
		b.distribute(t)
		r := rand.New(rand.NewPCG(seed, 1))
		files := map[schemas.ImportID][]lead{}
		var ids []schemas.ImportID
		var told []string
		next, ended := 1, 0
		file := func() (leads []lead) {
			for range 1 + r.IntN(5) {
				who := 1 + r.IntN(next) // some that are there, and new ones
				next = max(next, who+1)
				leads = append(leads, drawing(who)...)
			}
			return leads
		}
		total := func() (n int) {
			for _, s := range b.shares(t) {
				n += s
			}
			return n
		}
		for range 10 {
			switch what := r.IntN(4); {
			case what < 2 || len(ids) == 0:
				f := file()
				id := b.take(t, f)
				files[id], ids = f, append(ids, id)
				told = append(told, fmt.Sprintf("import %d of %d rows", id&4095, len(f)))
			default:
				i := r.IntN(len(ids))
				id, before := ids[i], total()
				ids = slices.Delete(ids, i, i+1)
				if what == 2 {
					b.undo(t, id)
					ended += max(0, before-total())
					told = append(told, fmt.Sprintf("undo %d", id&4095))
					continue
				}
				was := b.drawnBy(t)
				again := b.take(t, files[id], func(r *pipeline.Run) { r.RedoOf = id })
				if diff := cmp.Diff(was, b.drawnBy(t)); diff != "" {
					t.Errorf("seed %d, %v: made again %d gives other owners (-was +now):\n%s", seed, told, id&4095, diff)
				}
				files[again], ids = files[id], append(ids, again)
				told = append(told, fmt.Sprintf("redo %d as %d", id&4095, again&4095))
			}
		}
		var more []int
		for n := range ended {
			more = append(more, 1000+n)
		}
		b.take(t, drawing(more...))
		for n := range 2 {
			s := b.shares(t)
			low, high := min(s["ana"], s["beto"], s["carla"]), max(s["ana"], s["beto"], s["carla"])
			if high-low > 1 {
				t.Errorf("seed %d, %v: shares %v", seed, told, s)
			}
			b.take(t, drawing(2000+n))
		}
		b.steady(t)
	}
}
