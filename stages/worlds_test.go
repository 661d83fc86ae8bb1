package stages_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// An import costs some hundred statements of DuckDB, however few rows it has. So
// hundreds of random histories share every import: worlds, each with people and
// values of its own, which never meet. A world is a case; what it did is told in
// few words when it goes wrong, after everything was left out that it takes no
// part in.

var (
	worldCount = flag.Int("worlds", 1_200, "how many random histories each property of them looks at")
	worldSeed  = flag.Int("worlds.seed", 1, "which histories those are: the same number, the same histories")
	worldFirst = flag.Int("worlds.first", 0, "the first history of those, as a failure names it")
)

// batch is how many worlds share their imports.
const batch = 100

// script is what all worlds of a batch do together, step by step.
type script struct {
	Plain     bool // only what the model in memory knows
	Names     int  // with how many names a value joins by itself; as in bench
	Documents bool // rows have documents, which contradict each other
	Externals bool // rows have ids of another system
	Policy    string
	Component int // with how many joining values rows become one, 0 for the default
	Steps     []step
}

// step is one import, one import taken back or made again, or a turn in which
// each world decides by itself.
type step struct {
	What   string
	Pick   int // which import is taken back or made again
	List   string
	Option schemas.Options
	Kind   string // of the source
	Mode   schemas.Mode
}

// world is what the people of one history do, a move for every step of the script.
type world struct {
	N     int
	Moves []move
}

// move is a world's part in a step: rows of a file, or a decision.
type move struct {
	Rows []line
	What string // decision
	A, B int    // who it speaks of
	Bits int    // which leads
}

// line is a row before its values are those of a world.
type line struct {
	Phone, Email, CPF   int // 0 for none
	External            int
	Name, City          string
	Extra, Tags         string
	Owner               string
	ByID                int // 0 for none, else which prospect
	OwnEmail, OwnNumber bool
	Gave                string // of the city by an export, "-" without one
}

// scripts draws what the worlds of a batch do together.
func scripts(plain bool) *rapid.Generator[script] {
	return rapid.Custom(func(t *rapid.T) script {
		s := script{Plain: plain, Names: -1}
		if !plain {
			s.Names = rapid.SampledFrom([]int{-1, 1, 2}).Draw(t, "names")
			s.Documents = rapid.IntRange(0, 2).Draw(t, "documents") == 0
			s.Externals = rapid.IntRange(0, 2).Draw(t, "externals") == 0
			s.Policy = rapid.SampledFrom([]string{"", "", "", "", schemas.MatchExternalID}).Draw(t, "policy")
		}
		kinds := []string{"import", "import", "two", "late", "held", "undo", "redo", "decide", "decide"}
		if plain {
			kinds = []string{"import", "import", "import", "two", "undo", "redo"}
		}
		for n := range rapid.IntRange(2, 6).Draw(t, "steps") {
			one := step{What: "import", Pick: rapid.IntRange(0, 9).Draw(t, "pick"), List: rapid.SampledFrom([]string{"", "Um", "Dois"}).Draw(t, "list"), Kind: "upload"}
			if n > 0 {
				one.What = rapid.SampledFrom(kinds).Draw(t, "what")
			}
			if !plain {
				one.Option.Survivorship = rapid.SampledFrom([]string{"", "", "incoming_wins", "existing_wins", "fill_only"}).Draw(t, "survivorship")
				one.Option.Blank = rapid.SampledFrom([]string{"", "", "clear"}).Draw(t, "blank")
				one.Kind = rapid.SampledFrom([]string{"upload", "upload", "omie"}).Draw(t, "kind")
				one.Mode = rapid.SampledFrom([]schemas.Mode{"", "", "", schemas.ModeInsert, schemas.ModeUpdate}).Draw(t, "mode")
			}
			s.Steps = append(s.Steps, one)
		}
		if !plain {
			s.Component = rapid.SampledFrom([]int{0, 0, 0, 2, 3}).Draw(t, "component")
		}
		return s
	})
}

