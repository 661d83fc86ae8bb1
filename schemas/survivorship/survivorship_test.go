package survivorship_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

type fields = map[string]string

// say is a statement of import i at its row.
func say(i schemas.ImportID, row int64, p *survivorship.Policy, f fields) survivorship.Statement {
	return survivorship.Statement{Import: i, Row: row, Policy: p, Fields: f}
}

// edit is a statement of a row that names its prospect by id.
func edit(i schemas.ImportID, row int64, p *survivorship.Policy, f fields) survivorship.Statement {
	s := say(i, row, p, f)
	s.ByID = true
	return s
}

func TestFold(t *testing.T) {
	t.Parallel()
	upload := &survivorship.Policy{Rank: 1}
	erp := &survivorship.Policy{Rank: 2, Changes: 7}
	rule := func(r string) *survivorship.Policy { return &survivorship.Policy{Rank: 1, Rule: r} }
	clearing := &survivorship.Policy{Rank: 1, Clear: true, Filled: map[string]bool{"city": true, "name": true, "phone": true}}
	clearingRule := func(r string) *survivorship.Policy {
		return &survivorship.Policy{Rank: 1, Rule: r, Clear: true, Filled: map[string]bool{"city": true}}
	}
	tests := []struct {
		name  string
		say   []survivorship.Statement
		want  fields
		ranks map[string]int
	}{
		{"nobody said anything", nil, fields{}, nil},
		{"an upload outranks another upload",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "Canoas"}), say(2, 1, upload, fields{"city": "Esteio"})},
			fields{"city": "Esteio"}, nil},
		{"A, B, A is A",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "A"}), say(2, 1, upload, fields{"city": "B"}), say(3, 1, upload, fields{"city": "A"})},
			fields{"city": "A"}, nil},
		{"an import that waited is applied later than one with a higher id",
			[]survivorship.Statement{say(1, 1, &survivorship.Policy{Applied: 2}, fields{"city": "A"}), say(2, 1, &survivorship.Policy{Applied: 1}, fields{"city": "B"})},
			fields{"city": "A"}, nil},
		{"a blank keeps",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "Canoas"}), say(2, 1, upload, fields{"city": "", "state": "RS"})},
			fields{"city": "Canoas", "state": "RS"}, nil},
		{"no policy is an upload",
			[]survivorship.Statement{say(1, 1, nil, fields{"city": "Canoas"}), say(2, 1, nil, fields{"city": "Esteio"})},
			fields{"city": "Esteio"}, nil},
		{"the last row of an import that states it speaks",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "A"}), say(1, 2, upload, fields{"city": "B"}), say(1, 3, upload, fields{"state": "RS"})},
			fields{"city": "B", "state": "RS"}, nil},
		{"an upload does not replace what the ERP said, and fills its blanks",
			[]survivorship.Statement{say(1, 1, erp, fields{"company": "Sol Ltda"}), say(2, 1, upload, fields{"company": "sol", "city": "Canoas"})},
			fields{"company": "Sol Ltda", "city": "Canoas"}, map[string]int{"company": 2}},
		{"the ERP replaces what an upload said",
			[]survivorship.Statement{say(1, 1, upload, fields{"company": "sol"}), say(2, 1, erp, fields{"company": "Sol Ltda"})},
			fields{"company": "Sol Ltda"}, map[string]int{"company": 2}},
		{"the ERP says the same as an upload: it is the ERP's from there on",
			[]survivorship.Statement{say(1, 1, upload, fields{"company": "Sol"}), say(2, 1, erp, fields{"company": "Sol"}), say(3, 1, upload, fields{"company": "x"})},
			fields{"company": "Sol"}, map[string]int{"company": 2}},
		{"an edit by hand replaces what the ERP said",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "Canoas"}), edit(2, 1, upload, fields{"city": "Esteio"})},
			fields{"city": "Esteio"}, map[string]int{"city": 2}},
		{"an edit by hand counts for the account's own rank above it",
			[]survivorship.Statement{edit(1, 1, &survivorship.Policy{Rank: 5}, fields{"city": "Canoas"}), say(2, 1, &survivorship.Policy{Rank: 4}, fields{"city": "Esteio"})},
			fields{"city": "Canoas"}, map[string]int{"city": 5}},
		{"a record that came along unchanged does not replace an edit",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "Canoas", "state": "RS"}), edit(2, 1, upload, fields{"city": "Esteio"}), say(3, 1, erp, fields{"city": "Canoas", "state": "SC"})},
			fields{"city": "Esteio", "state": "SC"}, map[string]int{"city": 2, "state": 2}},
		{"a later change at the ERP wins over an older edit",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "Canoas"}), edit(2, 1, upload, fields{"city": "Esteio"}), say(3, 1, erp, fields{"city": "Gravataí"})},
			fields{"city": "Gravataí"}, map[string]int{"city": 2}},
		{"what the ERP took back and says again is a change",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "A"}), say(2, 1, erp, fields{"state": "RS"}), edit(3, 1, upload, fields{"city": "B"}), say(4, 1, erp, fields{"city": "A"})},
			fields{"city": "A", "state": "RS"}, map[string]int{"city": 2, "state": 2}},
		{"changes are counted by source",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "A"}), edit(2, 1, upload, fields{"city": "B"}), say(3, 1, &survivorship.Policy{Rank: 2, Changes: 8}, fields{"city": "A"})},
			fields{"city": "A"}, map[string]int{"city": 2}},
		{"the name of the ERP unchanged does not replace an edited one",
			[]survivorship.Statement{say(1, 1, erp, fields{"name": "A", "last_name": "Lima"}), edit(2, 1, upload, fields{"name": "B"}), say(3, 1, erp, fields{"name": "A", "last_name": "Lima"})},
			fields{"name": "B"}, map[string]int{"name": 2}},
		{"one part of the name changed at the ERP is a change of the name",
			[]survivorship.Statement{say(1, 1, erp, fields{"name": "A", "last_name": "Lima"}), edit(2, 1, upload, fields{"name": "B"}), say(3, 1, erp, fields{"name": "A", "last_name": "Luz"})},
			fields{"name": "A", "last_name": "Luz"}, map[string]int{"name": 2}},
		{"incoming_wins replaces whatever it meets",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "A"}), say(2, 1, rule("incoming_wins"), fields{"city": "B"})},
			fields{"city": "B"}, nil},
		{"existing_wins fills",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "A"}), say(2, 1, rule("existing_wins"), fields{"city": "B", "state": "RS"})},
			fields{"city": "A", "state": "RS"}, nil},
		{"fill_only fills, also by hand",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "A"}), edit(2, 1, rule("fill_only"), fields{"city": "B", "state": "RS"})},
			fields{"city": "A", "state": "RS"}, map[string]int{"state": 2}},
		{"a name is taken whole",
			[]survivorship.Statement{say(1, 1, upload, fields{"name": "Ana Lima", "first_name": "Ana", "last_name": "Lima"}), say(2, 1, upload, fields{"name": "Ana L. Souza"})},
			fields{"name": "Ana L. Souza"}, nil},
		{"a name is never mixed from two rows",
			[]survivorship.Statement{say(1, 1, upload, fields{"first_name": "Ana"}), say(1, 2, upload, fields{"last_name": "Souza"})},
			fields{"last_name": "Souza"}, nil},
		{"a name that loses gives no part of it",
			[]survivorship.Statement{say(1, 1, erp, fields{"name": "Sol Ltda"}), say(2, 1, upload, fields{"name": "Ana Lima", "first_name": "Ana"})},
			fields{"name": "Sol Ltda"}, map[string]int{"name": 2}},
		{"a name of parts has its rank as the name",
			[]survivorship.Statement{say(1, 1, erp, fields{"first_name": "Ana"})},
			fields{"first_name": "Ana"}, map[string]int{"name": 2}},
		{"the first identity stays the one that is shown",
			[]survivorship.Statement{say(1, 1, upload, fields{"phone": "+5551911111111"}), say(1, 2, upload, fields{"phone": "+5551922222222"}), say(2, 1, erp, fields{"phone": "+5551933333333"})},
			fields{"phone": "+5551911111111"}, nil},
		{"incoming_wins does not move identities",
			[]survivorship.Statement{say(1, 1, upload, fields{"email": "a@example.com"}), say(2, 1, rule("incoming_wins"), fields{"email": "b@example.com"})},
			fields{"email": "a@example.com"}, nil},
		{"an edited identity replaces",
			[]survivorship.Statement{say(1, 1, upload, fields{"phone": "+5551911111111"}), edit(2, 1, upload, fields{"phone": "+5551922222222"})},
			fields{"phone": "+5551922222222"}, nil},
		{"an edited identity replaces under fill_only too",
			[]survivorship.Statement{say(1, 1, upload, fields{"phone": "+5551911111111"}), edit(2, 1, rule("fill_only"), fields{"phone": "+5551922222222"})},
			fields{"phone": "+5551922222222"}, nil},
		{"of an import's identities the edited one speaks",
			[]survivorship.Statement{say(1, 1, upload, fields{"phone": "+5551911111111"}), say(2, 1, upload, fields{"phone": "+5551922222222"}), edit(2, 2, upload, fields{"phone": "+5551933333333"}), edit(2, 3, upload, fields{"phone": "+5551944444444"})},
			fields{"phone": "+5551933333333"}, nil},
		{"blank: clear clears what the import fills, and no identity",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "A", "state": "RS", "name": "Ana", "phone": "+5551911111111"}), say(2, 1, clearing, fields{"email": "a@example.com"})},
			fields{"state": "RS", "phone": "+5551911111111", "email": "a@example.com"}, nil},
		{"blank: clear is the last row's word",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "A"}), say(2, 1, clearing, fields{"city": "B", "name": "Ana"}), say(2, 2, clearing, fields{})},
			fields{"name": "Ana"}, nil},
		{"blank: clear does not outrank the ERP",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "A", "name": "Sol"}), say(2, 1, clearing, fields{})},
			fields{"city": "A", "name": "Sol"}, map[string]int{"city": 2, "name": 2}},
		{"what was cleared has no rank",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "A"}), edit(2, 1, clearing, fields{}), say(3, 1, upload, fields{"city": "B"})},
			fields{"city": "B"}, nil},
		{"what was cleared by hand does not come back with an unchanged record",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "A"}), edit(2, 1, clearing, fields{}), say(3, 1, erp, fields{"city": "A"})},
			fields{}, nil},
		{"incoming_wins clears",
			[]survivorship.Statement{say(1, 1, erp, fields{"city": "A"}), say(2, 1, clearingRule("incoming_wins"), fields{})},
			fields{}, nil},
		{"existing_wins never clears",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "A"}), say(2, 1, clearingRule("existing_wins"), fields{})},
			fields{"city": "A"}, nil},
		{"fill_only never clears",
			[]survivorship.Statement{say(1, 1, upload, fields{"city": "A"}), say(2, 1, clearingRule("fill_only"), fields{})},
			fields{"city": "A"}, nil},
		{"an owner that is still to be drawn replaces nobody",
			[]survivorship.Statement{say(1, 1, upload, fields{"owner": "ana"}), say(2, 1, rule("incoming_wins"), fields{"owner": "distribution:Sul"})},
			fields{"owner": "ana"}, nil},
		{"who is named replaces who was drawn",
			[]survivorship.Statement{say(1, 1, upload, fields{"owner": "distribution:Sul"}), say(2, 1, upload, fields{"owner": "ana"})},
			fields{"owner": "ana"}, nil},
		{"the first draw stays",
			[]survivorship.Statement{say(1, 1, upload, fields{"owner": "distribution:Sul"}), say(2, 1, upload, fields{"owner": "distribution:Norte"})},
			fields{"owner": "distribution:Sul"}, nil},
		{"other fields may begin so",
			[]survivorship.Statement{say(1, 1, upload, fields{"notes": "a"}), say(2, 1, upload, fields{"notes": "distribution:Sul"})},
			fields{"notes": "distribution:Sul"}, nil},
		{"a field that no prospect has is not looked at",
			[]survivorship.Statement{say(1, 1, upload, fields{"phone2": "+5551911111111", "city": "A"})},
			fields{"city": "A"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			best := survivorship.Fold(tt.say)
			if diff := cmp.Diff(tt.want, texts(best)); diff != "" {
				t.Errorf("values mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.ranks, best.Ranks()); diff != "" {
				t.Errorf("ranks mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func texts(b survivorship.Best) fields {
	out := fields{}
	for name, v := range b.Fields {
		out[name] = v.Text
	}
	return out
}

func TestValuesKnowTheirRow(t *testing.T) {
	t.Parallel()
	best := survivorship.Fold([]survivorship.Statement{
		say(1, 5, nil, fields{"city": "A", "phone": "+5551911111111", "first_name": "Ana", "last_name": "Lima"}),
		say(2, 3, &survivorship.Policy{Rank: 3}, fields{"city": "B"}),
		say(3, 9, &survivorship.Policy{Rank: 3}, fields{"city": "B", "phone": "+5551911111111"}),
	})
	want := map[string]survivorship.Value{
		"city":       {Text: "B", Rank: 3, Import: 3, Row: 9},
		"phone":      {Text: "+5551911111111", Rank: 1, Import: 1, Row: 5},
		"first_name": {Text: "Ana", Rank: 1, Import: 1, Row: 5},
		"last_name":  {Text: "Lima", Rank: 1, Import: 1, Row: 5},
	}
	if diff := cmp.Diff(want, best.Fields); diff != "" {
		t.Errorf("values mismatch (-want +got):\n%s", diff)
	}
}

func TestExtraFields(t *testing.T) {
	t.Parallel()
	extra := func(i schemas.ImportID, row int64, p *survivorship.Policy, pairs ...string) survivorship.Statement {
		s := survivorship.Statement{Import: i, Row: row, Policy: p, Extra: map[string]json.RawMessage{}}
		for n := 0; n < len(pairs); n += 2 {
			s.Extra[pairs[n]] = json.RawMessage(pairs[n+1])
		}
		return s
	}
	upload, erp := &survivorship.Policy{}, &survivorship.Policy{Rank: 2}
	best := survivorship.Fold([]survivorship.Statement{
		extra(1, 1, erp, "color", `"blue"`, "size", `3`),
		extra(2, 1, upload, "color", `"red"`, "size", `null`, "seen", `true`),
		extra(2, 2, upload, "seen", `false`),
		extra(2, 3, upload, "seen", `null`),
		extra(3, 1, erp, "size", `null`),
	})
	want := map[string]survivorship.ExtraValue{
		"color": {Value: json.RawMessage(`"blue"`), Rank: 2, Import: 1, Row: 1},
		"size":  {Value: json.RawMessage(`3`), Rank: 2, Import: 1, Row: 1},
		"seen":  {Value: json.RawMessage(`false`), Rank: 1, Import: 2, Row: 2},
	}
	if diff := cmp.Diff(want, best.Extra); diff != "" {
		t.Errorf("extra fields mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"extra.color": 2, "extra.size": 2}, best.Ranks()); diff != "" {
		t.Errorf("ranks mismatch (-want +got):\n%s", diff)
	}
}

func TestExplainSaysWhyValuesLost(t *testing.T) {
	t.Parallel()
	erp := &survivorship.Policy{Rank: 2, Changes: 7}
	fill := &survivorship.Policy{Rule: survivorship.FillOnly}
	clearing := &survivorship.Policy{Clear: true, Filled: map[string]bool{"city": true}}
	l := survivorship.Explain([]survivorship.Statement{
		say(1, 1, erp, fields{"name": "Sol Ltda", "company": "Sol", "city": "A", "state": "RS", "owner": "ana"}),
		say(2, 1, nil, fields{"first_name": "Ana", "last_name": "Lima", "phone": "+5551911111111"}),
		say(2, 2, nil, fields{"phone": "+5551922222222"}),
		edit(3, 1, nil, fields{"company": "Lua"}),
		say(4, 1, fill, fields{"company": "Mar", "street": "X"}),
		edit(5, 1, clearing, fields{"owner": "distribution:Sul"}),
		say(6, 1, erp, fields{"name": "Sol Ltda", "company": "Sol", "city": "A", "state": "SC", "owner": "ana"}),
		say(7, 1, nil, fields{"first_name": "Ana", "last_name": "Lima", "street": "Y"}),
	})
	lost := func(text string, rank int, i schemas.ImportID, row int64, why survivorship.Reason) survivorship.Lost {
		return survivorship.Lost{Value: survivorship.Value{Text: text, Rank: rank, Import: i, Row: row}, Why: why}
	}
	want := map[string][]survivorship.Lost{
		"name":    {lost("Ana Lima", 1, 7, 1, survivorship.LowerRank)},
		"phone":   {lost("+5551922222222", 1, 2, 2, survivorship.NotFirst)},
		"company": {lost("Sol", 2, 6, 1, survivorship.Unchanged), lost("Mar", 1, 4, 1, survivorship.FillsOnly)},
		"city":    {lost("A", 2, 6, 1, survivorship.Unchanged)},
		"state":   {lost("RS", 2, 1, 1, survivorship.Older)},
		"owner":   {lost("distribution:Sul", 2, 5, 1, survivorship.StillToDraw)},
		"street":  {lost("X", 1, 4, 1, survivorship.Older)},
	}
	if diff := cmp.Diff(want, l.Lost); diff != "" {
		t.Errorf("what lost mismatch (-want +got):\n%s", diff)
	}
	if _, ok := l.Fields["city"]; ok {
		t.Error("the city was cleared by hand, and is there")
	}
}

func TestNewPolicy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		rank    int
		kind    string
		options schemas.Options
		want    survivorship.Policy
	}{
		{"an upload", 1, "upload", schemas.Options{}, survivorship.Policy{Rank: 1}},
		{"the ERP counts changes", 2, "omie", schemas.Options{}, survivorship.Policy{Rank: 2, Changes: 7}},
		{"a rule", 1, "api", schemas.Options{Survivorship: "fill_only"}, survivorship.Policy{Rank: 1, Rule: survivorship.FillOnly}},
		{"clearing knows what is filled", 2, "manual", schemas.Options{Blank: "clear"},
			survivorship.Policy{Rank: 2, Clear: true, Filled: map[string]bool{"city": true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(&tt.want, survivorship.NewPolicy(tt.rank, tt.kind, 7, tt.options, []string{"city"})); diff != "" {
				t.Errorf("policy mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDrawn(t *testing.T) {
	t.Parallel()
	sul, norte := fields{"owner": "distribution:Sul"}, fields{"owner": "distribution:Norte"}
	said := func() []survivorship.Statement {
		return []survivorship.Statement{say(1, 1, nil, sul), say(2, 1, nil, fields{"owner": "dora"}), say(3, 1, nil, norte), say(4, 1, nil, sul), say(4, 2, nil, sul)}
	}
	for _, tt := range []struct {
		name  string
		turns map[string][]schemas.ImportID
		vain  []bool
		owner string
	}{
		{"nobody was drawn", nil, []bool{true, false, true, true, true}, "dora"},
		{"the first one drew", map[string][]schemas.ImportID{"sul": {1}}, []bool{false, false, true, false, false}, "dora"},
		{"who asks before the draw gets none", map[string][]schemas.ImportID{"sul": {4}}, []bool{true, false, true, false, false}, "dora"},
		{"of several draws the first counts", map[string][]schemas.ImportID{"sul": {4, 1}, "norte": {3}}, []bool{false, false, false, false, false}, "dora"},
		{"a draw of who asks no more is the first one's", map[string][]schemas.ImportID{"sul": {9}}, []bool{false, false, true, false, false}, "dora"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := said()
			survivorship.Drawn(list, tt.turns)
			var vain []bool
			for _, s := range list {
				vain = append(vain, s.Vain)
			}
			if diff := cmp.Diff(tt.vain, vain); diff != "" {
				t.Errorf("vain mismatch (-want +got):\n%s", diff)
			}
			if got := survivorship.Fold(list).Fields["owner"].Text; got != tt.owner {
				t.Errorf("owner %q, want %q", got, tt.owner)
			}
		})
	}
	// One that is vain neither gives an owner nor, in a file that clears, takes one.
	clearing := &survivorship.Policy{Clear: true, Filled: map[string]bool{"owner": true}}
	list := []survivorship.Statement{say(1, 1, nil, fields{"owner": "dora"}), say(2, 1, clearing, sul)}
	survivorship.Drawn(list, nil)
	if got := survivorship.Fold(list).Fields["owner"].Text; got != "dora" {
		t.Errorf("owner %q, want dora", got)
	}
}
