package stages_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/history"
)

func names(states []state) []string {
	var out []string
	for _, s := range states {
		out = append(out, s.Name)
	}
	return out
}

func TestFatherAndSonOnOneMobileAreSplit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	father := lead{Phone: phoneA, Name: "José Silva", City: "Canoas"}
	son := lead{Phone: phoneA, Name: "Pedro Silva", City: "Lajeado"}
	first := b.take(t, []lead{father, son}, labeled("Feira"))
	before := b.states(t)
	if len(before) != 1 {
		t.Fatalf("%d prospects, want one", len(before))
	}
	cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
	b.steady(t)
	after := b.states(t)
	want := []state{
		{ID: schemas.ProspectID(first, 1), Name: "José Silva", City: "Canoas", Phone: phoneA, Identities: []string{phoneA}, Lists: []string{"Feira"}, Leads: []string{"1:1"}},
		{ID: schemas.ProspectID(cut, 1), Name: "Pedro Silva", City: "Lajeado", Phone: phoneA, Identities: []string{phoneA}, Lists: []string{"Feira"}, Leads: []string{"1:2"}},
	}
	if diff := cmp.Diff(want, after, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("after the split (-want +got):\n%s", diff)
	}

	again := b.plan(t, []lead{father, son}, labeled("Feira"))
	if diff := cmp.Diff(schemas.Ledger{Read: 2, Unchanged: 2}, ledgerOf(again)); diff != "" {
		t.Errorf("ledger of the same file again (-want +got):\n%s", diff)
	}
	more := b.take(t, []lead{{Phone: phoneA, Name: "Pedro Silva", Email: emailB}, {Phone: phoneA, Name: "José Silva", City: "Porto Alegre"}})
	b.steady(t)
	if diff := cmp.Diff([]string{"José Silva", "Pedro Silva"}, names(b.states(t))); diff != "" {
		t.Errorf("the next import (-want +got):\n%s", diff)
	}
	b.undo(t, more)
	if diff := cmp.Diff(after, b.states(t)); diff != "" {
		t.Errorf("after its undo (-want +got):\n%s", diff)
	}
	b.undo(t, cut)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("after the undo of the split (-want +got):\n%s", diff)
	}
	if got := len(b.states(t)[0].Identities); got != 1 {
		t.Errorf("%d identities, want one", got)
	}
	third := b.take(t, []lead{{Phone: phoneA, Name: "Caio"}})
	if diff := cmp.Diff([]string{"Caio"}, names(b.states(t))); diff != "" {
		t.Errorf("after the undo of the split the phone joins again (-want +got):\n%s", diff)
	}
	b.undo(t, third)
}

func TestSplitOfTwoWithTheSameName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "João", City: "Canoas"}, {Phone: phoneA, Email: emailB, Name: "João", City: "Lajeado"}})
	before := b.states(t)
	cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
	b.steady(t)
	next := b.take(t, []lead{{Phone: phoneA, Name: "João", City: "Porto Alegre"}, {Email: emailB, Name: "João", City: "Osório"}})
	b.steady(t)
	var got []string
	for _, s := range b.states(t) {
		got = append(got, s.ID+" "+s.City)
	}
	want := []string{schemas.ProspectID(first, 1) + " Porto Alegre", schemas.ProspectID(cut, 1) + " Osório"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the next import (-want +got):\n%s", diff)
	}
	b.undo(t, next)
	b.undo(t, cut)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("after both undos (-before +after):\n%s", diff)
	}
}

// What leaves a prospect may have been all that linked the rest of it: the undo of the
// split puts the pieces together again, and writes every lead with what it was.
func TestUndoOfASplitIntoThree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files [][]lead // the first row of the second one leaves
	}{
		{"one is founded", [][]lead{
			{{Email: emailB}},
			{{Phone: phoneA, Shared: true, Email: emailB}, {Phone: phoneA, Shared: true}},
		}},
		{"one had merged", [][]lead{
			{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Bia"}},
			{{Phone: phoneA, Email: emailB, Name: "Ana"}},
			{{Email: emailB, CPF: "52998224725", City: "Canoas"}}, // written with the first, and goes with the other
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var ids []schemas.ImportID
			for _, file := range tt.files {
				ids = append(ids, b.take(t, file))
			}
			before, written := b.states(t), b.written(t)
			cut := b.split(t, schemas.ProspectID(ids[0], 1), schemas.LeadID(ids[1], 1))
			b.steady(t)
			if got := len(b.states(t)); got != 3 {
				t.Fatalf("the split leaves %d prospects, want 3", got)
			}
			b.undo(t, cut)
			b.steady(t)
			if diff := cmp.Diff(before, b.states(t)); diff != "" {
				t.Errorf("after the undo (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(written, b.written(t)); diff != "" {
				t.Errorf("what leads were written with, after the undo (-before +after):\n%s", diff)
			}
		})
	}
}

// written is the prospect that each lead was written with.
func (b *bench) written(t *testing.T) (out []string) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select import_id || ':' || row || ' ' || prospect_id from leads order by import_id, row")
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return out
}

