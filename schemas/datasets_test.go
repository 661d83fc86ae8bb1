package schemas

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var updatePage = flag.Bool("update", false, "write docs/datasets.md")

const (
	datasetsPage  = "../docs/datasets.md"
	datasetsBegin = "<!-- columns: made by a test of package schemas (-update) -->\n"
)

// TestDatasetsPageIsTrue: what is documented is what is written.
func TestDatasetsPageIsTrue(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(datasetsPage)
	if err != nil {
		t.Fatal(err)
	}
	intro, _, found := strings.Cut(string(page), datasetsBegin)
	if !found {
		t.Fatalf("%s has no line %q", datasetsPage, datasetsBegin)
	}
	var want strings.Builder
	want.WriteString(intro + datasetsBegin)
	for _, d := range Datasets() {
		fmt.Fprintf(&want, "\n## %s\n\n%s.\n\n| column | type | what it is |\n|---|---|---|\n", d.Name, strings.ToUpper(d.Comment[:1])+d.Comment[1:])
		for _, c := range d.Columns {
			fmt.Fprintf(&want, "| `%s` | %s | %s |\n", c.Name, c.Type, c.Comment)
		}
	}
	if *updatePage {
		if err := os.WriteFile(datasetsPage, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want.String(), string(page)); diff != "" {
		t.Errorf("%s is not what is written; run this test with -update (-want +got):\n%s", datasetsPage, diff)
	}
}

func TestDatasetKeys(t *testing.T) {
	t.Parallel()
	id, err := ParseImportID("1a22420ec3c000")
	if err != nil {
		t.Fatal(err)
	}
	key := DatasetKey("rows", "acme", time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), id)
	if want := "reports/rows/account=acme/date=2026-01-31/1a22420ec3c000.parquet"; key != want {
		t.Errorf("key %s, want %s", key, want)
	}
	seen := map[string]bool{}
	for _, d := range Datasets() {
		if known, ok := DatasetByName(d.Name); !ok || known.Name != d.Name || seen[d.Name] || d.Comment == "" {
			t.Errorf("dataset %q is not one", d.Name)
		}
		seen[d.Name] = true
		columns := map[string]bool{"account": true, "date": true} // stand in the key
		for _, c := range d.Columns {
			if columns[c.Name] || c.Comment == "" {
				t.Errorf("column %s of %s is there twice, or has no comment", c.Name, d.Name)
			}
			columns[c.Name] = true
		}
	}
}
