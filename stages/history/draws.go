package history

import (
	"context"
	_ "embed"
	"maps"
	"slices"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

var (
	//go:embed sql/draws.sql
	drawsSQL string
	//go:embed sql/take_draws.sql
	takeDrawsSQL string
	//go:embed sql/put_draws.sql
	putDrawsSQL string
)

// draw is who drew a prospect from a distribution. It belongs to the statements by
// which its import asked: where these are, the owner is. Nobody draws again when
// values are computed again.
type draw struct {
	Prospect, Folded, Owner string
	Import                  schemas.ImportID
}

// owner is a draw as it is to be: prospect and import may be others.
type owner struct {
	draw
	Was draw
}

// placedDraws are the draws of each prospect as it is computed, by folded name of the
// distribution. The first of several is the one that counts.
type placedDraws map[*component]map[string][]owner

// placeDraws says which prospect each draw is of, and notes those that become another
// one's or another import's. A draw whose statements went to another prospect goes with
// them, unless that has one. Otherwise it stays: then it is of whoever else asks there,
// or waits for somebody who does.
func (c *change) placeDraws(b *bundle) {
	c.draws = placedDraws{}
	var left, rest []draw
	for _, d := range b.Draws {
		if comp := c.home[d.Prospect]; asks(comp, d) {
			c.draws.add(comp, owner{d, d})
		} else {
			left = append(left, d)
		}
	}
	for _, d := range left {
		if comp := c.claimant(d); comp != nil {
			now := d
			now.Prospect = comp.ID
			c.draws.add(comp, owner{now, d})
		} else {
			rest = append(rest, d)
		}
	}
	for _, d := range rest {
		if comp := c.home[d.Prospect]; comp != nil {
			c.draws.add(comp, owner{d, d})
		}
	}
	for i := range c.Components {
		comp := &c.Components[i]
		for _, folded := range slices.Sorted(maps.Keys(c.draws[comp])) {
			draws := c.draws[comp][folded]
			draws[0].Import = asker(comp, draws[0].draw)
			for _, d := range draws {
				if d.draw != d.Was {
					c.Owners = append(c.Owners, d)
				}
			}
		}
	}
}

// claimant returns the prospect that the statements are of by which a draw was asked
// for, if it has no draw yet: of several the one that the draw's prospect was founded by.
func (c *change) claimant(d draw) (to *component) {
	for i := range c.Components {
		comp := &c.Components[i]
		if len(c.draws[comp][d.Folded]) > 0 || !asks(comp, d) {
			continue
		}
		if to == nil || comp.founded(d.Prospect) {
			to = comp
		}
	}
	return to
}

// add puts a draw behind those that count more.
func (p placedDraws) add(comp *component, o owner) {
	if p[comp] == nil {
		p[comp] = map[string][]owner{}
	}
	rank := func(o owner) int { return survivorship.DrawRank(asks(comp, o.draw), o.Prospect == comp.ID) }
	list := append(p[comp][o.Folded], o)
	slices.SortStableFunc(list, func(x, y owner) int { return rank(x) - rank(y) })
	p[comp][o.Folded] = list
}

// turns returns the imports that drew for a prospect, by folded name of distributions.
func (p placedDraws) turns(comp *component) map[string][]schemas.ImportID {
	if len(p[comp]) == 0 {
		return nil
	}
	out := map[string][]schemas.ImportID{}
	for folded, draws := range p[comp] {
		for _, d := range draws {
			out[folded] = append(out[folded], d.Import)
		}
	}
	return out
}

// give puts the owner that was drawn where a distribution is to draw one; nobody where
// none was.
func (p placedDraws) give(comp *component, want *prospect) {
	folded, asked := survivorship.Distribution(want.Fields["owner"])
	if !asked {
		return
	}
	delete(want.Fields, "owner")
	if draws := p[comp][folded]; len(draws) > 0 {
		want.Fields["owner"] = draws[0].Owner
	}
}

// writeOwners writes draws that are another prospect's or import's. Some may change
// places, so those that go are taken out first.
func (e *engine) writeOwners(ctx context.Context, changes []change) error {
	var rows [][]any
	for _, c := range changes {
		for _, o := range c.Owners {
			rows = append(rows, []any{o.Was.Prospect, o.Folded, o.Prospect, int64(o.Import)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := e.fill(ctx, "history_owners", []string{"was", "folded", "prospect_id", "import_id"}, rows); err != nil {
		return err
	}
	if err := e.fill(ctx, "history_draws", nil, nil); err != nil {
		return err
	}
	if err := e.exec(ctx, "take draws out", takeDrawsSQL, e.account); err != nil {
		return err
	}
	// Whoever else drew for its new prospect asks no more.
	if err := e.endDraws(ctx, "and (d.prospect_id, d.folded) in (select prospect_id, folded from history_draws)"); err != nil {
		return err
	}
	return e.exec(ctx, "write draws", putDrawsSQL, e.account)
}

// founded reports whether one of its leads founded the prospect.
func (c *component) founded(id string) bool {
	return slices.ContainsFunc(c.Leads, func(l *lead) bool { return schemas.ProspectID(l.Import, l.Row) == id })
}

// asking returns the leads of a prospect that ask for a distribution.
func asking(comp *component, folded string) (out []*lead) {
	if comp == nil {
		return nil
	}
	for _, l := range comp.Leads {
		if f, ok := survivorship.Distribution(l.Fields["owner"]); ok && f == folded {
			out = append(out, l)
		}
	}
	return out
}

// asks reports whether a statement of the import that drew, or one that was its own, is
// of the prospect and asks for the draw.
func asks(comp *component, d draw) bool {
	return slices.ContainsFunc(asking(comp, d.Folded), func(l *lead) bool {
		return l.Import == d.Import || l.stored.Import == d.Import || slices.ContainsFunc(l.Seen, func(s sighting) bool { return s.Import == d.Import })
	})
}

// asker returns the import that drew when one of its statements asks for the draw
// still, or when nobody asks; else the first one that does.
func asker(comp *component, d draw) schemas.ImportID {
	var asked []place
	for _, l := range asking(comp, d.Folded) {
		asked = append(asked, l.place)
		for _, s := range l.Seen {
			asked = append(asked, s.place)
		}
	}
	if len(asked) == 0 || slices.ContainsFunc(asked, func(p place) bool { return p.Import == d.Import }) {
		return d.Import
	}
	return slices.MinFunc(asked, place.compare).Import
}
