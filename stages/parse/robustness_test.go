package parse

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// leastRobust is the weighted score, of 10, below which TestRobustness fails.
const leastRobust = 9.8

// TestRobustness damages two invented tables in every way of pollutions, cleans
// the files without being told anything, and scores what is written as the
// benchmark Pollock does: whether it was read at all, and precision, recall and
// their mean of the header, of the records and of all cells, ten measures in all.
func TestRobustness(t *testing.T) {
	t.Parallel()
	for name, table := range map[string][][]string{"products": products(60), "contacts": contacts(60)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var total, weights, simple float64
			files := 0
			for _, p := range pollutions {
				made := p.make(table)
				sum := 0.0
				worst := map[string]float64{}
				for _, f := range made {
					s := score(f)
					if sum += s; s < 9.9 {
						worst[f.name] = s
					}
				}
				mean := sum / float64(len(made))
				t.Logf("%-26s %6.3f  %s", p.kind, mean, worstOf(worst))
				total, weights = total+mean*p.weight, weights+p.weight
				simple, files = simple+sum, files+len(made)
			}
			t.Logf("weighted %.3f, simple %.3f over %d files", total/weights, simple/float64(files), files)
			if total/weights < leastRobust {
				t.Errorf("weighted score %.3f, want %.1f", total/weights, leastRobust)
			}
		})
	}
}

func worstOf(m map[string]float64) string {
	var names []string
	for n, s := range m {
		names = append(names, fmt.Sprintf("%.1f %s", s, n))
	}
	slices.Sort(names)
	if len(names) > 5 {
		names = append(names[:5], fmt.Sprintf("and %d more", len(m)-5))
	}
	return strings.Join(names, ", ")
}

// score is the sum of the ten measures for what Clean writes.
func score(f polluted) float64 {
	var out bytes.Buffer
	if _, _, err := Clean(context.Background(), strings.NewReader(f.data), int64(len(f.data)), Options{}, &out); err != nil {
		return 0
	}
	r := csv.NewReader(&out)
	r.FieldsPerRecord = -1
	got, err := r.ReadAll()
	if err != nil || len(got) == 0 {
		return 0
	}
	joined := func(rows [][]string) (out []string) {
		for _, r := range rows {
			out = append(out, strings.ToLower(strings.Join(r, "")))
		}
		return out
	}
	return 1 + measures(f.want[0], got[0]) + measures(joined(f.want[1:]), joined(got[1:])) + measures(slices.Concat(f.want...), slices.Concat(got...))
}

// measures returns precision, recall and their harmonic mean, added up, of two
// collections in which order means nothing.
func measures(want, got []string) float64 {
	if len(want) == 0 {
		return 3
	}
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	same := 0.0
	for _, g := range got {
		if left[g] > 0 {
			left[g]--
			same++
		}
	}
	if same == 0 {
		return 0
	}
	p, r := same/float64(len(want)), same/float64(len(got))
	return p + r + 2*p*r/(p+r)
}
