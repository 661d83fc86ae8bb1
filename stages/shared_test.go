package stages_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Values that too many names carry join nobody, however many files it took to
// see that; what is joined already stays joined.
func TestTooManyNamesOverSeveralFiles(t *testing.T) {
	t.Parallel()
	const phone = "+5511987654321"
	one := func(i int) lead {
		return lead{Phone: phone, Name: fmt.Sprintf("Pessoa %c", 'A'+i), Email: fmt.Sprintf("p%d@exemplo.com.br", i)}
	}
	b := setup(t)
	b.load(t, one(0), one(1)) // two names: one prospect
	if got := len(b.people(t)); got != 1 {
		t.Fatalf("%d prospects after the first file, want 1", got)
	}
	last := b.load(t, one(2), one(3), one(4), one(5)) // six names in all: the four found their own
	if got := len(b.people(t)); got != 5 {
		t.Errorf("%d prospects after the second file, want 5", got)
	}
	if got := codesOf(last)["IDENTITY_SHARED"]; got != 4 {
		t.Errorf("IDENTITY_SHARED on %d rows, want 4", got)
	}
	again := b.load(t, one(0), one(1), one(2), one(3), one(4), one(5))
	if l := ledgerOf(again); l.Created != 0 || l.Rejected != 0 || l.Unchanged+l.Duplicate+l.Updated != 6 {
		t.Errorf("the same people again: %+v", l)
	}
	b.load(t, lead{Phone: phone, Name: "Pessoa B"}, lead{Phone: phone, Name: "Pessoa D"}, lead{Phone: phone, Name: "Outra"})
	if got := len(b.people(t)); got != 6 {
		t.Errorf("%d prospects, want 6: two known names join, another does not", got)
	}
}

// What somebody said joins all the same goes on joining, however many names.
func TestReversedSharedValue(t *testing.T) {
	t.Parallel()
	const phone = "+5511987654321"
	var file []lead
	for i := range 6 {
		file = append(file, lead{Phone: phone, Name: fmt.Sprintf("Pessoa %c", 'A'+i)})
	}
	b := setup(t)
	b.load(t, file...)
	if got := len(b.people(t)); got != 6 {
		t.Fatalf("%d prospects, want 6", got)
	}
	err := b.db.InAccount(t.Context(), 1, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "update shared_values set revoked_at = now()")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		file[i].Email, file[i].Phone = fmt.Sprintf("p%d@exemplo.com.br", i), "+5511912345678"
	}
	b.load(t, file...) // another value of six names is shared as ever
	if got := len(b.people(t)); got != 12 {
		t.Errorf("%d prospects, want 12", got)
	}
	for i := range file {
		file[i].Email, file[i].Phone, file[i].City = "", phone, "Canoas"
	}
	if last := b.load(t, file...); codesOf(last)["IDENTITY_SHARED"] != 0 || ledgerOf(last).Created > 1 {
		t.Errorf("reversed value: %v %+v", codesOf(last), ledgerOf(last))
	}
}

// An account may join by the ids of its own system alone.
func TestExternalIDOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	only := func(run *pipeline.Run) { run.Account.Settings.MatchPolicy = schemas.MatchExternalID }
	rows := []lead{
		{External: "crm:1", Phone: "+5511987654321", Name: "Ana"},
		{External: "crm:2", Phone: "+5511987654321", Name: "Ana"},
		{External: "crm:1", Email: "ana@exemplo.com.br", Name: "Ana"},
		{Phone: "+5511987654321", Name: "Ana"},
	}
	b.apply(t, b.plan(t, rows, only))
	if got := len(b.people(t)); got != 3 {
		t.Errorf("%d prospects, want 3", got)
	}
	again := b.plan(t, rows, only)
	b.apply(t, again)
	if l := ledgerOf(again); l.Created != 0 || l.Updated != 0 {
		t.Errorf("the same rows again: %+v", l)
	}
}