// moves draws a world's part in a script.
func moves(s script) *rapid.Generator[world] {
	return rapid.Custom(func(t *rapid.T) world {
		var w world
		for n, one := range s.Steps {
			m := move{A: rapid.IntRange(0, 9).Draw(t, "a"), B: rapid.IntRange(0, 9).Draw(t, "b"), Bits: rapid.IntRange(1, 255).Draw(t, "bits")}
			if one.What == "decide" {
				m.What = rapid.SampledFrom([]string{"", "", "", "merge", "split", "unmerge", "undecide", "erase", "join"}).Draw(t, "decision")
			}
			edits := !s.Plain && n > 0 && rapid.IntRange(0, 3).Draw(t, "edits") == 0
			for range rapid.IntRange(0, 4).Draw(t, "rows") {
				l := line{Phone: rapid.IntRange(0, 4).Draw(t, "phone"), Email: rapid.IntRange(0, 3).Draw(t, "email"),
					Name: rapid.SampledFrom([]string{"", "Ana", "Bia", "Caio"}).Draw(t, "name"), City: rapid.SampledFrom([]string{"", "Canoas", "Lajeado"}).Draw(t, "city")}
				if !s.Plain {
					l.Extra = rapid.SampledFrom([]string{"", "", `{"cor":"azul"}`, `{"cor":"verde","n":2}`}).Draw(t, "extra")
					l.Owner = rapid.SampledFrom([]string{"", "", sul, sul, "dora"}).Draw(t, "owner")
					l.Tags = rapid.SampledFrom([]string{"", "", `["quente"]`, `["frio","quente"]`}).Draw(t, "tags")
				}
				if s.Documents {
					l.CPF = max(0, rapid.IntRange(-2, 3).Draw(t, "document"))
				}
				if s.Externals {
					l.External = max(0, rapid.IntRange(-1, 3).Draw(t, "external"))
				}
				if edits {
					l.ByID = rapid.IntRange(0, 3).Draw(t, "by id")
					l.OwnEmail, l.OwnNumber = rapid.Bool().Draw(t, "own email"), rapid.Bool().Draw(t, "own number")
					l.Gave = rapid.SampledFrom([]string{"-", "-", "", "Canoas", "Lajeado"}).Draw(t, "gave")
				}
				m.Rows = append(m.Rows, l)
			}
			w.Moves = append(w.Moves, m)
		}
		return w
	})
}

// lead gives a line the values of its world. ids are the world's prospects.
func (w world) lead(l line, plain bool, ids []state, serial int) lead {
	out := lead{Name: l.Name, City: l.City, Extra: l.Extra, Tags: l.Tags, Owner: l.Owner}
	if l.Phone > 0 {
		out.Phone = phoneIn(w.N, l.Phone)
		out.Shared = !plain && l.Phone == 4
	}
	if l.Email > 0 {
		out.Email = emailIn(w.N, l.Email)
	}
	if l.CPF > 0 {
		out.CPF = cpf(w.N*10 + l.CPF)
	}
	if l.External > 0 {
		out.External = fmt.Sprintf("crm:w%d-%d", w.N, l.External)
	}
	if l.ByID == 0 || l.ByID > len(ids) {
		return out
	}
	// An edit may bring somebody else's identity: then it is refused.
	out.ID, out.Shared = ids[l.ByID-1].ID, false
	if l.OwnEmail {
		out.Email = ids[l.ByID-1].Email
	}
	if l.OwnNumber {
		out.Phone = fmt.Sprintf("+55511%05d%03d", w.N, serial)
	}
	if l.Gave != "-" {
		out.Export, out.Gave = true, l.Gave
		if out.City == out.Gave {
			out.City = "" // it was not edited
		}
	}
	return out
}

func phoneIn(world, n int) string { return fmt.Sprintf("+55519%05d%03d", world, n) }

func emailIn(world, n int) string { return fmt.Sprintf("%c@w%d.br", 'a'+n-1, world) }

