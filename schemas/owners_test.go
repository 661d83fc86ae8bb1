package schemas_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas"
)

func TestDraw(t *testing.T) {
	t.Parallel()
	three := []string{"ana", "bia", "caio"}
	tests := []struct {
		name    string
		members []string
		next, n int
		want    []string
		after   int
	}{
		{"from the first", three, 0, 2, []string{"ana", "bia"}, 2},
		{"around the end", three, 2, 3, []string{"caio", "ana", "bia"}, 2},
		{"more than a round", three, 1, 4, []string{"bia", "caio", "ana", "bia"}, 2},
		{"nothing to draw keeps the turn", three, 1, 0, nil, 1},
		{"nobody there", nil, 0, 5, nil, 0},
		{"a turn of somebody who is gone", three, 7, 1, []string{"ana"}, 1},
		{"a turn below the first", three, -1, 1, []string{"ana"}, 1},
		{"alone", []string{"ana"}, 0, 3, []string{"ana", "ana", "ana"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, after := schemas.Draw(tt.members, tt.next, tt.n)
			if diff := cmp.Diff(tt.want, got); diff != "" || after != tt.after {
				t.Errorf("Draw mismatch (-want +got), next %d, want %d:\n%s", after, tt.after, diff)
			}
		})
	}
}

func TestMembersJoinAndLeave(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		next   int
		change func(*schemas.Distribution) bool
		want   schemas.Distribution
		ok     bool
	}{
		{"join at the end", 1, func(d *schemas.Distribution) bool { d.Join("davi"); return true },
			schemas.Distribution{Members: []string{"Ana", "Bia", "Caio", "davi"}, Next: 1}, true},
		{"join twice in other letters", 2, func(d *schemas.Distribution) bool { d.Join(" ANA "); return true },
			schemas.Distribution{Members: []string{"Ana", "Bia", "Caio"}, Next: 2}, true},
		{"leave before the turn", 2, func(d *schemas.Distribution) bool { return d.Leave("ana") },
			schemas.Distribution{Members: []string{"Bia", "Caio"}, Next: 1}, true},
		{"leave when it is one's turn", 1, func(d *schemas.Distribution) bool { return d.Leave("bia") },
			schemas.Distribution{Members: []string{"Ana", "Caio"}, Next: 1}, true},
		{"leave at the end when it is one's turn", 2, func(d *schemas.Distribution) bool { return d.Leave("Caio") },
			schemas.Distribution{Members: []string{"Ana", "Bia"}, Next: 0}, true},
		{"leave after the turn", 0, func(d *schemas.Distribution) bool { return d.Leave("caio") },
			schemas.Distribution{Members: []string{"Ana", "Bia"}, Next: 0}, true},
		{"all leave", 1, func(d *schemas.Distribution) bool { return d.Leave("ana", "bia", "caio") },
			schemas.Distribution{Members: []string{}, Next: 0}, true},
		{"somebody who is not there", 1, func(d *schemas.Distribution) bool { return d.Leave("zoe", "caio") },
			schemas.Distribution{Members: []string{"Ana", "Bia"}, Next: 1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := schemas.Distribution{Members: []string{"Ana", "Bia", "Caio"}, Next: tt.next}
			if ok := tt.change(&d); ok != tt.ok {
				t.Errorf("all there = %v, want %v", ok, tt.ok)
			}
			if diff := cmp.Diff(tt.want, d); diff != "" {
				t.Errorf("distribution mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSharesStayEqual draws in batches of any size while members come and go:
// between two changes of the members no two of them differ by more than one turn,
// and the turn is always a member's.
func TestSharesStayEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := schemas.Distribution{}
		shares := map[string]int{}
		anybody := rapid.Map(rapid.IntRange(0, 6), func(i int) string { return fmt.Sprintf("member %d", i) })
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			before := slices.Clone(d.Members)
			turn := ""
			if len(before) > 0 {
				turn = before[d.Next]
			}
			switch m := anybody.Draw(t, "member"); rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				d.Join(m)
			case 1:
				d.Leave(m)
			default:
				n := rapid.IntRange(0, 20).Draw(t, "turns")
				owners, next := schemas.Draw(d.Members, d.Next, n)
				if len(d.Members) > 0 && len(owners) != n {
					t.Fatalf("%d of %d turns", len(owners), n)
				}
				d.Next, turn = next, ""
				for _, o := range owners {
					shares[o]++
				}
			}
			if d.Next < 0 || d.Next > 0 && d.Next >= len(d.Members) {
				t.Fatalf("turn %d of %d members", d.Next, len(d.Members))
			}
			if !slices.Equal(before, d.Members) {
				clear(shares)
				if turn != "" && slices.Contains(d.Members, turn) && d.Members[d.Next] != turn {
					t.Fatalf("the turn went from %s to %s", turn, d.Members[d.Next])
				}
			}
			low, high := 1<<30, 0
			for _, m := range d.Members {
				low, high = min(low, shares[m]), max(high, shares[m])
			}
			if len(d.Members) > 0 && high-low > 1 {
				t.Fatalf("shares differ by %d", high-low)
			}
		}
	})
}
