package history

import (
	"context"
	"math"
	"slices"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// parting is a decision by which leads leave a prospect.
type parting struct {
	*engine
	run   *pipeline.Run
	kind  string
	leave string   // id of who leaves
	group []string // ids that leave with it
}

// do parts the prospect that id answers to; leaves says which of its leads go.
func (p *parting) do(ctx context.Context, id string, leaves func(*bundle, []*lead) (func(*lead) bool, error)) (s Summary, err error) {
	together, err := p.resolveIDs(ctx, []string{id})
	if err != nil {
		return s, err
	}
	if len(together) == 0 {
		return s, refuse("split prospect", CodeNoProspect, "no prospect has the id "+id, "Look for its id with “bateia prospect”.")
	}
	sub := subject{Survivor: together[0], New: p.leave, From: map[string]string{}}
	if err := p.touch(ctx, together); err != nil {
		return s, err
	}
	// Who is apart from it may say a value, too, that both sides lose.
	if err := p.touchApart(ctx); err != nil {
		return s, err
	}
	ids, err := p.members(ctx)
	if err != nil {
		return s, err
	}
	stay := []string{sub.Survivor}
	var leave []string
	var left []remainder // merges that stay of those that end
	var failed error
	count := see(&s)
	err = p.each(ctx, ids, together, func(b *bundle, leads []*lead) {
		leads = slices.DeleteFunc(slices.Clone(leads), func(l *lead) bool { return b.home(l.Prospect) != together[0] })
		which, err := leaves(b, leads)
		if err == nil {
			p.whole(b, leads, which)
			sub.New, p.leaving = p.leave, p.leave
			leave = append([]string{sub.New}, p.group...)
			left = p.endMerges(b, &sub)
			for _, id := range b.IDs {
				if b.Alias[id] == together[0] && !slices.Contains(leave, id) {
					stay = append(stay, id)
				}
			}
			err = p.part(ctx, b, leads, which, &sub)
		}
		if failed == nil {
			failed = err
		}
	}, func(b *bundle, c *change) {
		count(b, c)
		sub.beside(c)
	})
	if failed != nil {
		return s, failed
	}
	if err != nil {
		return s, err
	}
	if _, err := p.remember(ctx, p.run.ImportID, p.kind, sub); err != nil {
		return s, err
	}
	for _, m := range left {
		if _, err := p.remember(ctx, m.by, kindMerge, m.subject); err != nil {
			return s, err
		}
	}
	if err := p.exec(ctx, "revoke decisions", "update decisions set revoked_at = now() where account_id = $1 and decision_id = any($2)", p.account, sub.Revoked); err != nil {
		return s, err
	}
	for _, a := range stay {
		for _, o := range leave {
			for _, pair := range [][2]string{{a, o}, {o, a}} {
				if err := p.exec(ctx, "keep apart", keepApartSQL, p.account, pair[0], pair[1], int64(p.run.ImportID)); err != nil {
					return s, err
				}
			}
		}
	}
	if err := p.share(ctx, sub.Keys, p.run.ImportID); err != nil {
		return s, err
	}
	return s, p.raise(ctx)
}

// whole lets an alias leave as itself whose leads all leave: it goes on answering to
// those who know it.
func (p *parting) whole(b *bundle, leads []*lead, leaves func(*lead) bool) {
	if p.kind != kindSplit {
		return
	}
	stays := map[string]bool{}
	var ids []string
	for _, l := range leads {
		switch {
		case !leaves(l):
			stays[l.Prospect] = true
		case b.Alias[l.Prospect] != "":
			ids = append(ids, l.Prospect)
		}
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return stays[id] })
	if len(ids) > 0 {
		p.leave, p.group = survivor(ids, b.Merges), ids
	}
}

// part moves the leads that leave and takes from both sides what joins them.
func (p *parting) part(ctx context.Context, b *bundle, leads []*lead, leaves func(*lead) bool, sub *subject) (err error) {
	var two sides
	for _, l := range leads {
		if leaves(l) {
			two.leave = append(two.leave, l)
		} else {
			two.stay = append(two.stay, l)
		}
	}
	if len(two.stay) == 0 || len(two.leave) == 0 {
		return refuse("split prospect", CodeNothingOff, "one of the two would have no lead", "Name some of its leads, and not all of them.")
	}
	for _, l := range two.leave {
		if l.Prospect != sub.New && !slices.Contains(p.group, l.Prospect) {
			sub.From[schemas.LeadID(l.Import, l.Row)] = l.Prospect
			l.Prospect = sub.New
		}
	}
	// The survivor keeps its id though its own first leads may have left.
	if !slices.ContainsFunc(two.stay, func(l *lead) bool { return l.Prospect == sub.Survivor }) {
		first := two.stay[0]
		sub.From[schemas.LeadID(first.Import, first.Row)] = first.Prospect
		first.Prospect = sub.Survivor
	}
	if !slices.Contains(b.IDs, sub.New) {
		b.IDs = append(b.IDs, sub.New)
	}
	b.Apart = append(b.Apart, [2]string{sub.Survivor, sub.New})
	b.Held = append(b.Held, held{Prospect: sub.New, Before: math.MaxInt64})
	sub.Keys, err = p.engine.part(ctx, b, two, sub.Survivor, sub.New)
	return err
}

// endMerges ends the merges decided before that hold the two sides together, and
// returns what is left of them: what does not leave stays merged.
func (p *parting) endMerges(b *bundle, sub *subject) (left []remainder) {
	leaving := func(id string) bool { return id == sub.New || slices.Contains(p.group, id) }
	for _, d := range p.decided {
		if d.Kind != kindMerge || !slices.ContainsFunc(d.Subject.Others, leaving) || leaving(d.Subject.Survivor) {
			continue
		}
		sub.Revoked = append(sub.Revoked, d.ID)
		b.Merges = slices.DeleteFunc(b.Merges, func(m merge) bool {
			return m.Survivor == d.Subject.Survivor && slices.Equal(m.Others, d.Subject.Others)
		})
		rest := slices.DeleteFunc(slices.Clone(d.Subject.Others), leaving)
		if len(rest) > 0 {
			left = append(left, remainder{d.Import, subject{Survivor: d.Subject.Survivor, Others: rest, Aliases: d.Subject.Aliases, Released: d.Subject.Released}})
			b.Merges = append(b.Merges, merge{d.Subject.Survivor, rest, d.Subject.Aliases})
		}
	}
	return left
}

// beside notes what a decision makes beside the new prospect: what left may have linked
// others to those that stay.
func (s *subject) beside(c *change) {
	for _, id := range slices.Concat(c.Founded, c.Restored) {
		if id != s.New {
			s.Beside = append(s.Beside, id)
		}
	}
	for _, comp := range c.Components {
		for _, l := range comp.Leads {
			id := schemas.LeadID(l.Import, l.Row)
			if comp.ID != s.New && l.Prospect != l.stored.Prospect && s.From[id] == "" {
				s.From[id] = l.stored.Prospect
			}
		}
	}
}

// remainder is what stays of a merge, which is still the decision of its import.
type remainder struct {
	by schemas.ImportID
	subject
}
