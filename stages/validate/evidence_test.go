package validate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A column that is written in one order is never read in another one when any
// of its cells tells them apart, whatever the country writes and in whatever
// order the rows come.
func TestOneOrderIsNeverReadAsAnother(t *testing.T) {
	t.Parallel()
	layouts := map[dateOrder][]string{
		orderDMY: {"02/01/2006", "2/1/2006", "02-01-06", "02.01.2006 15:04"},
		orderMDY: {"01/02/2006", "1/2/2006", "01-02-06"},
		orderYMD: {"06-01-02", "06/1/2"},
	}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.SampledFrom([]dateOrder{orderDMY, orderMDY, orderYMD}).Draw(t, "order")
		layout := rapid.SampledFrom(layouts[order]).Draw(t, "layout")
		country := rapid.SampledFrom([]string{"BR", "US", "MX", ""}).Draw(t, "country")
		var votes dateVotes
		var cells []string
		var days []time.Time
		for i, n := range rapid.SliceOfN(rapid.IntRange(0, 29_000), 1, 30).Draw(t, "days") {
			day := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n%12_000) // to 2002
			cells, days = append(cells, day.Format(layout)), append(days, day)
			votes.add(cells[i], int64(i)+2)
		}
		got := votes.decide(country)
		e := votes.evidence(got)
		if votes.only[order] > 0 && (got != order || !e.Decided) {
			t.Fatalf("read %q as %s, decided %v; it is %s", cells, got, e.Decided, order)
		}
		if e.Against > 0 {
			t.Fatalf("%d of %q cannot be read as %s", e.Against, cells, got)
		}
		if got != order {
			return // nothing told the orders apart
		}
		var s scratch
		for i, cell := range cells {
			if text, ok := s.date(cell, got, false, testNow); !ok || text[5:] != days[i].Format("01-02") {
				t.Fatalf("date(%q, %s) = %q, %v", cell, got, text, ok)
			}
		}
	})
}

func TestOneDecimalMarkIsNeverReadAsTheOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		comma := rapid.Bool().Draw(t, "comma")
		country := rapid.SampledFrom([]string{"BR", "MX"}).Draw(t, "country")
		var votes numberVotes
		decides := false
		var cells, want []string
		for i, n := range rapid.SliceOfN(rapid.IntRange(0, 99_999_999), 1, 20).Draw(t, "amounts") {
			places := rapid.IntRange(0, 3).Draw(t, "places")
			cell, canonical, tells := amount(n, places, comma)
			decides = decides || tells
			cells, want = append(cells, cell), append(want, canonical)
			votes.add(cell, int64(i)+2)
		}
		mark := votes.decide(country)
		if !decides {
			return
		}
		if !votes.evidence(mark).Decided || (mark == ',') != comma {
			t.Fatalf("read %q with the decimal mark %q", cells, mark)
		}
		var s scratch
		for i, cell := range cells {
			if got, ok := s.number(cell, mark); !ok || got != want[i] {
				t.Fatalf("number(%q) = %q, %v; want %q", cell, got, ok, want[i])
			}
		}
	})
}

// amount writes n as a number with so many places, and its canonical form. It
// tells its decimal mark when that cannot be taken for the other.
func amount(n, places int, comma bool) (cell, canonical string, tells bool) {
	digits := fmt.Sprintf("%0*d", places+1, n)
	whole, fraction := digits[:len(digits)-places], digits[len(digits)-places:]
	canonical = whole
	if f := strings.TrimRight(fraction, "0"); f != "" {
		canonical += "." + f
	}
	grouped := ""
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			grouped += ","
		}
		grouped += string(c)
	}
	marks := strings.Count(grouped, ",")
	if places > 0 {
		cell = grouped + "." + fraction
	} else {
		cell = grouped
	}
	tells = marks > 1 || places > 0 && (marks > 0 || places != 3 || whole == "0")
	if comma {
		cell = strings.NewReplacer(",", ".", ".", ",").Replace(cell)
	}
	return cell, canonical, tells
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		cells string
		want  Evidence
	}{
		{"one day above twelve", "05/03/1990 13/02/1990 06/07/1990", Evidence{Format: "dd/mm/yyyy", Decided: true, For: 1, Open: 2, SheetRows: []int64{3}}},
		{"nothing decides", "05/03/1990 06/07/1990", Evidence{Format: "dd/mm/yyyy", Open: 2}},
		{"months first and one mistake", "01/13/1990 01/14/1990 15/01/1990", Evidence{Format: "mm/dd/yyyy", Decided: true, For: 2, Against: 1, SheetRows: []int64{2, 3}}},
		{"only the first rows are named", "13/1/90 14/1/90 15/1/90 16/1/90", Evidence{Format: "dd/mm/yyyy", Decided: true, For: 4, SheetRows: []int64{2, 3, 4}}},
		{"year first", "1990-05-03 1991-06-07", Evidence{Format: "yyyy-mm-dd", Decided: true, For: 2}},
		{"days of a spreadsheet and names", "32945 5-mar-1990", Evidence{Format: "dd/mm/yyyy", Serial: 1, ByName: 1}},
		{"a two-digit year in front that only once cannot be a day", "31-05-03 32-06-07", Evidence{Format: "yyyy-mm-dd", Decided: true, For: 1, Open: 1, SheetRows: []int64{3}}},
		{"no date at all", "x 45/45/1990", Evidence{Format: "dd/mm/yyyy"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var votes dateVotes
			cells := strings.Fields(tt.cells)
			for i := range cells { // from the last to the first: the order must not matter
				at := len(cells) - 1 - i
				votes.add(cells[at], int64(at)+2)
			}
			got := votes.evidence(votes.decide("BR"))
			got.SheetRows = append([]int64(nil), got.SheetRows...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
		})
	}
}
