package stages_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

const (
	cpfAna = "52998224725"
	cpfBia = "11144477735"
)

// Two documents keep people apart over any number of people in between, and the
// same file again finds what it founded the first time.
func TestDocumentsAtTheEndsOfAChain(t *testing.T) {
	t.Parallel()
	const phoneC, phoneE, emailD = "+5551955555555", "+5551966666666", "d@exemplo.com.br"
	for _, tt := range []struct {
		name      string
		base      []lead
		file      []lead
		prospects int
		conflicts int64
	}{
		{"the file brings both", []lead{{Phone: phoneA, Email: emailB}, {Phone: phoneC, Email: emailD}},
			[]lead{{Phone: phoneA, CPF: cpfAna}, {Email: emailB, Phone: phoneC, Name: "Ponte"}, {Email: emailD, CPF: cpfBia}}, 3, 1},
		{"the file brings one", []lead{{Phone: phoneA, Email: emailB}, {Phone: phoneC, CPF: cpfBia}},
			[]lead{{Phone: phoneA, CPF: cpfAna}, {Email: emailB, Phone: phoneC}}, 3, 1},
		{"a bridge brings one", []lead{{Phone: phoneA, CPF: cpfAna}, {Email: emailB, Phone: phoneB}, {Email: emailD}},
			[]lead{{Phone: phoneA, Email: emailB}, {Phone: phoneB, Email: emailD, CPF: cpfBia}}, 5, 2},
		{"two between", []lead{{Phone: phoneA, CPF: cpfAna}, {Email: emailB, Phone: phoneB}, {Email: emailD, Phone: phoneE}, {Phone: phoneC, CPF: cpfBia}},
			[]lead{{Phone: phoneA, Email: emailB, Name: "Um"}, {Phone: phoneB, Email: emailD, Name: "Dois"}, {Phone: phoneE, Email: "f@exemplo.com.br", Name: "Três"}, {Phone: phoneC, Email: "f@exemplo.com.br"}}, 7, 3},
		{"nobody contradicts", []lead{{Phone: phoneA, Email: emailB}, {Phone: phoneC, CPF: "11444777000161"}},
			[]lead{{Phone: phoneA, CPF: cpfAna}, {Email: emailB, Phone: phoneC}}, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.load(t, tt.base...)
			run := b.load(t, tt.file...)
			if got := len(b.people(t)); got != tt.prospects {
				t.Errorf("%d prospects, want %d\n%s", got, tt.prospects, b.shown(t))
			}
			if got := codesOf(run)["MATCH_CONFLICT"]; got != tt.conflicts {
				t.Errorf("MATCH_CONFLICT on %d rows, want %d", got, tt.conflicts)
			}
			before := b.dump(t)
			if l := ledgerOf(b.load(t, tt.file...)); l.Created+l.Updated != 0 {
				t.Errorf("the same again: ledger %+v, want nothing new", l)
			}
			if diff := cmp.Diff(before, b.dump(t)); diff != "" {
				t.Errorf("the same again changed the base (-before +after):\n%s", diff)
			}
			if _, broken := b.broken(t); broken != "" {
				t.Error(broken)
			}
		})
	}
}

// People's decisions outrank the guards: who was merged by hand has both
// documents, and later rows of either are the same prospect's.
func TestDocumentsOfPeopleMergedByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, CPF: cpfAna, Name: "Ana"}, {Email: emailB, CPF: cpfBia, Name: "Ana"}})
	b.merge(t, schemas.ProspectID(first, 1), schemas.ProspectID(first, 2))
	for _, l := range []lead{{CPF: cpfBia, City: "Canoas"}, {CPF: cpfAna, City: "Osório"}, {Phone: phoneA, CPF: cpfBia, City: "Lajeado"}, {Email: emailB, CPF: cpfAna, City: "Torres"}} {
		run := b.plan(t, []lead{l})
		b.finish(t, run)
		if diff := cmp.Diff(schemas.Ledger{Read: 1, Updated: 1}, ledgerOf(run)); diff != "" {
			t.Errorf("%+v: ledger mismatch (-want +got):\n%s", l, diff)
		}
	}
	if got := b.people(t); len(got) != 1 || got[0].City != "Torres" {
		t.Errorf("%+v, want one prospect in Torres", got)
	}
	b.steady(t)
}

// An edited document replaces the old one: who names the prospect by id is not
// contradicted by what it says there.
func TestADocumentIsCorrectedByID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, CPF: cpfAna, Name: "Ana"}})
	run := b.plan(t, []lead{{ID: schemas.ProspectID(first, 1), CPF: cpfBia, Name: "Ana"}})
	b.finish(t, run)
	if diff := cmp.Diff(schemas.Ledger{Read: 1, Updated: 1}, ledgerOf(run)); diff != "" {
		t.Errorf("ledger mismatch (-want +got):\n%s", diff)
	}
	if codes := codesOf(run); len(codes) != 0 {
		t.Errorf("codes %v, want none", codes)
	}
	b.take(t, []lead{{CPF: cpfBia, City: "Canoas"}})
	if got := b.people(t); len(got) != 1 || got[0].City != "Canoas" {
		t.Errorf("%+v, want one prospect in Canoas", got)
	}
	b.steady(t)
}

