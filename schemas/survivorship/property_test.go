package survivorship_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

var someFields = []string{"phone", "email", "name", "first_name", "last_name", "city", "state", "owner"}

// history draws the statements of up to eight imports of all kinds.
func history(t *rapid.T) []survivorship.Statement {
	var out []survivorship.Statement
	for i := range rapid.IntRange(1, 8).Draw(t, "imports") {
		p := &survivorship.Policy{
			Rank:    rapid.IntRange(0, 3).Draw(t, "rank"),
			Rule:    rapid.SampledFrom([]string{"", "source_rank", "incoming_wins", "existing_wins", "fill_only"}).Draw(t, "rule"),
			Clear:   rapid.Bool().Draw(t, "clear"),
			Changes: int32(rapid.IntRange(0, 2).Draw(t, "changes")),
			Filled:  map[string]bool{},
		}
		for _, f := range someFields {
			p.Filled[f] = rapid.Bool().Draw(t, "filled")
		}
		for row := range rapid.IntRange(1, 3).Draw(t, "rows") {
			s := survivorship.Statement{Import: schemas.ImportID(i + 1), Row: int64(row + 1), Policy: p, ByID: rapid.IntRange(0, 3).Draw(t, "by id") == 0,
				Fields: fields{}, Extra: map[string]json.RawMessage{}}
			for _, f := range someFields {
				if v := rapid.SampledFrom([]string{"", "", "A", "B", "distribution:C"}).Draw(t, f); v != "" {
					s.Fields[f] = v
				}
			}
			if v := rapid.IntRange(0, 2).Draw(t, "extra"); v > 0 {
				s.Extra["x"] = json.RawMessage(fmt.Sprint(v))
			}
			out = append(out, s)
		}
	}
	return out
}

func TestOrderOfStatementsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		said := history(t)
		mixed := rapid.Permutation(said).Draw(t, "order")
		if diff := cmp.Diff(survivorship.Explain(said), survivorship.Explain(mixed)); diff != "" {
			t.Fatalf("lineage mismatch (-in order +mixed):\n%s", diff)
		}
		if diff := cmp.Diff(survivorship.Fold(said), survivorship.Explain(mixed).Best); diff != "" {
			t.Fatalf("Explain folds differently (-Fold +Explain):\n%s", diff)
		}
	})
}

// TestTakenBackIsNeverHaving says everything, takes one import back, and expects
// what is there when the import never was: nothing of it is left in the state of
// other folds or in the statements.
func TestTakenBackIsNeverHaving(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		said := history(t)
		gone := said[rapid.IntRange(0, len(said)-1).Draw(t, "gone")].Import
		var never, left []survivorship.Statement
		for _, s := range said {
			if s.Import != gone {
				s.Fields = cloned(s.Fields)
				never = append(never, s)
			}
		}
		want := survivorship.Fold(never)
		survivorship.Fold(said)
		for _, s := range said {
			if s.Import != gone {
				left = append(left, s)
			}
		}
		got := survivorship.Fold(left)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("values mismatch (-never +taken back):\n%s", diff)
		}
		for name, v := range got.Fields {
			if v.Import == gone {
				t.Fatalf("%s still comes from the import that is gone", name)
			}
		}
	})
}

func cloned(f fields) fields {
	out := fields{}
	for k, v := range f {
		out[k] = v
	}
	return out
}

// TestUploadsKeepTheLastThatWasSaid compares with the shortest definition there
// is for a base that only ever knew uploads.
func TestUploadsKeepTheLastThatWasSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		said := history(t)
		want := fields{}
		for i := range said {
			said[i].Policy, said[i].ByID = nil, false
			delete(said[i].Fields, "owner")
			if said[i].Fields["name"]+said[i].Fields["first_name"]+said[i].Fields["last_name"] != "" {
				for _, part := range []string{"name", "first_name", "last_name"} {
					delete(want, part)
				}
			}
			for name, text := range said[i].Fields {
				if _, there := want[name]; !there || name != "phone" && name != "email" {
					want[name] = text
				}
			}
		}
		best := survivorship.Fold(said)
		if diff := cmp.Diff(want, texts(best)); diff != "" {
			t.Fatalf("values mismatch (-want +got):\n%s", diff)
		}
		if r := best.Ranks(); r != nil {
			t.Fatalf("uploads have ranks %v", r)
		}
	})
}

// TestEveryTextWonOrLost: nothing that was said vanishes from the lineage.
func TestEveryTextWonOrLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		said := history(t)
		l := survivorship.Explain(said)
		for _, s := range said {
			for _, name := range []string{"phone", "email", "city", "state", "owner"} {
				text := s.Fields[name]
				if text == "" || l.Fields[name].Text == text {
					continue
				}
				found := false
				for _, lost := range l.Lost[name] {
					found = found || lost.Text == text
				}
				if !found {
					t.Fatalf("%s %q of import %d, row %d neither won nor lost", name, text, s.Import, s.Row)
				}
			}
		}
	})
}