// cpf is a valid CPF that begins with a number.
func cpf(number int) string {
	digits := fmt.Sprintf("%09d", number)
	for range 2 {
		sum := 0
		for i := range len(digits) {
			sum += int(digits[i]-'0') * (len(digits) + 1 - i)
		}
		digits += strconv.Itoa(sum * 10 % 11 % 10)
	}
	return digits
}

// play is a batch of worlds that live through a script.
type play struct {
	*bench
	t      testing.TB
	script script
	worlds []world
	at     map[int]int    // number of a world → where it stands in worlds
	files  []taken        // applied and not taken back
	held   []held         // planned, to be applied after the next step
	ended  map[string]int // turns of those who were erased, by whose they were
	gone   []string       // values by which the erased were found
	lived  map[schemas.ImportID][]int
	own    map[int][]schemas.ImportID // decisions of a world that were not taken back
	told   []string
	models map[int]*model
	serial int
}

// taken is a file that was imported.
type taken struct {
	id   schemas.ImportID
	rows []lead
	of   []int // number of the world of each row
	step step

	settings schemas.Settings
}

// ask sets what was asked for with the file.
func (f taken) ask(run *pipeline.Run) {
	run.Source.Kind = f.step.Kind
	run.Request.Mapping.List, run.Request.Mapping.Options, run.Request.Mapping.Mode = f.step.List, f.step.Option, f.step.Mode
	run.Account.Settings.MatchPolicy, run.Account.Settings.MaxComponent = f.settings.MatchPolicy, f.settings.MaxComponent
}

// held is a plan that waits for a step.
type held struct {
	file taken
	run  *pipeline.Run
}

// wrong is what a world found.
type wrong struct {
	world int // -1 when nobody knows whose
	what  string
}

func (w *wrong) Error() string { return fmt.Sprintf("world %d: %s", w.world, w.what) }

func (p *play) tell(format string, args ...any) {
	p.told = append(p.told, fmt.Sprintf(format, args...))
}

// live lets the worlds live through the script and returns what went wrong first.
func (p *play) live() error {
	p.forget(p.t)
	p.distribute(p.t)
	p.names = p.script.Names
	p.ended = map[string]int{}
	p.at, p.lived, p.own, p.models = map[int]int{}, map[schemas.ImportID][]int{}, map[int][]schemas.ImportID{}, map[int]*model{}
	for i, w := range p.worlds {
		p.at[w.N], p.models[w.N] = i, &model{}
	}
	for n, s := range p.script.Steps {
		waiting := len(p.held)
		if err := p.step(n, s); err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return err
		}
		if err := p.release(waiting); err != nil {
			return err
		}
	}
	if err := p.release(len(p.held)); err != nil {
		return err
	}
	return p.checkOrigins(10)
}

// of returns the number of the world that a prospect belongs to.
func (p *play) of(id string) int {
	imported, err := strconv.ParseInt(id[2:16], 16, 64)
	row, err2 := strconv.ParseInt(id[16:], 16, 64)
	worlds := p.lived[schemas.ImportID(imported)]
	if row &= 1<<31 - 1; errors.Join(err, err2) != nil || row < 1 || int(row) > len(worlds) {
		return -1
	}
	return worlds[row-1]
}

