package htmlreport

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Labels of charts never touch and never leave them, whatever the figures, the
// language and the length of the period; places are computed, so they are tested
// as boxes.
func TestLabelsOfChartsHaveRoom(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{"en", "pt-BR", "es"} {
		s := speak(locale)
		for _, days := range []int{1, 2, 3, 5, 7, 13, 30, 31, 60, 90, 100, 101, 365, 700, 701, 3660} {
			for _, most := range []int64{0, 1, 2, 3, 9, 10, 11, 99, 1000, 4999, 65_432, 999_999, 12_345_678, 9_876_543_210} {
				for _, c := range chartsOf(t, s, days, most) {
					checkRoom(t, fmt.Sprintf("%s, %d days, at most %d, %s", locale, days, most, c.Class), c)
				}
			}
		}
	}
}

// chartsOf lays a period of so many days out, one column of which is the highest.
func chartsOf(t *testing.T, s speaker, days int, most int64) []columnChart {
	t.Helper()
	p, err := newPeriod(testNow.AddDate(0, 0, 1-days), testNow, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	buckets := p.buckets(nil)
	labels, names := s.axisOf(p, buckets)
	r := rand.New(rand.NewPCG(uint64(days), uint64(most)))
	low, high := make([]int64, len(buckets)), make([]int64, len(buckets))
	for i := range buckets {
		low[i] = r.Int64N(most/3 + 1)
		high[i] = r.Int64N(most/3 + 1)
	}
	at := r.IntN(len(buckets))
	low[at], high[at] = most, 0
	return s.charts(plot{ID: "x", Labels: labels, Names: names, Layers: []series{{Class: "a", Counts: low}, {Class: "b", Counts: high}}})
}

func checkRoom(t *testing.T, what string, c columnChart) {
	t.Helper()
	all := slices.Clone(c.Labels)
	for _, tick := range c.Ticks {
		all = append(all, tick.Label)
	}
	if c.Peak != nil {
		all = append(all, *c.Peak)
	}
	for i, l := range all {
		b := l.box()
		if b.left < -0.01 || b.right > c.W+0.01 || b.top < -0.01 || b.bottom > c.H+0.01 {
			t.Errorf("%s: %q leaves the chart: %+v", what, l.Text, b)
		}
		for _, m := range all[i+1:] {
			if b.overlaps(m.box()) {
				t.Errorf("%s: %q and %q overlap", what, l.Text, m.Text)
			}
		}
	}
	if len(c.Labels) == 0 {
		t.Errorf("%s: no day is named", what)
	}
	for _, column := range c.Columns {
		for _, p := range column.Parts {
			if p.X < c.Left-0.01 || p.X+p.W > c.Right+0.01 || p.Y < 0 || p.Y+p.H > c.Base+0.01 || p.H <= 0 {
				t.Errorf("%s: a part of a column leaves the plot: %+v", what, p)
			}
		}
	}
}

func TestTicksAreNice(t *testing.T) {
	t.Parallel()
	for most, want := range map[int64]string{
		0: "0 1", 1: "0 1", 3: "0 1 2 3", 4: "0 1 2 3 4", 5: "0 2 4 6", 7: "0 2 4 6 8", 10: "0 5 10", 40: "0 10 20 30 40", 41: "0 20 40 60",
		4432: "0 2000 4000 6000", 1_000_000: "0 500000 1000000",
	} {
		if got := strings.Trim(fmt.Sprint(niceTicks(most, 4)), "[]"); got != want {
			t.Errorf("niceTicks(%d) = %s, want %s", most, got, want)
		}
	}
	for most := int64(1); most < 5e9; most = most*3/2 + 1 {
		ticks := niceTicks(most, 4)
		if last := ticks[len(ticks)-1]; ticks[0] != 0 || last < most || last > 3*most || len(ticks) > 6 {
			t.Errorf("niceTicks(%d) = %v", most, ticks)
		}
	}
}