func TestUnmergeIsRemembered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}})
	second := b.take(t, []lead{{Email: emailB, Name: "Bia", City: "Lajeado"}})
	bridge := lead{Phone: phoneA, Email: emailB, Name: "Ana"}
	b.take(t, []lead{bridge})
	merged := b.states(t)
	apart := b.unmerge(t, schemas.ProspectID(second, 1))
	b.steady(t)
	parted := b.states(t)
	want := []state{
		{ID: schemas.ProspectID(first, 1), Name: "Ana", City: "Canoas", Phone: phoneA, Email: emailB, Identities: []string{phoneA, emailB}, Leads: []string{"1:1", "3:1"}},
		{ID: schemas.ProspectID(second, 1), Name: "Bia", City: "Lajeado", Email: emailB, Identities: []string{emailB}, Leads: []string{"2:1"}},
	}
	if diff := cmp.Diff(want, parted, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("after the unmerge (-want +got):\n%s", diff)
	}
	run := b.plan(t, []lead{bridge, {Email: emailB, Name: "Bia"}})
	if run.Facts.Counts.Merged != 0 {
		t.Errorf("the same file again merges: %+v", run.Facts.Counts)
	}
	b.apply(t, run)
	b.steady(t)
	b.undo(t, run.ImportID)
	b.undo(t, apart)
	if diff := cmp.Diff(merged, b.states(t)); diff != "" {
		t.Errorf("after the undo of the unmerge (-want +got):\n%s", diff)
	}
}

func TestMergeIsRemembered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}}, labeled("Um"))
	second := b.take(t, []lead{{Email: emailB, Name: "Ana Souza"}}, labeled("Dois"))
	before := b.states(t)
	older, younger := schemas.ProspectID(first, 1), schemas.ProspectID(second, 1)
	decided := b.merge(t, younger, older)
	b.steady(t)
	want := []state{{ID: younger, Name: "Ana Souza", City: "Canoas", Phone: phoneA, Email: emailB, Identities: []string{phoneA, emailB},
		Lists: []string{"Dois", "Um"}, Leads: []string{"1:1", "2:1"}, Aliases: []string{older}}}
	if diff := cmp.Diff(want, b.states(t), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("after the merge (-want +got):\n%s", diff)
	}
	twice := b.merge(t, older, younger)
	if got := b.states(t); len(got) != 1 || got[0].ID != younger {
		t.Errorf("merged twice: %+v", got)
	}
	b.undo(t, twice)
	next := b.take(t, []lead{{Phone: phoneA, Name: "Ana S."}, {Email: emailB, City: "Lajeado"}})
	b.steady(t)
	if got := b.states(t); len(got) != 1 || got[0].ID != younger || got[0].City != "Lajeado" {
		t.Errorf("after the next import: %+v", got)
	}
	b.undo(t, decided)
	got := b.states(t)
	if diff := cmp.Diff([]string{"Ana S.", "Ana Souza"}, names(got)); diff != "" {
		t.Errorf("after the undo of the merge (-want +got):\n%s", diff)
	}
	b.undo(t, next)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("after both undos (-before +after):\n%s", diff)
	}
}

func TestUnmergeOfAMergeThatAPersonDecided(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Bia"}, {Phone: phoneB, Name: "Caio"}})
	id := func(row int64) string { return schemas.ProspectID(first, row) }
	b.merge(t, id(1), id(2), id(3))
	before := b.states(t)
	apart := b.unmerge(t, id(2))
	b.steady(t)
	got := b.states(t)
	if len(got) != 2 || got[0].ID != id(1) || got[1].ID != id(2) || !cmp.Equal(got[0].Aliases, []string{id(3)}) {
		t.Errorf("after the unmerge: %+v", got)
	}
	again := b.merge(t, id(1), id(2))
	b.steady(t)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("merged again (-before +after):\n%s", diff)
	}
	b.undo(t, again)
	if diff := cmp.Diff(got, b.states(t)); diff != "" {
		t.Errorf("after the undo of the second merge (-want +got):\n%s", diff)
	}
	b.undo(t, apart)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("after the undo of the unmerge (-before +after):\n%s", diff)
	}
}

func TestDecisionsThatCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Ana"}})
	id, nobody := schemas.ProspectID(first, 1), "ba00000000000000000000ff"
	before := b.dump(t)
	for _, tt := range []struct {
		name  string
		stage pipeline.Stage
		code  string
	}{
		{"merge with nobody", history.Merge{Hooks: b.hooks(), Survivor: id, Others: []string{nobody}}, history.CodeNoProspect},
		{"split of nobody", history.Split{Hooks: b.hooks(), Prospect: nobody, Leads: []string{"x"}}, history.CodeNoProspect},
		{"split of another's lead", history.Split{Hooks: b.hooks(), Prospect: id, Leads: []string{schemas.LeadID(first, 9)}}, history.CodeNoLead},
		{"split of all leads", history.Split{Hooks: b.hooks(), Prospect: id, Leads: []string{schemas.LeadID(first, 2)}}, history.CodeNothingOff},
		{"unmerge of what never merged", history.Unmerge{Hooks: b.hooks(), Alias: id}, history.CodeNotMerged},
	} {
		err := tt.stage.Run(context.Background(), b.manual())
		if pipeline.CodeOf(err) != tt.code || pipeline.HintOf(err) == "" {
			t.Errorf("%s: got %v, want %s with a remedy", tt.name, err, tt.code)
		}
	}
	if diff := cmp.Diff(before, b.dump(t)); diff != "" {
		t.Errorf("refused decisions changed the base (-before +after):\n%s", diff)
	}
}
