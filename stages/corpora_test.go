package stages_test

import (
	"encoding/csv"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas/identity"
)

// corpus reads a file of people with the truth about who is whom.
func corpus(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open("../../shared/corpora/dedupe/" + name)
	if os.IsNotExist(err) {
		t.Skip("../shared/corpora is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.TrimLeadingSpace = true
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, rec := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[strings.TrimSpace(name)] = strings.TrimSpace(rec[i])
		}
		out = append(out, row)
	}
	return out
}

var febrlPerson = regexp.MustCompile(`^rec-(\d+)-`)

// TestDedupeCorpora: on exact identities every pair that is joined is one person,
// and every pair that has an identity in common is joined.
func TestDedupeCorpora(t *testing.T) {
	t.Parallel()
	febrl := func(row map[string]string) (lead, string) {
		l := lead{Name: row["given_name"] + " " + row["surname"]}
		if id := row["soc_sec_id"]; id != "" {
			l.External = "febrl:" + id
		}
		return l, febrlPerson.FindStringSubmatch(row["rec_id"])[1]
	}
	for _, tt := range []struct {
		file   string
		read   func(map[string]string) (lead, string)
		recall float64 // at least; that of the identities
	}{
		{"splink_fake_1000/fake_1000.csv", func(row map[string]string) (lead, string) {
			email, _ := identity.ParseEmail(row["email"], identity.Options{})
			return lead{Email: email.Canonical, Name: row["first_name"] + " " + row["surname"]}, row["cluster"]
		}, 0.336},
		{"febrl/dataset1.csv", febrl, 0.9},
		{"febrl/dataset3.csv", febrl, 0.857},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.names = -1
			var leads []lead
			var truth, key []string
			for _, row := range corpus(t, tt.file) {
				l, person := tt.read(row)
				leads = append(leads, l)
				truth, key = append(truth, person), append(key, l.Email+l.External)
			}
			run := b.plan(t, leads)
			found := make([]string, len(leads))
			for i := range found {
				_, err := run.Workset.(*duck.Workset).Scan(t.Context(), "select coalesce(prospect_id, '') from plan_rows where row = $1", []any{int64(i + 1)}, &found[i])
				if err != nil {
					t.Fatal(err)
				}
			}
			var joined, right, same, allowed int
			for i := range leads {
				for j := range i {
					one := truth[i] == truth[j]
					if one {
						same++
					}
					if one && key[i] != "" && key[i] == key[j] {
						allowed++
					}
					if found[i] != "" && found[i] == found[j] {
						joined++
						if one {
							right++
						}
					}
				}
			}
			precision, recall := float64(right)/float64(joined), float64(right)/float64(same)
			t.Logf("%d rows, %d pairs joined: precision %.3f, recall %.3f, identities allow %.3f", len(leads), joined, precision, recall, float64(allowed)/float64(same))
			if right != joined || right != allowed {
				t.Errorf("%d pairs joined, %d of them right, %d allowed", joined, right, allowed)
			}
			if recall < tt.recall-0.0005 {
				t.Errorf("recall %.3f, want %.3f", recall, tt.recall)
			}
		})
	}
}
