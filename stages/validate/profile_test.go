package validate

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProfileSpans(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		ranges     []span
		records, n int64
		want       []span
	}{
		{"no rows", nil, 0, 1000, nil},
		{"fewer rows than the sample", []span{{1, 1025}}, 10, 1000, []span{{1, 11}}},
		{"as many", []span{{1, 1025}}, 1000, 1000, []span{{1, 1001}}},
		{"some more", []span{{1, 2049}}, 1100, 1000, []span{{1, 334}, {385, 718}, {768, 1101}}},
		{"many", []span{{1, 61_441}, {61_441, 122_881}}, 100_000, 999, []span{{1, 334}, {49_835, 50_168}, {99_668, 100_001}}},
		{"unknown how many", []span{{1, 1025}, {1025, 2049}}, 0, 300, []span{{1, 101}, {975, 1075}, {1949, 2049}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := profileSpans(tt.ranges, tt.records, tt.n)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(span{})); diff != "" {
				t.Errorf("spans (-want +got):\n%s", diff)
			}
		})
	}
}

// The stage looks at the middle and the end as well, counts over the gaps, and
// tells what it found.
func TestStageFindsOutFromAllOfTheFile(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 6000 {
		recado := mobiles(i)
		if i >= 4000 {
			recado = mails(i)
		}
		lines = append(lines, fmt.Sprintf("%s;%d;%s;%s;05/%02d/1990;%s", mobiles(i), i+1, dressed(i), recado, 1+i%12, "!"[:i/6000]))
	}
	lines[4999] = "51987654321;5000;x;x;13/02/1990;" // the only date that decides
	lines[5000] = "!ROW_TOO_FEW_CELLS"
	run, _ := setup(t, "celular;id;Aviso;Recado;nascimento;", lines)
	var got []Finding
	if err := (Stage{Findings: func(f []Finding) { got = append(got, f...) }}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	if len(got) != 6 {
		t.Fatalf("%d findings", len(got))
	}
	if f := got[0]; f.Rows != 999 || f.Filled != 999 || f.Proposed != "" {
		t.Errorf("celular: %+v", f)
	}
	if reason := run.Facts.Columns[1].Reason; !got[1].Counter || reason != reasonCounter {
		t.Errorf("id: counter %v, %s", got[1].Counter, reason)
	}
	if f := got[2]; f.Proposed != "phone" || run.Facts.Columns[2].Reason != "ambiguous: phone" {
		t.Errorf("Aviso: %q, %s", f.Proposed, run.Facts.Columns[2].Reason)
	}
	// Two thirds phones, one third e-mails: nobody's field.
	if f := got[3]; f.Proposed != "" || len(f.Shares()) != 3 {
		t.Errorf("Recado: %q, %v", f.Proposed, f.Shares())
	}
	want := &Evidence{Format: "dd/mm/yyyy", Decided: true, For: 1, Open: 5998, SheetRows: []int64{5001}}
	if diff := cmp.Diff(want, got[4].Evidence, cmp.Transformer("rows", func(r firstRows) []int64 { return r })); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if f := got[5]; f.Filled != 0 || run.Facts.Columns[5].Reason != reasonUnnamed {
		t.Errorf("blank column: %+v", f)
	}
}
