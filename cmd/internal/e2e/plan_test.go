package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// planRow is a line of "bateia plan --rows --json".
type planRow struct {
	Row        int64   `json:"row"`
	SheetRow   int64   `json:"sheet_row"`
	Outcome    string  `json:"outcome"`
	Action     *string `json:"action"`
	ProspectID *string `json:"prospect_id"`
	ReasonCode *string `json:"reason_code"`
	Changes    []struct {
		Field string  `json:"field"`
		Old   *string `json:"old"`
		New   *string `json:"new"`
	} `json:"changes"`
}

// brief is a row as the tests expect it: outcome action field:old→new …
func (r planRow) brief() string {
	text := r.Outcome
	for _, v := range []*string{r.Action, r.ReasonCode} {
		if v != nil {
			text += " " + *v
		}
	}
	for _, c := range r.Changes {
		value := func(v *string) string {
			if v == nil {
				return "∅"
			}
			return *v
		}
		text += fmt.Sprintf(" %s:%s→%s", c.Field, value(c.Old), value(c.New))
	}
	return text
}

func (s *stack) planRows(t testing.TB, id string) []planRow {
	t.Helper()
	var out []planRow
	for _, line := range s.must(t, 0, "plan", id, "--rows", "--json").lines() {
		var r planRow
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		out = append(out, r)
	}
	return out
}

// TestPlan makes a plan, sees that nothing is written, reads every row of it, and
// applies exactly it, once.
func TestPlan(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "plan")
	s.imported(t, "plan", 0, "nome;email;telefone;cidade\n"+
		"Ana;ana@exemplo.com.br;51987650001;Belém\n"+
		"Bia;bia@exemplo.com.br;;Recife\n"+
		"Caio;caio@exemplo.com.br;;\n"+
		"Caio;;51987650003;\n"+
		"Duda;duda@exemplo.com.br;;Recife\n")
	c := s.conn(t, "plan")
	before, versions := digest(t, c), rowVersions(t, c)

	path := file(t, "second.csv", []byte("nome;email;telefone;cidade\n"+
		"Ana;ana@exemplo.com.br;51987650001;Maceió\n"+ // update
		"Bia;bia@exemplo.com.br;;Recife\n"+ // unchanged
		"Caio;caio@exemplo.com.br;51987650003;Goiânia\n"+ // merge
		"Ester;ester@exemplo.com.br;;\n"+ // create
		"Ester;ESTER@exemplo.com.br;;Belém\n"+ // duplicate
		"Fabio;fabio arroba;;Belém\n")) // rejected
	planned := decode(t, s.must(t, 3, "import", path, "--plan-only", "--json", "--account", "plan").stdout)
	if planned.State != "ready" || planned.Held {
		t.Errorf("planned: %s, held %v", planned.State, planned.Held)
	}
	want := ledger{Read: 6, Created: 1, Updated: 2, Unchanged: 1, Duplicate: 1, Rejected: 1}
	if diff := cmp.Diff(want, planned.Ledger); diff != "" {
		t.Errorf("ledger of the plan (-want +got):\n%s", diff)
	}
	after := digest(t, c)
	for _, table := range []string{"prospects", "identities", "leads", "row_outcomes", "before_images", "merges", "aliases"} {
		if before[table] != after[table] {
			t.Errorf("planning wrote %s: %s, before %s", table, after[table], before[table])
		}
	}
	if diff := cmp.Diff(versions, rowVersions(t, c)); diff != "" {
		t.Errorf("planning touched rows (-before +after):\n%s", diff)
	}

	rows := s.planRows(t, planned.ImportID)
	var got []string
	for i, r := range rows {
		got = append(got, r.brief())
		if r.Row != int64(i+1) || r.SheetRow != int64(i+2) {
			t.Errorf("row %d: row %d, sheet row %d", i+1, r.Row, r.SheetRow)
		}
	}
	wantRows := []string{
		"updated update city:Belém→Maceió",
		"unchanged unchanged",
		"updated merge city:∅→Goiânia phone:∅→+5551987650003",
		"created create email:∅→ester@exemplo.com.br name:∅→Ester city:∅→Belém",
		"duplicate create",
		"rejected EMAIL_INVALID",
	}
	if diff := cmp.Diff(wantRows, got); diff != "" {
		t.Errorf("plan --rows (-want +got):\n%s", diff)
	}

	for _, round := range []string{"apply", "apply again"} {
		doc := decode(t, s.must(t, 3, "apply", planned.ImportID, "--json").stdout)
		if doc.State != "applied" || doc.Ledger != planned.Ledger || doc.Prospects != planned.Prospects {
			t.Errorf("%s: %s %+v %+v, planned %+v %+v", round, doc.State, doc.Ledger, doc.Prospects, planned.Ledger, planned.Prospects)
		}
		if round == "apply" {
			versions = rowVersions(t, c)
		}
	}
	if diff := cmp.Diff(versions, rowVersions(t, c)); diff != "" {
		t.Errorf("the second apply wrote (-first +second):\n%s", diff)
	}
	if n := column[int](t, c, "select count(*)::int from bateia.import_stages where stage = 'apply' and import_id = ('x' || lpad($1, 16, '0'))::bit(64)::bigint", planned.ImportID)[0]; n != 1 {
		t.Errorf("apply ran %d times", n)
	}
	// What plan --rows said is what is there now, under the ids that it named.
	found := map[string]prospectDocument{}
	for _, p := range s.prospects(t, "plan") {
		found[p.ID] = p
	}
	for i, city := range map[int]string{0: "Maceió", 1: "Recife", 2: "Goiânia", 3: "Belém", 4: "Belém"} {
		if p := found[*rows[i].ProspectID]; p.City != city {
			t.Errorf("row %d: prospect %s has city %q, want %q", i+1, *rows[i].ProspectID, p.City, city)
		}
	}
	if len(found) != 5+1-1 {
		t.Errorf("%d prospects; 5 were there, 1 is new, 1 was merged into another", len(found))
	}
	t.Logf("planned and applied: %+v %+v", planned.Ledger, planned.Prospects)
}

