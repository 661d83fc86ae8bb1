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

// undo takes an import back; what was done is what the preview said, and
// computing everything again changes nothing.
func (b *bench) undo(t testing.TB, id schemas.ImportID) history.Summary {
	t.Helper()
	s, preview, err := b.tryUndo(t, id)
	if err != nil {
		t.Fatal(err)
	}
	// Field definitions are only counted when they are deleted.
	if diff := cmp.Diff(preview, s); diff != "" {
		t.Errorf("undo did not what the preview said (-preview +done):\n%s", diff)
	}
	b.steady(t)
	return s
}

// steady fails when computing everything again would change something.
func (b *bench) steady(t testing.TB) {
	t.Helper()
	if drifts := b.verify(t); len(drifts) > 0 {
		t.Errorf("computed again the base is another one: %v", drifts)
	}
}

func labeled(list string, tags ...string) func(*pipeline.Run) {
	return func(r *pipeline.Run) { r.Request.Mapping.List, r.Request.Mapping.Tags = list, tags }
}

const (
	phoneA = "+5551987654321"
	phoneB = "+5551987654322"
	emailB = "b@exemplo.com.br"
)

func TestUndoOfABridgeGivesBothBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}}, labeled("Feira", "vip"))
	b.take(t, []lead{{Email: emailB, Name: "Ana Souza", City: "Lajeado"}}, labeled("Site"))
	before := b.states(t)
	bridge := b.take(t, []lead{{Phone: phoneA, Email: emailB, Name: "Ana S."}}, labeled("Ponte", "ponte"))
	b.steady(t)
	if got := b.states(t); len(got) != 1 || len(got[0].Aliases) != 1 {
		t.Fatalf("not merged: %+v", got)
	}
	s := b.undo(t, bridge)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("prospects mismatch (-before +after undo):\n%s", diff)
	}
	want := history.Summary{Restored: 1, Updated: 1, ListMemberships: 2, TagMemberships: 1, Lists: 1, Tags: 1}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("summary mismatch (-want +got):\n%s", diff)
	}
}

func TestUndoOfABridgeKeepsWhatCameLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}})
	second := b.take(t, []lead{{Email: emailB, Name: "Bia"}})
	bridge := b.take(t, []lead{{Phone: phoneA, Email: emailB}})
	later := b.take(t, []lead{{Phone: phoneB, Name: "Zoé"}, {Email: emailB, Phone: "+5551987654399", City: "Canoas"}})
	b.steady(t)
	s := b.undo(t, bridge)
	got := b.states(t)
	want := []state{
		{ID: schemas.ProspectID(first, 1), Name: "Ana", Phone: phoneA, Identities: []string{phoneA}, Leads: []string{"1:1"}},
		{ID: schemas.ProspectID(second, 1), Name: "Bia", City: "Canoas", Phone: "+5551987654399", Email: emailB,
			Identities: []string{"+5551987654399", emailB}, Leads: []string{"2:1", "4:2"}},
		{ID: schemas.ProspectID(later, 1), Name: "Zoé", Phone: phoneB, Identities: []string{phoneB}, Leads: []string{"4:1"}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
	kept := []schemas.KeptProspect{{ProspectID: schemas.ProspectID(second, 1), Import: later.String(), SheetRow: 3}}
	if diff := cmp.Diff(kept, s.KeptProspects); diff != "" {
		t.Errorf("kept mismatch (-want +got):\n%s", diff)
	}
}

func TestUndoAndTheSameFileAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := []lead{{Phone: phoneA, Name: "Ana", Extra: `{"cor":"azul"}`}, {Phone: phoneB, Name: "Bia"}, {Phone: phoneA, Name: "Ana", Extra: `{"cor":"azul"}`}}
	first := b.take(t, file, labeled("Feira"))
	s := b.undo(t, first)
	if s.Deleted != 2 || s.Identities != 2 || s.ListMemberships != 2 || s.Lists != 1 {
		t.Errorf("summary %+v", s)
	}
	for _, table := range []string{"prospects", "identities", "aliases", "lists"} {
		if n := b.count(t, table); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	run := b.plan(t, file, labeled("Feira"))
	if diff := cmp.Diff(schemas.Ledger{Read: 3, Created: 2, Duplicate: 1}, ledgerOf(run)); diff != "" {
		t.Errorf("ledger of the same file again (-want +got):\n%s", diff)
	}
	b.apply(t, run)
}

func TestUndoTwiceIsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}})
	b.take(t, []lead{{Phone: phoneA, Name: "Ana Souza"}})
	b.undo(t, first)
	before := b.dump(t)
	if s := b.undo(t, first); !cmp.Equal(s, history.Summary{}) {
		t.Errorf("the second time did %+v", s)
	}
	if diff := cmp.Diff(before, b.dump(t)); diff != "" {
		t.Errorf("the second time changed the base (-before +after):\n%s", diff)
	}
}

func TestWhatCannotBeUndone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA}})
	b.undo(t, first)
	undo := first + 1
	held := b.take(t, []lead{{Phone: phoneB}})
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update imports set state = 'ready' where account_id = 1 and import_id = $1", int64(held))
		return err
	})
	for _, tt := range []struct {
		name string
		id   schemas.ImportID
		code string
	}{
		{"an undo", undo, history.CodeOfUndo},
		{"an import that waits", held, history.CodeNotApplied},
		{"no import", held + 7, history.CodeNotApplied},
	} {
		_, _, err := b.tryUndo(t, tt.id)
		if pipeline.CodeOf(err) != tt.code || pipeline.HintOf(err) == "" {
			t.Errorf("%s: got %v, want %s with a remedy", tt.name, err, tt.code)
		}
	}
}