// A shared value leads to the same name, but not to somebody with another
// document.
func TestDocumentsOfTwoWithOneNameOnASwitchboard(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{true, false} {
		b := setup(t)
		b.names = 1
		switchboard := func(name, cpf string) lead {
			return lead{Phone: "+551133334444", Shared: shared, Name: name, CPF: cpf}
		}
		b.take(t, []lead{switchboard("Ana", cpfAna)})
		b.steady(t)
		b.take(t, []lead{switchboard("Ana", cpfBia), switchboard("Bia", ""), switchboard("Caio", "")})
		if got, want := len(b.people(t)), 4; got != want {
			t.Errorf("shared %v: %d prospects, want %d\n%s", shared, got, want, b.shown(t))
		}
		b.steady(t)
		if l := ledgerOf(b.load(t, switchboard("Ana", cpfBia), switchboard("Bia", ""), switchboard("Caio", ""))); l.Unchanged != 3 {
			t.Errorf("shared %v: the same again: ledger %+v, want nothing new", shared, l)
		}
		b.steady(t)
	}
}

// Rows that stand between two documents find the prospect that they founded, also
// when the file comes again in another order.
func TestRowsBetweenDocumentsInAnotherOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA, CPF: cpfAna}, {Email: emailB, CPF: cpfBia}})
	between := []lead{{Phone: phoneA, Email: emailB, Name: "Caio"}, {Phone: phoneA, City: "Canoas"}, {Email: emailB, City: "Canoas"}}
	b.take(t, between)
	want := b.states(t)
	if len(want) != 3 {
		t.Fatalf("%d prospects, want the rows to be a third", len(want))
	}
	for _, order := range [][]int{{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		run := b.plan(t, []lead{between[order[0]], between[order[1]], between[order[2]]})
		b.finish(t, run)
		if l := ledgerOf(run); l.Created != 0 || l.Unchanged+l.Duplicate != 3 {
			t.Errorf("in the order %v: %+v", order, l)
		}
	}
	if diff := cmp.Diff(want, b.states(t)); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
	b.steady(t)
}

const (
	cnpjOne   = "11444777000161"
	cnpjTwo   = "11444777000242"
	cnpjThree = "11444777000323"
)

// Two documents keep rows apart also when the documents join nobody by themselves, in
// one file as in two.
func TestDocumentsThatDoNotJoinKeepApart(t *testing.T) {
	t.Parallel()
	t.Run("shared", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.names = 2
		b.take(t, []lead{{CPF: cnpjOne, Name: "Ana"}, {CPF: cnpjOne, Name: "Bia"}, {CPF: cnpjOne, Name: "Caio"}})
		b.take(t, []lead{{Phone: phoneA, CPF: cnpjOne, Name: "Dora"}, {Phone: phoneA, CPF: cnpjTwo, Name: "Dora"}})
		if n := len(b.people(t)); n != 5 {
			t.Errorf("%d prospects, want 5", n)
		}
		b.steady(t)
	})
	t.Run("by the policy", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		only := func(run *pipeline.Run) { run.Account.Settings.MatchPolicy = schemas.MatchExternalID }
		rows := []lead{{External: "crm:1", CPF: cpfAna, Name: "Ana"}, {External: "crm:1", CPF: cpfBia, Name: "Ana"}}
		b.take(t, rows, only)
		one := len(b.people(t))
		b.forget(t)
		b.take(t, rows[:1], only)
		b.take(t, rows[1:], only)
		if two := len(b.people(t)); one != two {
			t.Errorf("%d prospects by one file, %d by two", one, two)
		}
	})
}

// In a conflict of documents a shared one joins only with the same name, as ever.
func TestASharedDocumentInAConflict(t *testing.T) {
	t.Parallel()
	t.Run("in one file", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.names = 2
		b.take(t, []lead{{CPF: cnpjOne, Name: "Caio", Email: "caio@exemplo.com.br"}, {CPF: cnpjOne, Name: "Dora", Email: "dora@exemplo.com.br"}, {CPF: cnpjOne, Name: "Eva", Email: "eva@exemplo.com.br"}})
		b.take(t, []lead{{Phone: phoneA, CPF: cnpjOne, Name: "Ana"}, {Phone: phoneA, CPF: cnpjOne, Name: "Bia"}, {Phone: phoneA, CPF: cnpjTwo}, {Phone: phoneA, CPF: cnpjThree}})
		if n := len(b.people(t)); n != 7 {
			t.Errorf("%d prospects, want 7", n)
		}
		b.steady(t)
	})
	t.Run("in two", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.names = 2
		b.take(t, []lead{{CPF: cnpjOne, Name: "Caio"}, {CPF: cnpjOne, Name: "Dora"}, {CPF: cnpjOne, Name: "Eva"}, {Phone: phoneA, CPF: cnpjTwo}})
		b.take(t, []lead{{Phone: phoneA, CPF: cnpjOne, Name: "Ana"}})
		b.take(t, []lead{{Phone: phoneA, CPF: cnpjOne, Name: "Bia"}})
		if n := len(b.people(t)); n != 6 {
			t.Errorf("%d prospects, want 6", n)
		}
		b.steady(t)
	})
}
