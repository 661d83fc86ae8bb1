package history

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/put_fallen.sql
var putFallenSQL string

// fallen is who fell apart of a side of a parting in force: they say its values under
// keys of that side, so its undo looks at them, too.
type fallen struct {
	beside []string
	from   map[string]string // lead → raw id that it was written with before
}

// partings are the partings in force, by the ids that they speak of.
type partings struct {
	side map[string][]*decision // raw id → those that it is, or fell off, the side of that stays
	made map[string]bool        // the prospects that they made, which know of them
}

func (e *engine) partings() partings {
	p := partings{map[string][]*decision{}, map[string]bool{}}
	for i := range e.decided {
		d := &e.decided[i]
		if d.Kind == kindMerge {
			continue
		}
		p.made[d.Subject.New] = true
		for _, id := range append([]string{d.Subject.Survivor}, d.Subject.Beside...) {
			p.side[id] = append(p.side[id], d)
		}
	}
	return p
}

// noteFallen notes who falls apart in a bundle.
func (e *engine) noteFallen(p partings, b *bundle, c *change) {
	if len(c.Founded)+len(c.Restored) == 0 {
		return
	}
	of := map[string][]*decision{} // prospect → partings that it is a side of
	for _, id := range b.IDs {
		of[b.home(id)] = append(of[b.home(id)], p.side[id]...)
	}
	for i := range c.Components {
		comp := &c.Components[i]
		if p.made[comp.ID] || comp.ID == e.leaving || !slices.Contains(c.Founded, comp.ID) && !slices.Contains(c.Restored, comp.ID) {
			continue
		}
		for _, l := range comp.Leads {
			was := e.was(l)
			for _, d := range of[b.home(was)] {
				if d.Subject.Survivor != comp.ID {
					e.fell(d, comp.ID, l, was)
				}
			}
		}
	}
}

// was is the raw id that a lead was written with, as decisions call it now.
func (e *engine) was(l *lead) string {
	id := l.stored.Prospect
	if e.back == nil || e.back.renamed[id] == "" {
		return id
	}
	return cmp.Or(e.back.From[schemas.LeadID(l.stored.Import, l.stored.Row)], e.back.renamed[id])
}

func (e *engine) fell(d *decision, id string, l *lead, was string) {
	if e.fallen == nil {
		e.fallen = map[int64]*fallen{}
	}
	f := e.fallen[d.ID]
	if f == nil {
		f = &fallen{from: map[string]string{}}
		e.fallen[d.ID] = f
	}
	if !slices.Contains(f.beside, id) && !slices.Contains(d.Subject.Beside, id) {
		f.beside = append(f.beside, id)
	}
	if l.Prospect != was {
		f.from[schemas.LeadID(l.Import, l.Row)] = was
	}
}

// writeFallen lets the partings know who fell apart.
func (e *engine) writeFallen(ctx context.Context) error {
	for id, f := range e.fallen {
		from, err := json.Marshal(f.from)
		if err != nil {
			return fmt.Errorf("write decision: %w", err)
		}
		if err := e.exec(ctx, "write decision", putFallenSQL, e.account, id, append([]string{}, f.beside...), from); err != nil {
			return err
		}
	}
	e.fallen = nil
	return nil
}
