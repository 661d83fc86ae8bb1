package stages_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

func codesOf(run *pipeline.Run) map[string]int64 {
	out := map[string]int64{}
	for _, c := range run.Facts.ByCode {
		out[c.Code] = c.Rows
	}
	return out
}

// TestDocumentsThatContradictEachOtherKeepPeopleApart: guards separate, they
// never refuse.
func TestDocumentsThatContradictEachOtherKeepPeopleApart(t *testing.T) {
	t.Parallel()
	const phone = "+5551987654321"
	for _, tt := range []struct {
		name      string
		files     [][]lead
		prospects int
		conflicts int64 // MATCH_CONFLICT in the last file
	}{
		{"father and son on one phone, in one file", [][]lead{{{Phone: phone, CPF: "52998224725"}, {Phone: phone, CPF: "11144477735"}}}, 2, 2},
		{"father and son on one phone, in two files", [][]lead{{{Phone: phone, CPF: "52998224725"}}, {{Phone: phone, CPF: "11144477735"}}}, 2, 1},
		{"the same person twice", [][]lead{{{Phone: phone, CPF: "52998224725"}}, {{Phone: phone, CPF: "52998224725"}}}, 1, 0},
		{"a person and her company", [][]lead{{{Phone: phone, CPF: "52998224725"}}, {{Phone: phone, CPF: "11444777000161"}}}, 1, 0},
		{"two branches of one company", [][]lead{{{Phone: phone, CPF: "11444777000161"}, {Phone: phone, CPF: "11444777000242"}}}, 2, 2},
		{"tax number and identity card of one Argentine", [][]lead{{{Phone: phone, CPF: "AR:20123456786"}}, {{Phone: phone, CPF: "AR:12345678"}}}, 1, 0},
		{"a bridge between two documents", [][]lead{
			{{Email: "a@exemplo.com.br", CPF: "52998224725"}, {Phone: phone, CPF: "11144477735"}},
			{{Email: "a@exemplo.com.br", Phone: phone}}}, 3, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var last *pipeline.Run
			for _, f := range tt.files {
				last = b.load(t, f...)
			}
			if got := len(b.people(t)); got != tt.prospects {
				t.Errorf("%d prospects, want %d", got, tt.prospects)
			}
			if got := codesOf(last)["MATCH_CONFLICT"]; got != tt.conflicts {
				t.Errorf("MATCH_CONFLICT on %d rows, want %d", got, tt.conflicts)
			}
			if l := ledgerOf(last); l.Rejected != 0 {
				t.Errorf("ledger %+v: guards never refuse", l)
			}
			before := b.dump(t)
			for i := range tt.files {
				again := b.load(t, tt.files[i]...)
				if l := ledgerOf(again); l.Created+l.Updated != 0 {
					t.Errorf("file %d again: ledger %+v, want nothing new", i+1, l)
				}
			}
			if diff := cmp.Diff(before, b.dump(t)); diff != "" {
				t.Errorf("the same files again changed the base (-before +after):\n%s", diff)
			}
		})
	}
}

func TestComponentTooLargeIsNotJoined(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var chain []lead // each shares its phone with the one before and its e-mail with the one after
	for i := range 40 {
		chain = append(chain, lead{Phone: fmt.Sprintf("+55519%08d", i/2), Email: fmt.Sprintf("n%d@exemplo.com.br", (i+1)/2), Name: "Ana"})
	}
	short := b.plan(t, chain, func(r *pipeline.Run) { r.Account.Settings.MaxComponent = 100 })
	if l := ledgerOf(short); l.Created != 1 || l.Duplicate != 39 {
		t.Errorf("ledger below the limit %+v, want one prospect", l)
	}
	long := b.plan(t, chain, func(r *pipeline.Run) { r.Account.Settings.MaxComponent = 20 })
	if diff := cmp.Diff(schemas.Ledger{Read: 40, Created: 40}, ledgerOf(long)); diff != "" {
		t.Errorf("ledger above the limit (-want +got):\n%s", diff)
	}
	if got := codesOf(long)["MATCH_COMPONENT_TOO_LARGE"]; got != 40 {
		t.Errorf("MATCH_COMPONENT_TOO_LARGE on %d rows, want 40", got)
	}
	b.apply(t, long)
	again := b.plan(t, chain, func(r *pipeline.Run) { r.Account.Settings.MaxComponent = 20 })
	if diff := cmp.Diff(schemas.Ledger{Read: 40, Unchanged: 40}, ledgerOf(again)); diff != "" {
		t.Errorf("ledger of the same again (-want +got):\n%s", diff)
	}
}