func TestUndoOfTheFirstImportMovesWhatTheSecondConfirmed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}, {Phone: phoneB, Name: "Bia"}}
	first := b.take(t, file, labeled("Um"))
	second := b.take(t, []lead{{Phone: "+5551987650000", Name: "Caio"}, file[0]}, labeled("Dois"))
	third := b.take(t, []lead{file[0]}, labeled("Três"))
	s := b.undo(t, first)
	want := []state{
		{ID: schemas.ProspectID(first, 1), Name: "Ana", City: "Canoas", Phone: phoneA, Identities: []string{phoneA}, Lists: []string{"Dois", "Três"}, Leads: []string{"2:2"}},
		{ID: schemas.ProspectID(second, 1), Name: "Caio", Phone: "+5551987650000", Identities: []string{"+5551987650000"}, Lists: []string{"Dois"}, Leads: []string{"2:1"}},
	}
	if diff := cmp.Diff(want, b.states(t), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
	if s.Deleted != 1 || s.Kept != 1 || s.Updated != 1 || s.KeptProspects[0].Import != third.String() {
		t.Errorf("summary %+v", s)
	}
	b.undo(t, third)
	b.undo(t, second)
	if got := b.states(t); len(got) != 0 {
		t.Errorf("left: %+v", got)
	}
	if n := b.count(t, "identities"); n != 0 {
		t.Errorf("%d identities are left", n)
	}
}

func TestUndoOfAReturnToAnOlderValue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	city := func(c string) []lead { return []lead{{Phone: phoneA, City: c}} }
	b.take(t, city("A"))
	second := b.take(t, city("B"))
	back := b.take(t, city("A"))
	b.steady(t)
	for _, step := range []struct {
		undo schemas.ImportID
		want string
	}{{0, "A"}, {back, "B"}, {second, "A"}} {
		if step.undo != 0 {
			b.undo(t, step.undo)
		}
		if got := b.states(t)[0].City; got != step.want {
			t.Errorf("city is %q, want %q", got, step.want)
		}
	}
}

func TestUndoTakesTagsOfRowsBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA, Tags: `["quente"]`}, {Phone: phoneB}})
	second := b.take(t, []lead{{Phone: phoneA, Tags: `["retorno","Quente"]`}, {Phone: phoneB, Tags: `["novo"]`}})
	b.steady(t)
	s := b.undo(t, second)
	got := b.states(t)
	if diff := cmp.Diff([][]string{{"quente"}, {}}, [][]string{got[0].Tags, got[1].Tags}); diff != "" {
		t.Errorf("tags mismatch (-want +got):\n%s", diff)
	}
	if s.Tags != 2 || s.TagMemberships != 2 {
		t.Errorf("summary %+v", s)
	}
}

func TestUndoKeepsAnEditByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}})
	edit := b.take(t, []lead{{ID: schemas.ProspectID(first, 1), Name: "Ana Souza"}}, func(r *pipeline.Run) { r.Request.Mapping.Mode = schemas.ModeUpdate })
	b.steady(t)
	s := b.undo(t, first)
	want := []state{{ID: schemas.ProspectID(first, 1), Name: "Ana Souza", Leads: []string{"2:1"}}}
	if diff := cmp.Diff(want, b.states(t), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
	if s.Kept != 1 || s.KeptProspects[0].Import != edit.String() {
		t.Errorf("summary %+v", s)
	}
}

// Taking an import back inside a redo leaves smaller merges of the one that it
// ends. What hangs on them is there already, and the import that takes the place
// does not bring it again.
func TestRedoOfABridgeLeavesTheSmallerOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Phone: phoneA}})
	b.take(t, []lead{{Email: emailB}})
	b.take(t, []lead{{Phone: phoneB}})
	b.take(t, []lead{{Email: emailB, Phone: phoneB}})
	b.take(t, []lead{{Phone: "+5551987654323"}, {CPF: "52998224725"}})
	bridge := b.take(t, []lead{{Phone: phoneA, Email: emailB}})
	// With another mapping: without e-mails, and with documents, which join others.
	b.take(t, []lead{{Phone: phoneA}, {Phone: "+5551987654323", CPF: "52998224725"}}, func(r *pipeline.Run) { r.RedoOf = bridge })
	var got [][]string
	for _, p := range b.states(t) {
		got = append(got, p.Leads)
	}
	if diff := cmp.Diff([][]string{{"1:1"}, {"2:1", "3:1", "4:1"}, {"5:1", "5:2", "7:2"}}, got); diff != "" {
		t.Errorf("leads mismatch (-want +got):\n%s", diff)
	}
	b.steady(t)
}

// What an undo would need is gone with the age that the account keeps it for.
func TestUndoOfWhatExpired(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}})
	if err := b.db.Expire(context.Background(), 1, schemas.KeepLeads, []schemas.ImportID{id}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.tryUndo(t, id); pipeline.CodeOf(err) != history.CodeExpired {
		t.Errorf("undo: %v", err)
	}
	b.steady(t)
	if got := b.states(t); len(got) != 1 || len(got[0].Leads) != 1 {
		t.Errorf("a prospect lost its lead: %+v", got)
	}
}
