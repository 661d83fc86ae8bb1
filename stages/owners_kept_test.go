package stages_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// distributed returns a base with the distributions Sul, of ana, beto and carla, and
// Norte, of xico.
func distributed(t *testing.T) *bench {
	b := setup(t)
	b.distribute(t)
	return b
}

func (b *bench) distribute(t testing.TB) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into distributions (account_id, folded, name, members) values (1, 'sul', 'Sul', '{ana,beto,carla}'), (1, 'norte', 'Norte', '{xico}')")
		return err
	})
}

// owners tells who has which leads, and the next turn of Sul, as the number of a member.
func (b *bench) owners(t testing.TB) (out []string) {
	for _, p := range b.states(t) {
		out = append(out, fmt.Sprintf("%q of %v", p.Owner, p.Leads))
	}
	for _, d := range b.distributions(t) {
		if d.Name == "Sul" {
			out = append(out, fmt.Sprintf("next %d", slices.Index(d.Members, d.Draw(1)[0])))
		}
	}
	return out
}

func (b *bench) distributions(t testing.TB) []schemas.Distribution {
	t.Helper()
	all, err := b.db.Distributions(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const (
	sul   = "distribution:Sul"
	norte = "distribution:Norte"
)

// Who drew an owner keeps the owner, whatever is merged, taken back or split.
func TestDrawnOwnersAreKept(t *testing.T) {
	t.Parallel()
	noOwner := func(r *pipeline.Run) {
		r.Facts.Fields = []string{"phone", "email", "name", "city", "tags", "document", "company"}
	}
	clear := func(r *pipeline.Run) { r.Request.Mapping.Options.Blank = "clear" }
	for _, tt := range []struct {
		name string
		do   func(b *bench)
		want []string
	}{
		{"two who drew become one", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}, {Email: emailB, Owner: sul}})
			b.take(t, []lead{{Phone: phoneA, Email: emailB}})
		}, []string{`"ana" of [1:1 1:2 2:1]`, "next 2"}},
		{"two who drew become one by a file without owners", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}, {Email: emailB, Owner: sul}})
			b.take(t, []lead{{Phone: phoneA, Email: emailB}}, noOwner)
		}, []string{`"ana" of [1:1 1:2 2:1]`, "next 2"}},
		{"one who drew and one who did not become one", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}})
			b.take(t, []lead{{Email: emailB, Name: "Ana"}})
			b.take(t, []lead{{Phone: phoneA, Email: emailB}}, noOwner)
		}, []string{`"ana" of [1:1 2:1 3:1]`, "next 1"}},
		{"the younger one drew", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA}})
			b.take(t, []lead{{Email: emailB, Owner: sul}})
			b.take(t, []lead{{Phone: phoneA, Email: emailB}}, noOwner)
		}, []string{`"ana" of [1:1 2:1 3:1]`, "next 1"}},
		{"undo of a bridge between two who drew", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}, {Email: emailB, Owner: sul}})
			b.undo(t, b.take(t, []lead{{Phone: phoneA, Email: emailB}}))
		}, []string{`"ana" of [1:1]`, `"beto" of [1:2]`, "next 2"}},
		{"undo of a second draw", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}})
			cleared := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}}, clear)
			again := b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas", Owner: sul}})
			b.undo(t, again)
			b.undo(t, cleared)
		}, []string{`"ana" of [1:1]`, "next 1"}},
		{"undo of the last turns", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}})
			b.undo(t, b.take(t, []lead{{Phone: phoneB, Owner: sul}, {Email: emailB, Owner: sul}, {Email: emailA, Owner: sul}, {Phone: phoneC, Owner: sul}}))
		}, []string{`"ana" of [1:1]`, "next 1"}},
		{"undo of turns between others", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}})
			second := b.take(t, []lead{{Phone: phoneB, Owner: sul}})
			b.take(t, []lead{{Phone: phoneC, Owner: sul}})
			b.undo(t, second)
		}, []string{`"ana" of [1:1]`, `"carla" of [3:1]`, "next 1"}},
		{"redo of the last turns", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}})
			second := b.take(t, []lead{{Phone: phoneB, Owner: sul}})
			b.take(t, []lead{{Phone: phoneB, Owner: sul}}, func(r *pipeline.Run) { r.RedoOf = second })
		}, []string{`"ana" of [1:1]`, `"beto" of [3:1]`, "next 2"}},
		{"undo of an owner over whom others asked to draw", func(b *bench) {
			first := b.take(t, []lead{{Phone: phoneA, Name: "Ana", Owner: "dora"}})
			b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas", Owner: sul}})
			b.undo(t, first)
		}, []string{`"" of [2:1]`, "next 0"}},
		{"undo of a draw over which others asked another distribution", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Name: "Ana"}})
			first := b.take(t, []lead{{Phone: phoneA, Name: "Ana", Owner: sul}})
			b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas", Owner: norte}})
			b.undo(t, first)
		}, []string{`"" of [1:1 3:1]`, "next 0"}},
		{"undo of a bridge after which somebody drew", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA}})
			b.take(t, []lead{{Email: emailB}})
			bridge := b.take(t, []lead{{Phone: phoneA, Email: emailB}})
			b.take(t, []lead{{Email: emailB, Name: "Bia", Owner: sul}})
			b.undo(t, bridge)
		}, []string{`"" of [1:1]`, `"ana" of [2:1 4:1]`, "next 1"}},
		{"split of the lead that drew", func(b *bench) {
			first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}})
			second := b.take(t, []lead{{Phone: phoneA, Name: "Bia", Owner: sul}})
			b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(second, 1))
		}, []string{`"" of [1:1]`, `"ana" of [2:1]`, "next 1"}},
		{"split of two leads that both ask", func(b *bench) {
			first := b.take(t, []lead{{Phone: phoneA, Owner: sul}, {Phone: phoneA, Name: "Ana", Owner: sul}})
			b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
		}, []string{`"ana" of [1:1]`, `"" of [1:2]`, "next 1"}},
		{"split of the lead that drew, beside an edit that asks", func(b *bench) {
			first := b.take(t, []lead{{Phone: phoneA, Owner: sul}})
			b.take(t, []lead{{ID: schemas.ProspectID(first, 1), City: "Canoas", Owner: sul}})
			b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 1))
		}, []string{`"" of [2:1]`, `"ana" of [1:1]`, "next 1"}},
		{"an edit of who was split off without a draw", func(b *bench) {
			first := b.take(t, []lead{{Phone: phoneA, Owner: sul}, {Phone: phoneA, Name: "Ana", Owner: sul}})
			cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
			b.take(t, []lead{{ID: schemas.ProspectID(cut, 1), City: "Canoas", Owner: sul}})
		}, []string{`"ana" of [1:1]`, `"beto" of [1:2 3:1]`, "next 2"}},
		{"who was split off without a draw has an owner by another file, and is merged", func(b *bench) {
			fills := func(r *pipeline.Run) { r.Request.Mapping.Options.Survivorship = "fill_only" }
			first := b.take(t, []lead{{Phone: phoneA, Owner: sul}, {Phone: phoneA, Name: "Ana", Email: emailA, Owner: sul}})
			b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
			b.take(t, []lead{{Email: emailA, Owner: "dora"}, {Email: emailB}}, fills)
			b.steady(t)
			b.take(t, []lead{{Email: emailA, CPF: cpfAna}, {Email: emailB, CPF: cpfAna}})
		}, []string{`"ana" of [1:1]`, `"dora" of [1:2 3:1 3:2 4:1 4:2]`, "next 1"}},
		{"asked again by a file that clears blanks", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}})
			b.take(t, []lead{{Phone: phoneA, Owner: sul}}, func(r *pipeline.Run) { r.Request.Mapping.Options.Blank = "clear" })
		}, []string{`"ana" of [1:1]`, "next 1"}},
		{"asked again after the owner was cleared", func(b *bench) {
			b.take(t, []lead{{Phone: phoneA, Owner: sul}})
			b.take(t, []lead{{Phone: phoneA, City: "Canoas"}}, func(r *pipeline.Run) { r.Request.Mapping.Options.Blank = "clear" })
			b.take(t, []lead{{Phone: phoneA, City: "Ivoti", Owner: sul}})
		}, []string{`"ana" of [1:1 2:1 3:1]`, "next 1"}},
		{"nobody is there to draw, and another file fills the owner", func(b *bench) {
			fills := func(r *pipeline.Run) { r.Request.Mapping.Options.Survivorship = "fill_only" }
			b.take(t, []lead{{Phone: phoneA, Owner: "distribution:Leste"}})
			b.take(t, []lead{{Phone: phoneA, Owner: "dora"}}, fills)
		}, []string{`"dora" of [1:1 2:1]`, "next 0"}},
		{"redo of two who were split off", func(b *bench) {
			file := []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia", Owner: sul}, {Phone: phoneB, Name: "Caio", Owner: sul}, {Phone: phoneB, Name: "Davi", Owner: sul}}
			first := b.take(t, file)
			b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
			b.split(t, schemas.ProspectID(first, 3), schemas.LeadID(first, 3))
			b.take(t, file, again(first))
		}, []string{`"ana" of [4:2]`, `"beto" of [4:3]`, `"" of [4:1]`, `"carla" of [4:4]`, "next 0"}},
		{"the ERP clears an owner that was to be drawn and was not, as it merges", func(b *bench) {
			b.take(t, []lead{{Email: emailA, Owner: "dora"}})
			first := b.take(t, []lead{{Email: emailB, Owner: sul}})
			b.take(t, []lead{{Phone: phoneA, Email: emailB, Owner: sul}}, erp)
			b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 1))
			b.take(t, []lead{{Phone: phoneA, Email: emailA, Name: "Ana"}}, erp, clear)
		}, []string{`"" of [1:1 3:1 5:1]`, `"ana" of [2:1]`, "next 1"}},
		{"split of the lead that drew, whose owner was cleared, and who stays asks", func(b *bench) {
			first := b.take(t, []lead{{Phone: phoneA}, {Phone: phoneA, Name: "Ana", Owner: sul}})
			b.take(t, []lead{{ID: schemas.ProspectID(first, 1), Email: emailA}}, clear)
			cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2), schemas.LeadID(first+1, 1))
			b.take(t, []lead{{ID: schemas.ProspectID(first, 1), City: "Canoas", Owner: sul}})
			b.steady(t)
			b.take(t, []lead{{ID: schemas.ProspectID(cut, 1), City: "Ivoti", Owner: sul}})
		}, []string{`"beto" of [1:1 4:1]`, `"ana" of [1:2 2:1 5:1]`, "next 2"}},
		{"undo of that split", func(b *bench) {
			first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}})
			second := b.take(t, []lead{{Phone: phoneA, Name: "Bia", Owner: sul}})
			b.undo(t, b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(second, 1)))
		}, []string{`"ana" of [1:1 2:1]`, "next 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := distributed(t)
			tt.do(b)
			if diff := cmp.Diff(tt.want, b.owners(t)); diff != "" {
				t.Errorf("owners mismatch (-want +got):\n%s", diff)
			}
			b.steady(t)
		})
	}
}
