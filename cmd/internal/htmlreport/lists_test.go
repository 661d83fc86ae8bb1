package htmlreport

import (
	"fmt"
	"strings"
	"testing"
)

// What is longer than a page says how much of it is left out, and sums stay whole.
func TestLongListsAreCut(t *testing.T) {
	t.Parallel()
	s := speak("en")
	var causes []causeRow
	for code := range 60 {
		for shape := range 40 {
			causes = append(causes, causeRow{Rows: int64(100 - code), Outcome: "rejected", Code: fmt.Sprintf("CODE_%02d", code), Shape: strings.Repeat("9", shape)})
		}
	}
	v := s.causes(causes, "")
	if len(v.Codes) != codesShown || v.Codes[0].Code != "CODE_00" || v.Codes[0].Rows != 4000 {
		t.Errorf("%d causes, first %s with %d rows", len(v.Codes), v.Codes[0].Code, v.Codes[0].Rows)
	}
	shown := int64(0)
	for _, c := range v.Codes {
		shown += c.Rows
	}
	if want := fmt.Sprintf("And 48 more causes with %s rows.", s.Number(v.Rows-shown)); v.More != want {
		t.Errorf("%q, want %q", v.More, want)
	}
	// The cell without a shape is none.
	if c := v.Codes[0]; len(c.Shapes) != shapesShown || c.MoreShapes != "and 34 more" {
		t.Errorf("%d shapes, %q", len(c.Shapes), c.MoreShapes)
	}

	var d periodData
	for source := range 9 {
		name := fmt.Sprint("source ", source)
		d.sources = append(d.sources, sourceRow{Kind: "upload", Source: name, Read: 10})
		for field := range 12 {
			d.quality = append(d.quality, qualityRow{Kind: "upload", Source: name, Field: fmt.Sprintf("extra.%02d", field), Read: 10, Filled: 25, Valid: 20})
		}
	}
	quality, more := s.quality(d)
	if len(quality) != sourcesShown || !strings.HasPrefix(more, "And 3 more sources") || len(quality[0].Fields) != fieldsShown || quality[0].More != "And 4 more fields." {
		t.Errorf("%d sources, %q, %d fields, %q", len(quality), more, len(quality[0].Fields), quality[0].More)
	}
	// Several columns of one field fill more cells than there are rows.
	if f := quality[0].Fields[0]; f.Filled != "100.0%" || f.Valid != "80.0%" {
		t.Errorf("filled %s, usable %s", f.Filled, f.Valid)
	}
}

// Imports without rows that count are told in words, not as charts of nothing.
func TestNothingIsSaidInWords(t *testing.T) {
	t.Parallel()
	s := speak("en")
	p, err := newPeriod(testNow.AddDate(0, 0, -6), testNow, testNow.Location())
	if err != nil {
		t.Fatal(err)
	}
	d := periodData{period: p, now: totals{Imports: 2}}
	if v := s.rowsByOutcome(d, p.buckets(nil)); v.Charts != nil {
		t.Error("a chart of no rows")
	}
	if lead := s.lead(d, causesView{}); lead != "2 imports were registered, and no row of them counts today." {
		t.Errorf("%q", lead)
	}
	for _, f := range s.figures(d) {
		if strings.Contains(f.Note, "NaN") || strings.Contains(f.Note, "Inf") || f.Note == "" {
			t.Errorf("%s: %q", f.Key, f.Note)
		}
	}
	for _, i := range []importRow{{State: "received"}, {State: "failed"}, {State: "applied"}, {State: "canceled"}, {State: "planning"}, {Kind: "manual", State: "applied", Source: "merge"}} {
		if steps := s.funnel(i); steps != nil || s.importLead(i) == "" || len(s.next(i)) == 0 {
			t.Errorf("%s: %v, %q, %v", i.State, steps, s.importLead(i), s.next(i))
		}
	}
}
