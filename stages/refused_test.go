package stages_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/stages"
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

// Who is forgiven between plan and apply comes in with the values of the warnings. The
// plan that was stored meanwhile has none of them.
func TestWarningsKeepTheValueOfTheForgiven(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	b.erase(t, phoneOf(phoneA))
	run := b.plan(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}, {Phone: phoneA, Name: "Caio"}, {Phone: phoneB}})
	if got := storedIssues(t, run, phoneA); got != 0 {
		t.Errorf("%d issues of the plan keep the value", got)
	}
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "with forgiven as (delete from suppressions returning account_id) update accounts set base_version = base_version + 1 where account_id in (select account_id from forgiven)")
		return err
	})
	b.apply(t, run)
	if l := ledgerOf(run); l.Skipped != 0 || l.Created != 4 {
		t.Errorf("ledger %+v, want all of them", l)
	}
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		var n int
		err := tx.QueryRow(ctx, "select count(*) from issues where code = 'IDENTITY_SHARED' and value = $1", phoneA).Scan(&n)
		if n != 3 {
			t.Errorf("%d warnings with the value, want 3", n)
		}
		return err
	})
	if got := storedIssues(t, run, phoneA); got != 3 {
		t.Errorf("%d issues of the plan that was applied have the value, want 3", got)
	}
}

// Who is erased between plan and apply leaves no value in a warning, and neither does
// the plan that is kept.
func TestWarningsKeepNoValueOfWhoIsErasedMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	run := b.plan(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}, {Phone: phoneA, Name: "Caio"}, {Phone: phoneB}})
	if got := storedIssues(t, run, phoneA); got != 3 {
		t.Errorf("%d issues of the plan have the value, want 3", got)
	}
	b.load(t, lead{Phone: phoneA})
	b.erase(t, phoneOf(phoneA))
	b.apply(t, run)
	if l := ledgerOf(run); l.Skipped != 3 {
		t.Errorf("ledger %+v, want three skipped", l)
	}
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		var n int
		err := tx.QueryRow(ctx, "select count(*) from issues where value is not null").Scan(&n)
		if n != 0 {
			t.Errorf("%d issues keep a value", n)
		}
		return err
	})
	if got := storedIssues(t, run, phoneA); got != 0 {
		t.Errorf("%d issues of the plan that was applied keep the value", got)
	}
}

// folder is a place of plans.
type folder string

func (f folder) PutFile(_ context.Context, key, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	to := filepath.Join(string(f), key)
	return errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, data, 0o600))
}

func (f folder) GetFile(_ context.Context, key, path string) error {
	data, err := os.ReadFile(filepath.Join(string(f), key))
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// storedIssues stores the plan of a run, and returns how many issues there have a value.
func storedIssues(t testing.TB, run *pipeline.Run, value string) (n int64) {
	t.Helper()
	store := folder(t.TempDir())
	prefix, sum, err := stages.SavePlan(t.Context(), store, run, "test")
	if err != nil {
		t.Fatal(err)
	}
	again := *run
	again.Dir = t.TempDir()
	w, err := duck.Open(t.Context(), again.Dir, duck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	again.Workset = w
	if err := stages.LoadPlan(t.Context(), store, &again, prefix, sum); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Scan(t.Context(), "select count(*) from issues where value = ?", []any{value}, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
