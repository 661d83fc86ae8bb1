package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// prospectDocument is what "bateia prospect" prints, in part.
type prospectDocument struct {
	ID         string `json:"prospect_id"`
	Name       string `json:"name"`
	City       string `json:"city"`
	Phone      string `json:"phone"`
	Email      string `json:"email"`
	Identities []struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
	} `json:"identities"`
	Leads int `json:"-"`
}

func (d *prospectDocument) UnmarshalJSON(b []byte) error {
	type plain prospectDocument
	if err := json.Unmarshal(b, (*plain)(d)); err != nil {
		return err
	}
	// A number in lists of prospects, the leads themselves where one is shown.
	var leads struct {
		Leads json.RawMessage `json:"leads"`
	}
	if err := json.Unmarshal(b, &leads); err != nil {
		return err
	}
	var list []json.RawMessage
	if json.Unmarshal(leads.Leads, &list) == nil {
		d.Leads = len(list)
		return nil
	}
	return json.Unmarshal(leads.Leads, &d.Leads)
}

func (s *stack) prospects(t testing.TB, account string) []prospectDocument {
	t.Helper()
	var out []prospectDocument
	for _, line := range s.must(t, 0, "prospects", "--json", "--account", account).lines() {
		var d prospectDocument
		if len(line) == 0 {
			continue
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		out = append(out, d)
	}
	return out
}

// imported imports files one after the other and returns what became of each.
func (s *stack) imported(t testing.TB, account string, code int, bodies ...string) []document {
	t.Helper()
	args := []string{"import", "--json", "--account", account}
	for i, body := range bodies {
		args = append(args, file(t, fmt.Sprintf("%d.csv", i), []byte(body)))
	}
	var out []document
	for _, line := range s.must(t, code, args...).lines() {
		out = append(out, decode(t, line))
	}
	return out
}

// TestTwins reads one list in two dialects and finds the same person.
func TestTwins(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "twins")
	docs := s.imported(t, "twins", 0, "telefone;nome\n5551999999999;Ana\n5551987650001;\"Silva; Ana\"\n", "telefone,nome\n5551999999999,Ana\n5551987650001,\"Silva; Ana\"\n")
	if docs[0].Ledger.Created != 2 || docs[1].Ledger.Unchanged != 2 {
		t.Errorf("first %+v, twin %+v", docs[0].Ledger, docs[1].Ledger)
	}
	names := map[string]int{}
	for _, p := range s.prospects(t, "twins") {
		names[p.Name+" "+p.Phone]++
	}
	if len(names) != 2 || names["Ana +5551999999999"] != 1 || names["Silva; Ana +5551987650001"] != 1 {
		t.Errorf("prospects: %v", names)
	}
}

// TestThreeLeads brings three statements about one person in every order, in one
// file and in three: always one prospect.
func TestThreeLeads(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "leads")
	orders := [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	const header = "telefone;email;nome\n"
	for n, order := range orders {
		for _, files := range []int{1, 3} {
			number := fmt.Sprintf("98765%d%03d", files, n)
			address := fmt.Sprintf("pessoa%d.%d@exemplo.com.br", files, n)
			leads := [3]string{
				"+55 51 " + number + ";;Ana\n",
				"5551" + number + ";" + address + ";\n",
				";" + strings.ToUpper(address) + ";Ana Souza\n",
			}
			bodies := []string{header + leads[order[0]] + leads[order[1]] + leads[order[2]]}
			if files == 3 {
				bodies = []string{header + leads[order[0]], header + leads[order[1]], header + leads[order[2]]}
			}
			s.imported(t, "leads", 0, bodies...)
			for _, ask := range []string{number, address} {
				if ask == number {
					ask = "+5551" + number
				}
				var p prospectDocument
				out := s.must(t, 0, "prospect", ask, "--json", "--account", "leads").stdout
				if err := json.Unmarshal(out, &p); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				if len(p.Identities) != 2 || p.Leads != 3 {
					t.Errorf("order %v in %d files, asked for %s: %d identities, %d leads", order, files, ask, len(p.Identities), p.Leads)
				}
			}
		}
	}
	if n := len(s.prospects(t, "leads")); n != 2*len(orders) {
		t.Errorf("%d prospects, want %d", n, 2*len(orders))
	}
}

// TestPlaceholderPhone keeps people apart who all gave the number of nobody.
func TestPlaceholderPhone(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "fair")
	body := "telefone;nome;email\n"
	for i := range 60 {
		body += fmt.Sprintf("11999999999;Pessoa %c%c;feira%d@exemplo.com.br\n", 'A'+i/8, 'A'+i%8, i)
	}
	doc := s.imported(t, "fair", 0, body)[0]
	if n := len(s.prospects(t, "fair")); n != 60 || doc.Ledger.Created != 60 {
		t.Errorf("%d prospects, %+v, want 60", n, doc.Ledger)
	}
	if !slices.Contains(doc.Issues.ByCode, codeCount{"PLACEHOLDER_VALUE", 60}) {
		t.Errorf("issues: %+v", doc.Issues.ByCode)
	}
}
