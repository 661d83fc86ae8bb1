package stages_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
)

// TestOrderOfRowsDoesNotMatter: whatever the base has been through, and with the
// rule of too many names and documents that contradict each other, the rows of an
// import are grouped the same in every order, new ones and those of an older file.
func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := rand.New(rand.NewPCG(uint64(*worldSeed), 0))
	for first := *worldFirst; first < *worldFirst+*worldCount/4; first += batch {
		p := drawn(t, b, false, first)
		if err := p.live(); err != nil {
			t.Fatalf("-worlds.seed %d -worlds.first %d: %v", *worldSeed, first, err)
		}
		people := map[int][]state{}
		for _, one := range p.states(t) {
			people[p.of(one.ID)] = append(people[p.of(one.ID)], one)
		}
		for n, s := range p.script.Steps[:2] {
			f := p.file(n, s, people, 0)
			order := make([]int, len(f.rows))
			for i := range order {
				order[i] = i
			}
			want := p.grouped(f, order)
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			if diff := cmp.Diff(want, p.grouped(f, order)); diff != "" {
				t.Fatalf("-worlds.seed %d -worlds.first %d, rows of step %d, up to %d names: in another order (-want +got):\n%s", *worldSeed, first, n, p.script.Names, diff)
			}
		}
	}
}

// grouped plans the rows of a file in an order, and says of each what becomes of
// it: with which rows it is one prospect, and which one the base had before.
func (p *play) grouped(f taken, order []int) []string {
	rows := make([]lead, len(order))
	for at, i := range order {
		rows[at] = f.rows[i]
	}
	run, err := p.tryPlan(p.t, rows, f.ask)
	if err != nil {
		p.t.Fatal(err)
	}
	defer p.close()
	var list string
	const query = "select coalesce(string_agg(coalesce(prospect_id, '-') || ' ' || case when outcome in ('rejected', 'skipped') then outcome || reason else '' end, chr(10) order by row), '') from plan_rows"
	if _, err := run.Workset.(*duck.Workset).Scan(p.t.Context(), query, nil, &list); err != nil {
		p.t.Fatal(err)
	}
	members, of := map[string][]int{}, make([]string, len(rows))
	for at, line := range strings.Split(list, "\n") {
		of[order[at]] = line
		members[line] = append(members[line], order[at])
	}
	out := make([]string, len(rows))
	for i, line := range of {
		slices.Sort(members[line])
		l := f.rows[i]
		said := fmt.Sprintf("%d %s|%s|%s|%s|%s", i, l.Phone, l.Email, l.CPF, l.Name, l.ID)
		if id, new := strings.CutPrefix(line, schemas.ProspectID(run.ImportID, 0)[:16]); new {
			line = "new" + id[8:]
		}
		out[i] = fmt.Sprintf("%s: %s %v", said, line, members[of[i]])
	}
	return out
}