// A row that names its prospect by id and is refused, because somebody else in the
// file has its shared value and name, takes nobody along to that prospect.
func TestRefusedByIDTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	b.load(t, lead{Phone: "+5551987654321", Name: "Dono"})
	run := b.load(t,
		lead{ID: b.states(t)[0].ID, Email: "fiscal@exemplo.com.br", Name: "Ana"},
		lead{Phone: "+5551987654322", Email: "fiscal@exemplo.com.br", Name: "Ana"},
		lead{Email: "fiscal@exemplo.com.br", Name: "Bia"},
		lead{Email: "fiscal@exemplo.com.br", Name: "Caio"})
	want := []person{
		{Name: "Dono", Phone: "+5551987654321", Identities: []string{"+5551987654321"}, Leads: 1},
		{Name: "Ana", Phone: "+5551987654322", Email: "fiscal@exemplo.com.br", Identities: []string{"+5551987654322", "fiscal@exemplo.com.br"}, Leads: 1},
		{Name: "Bia", Email: "fiscal@exemplo.com.br", Identities: []string{"fiscal@exemplo.com.br"}, Leads: 1},
		{Name: "Caio", Email: "fiscal@exemplo.com.br", Identities: []string{"fiscal@exemplo.com.br"}, Leads: 1},
	}
	if diff := cmp.Diff(want, b.people(t)); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
	if l := ledgerOf(run); l.Rejected != 1 || l.Created != 3 {
		t.Errorf("ledger %+v", l)
	}
}

// A row by id may give its prospect a shared value that somebody else holds, with
// that one's name: it edits one prospect and joins nobody.
func TestAnEditJoinsNobodyByASharedValue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	b.take(t, []lead{{Email: emailB, Name: "Ana"}})
	b.take(t, []lead{{Email: emailB, Name: "Caio"}, {Email: emailB, Name: "Bia", Phone: phoneA}})
	var bia string
	for _, p := range b.states(t) {
		if p.Name == "Bia" {
			bia = p.ID
		}
	}
	b.take(t, []lead{{ID: bia, Email: emailB, Name: "Ana", City: "Canoas"}})
	var got []string
	for _, p := range b.states(t) {
		got = append(got, p.Name+" "+p.City)
	}
	if diff := cmp.Diff([]string{"Ana ", "Caio ", "Ana Canoas"}, got); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
	b.steady(t)
}

// A name that somebody else said with a value counts, but does not lead to who owns
// the value: the son on his father's phone, who has a document of his own, does not
// become his father once the phone has too many names.
func TestANameOfSomebodyElseLeadsToNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	b.take(t, []lead{{Phone: phoneA, CPF: cpfAna}})
	b.take(t, []lead{{Phone: phoneA, Name: "Bia", City: "Lajeado"}, {Phone: phoneA, Name: "Caio", CPF: cpfBia}})
	b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Caio", CPF: cpfBia}, {Phone: phoneA, Name: "Bia", City: "Canoas"}})
	b.steady(t)
	for _, p := range b.people(t) {
		for _, id := range p.Identities {
			if id == cpfAna && p.Name != "" {
				t.Errorf("%+v: somebody else's name", p)
			}
		}
	}
	if _, broken := b.broken(t); broken != "" {
		t.Error(broken)
	}
}

// of is somebody with that name on the one e-mail.
func of(name string) lead { return lead{Email: emailB, Name: name} }

// What became shared between plan and apply is shared in apply: two imports that are
// planned at once end as one after the other.
func TestAValueBecomesSharedAfterThePlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	one := b.plan(t, []lead{of("Caio"), of("Bia"), of("Ana")})
	two := b.plan(t, []lead{of("Ana"), of("Bia")})
	for _, run := range []*pipeline.Run{one, two} {
		b.finish(t, run)
	}
	b.take(t, []lead{of("Bia")})
	want := []string{"Caio [1:1] []", "Bia [1:2] []", "Ana [1:3] []"}
	if diff := cmp.Diff(want, b.whoIsWho(t)); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
	b.steady(t)
}

