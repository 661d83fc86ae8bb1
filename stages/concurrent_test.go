package stages_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
)

// rounds is how often two imports race in TestTwoAtOnce.
var rounds = flag.Int("rounds", 3, "how often two imports that share people are applied at once")

// halves returns two files that share half their people, with bridges between
// people of the one that only the other makes.
func halves(r *rand.Rand, n int) (one, other []lead) {
	person := func(i int) lead {
		return lead{Phone: fmt.Sprintf("+55519%08d", 80_000_000+i), Email: fmt.Sprintf("p%d@exemplo.com.br", i), Name: fmt.Sprintf("Pessoa %d", i)}
	}
	for i := range n {
		p := person(i)
		if r.IntN(3) == 0 {
			p.Email = ""
		}
		one = append(one, p)
		q := person(i + n/2)
		if r.IntN(3) == 0 {
			q.Email = person(i).Email // a bridge, or a stranger's
		}
		q.City = "Canoas"
		other = append(other, q)
	}
	return one, other
}

// TestTwoAtOnce plans two imports on the same base and applies them at once: no
// deadlock reaches the user, nothing is lost, and the end is that of one after
// the other.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	for round := range *rounds {
		r := rand.New(rand.NewPCG(uint64(round), 7))
		one, other := halves(r, 30)
		b := setup(t)
		b.names = -1
		base, _ := halves(r, 10)
		b.load(t, base...)
		runs := []*pipeline.Run{b.plan(t, one), b.plan(t, other)}
		var wait sync.WaitGroup
		ended := make([]error, len(runs))
		for i, run := range runs {
			wait.Go(func() {
				for {
					ended[i] = b.tryApply(run)
					if pipeline.KindOf(ended[i]) != pipeline.KindBusy || ended[i] == nil {
						return
					}
				}
			})
		}
		wait.Wait()
		for _, err := range ended {
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		got := b.people(t)
		var orders []string
		same := false
		for _, files := range [][][]lead{{one, other}, {other, one}} {
			s := setup(t)
			s.names = -1
			s.load(t, base...)
			for _, f := range files {
				s.load(t, f...)
			}
			want := s.people(t)
			diff := cmp.Diff(byIdentities(want), byIdentities(got))
			same = same || diff == ""
			orders = append(orders, diff)
		}
		if !same {
			t.Fatalf("round %d: the end is that of neither order (-one after the other +at once):\n%s", round, orders[0])
		}
	}
}

func byIdentities(people []person) []person {
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b person) int {
		return strings.Compare(strings.Join(a.Identities, " ")+a.Name, strings.Join(b.Identities, " ")+b.Name)
	})
	return people
}

// TestThePlanIsTheSame: made twice, and with other numbers of threads, a plan is
// equal table by table, ids included.
func TestThePlanIsTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := rand.New(rand.NewPCG(1, 2))
	base, file := halves(r, 300)
	b.load(t, base...)
	file = append(file, file[:40]...)
	tables := []string{"plan_outcomes", "plan_rows", "plan_updates", "plan_changes", "plan_identities", "plan_leads", "plan_seen", "plan_merges", "plan_prospects", "plan_names", "issues"}
	var first map[string]string
	id := b.next + 1
	for _, threads := range []int{1, 1, 2, 8} {
		b.threads, b.next = threads, id-1
		run := b.plan(t, file)
		got := map[string]string{}
		for _, table := range tables {
			got[table] = sorted(t, run, table)
		}
		if first == nil {
			first = got
			continue
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Fatalf("%d threads (-first plan +this one):\n%s", threads, diff)
		}
	}
	if first["plan_merges"] == "" || first["plan_changes"] == "" || first["plan_seen"] == "" {
		t.Error("nothing merges: the file is too tame")
	}
}

// sorted is a table as text, in the order of its rows.
func sorted(t *testing.T, run *pipeline.Run, table string) string {
	t.Helper()
	var lines string
	w := run.Workset.(*duck.Workset)
	if _, err := w.Scan(t.Context(), fmt.Sprintf("select coalesce(string_agg(line, chr(10) order by line), '') from (select x::varchar as line from %s x)", table), nil, &lines); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return lines
}