// release applies the first n plans that wait.
func (p *play) release(n int) error {
	for range n {
		h := p.held[0]
		p.held = p.held[1:]
		p.tell("apply %d", h.file.id&4095)
		if err := p.applyLater(h.file, h.run); err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *play) step(n int, s step) error {
	people := map[int][]state{}
	for _, one := range p.states(p.t) {
		people[p.of(one.ID)] = append(people[p.of(one.ID)], one)
	}
	switch {
	case s.What == "undo" && len(p.files) > 0:
		return p.takeBack(s.Pick % len(p.files))
	case s.What == "redo" && len(p.files) > 0:
		return p.again(s.Pick%len(p.files), s)
	case s.What == "decide":
		for _, w := range p.worlds {
			if err := p.decideIn(w.N, w.Moves[n], people[w.N]); err != nil {
				return err
			}
		}
		return nil
	case s.What == "two" || s.What == "late":
		// Both are planned on the same base, so the second one is resolved again
		// when it is applied; a late one is the older of the two.
		one, other := p.file(n, s, people, 0), p.file(n, s, people, 1)
		runs := []*pipeline.Run{}
		for _, f := range []*taken{&one, &other} {
			run, err := p.planFile(f)
			if err != nil {
				return err
			}
			runs = append(runs, run)
		}
		if s.What == "late" {
			p.tell("… and the second one first")
			if err := p.applyFile(other, runs[1]); err != nil {
				return err
			}
			return p.applyLater(one, runs[0])
		}
		if err := p.applyFile(one, runs[0]); err != nil {
			return err
		}
		return p.applyLater(other, runs[1])
	}
	f := p.file(n, s, people, 0)
	run, err := p.planFile(&f)
	if err != nil {
		return err
	}
	if s.What == "held" {
		run.Request.Confirmed = s.Pick%3 == 0
		p.tell("… held, confirmed: %v", run.Request.Confirmed)
		p.held = append(p.held, held{f, run})
		return nil
	}
	return p.applyFile(f, run)
}

// file puts the rows of all worlds together. With half it is the second of two
// files of a step, to which each world brings its rows in another order.
func (p *play) file(n int, s step, people map[int][]state, half int) taken {
	f := taken{step: s, settings: schemas.Settings{MatchPolicy: p.script.Policy, MaxComponent: p.script.Component}}
	for _, w := range p.worlds {
		rows := slices.Clone(w.Moves[n].Rows)
		if half == 1 {
			slices.Reverse(rows)
			rows = rows[:(len(rows)+1)/2]
		}
		for _, l := range rows {
			p.serial++
			f.rows = append(f.rows, w.lead(l, p.script.Plain, people[w.N], p.serial%1000))
			f.of = append(f.of, w.N)
		}
	}
	return f
}

func (p *play) planFile(f *taken, adjust ...func(*pipeline.Run)) (*pipeline.Run, error) {
	run, err := p.tryPlan(p.t, f.rows, append(adjust, f.ask)...)
	if err != nil {
		return nil, &wrong{-1, err.Error()}
	}
	f.id = run.ImportID
	p.lived[f.id] = f.of
	p.tell("import %d (%s %s %s %s list %q %s at most %d)", f.id&4095, f.step.Kind, f.step.Mode, f.step.Option.Survivorship, f.step.Option.Blank, f.step.List, f.settings.MatchPolicy, f.settings.MaxComponent)
	for i, l := range f.rows {
		who := ""
		if l.ID != "" {
			who = short(l.ID)
		}
		p.tell("  %d: %s|%s|%s|%s|%s|%s|%s|%s|%s|%s", i+1, strings.TrimPrefix(l.Phone, "+5551"), l.Email, l.CPF, l.External, l.Name, l.City, l.Owner, l.Extra, l.Tags, who)
	}
	return run, nil
}

func (p *play) applyFile(f taken, run *pipeline.Run) error {
	before := len(p.people(p.t))
	err := p.tryApply(run)
	if err == nil {
		err = run.Facts.Ledger.Check()
	}
	if err != nil {
		return &wrong{-1, err.Error()}
	}
	p.learn(p.t, run)
	p.files = append(p.files, f)
	if !p.script.Plain {
		// Some, and none whose rows decisions moved: the workset knows nothing of that.
		if e := run.Facts.Effect; run.ImportID%8 != 0 || e != nil && e.Carried > 0 {
			return nil
		}
		return p.checkDatasets(run)
	}
	var refused int64
	for i, l := range f.rows {
		if l.Phone+l.Email == "" {
			refused++
		}
		p.models[f.of[i]].hear(f.id, int64(i+1), l, f.step.List)
	}
	for _, m := range p.models {
		m.settle()
	}
	l := run.Facts.Ledger
	made := int64(len(p.people(p.t)) - before)
	if l.Read != int64(len(f.rows)) || l.Rejected != refused || run.RedoOf == 0 && l.Created-run.Facts.Counts.Merged != made {
		return &wrong{-1, fmt.Sprintf("ledger %+v, %d merged: %d rows of which %d name nobody, %d prospects more than before", l, run.Facts.Counts.Merged, len(f.rows), refused, made)}
	}
	return nil
}

// forgetFile leaves a file out of the model.
func (p *play) forgetFile(i int) taken {
	f := p.files[i]
	p.files = slices.Delete(p.files, i, i+1)
	for _, m := range p.models {
		m.forget(f.id)
		m.settle()
	}
	return f
}

func (p *play) takeBack(i int) error {
	f := p.forgetFile(i)
	p.tell("undo %d", f.id&4095)
	return p.undoImport(f.id)
}

func (p *play) undoImport(id schemas.ImportID) error {
	done, preview, err := p.tryUndo(p.t, id)
	if err != nil {
		return &wrong{-1, "undo: " + err.Error()}
	}
	if diff := cmp.Diff(preview, done); diff != "" {
		return &wrong{-1, "undo did not what the preview said (-preview +done):\n" + diff}
	}
	return nil
}

// again imports a file once more in the place of its import.
func (p *play) again(i int, s step) error {
	f := p.forgetFile(i)
	p.tell("redo %d", f.id&4095)
	old := f.id
	// A redo asks only of rows that were refused whether the base has changed since the
	// export, and who imports a file anew of all: here they are compared.
	f.rows = slices.Clone(f.rows)
	for i := range f.rows {
		f.rows[i].Export = false
	}
	f.step.List, f.step.Option, f.step.Mode = s.List, s.Option, s.Mode
	run, err := p.planFile(&f, func(r *pipeline.Run) { r.RedoOf = old })
	if err != nil {
		return err
	}
	return p.applyLater(f, run)
}

// short is a prospect's id for people who read a failure.
func short(id string) string {
	return strings.TrimLeft(id[13:16], "0") + "/" + strings.TrimLeft(id[16:], "0")
}

// check looks at the base after a step.
func (p *play) check() error {
	if drifts := p.verify(p.t); len(drifts) > 0 {
		return &wrong{p.of(drifts[0].ProspectID), fmt.Sprintf("computed again the base is another one: %v", drifts[:min(3, len(drifts))])}
	}
	if id, what := p.broken(p.t); what != "" {
		return &wrong{p.of(id), what + ": " + id}
	}
	if back := p.cameBack(); back != "" {
		return &wrong{p.of(back), "who was erased is back: " + back}
	}
	if uneven := p.uneven(); uneven != "" {
		return &wrong{-1, uneven}
	}
	if !p.script.Plain {
		return nil
	}
	got := map[int][]string{}
	for _, one := range p.states(p.t) {
		n := p.of(one.ID)
		got[n] = append(got[n], fmt.Sprintf("%s %s|%s|%s|%s|%v|%v", short(one.ID), one.Name, one.City, one.Phone, one.Email, one.Identities, one.Lists))
	}
	for n, m := range p.models {
		if diff := cmp.Diff(m.shown(), got[n], cmpopts.EquateEmpty()); diff != "" {
			return &wrong{n, "base mismatch (-want +got):\n" + diff}
		}
	}
	return nil
}

// histories lets many worlds live, and tells the shortest story of the first that
// goes wrong.
func histories(t *testing.T, plain bool) {
	b := setup(t)
	for first := *worldFirst; first < *worldFirst+*worldCount; first += batch {
		p := drawn(t, b, plain, first)
		if err := p.live(); err != nil {
			t.Fatalf("-worlds.seed %d -worlds.first %d: %s", *worldSeed, first, p.shortest(err))
		}
	}
}

// drawn is the batch of histories that begins with first.
func drawn(t *testing.T, b *bench, plain bool, first int) *play {
	seed := *worldSeed*1_000_000 + first
	s := scripts(plain).Example(seed)
	p := &play{bench: b, t: t, script: s}
	for i := range min(batch, *worldFirst+*worldCount-first) {
		w := moves(s).Example(seed + i + 1)
		w.N = i + 1
		p.worlds = append(p.worlds, w)
	}
	return p
}