// Another import is applied between the two moments in which the planning of this
// one reads the account.
func TestAValueBecomesSharedWhileAPlanIsMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	one := b.plan(t, []lead{of("Caio"), of("Bia"), of("Ana")})
	b.before = map[string]func(){schemas.StageResolve: func() {
		b.before = nil
		b.finish(t, one)
	}}
	b.take(t, []lead{of("Ana"), of("Bia")})
	want := []string{"Caio [1:1] []", "Bia [1:2] []", "Ana [1:3] []"}
	if diff := cmp.Diff(want, b.whoIsWho(t)); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
	b.steady(t)
}

// Names that were taken back between plan and apply count no more.
func TestNamesTakenBackAfterThePlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	ana := b.take(t, []lead{of("Ana")})
	b.take(t, []lead{of("Bia")})
	run := b.plan(t, []lead{of("Caio")})
	if codesOf(run)["IDENTITY_SHARED"] != 1 {
		t.Fatalf("planned as %v, want three names to share the value", codesOf(run))
	}
	b.undo(t, ana)
	b.finish(t, run)
	if codesOf(run)["IDENTITY_SHARED"] != 0 || len(b.people(t)) != 1 {
		t.Errorf("two names: %v, %d prospects", codesOf(run), len(b.people(t)))
	}
	b.steady(t)
}

// A value that only the import found to be shared that is made again is looked at
// anew: with what else the account holds by now it may join.
func TestRedoForgetsWhatTheOldOneFoundShared(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	ana := b.take(t, []lead{of("Ana")})
	old := b.take(t, []lead{of("Bia"), of("Caio")}) // three names
	b.undo(t, ana)
	b.take(t, []lead{of("Bia"), of("Caio")}, func(r *pipeline.Run) { r.RedoOf = old })
	if got := len(b.people(t)); got != 1 {
		t.Errorf("%d prospects, want 1: two names", got)
	}
	b.steady(t)
}

// A row that became a conflict teaches no name: who has the value joins as if it had
// never been there.
func TestAConflictTeachesNoName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	run := b.plan(t, []lead{of("Bia")})
	run.Request.Confirmed = true
	b.take(t, []lead{of("")})
	b.finish(t, run)
	if l := ledgerOf(run); l.Conflict != 1 {
		t.Fatalf("ledger %+v, want a conflict", l)
	}
	b.take(t, []lead{of("Ana"), of("Caio")})
	if got := len(b.people(t)); got != 1 {
		t.Errorf("%d prospects, want 1: two names", got)
	}
	b.steady(t)
}

// Nor does it make its value a shared one.
func TestAConflictSharesNoValue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	b.take(t, []lead{of("Ana")})
	run := b.plan(t, []lead{of("Bia")})
	run.Request.Confirmed = true
	b.take(t, []lead{of("Caio")})
	b.finish(t, run)
	if l := ledgerOf(run); l.Conflict != 1 {
		t.Fatalf("ledger %+v, want a conflict", l)
	}
	b.take(t, []lead{of("")})
	if got := len(b.people(t)); got != 1 {
		t.Errorf("%d prospects, want 1: two names", got)
	}
	b.steady(t)
}

// What is counted of a file is counted again when its plan is made again.
func TestDuplicatesThatAreNoneAnyMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Ana"}}
	run := b.plan(t, rows, inMode(schemas.ModeInsert))
	if codesOf(run)["DUPLICATE_IN_FILE"] != 1 {
		t.Fatalf("planned as %v, want a duplicate", codesOf(run))
	}
	b.take(t, rows[:1])
	b.apply(t, run)
	if n, some := codesOf(run)["DUPLICATE_IN_FILE"]; some || ledgerOf(run).Skipped != 2 {
		t.Errorf("%d duplicates, ledger %+v", n, ledgerOf(run))
	}
}

// inMode is what an import is planned with.
func inMode(m schemas.Mode) func(*pipeline.Run) {
	return func(r *pipeline.Run) { r.Request.Mapping.Mode = m }
}

// whoIsWho tells name, leads and aliases of every prospect.
func (b *bench) whoIsWho(t testing.TB) (out []string) {
	for _, p := range b.states(t) {
		out = append(out, fmt.Sprintf("%s %v %v", p.Name, p.Leads, p.Aliases))
	}
	return out
}
