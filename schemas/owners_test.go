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
			d := schemas.Distribution{Members: tt.members, Next: tt.next}
			if diff := cmp.Diff(tt.want, d.Draw(tt.n)); diff != "" || d.Next != tt.after {
				t.Errorf("Draw mismatch (-want +got), next %d, want %d:\n%s", d.Next, tt.after, diff)
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
				owners := d.Draw(n)
				if len(d.Members) > 0 && len(owners) != n {
					t.Fatalf("%d of %d turns", len(owners), n)
				}
				turn = ""
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

func TestTurnsComeBack(t *testing.T) {
	t.Parallel()
	five := []string{"Ana", "Bia", "Caio", "Ana", "Bia"}
	tests := []struct {
		name   string
		before []string // that came back already
		change func(*schemas.Distribution)
		want   []string // that have come back then
		draw   []string // the next four
	}{
		{"before the turn", nil, func(d *schemas.Distribution) { d.GiveBack([]string{"Caio"}) }, []string{"Caio"}, []string{"Caio", "Bia", "Caio", "Ana"}},
		{"before those of before", []string{"Bia"}, func(d *schemas.Distribution) { d.GiveBack([]string{"Caio", "Ana"}) }, []string{"Caio", "Ana", "Bia"}, []string{"Caio", "Ana", "Bia", "Bia"}},
		{"whole rounds are left in", nil, func(d *schemas.Distribution) { d.GiveBack(five) }, five, []string{"Ana", "Bia", "Caio", "Ana"}},
		{"until somebody joins", nil, func(d *schemas.Distribution) { d.GiveBack(five); d.Join("Davi") }, []string{"Ana", "Bia"}, []string{"Ana", "Bia", "Bia", "Caio"}},
		{"of who has left", nil, func(d *schemas.Distribution) { d.GiveBack([]string{"Davi", "Bia"}) }, []string{"Bia"}, []string{"Bia", "Bia", "Caio", "Ana"}},
		{"of who is there in other letters", nil, func(d *schemas.Distribution) { d.GiveBack([]string{"BIA"}) }, []string{"Bia"}, []string{"Bia", "Bia", "Caio", "Ana"}},
		{"of who leaves then", []string{"Bia", "Caio"}, func(d *schemas.Distribution) { d.Leave("bia"); d.Join("Bia") }, []string{"Caio"}, []string{"Caio", "Caio", "Bia", "Ana"}},
		{"and are even without who leaves", []string{"Bia", "Ana", "Ana"}, func(d *schemas.Distribution) { d.Leave("Caio") }, []string{"Ana"}, []string{"Ana", "Bia", "Ana", "Bia"}},
		{"and are even again where one joins", []string{"Ana"}, func(d *schemas.Distribution) { d.Join("Davi") }, []string{"Ana"}, []string{"Ana", "Bia", "Caio", "Davi"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := schemas.Distribution{Members: []string{"Ana", "Bia", "Caio"}, Next: 1, Returned: tt.before}
			tt.change(&d)
			if diff := cmp.Diff(tt.want, d.Returned); diff != "" {
				t.Errorf("turns that came back mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.draw, d.Draw(4)); diff != "" {
				t.Errorf("draw mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSharesAreEvenAgain draws and gives turns back, all of a draw or some of them, in any
// order: what is drawn again at once is the same, and after as many turns as came back
// no two members differ by more than one.
func TestSharesAreEvenAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := schemas.Distribution{Members: []string{"ana", "bia", "caio", "davi"}[:rapid.IntRange(1, 4).Draw(t, "members")]}
		var drawn [][]string
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if len(drawn) == 0 || rapid.Bool().Draw(t, "draws") {
				drawn = append(drawn, d.Draw(rapid.IntRange(1, 9).Draw(t, "turns")))
				continue
			}
			i := rapid.IntRange(0, len(drawn)-1).Draw(t, "which")
			at := rapid.IntRange(0, len(drawn[i])).Draw(t, "kept") // others ask for these
			ended := drawn[i][at:]
			d.GiveBack(ended)
			if rapid.Bool().Draw(t, "again") {
				if again := d.Draw(len(ended)); !slices.Equal(again, ended) {
					t.Fatalf("%v came back, and %v were drawn again", ended, again)
				}
				continue
			}
			drawn[i] = drawn[i][:at]
		}
		drawn = append(drawn, d.Draw(len(d.Returned)))
		shares := map[string]int{}
		for _, o := range slices.Concat(drawn...) {
			shares[o]++
		}
		low, high := 1<<30, 0
		for _, m := range d.Members {
			low, high = min(low, shares[m]), max(high, shares[m])
		}
		if high-low > 1 || len(d.Returned) > 0 {
			t.Fatalf("shares %v, %v came back still", shares, d.Returned)
		}
		if high > low && shares[d.Members[d.Next]] != low {
			t.Fatalf("shares %v, and the next one is %s", shares, d.Members[d.Next])
		}
	})
}