// Only the keys that somebody else has too are in dispute: a row of the same side
// with the same value and another name keeps the key that it has alone.
func TestAValueInDisputeUnderOneOfItsNames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const switchboard = "+551133334444"
	b.take(t, []lead{
		{Phone: switchboard, Shared: true, CPF: "52998224725", Name: "Caio"},
		{Phone: switchboard, Shared: true, Email: emailB},
		{Phone: switchboard, Shared: true, CPF: "52998224725"},
		{Email: emailB, CPF: "11144477735"},
	})
	if got := len(b.people(t)); got != 3 {
		t.Errorf("%d prospects, want 3", got)
	}
	b.steady(t)
	if _, broken := b.broken(t); broken != "" {
		t.Error(broken)
	}
}

// Who must never come back does not come back under a value that joins nobody:
// neither one with too many names nor one that the guards dispute.
func TestSuppressed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rows []lead
		want schemas.Ledger
	}{
		{"a value of their own", []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneB, Name: "Bia"}}, schemas.Ledger{Read: 2, Created: 1, Skipped: 1}},
		{"a row that is the same person", []lead{{Phone: phoneA, Email: emailB}, {Email: emailB}, {Phone: phoneB}}, schemas.Ledger{Read: 3, Created: 1, Skipped: 2}},
		{"too many names", []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}, {Phone: phoneA, Name: "Caio"}, {Phone: phoneB}}, schemas.Ledger{Read: 4, Created: 1, Skipped: 3}},
		{"in dispute", []lead{{Phone: phoneA, CPF: "52998224725"}, {Phone: phoneA, CPF: "11144477735"}, {CPF: "11144477735"}, {Phone: phoneB}}, schemas.Ledger{Read: 4, Created: 1, Skipped: 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.names = 2
			b.erase(t, schemas.Person{Named: []schemas.Identity{{Kind: identity.Phone, Value: phoneA}}})
			run := b.load(t, tt.rows...)
			if diff := cmp.Diff(tt.want, ledgerOf(run)); diff != "" {
				t.Errorf("ledger mismatch (-want +got):\n%s", diff)
			}
			if n := codesOf(run)["SUPPRESSED"]; n != tt.want.Skipped {
				t.Errorf("%d rows say SUPPRESSED", n)
			}
		})
	}
}

// A value in dispute joins nobody, not even the prospect that holds it as a
// joining one under the same name: two people with their own documents stay two.
func TestAValueInDisputeLeadsToNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	for _, name := range []string{"Bia", "Caio", "Ana"} { // one name too many
		b.take(t, []lead{{Email: emailB, Name: name}})
	}
	b.take(t, []lead{{Email: emailB, Name: "Caio", CPF: "52998224725"}, {Email: emailB, Name: "Caio", CPF: "11144477735"}})
	if got := len(b.people(t)); got != 4 {
		t.Errorf("%d prospects, want 4: %v", got, b.people(t))
	}
	b.steady(t)
}

// Two people who each share a value with a prospect that has no document do not
// become one through it.
func TestDocumentsMeetAtAProspectWithoutOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA, Email: emailB}})
	b.take(t, []lead{{Phone: phoneA, CPF: "52998224725"}, {Email: emailB, CPF: "11144477735"}})
	if got := len(b.people(t)); got != 3 {
		t.Errorf("%d prospects, want 3: %v", got, b.people(t))
	}
	b.steady(t)
	b.take(t, []lead{{Phone: phoneA, CPF: "52998224725"}, {Email: emailB, CPF: "11144477735"}})
	if got := len(b.people(t)); got != 3 {
		t.Errorf("%d prospects after the same again, want 3", got)
	}
	b.steady(t)
}
