package stages_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

// People who were said to be two stay two, whatever stands between them, directly
// or over others.
func TestApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rows []lead
	}{
		{"one row between them", []lead{{Phone: "+5511987654321", Email: "filho@exemplo.com.br"}}},
		{"over a third", []lead{{Phone: "+5511987654321", Email: "outro@exemplo.com.br"}, {Email: "filho@exemplo.com.br", CPF: "52998224725"}, {Email: "outro@exemplo.com.br", CPF: "52998224725"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.load(t, lead{Phone: "+5511987654321", Name: "Pai"}, lead{Email: "filho@exemplo.com.br", Name: "Filho"}, lead{Email: "outro@exemplo.com.br"})
			err := b.db.InAccount(context.Background(), 1, func(tx pgx.Tx) error {
				_, err := tx.Exec(context.Background(), `
insert into apart (account_id, prospect_id, other_id, import_id)
select 1, a.prospect_id, b.prospect_id, 1 from prospects a, prospects b where a.name in ('Pai', 'Filho') and b.name in ('Pai', 'Filho') and a.name <> b.name`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			run := b.load(t, tt.rows...)
			names := map[string]int{}
			for _, p := range b.people(t) {
				names[p.Name]++
			}
			if names["Pai"] != 1 || names["Filho"] != 1 {
				t.Errorf("prospects by name: %v", names)
			}
			if codesOf(run)["MATCH_CONFLICT"] == 0 {
				t.Error("nothing warns of the row between them")
			}
			if l := ledgerOf(run); l.Rejected != 0 || l.Read != int64(len(tt.rows)) {
				t.Errorf("ledger %+v", l)
			}
		})
	}
}

// What stood between two that are apart, over somebody else, stays where it was
// written also when that one and the other become one later.
func TestWhoStoodBetweenBecomesOneOfThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = -1
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Email: emailB}})
	b.take(t, []lead{{Phone: phoneB}})
	b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
	b.take(t, []lead{{Phone: phoneB, Email: emailA, Name: "Caio"}, {Phone: phoneA, Email: emailA, Name: "Ana"}, {Phone: phoneB, Email: emailB, Name: "Ana"}})
	b.steady(t)
	b.take(t, []lead{{Phone: phoneB, Email: emailB, Name: "Ana"}})
	b.steady(t)
	if got := b.states(t); len(got) != 2 || len(got[0].Leads) != 4 || len(got[1].Aliases) != 1 {
		t.Errorf("got %+v", got)
	}
}

// When one of two that people keep apart goes with its only lead, a value that was
// its own is the other's, if that says it, too.
func TestWhoIsApartTakesOverWhatIsLeft(t *testing.T) {
	t.Parallel()
	const phoneC = "+5551955555555"
	b := setup(t)
	first := b.take(t, []lead{{Email: "c@exemplo.com.br"}, {Email: emailB}})
	b.take(t, []lead{{Phone: phoneC, Email: emailB}, {Phone: phoneC, Email: "c@exemplo.com.br", Name: "Caio"}})
	b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
	b.take(t, []lead{{Phone: phoneC, Name: "Caio"}, {Phone: phoneC, Email: emailB, City: "Canoas"}})
	b.steady(t)
	b.undo(t, first)
	if _, broken := b.broken(t); broken != "" {
		t.Errorf("%s\n%s", broken, b.shown(t))
	}
	b.steady(t)
	if run := b.plan(t, []lead{{Email: emailB, City: "Lajeado"}}); ledgerOf(run).Updated != 1 {
		t.Errorf("a row with the value: %+v, want one prospect updated", ledgerOf(run))
	}
}

// A value that both sides of a split carried, and somebody who is apart from them, is
// that one's while the split lasts.
func TestASplitLeavesAValueToWhoIsApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const phoneC = "+5551955555555"
	first := b.take(t, []lead{{Phone: phoneC, Email: emailB}, {Phone: phoneA, Email: emailB}, {Email: "a@exemplo.com.br"}, {Phone: phoneA, Email: "a@exemplo.com.br"}})
	one := schemas.ProspectID(first, 1)
	cut := b.split(t, one, schemas.LeadID(first, 3), schemas.LeadID(first, 4))
	other := schemas.ProspectID(cut, 1)
	b.take(t, []lead{{Phone: phoneC, Email: "a@exemplo.com.br"}}) // written with the first, and its e-mail is the other's
	sound := func(when string) {
		t.Helper()
		if _, broken := b.broken(t); broken != "" {
			t.Errorf("%s: %s\n%s", when, broken, b.shown(t))
		}
		b.steady(t)
	}
	sound("before the second split")
	before := b.states(t)
	again := b.split(t, other, schemas.LeadID(first, 4))
	sound("after it")
	b.undo(t, again)
	sound("after its undo")
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("after the undo (-before +after):\n%s", diff)
	}
	run := b.load(t, lead{Email: "a@exemplo.com.br", City: "Canoas"})
	if l := ledgerOf(run); l.Updated != 1 {
		t.Errorf("a row with the e-mail: %+v", l)
	}
	for _, p := range b.states(t) {
		if p.ID == other && p.City != "Canoas" {
			t.Errorf("the e-mail leads to somebody else than before\n%s", b.shown(t))
		}
	}
}

// A row that stood between people who are apart joins whom it leads to when it is said
// again by itself, and computing again says the same.
func TestARowBetweenPeopleIsSaidAgainAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA}, {Email: emailB}})
	second := b.take(t, []lead{{Phone: phoneC, External: "crm:1", Name: "Caio"}})
	b.take(t, []lead{{Phone: phoneC, Email: emailB, Name: "Caio"}})
	b.unmerge(t, schemas.ProspectID(second, 1))
	between := []lead{{Phone: phoneA, Email: emailB, Name: "Caio"}, {Phone: phoneA, External: "crm:1", Name: "Caio", City: "Canoas"}}
	b.take(t, between)
	b.grouped(t, "between", []string{"1:1", "5:1", "5:2"}, []string{"1:2", "3:1"}, []string{"2:1"})
	again := b.take(t, between[1:])
	b.grouped(t, "again", []string{"1:1", "2:1", "5:1", "5:2"}, []string{"1:2", "3:1"})
	b.undo(t, again)
	b.grouped(t, "undo", []string{"1:1", "5:1", "5:2"}, []string{"1:2", "3:1"}, []string{"2:1"})
}
