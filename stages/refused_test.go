package stages_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// Rows that are refused, whatever for, make no value a shared one, and nothing of
// somebody erased is kept.
func TestRefusedRowsShareNoValue(t *testing.T) {
	t.Parallel()
	t.Run("of somebody erased", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.names = 2
		b.erase(t, phoneOf(phoneA))
		b.load(t, lead{Phone: phoneA, Name: "Ana"}, lead{Phone: phoneA, Name: "Bia"}, lead{Phone: phoneA, Name: "Caio"}, lead{Phone: phoneB})
		if n := b.count(t, "shared_values"); n != 0 {
			t.Errorf("%d shared values", n)
		}
	})
	t.Run("that match nobody", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.names = 2
		b.take(t, []lead{of("Ana")})
		b.take(t, []lead{of("Bia"), of("Caio")}, inMode(schemas.ModeUpdate))
		if n := b.count(t, "shared_values"); n != 0 {
			t.Errorf("%d shared values", n)
		}
	})
	t.Run("that name nobody by id", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.names = 2
		b.take(t, []lead{{Email: emailB, Name: "Ana", Phone: phoneA}, of("Bia")})
		b.load(t, lead{ID: "ba00000000000000000000ff", Email: emailB, Name: "Caio"})
		b.take(t, []lead{of("")})
		if n := len(b.people(t)); n != 1 {
			t.Errorf("%d prospects, want 1", n)
		}
	})
}

// A row by id that is rejected changes nothing of the others: it disputes no value and
// its name does not count.
func TestARowRejectedByIDChangesNoOther(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		names int
		base  []lead
		file  []lead
		edit  lead // of Zoé
		want  int
	}{
		{"disputes no value", -1, []lead{{Phone: phoneC, Name: "Zoé"}, {Email: emailB, Name: "Ana"}},
			[]lead{{Phone: phoneA, CPF: cpfAna, Email: emailB}, {CPF: cpfAna, Email: emailB}, {Phone: phoneA, CPF: cpfBia}}, lead{Email: emailB}, 3},
		{"has no name that counts", 2, []lead{{Phone: phoneC, Name: "Zoé"}},
			[]lead{{Email: emailB, Name: "Ana", City: "Canoas"}, of("Ana"), of("Bia")}, lead{Email: emailB, Name: "Caio"}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, with := range []bool{false, true} {
				b := setup(t)
				b.names = tt.names
				b.take(t, tt.base)
				file := tt.file
				if with {
					edit := tt.edit
					edit.ID = b.states(t)[0].ID
					file = append(file[:len(file):len(file)], edit)
				}
				run := b.plan(t, file)
				b.finish(t, run)
				if n := len(b.people(t)); n != tt.want || with != (ledgerOf(run).Rejected == 1) {
					t.Errorf("with the rejected row %v: %d prospects, want %d, %+v", with, n, tt.want, ledgerOf(run))
				}
			}
		})
	}
}

// No warning keeps a value of somebody erased, whatever else a row is refused for.
func TestWarningsKeepNoValueOfTheErased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	b.erase(t, schemas.Person{Named: []schemas.Identity{{Kind: identity.Phone, Value: phoneA}}})
	b.load(t, lead{Phone: phoneA, Name: "Ana", ID: "ba00000000000000000000ff"},
		lead{Phone: phoneA, Name: "Bia"}, lead{Phone: phoneA, Name: "Caio"}, lead{Phone: phoneA, Name: "Dora"}, lead{Phone: phoneB})
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		var n int
		err := tx.QueryRow(ctx, "select count(*) from issues where value = $1", phoneA).Scan(&n)
		if n != 0 {
			t.Errorf("%d issues keep the value", n)
		}
		return err
	})
}