// rowVersions are the versions of the rows of the state tables: any write shows.
func rowVersions(t testing.TB, c queryer) []string {
	t.Helper()
	out := column[string](t, c, "select concat_ws(' ', prospect_id, xmin, ctid, updated_at) from bateia.prospects order by 1")
	return append(out, column[string](t, c, "select concat_ws(' ', key, xmin, ctid) from bateia.identities order by 1")...)
}

// TestBaseMoves plans a change, changes the same prospects otherwise, and applies
// the plan: what moved is in conflict and stays as it is.
func TestBaseMoves(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "moves")
	const header = "nome;email;cidade\n"
	s.imported(t, "moves", 0, header+"Ana;ana@exemplo.com.br;Belém\nBia;bia@exemplo.com.br;Recife\n")
	path := file(t, "plan.csv", []byte(header+
		"Ana;ana@exemplo.com.br;Maceió\n"+ // will have moved
		"Bia;bia@exemplo.com.br;Goiânia\n"+ // will not
		"Caio;caio@exemplo.com.br;Manaus\n")) // will exist by then
	planned := decode(t, s.must(t, 0, "import", path, "--plan-only", "--json", "--account", "moves").stdout)
	if planned.Ledger.Updated != 2 || planned.Ledger.Created != 1 {
		t.Fatalf("plan: %+v", planned.Ledger)
	}
	s.imported(t, "moves", 0, header+"Ana;ana@exemplo.com.br;Natal\nCaio;caio@exemplo.com.br;Curitiba\n")

	r := s.run(t, "apply", planned.ImportID, "--json")
	doc := decode(t, r.stdout)
	if doc.Ledger.Read != doc.Ledger.sum() {
		t.Errorf("ledger does not balance: %+v", doc.Ledger)
	}
	if r.code != 3 || doc.State != "applied" || doc.Ledger.Conflict != 2 || doc.Ledger.Updated != 1 {
		t.Errorf("apply: exit code %d, %s, %+v, want 3 with two conflicts and one update", r.code, doc.State, doc.Ledger)
	}
	cities := map[string]string{}
	for _, p := range s.prospects(t, "moves") {
		cities[p.Name] = p.City
	}
	if diff := cmp.Diff(map[string]string{"Ana": "Natal", "Bia": "Goiânia", "Caio": "Curitiba"}, cities); diff != "" {
		t.Errorf("cities (-want +got):\n%s", diff)
	}
	var codes []string
	for _, line := range s.must(t, 0, "issues", planned.ImportID, "--json").lines() {
		var i issue
		if err := json.Unmarshal(line, &i); err != nil {
			t.Fatal(err)
		}
		codes = append(codes, fmt.Sprintf("%d %s", i.SheetRow, i.Code))
	}
	slices.Sort(codes)
	if diff := cmp.Diff([]string{"2 TARGET_CHANGED", "4 TARGET_CHANGED"}, codes); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
	c := s.conn(t, "moves")
	outcomes := column[string](t, c, "select concat_ws(' ', sheet_row, outcome, reason_code) from bateia.row_outcomes order by 1")
	if diff := cmp.Diff([]string{"2 conflict TARGET_CHANGED", "4 conflict TARGET_CHANGED"}, outcomes); diff != "" {
		t.Errorf("outcomes of rows (-want +got):\n%s", diff)
	}
	t.Logf("moved base: %+v", doc.Ledger)
}
