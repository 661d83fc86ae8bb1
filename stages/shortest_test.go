package stages_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// maxTries is how often a failing play is tried with less in it.
const maxTries = 150

// shortest leaves out of a failing play what it does not take to fail, and tells
// what remains.
func (p *play) shortest(err error) string {
	fails := func(s script, worlds []world) *play {
		q := &play{bench: p.bench, t: p.t, script: s, worlds: worlds}
		if err := q.live(); err != nil {
			q.tell("%v", err)
			return q
		}
		return nil
	}
	// Most often it is one world alone.
	found := (*play)(nil)
	var w *wrong
	if errors.As(err, &w) {
		if i, known := p.at[w.world]; known {
			found = fails(p.script, p.worlds[i:i+1])
		}
	}
	if found == nil {
		found = fails(p.script, p.worlds)
	}
	if found == nil {
		return fmt.Sprintf("%v\n(not again)", err)
	}
	for tries := 0; tries < maxTries; {
		next := (*play)(nil)
		for s, worlds := range found.smaller() {
			if tries++; tries > maxTries {
				break
			}
			if next = fails(s, worlds); next != nil {
				break
			}
		}
		if next == nil {
			break
		}
		found = next
	}
	fails(found.script, found.worlds) // so that the base is that of the story
	return fmt.Sprintf("up to %d names\n%s\n%s", found.script.Names, strings.Join(found.told, "\n"), p.shown(p.t))
}

// smaller yields the play with less in it: with fewer worlds, steps and rows, and
// with rows that say less.
func (p *play) smaller() func(func(script, []world) bool) {
	return func(yield func(script, []world) bool) {
		for size := len(p.worlds) / 2; size > 0; size /= 2 {
			for at := 0; at < len(p.worlds); at += size {
				if !yield(p.script, slices.Delete(slices.Clone(p.worlds), at, min(at+size, len(p.worlds)))) {
					return
				}
			}
		}
		for n := range p.script.Steps {
			s, worlds := p.copy()
			s.Steps = slices.Delete(s.Steps, n, n+1)
			for i := range worlds {
				worlds[i].Moves = slices.Delete(worlds[i].Moves, n, n+1)
			}
			if len(s.Steps) > 0 && !yield(s, worlds) {
				return
			}
		}
		change := func(to func(*script, []world)) bool {
			s, worlds := p.copy()
			to(&s, worlds)
			return cmp.Equal(s, p.script) && cmp.Equal(worlds, p.worlds) || yield(s, worlds)
		}
		for n := range p.script.Steps {
			for _, to := range []func(*step){
				func(s *step) { s.Option.Survivorship = "" }, func(s *step) { s.Option.Blank = "" }, func(s *step) { s.Kind, s.Mode = "upload", "" }, func(s *step) { s.List = "" },
				func(s *step) {
					if s.What == "two" || s.What == "late" || s.What == "held" {
						s.What = "import"
					}
				},
			} {
				if !change(func(s *script, _ []world) { to(&s.Steps[n]) }) {
					return
				}
			}
			for i, w := range p.worlds {
				for r := range w.Moves[n].Rows {
					if !change(func(_ *script, worlds []world) {
						m := &worlds[i].Moves[n]
						m.Rows = slices.Delete(m.Rows, r, r+1)
					}) {
						return
					}
					for _, to := range []func(*line){
						func(l *line) { l.Extra = "" }, func(l *line) { l.Tags = "" }, func(l *line) { l.City = "" }, func(l *line) { l.Name = "" }, func(l *line) { l.Owner = "" },
						func(l *line) { l.Phone = 0 }, func(l *line) { l.Email = 0 }, func(l *line) { l.CPF = 0 }, func(l *line) { l.External = 0 }, func(l *line) { l.ByID = 0 },
					} {
						if !change(func(_ *script, worlds []world) { to(&worlds[i].Moves[n].Rows[r]) }) {
							return
						}
					}
				}
			}
		}
	}
}

// copy returns script and worlds that share nothing with those of the play.
func (p *play) copy() (script, []world) {
	s := p.script
	s.Steps = slices.Clone(s.Steps)
	worlds := slices.Clone(p.worlds)
	for i := range worlds {
		worlds[i].Moves = slices.Clone(worlds[i].Moves)
		for n := range worlds[i].Moves {
			worlds[i].Moves[n].Rows = slices.Clone(worlds[i].Moves[n].Rows)
		}
	}
	return s, worlds
}
