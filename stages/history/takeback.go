package history

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/decisions_of.sql
	decisionsOfSQL string
	//go:embed sql/decisions_revoked.sql
	decisionsRevokedSQL string
	//go:embed sql/restore_decisions.sql
	restoreDecisionsSQL string
	//go:embed sql/revoked.sql
	revokedSQL string
	//go:embed sql/rewrite_decision.sql
	rewriteDecisionSQL string
	//go:embed sql/rename_apart.sql
	renameApartSQL string
)

// reversal is a decision that is taken back, and what that means for those which
// were made after it and stay in force.
type reversal struct {
	subject
	id      int64             // of the decision
	renamed map[string]string // its new prospect → who has its leads again
	moves   []move
	others  []string // further prospects that are computed again
}

// move is a key that leads get in the place of another.
type move struct{ from, to key }

// takeBack returns what the import that is taken back decided, nil when it
// decided nothing. What that decision had revoked is in force again.
func (e *engine) takeBack(ctx context.Context) (*reversal, error) {
	mine, err := e.readDecisions(ctx, decisionsOfSQL, e.account, int64(e.without))
	if err != nil || len(mine) == 0 {
		return nil, err
	}
	// An unmerge may stand before merges that it leaves of a larger one.
	r := &reversal{subject: mine[0].Subject, id: mine[0].ID}
	if r.Released, err = e.inForce(ctx, r.Released); err != nil {
		return nil, err
	}
	again, err := e.readDecisions(ctx, revokedSQL, e.account, r.Revoked)
	if err != nil {
		return nil, err
	}
	e.decided = append(e.decided, again...)
	slices.SortFunc(e.decided, func(a, b decision) int { return int(a.ID - b.ID) })
	if err := e.hand(ctx, r); err != nil || e.dry {
		return r, err
	}
	if err := e.exec(ctx, "restore decisions", restoreDecisionsSQL, e.account, r.Revoked); err != nil {
		return nil, err
	}
	for _, p := range r.Released {
		err := e.exec(ctx, "keep apart", keepApartSQL, e.account, p.Prospect, p.Other, int64(p.Import))
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// inForce returns the pairs of imports that count.
func (e *engine) inForce(ctx context.Context, pairs []released) (kept []released, err error) {
	for _, r := range pairs {
		var counts bool
		err := e.tx.QueryRow(ctx, "select exists (select from imports where account_id = $1 and import_id = $2 and state = 'applied')", e.account, int64(r.Import)).Scan(&counts)
		if err != nil {
			return nil, pipeline.DatabaseError("read imports", err)
		}
		if counts {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// hand hands on to later decisions what the one that is taken back did for them.
// One that parts the same prospect once more does so from the beginning; one that
// divided a side of it divides the whole; and where its prospect is no more they
// speak of the one that has its leads again.
func (e *engine) hand(ctx context.Context, r *reversal) error {
	if r.New == "" { // a merge: nothing of later ones hangs on it
		return nil
	}
	later := map[int64]*decision{}
	changed := map[int64]bool{}
	for i := range e.decided {
		if d := &e.decided[i]; d.ID > r.id && d.Kind != kindMerge {
			later[d.ID] = d
			if d.Subject.New == r.New {
				d.Subject.inherit(&r.subject)
				r.subject = subject{Survivor: r.Survivor, Released: r.Released, Revoked: r.Revoked}
				return e.rewrite(ctx, *d, true)
			}
		}
	}
	joins := map[int64]bool{} // that divide a value now which joins by itself
	tree := divisions{later: later, order: slices.Sorted(maps.Keys(later))}
	var simple []rekey
	for _, k := range r.Keys {
		moves, heirs, some := tree.take(k)
		if !some {
			simple = append(simple, k)
			continue
		}
		r.moves = append(r.moves, moves...)
		for _, id := range heirs {
			changed[id] = true
			joins[id] = joins[id] || k.Joins
			r.others = append(r.others, later[id].Subject.ids()...)
		}
	}
	r.Keys = simple
	if founded := schemas.ProspectID(e.without, 1); r.New == founded {
		r.renamed = map[string]string{founded: r.Survivor}
	}
	named, err := e.renameDecisions(ctx, r.renamed, r.From)
	if err != nil {
		return err
	}
	for _, d := range e.decided {
		if named[d.ID] || slices.Contains(d.Subject.ids(), r.New) {
			r.others = append(r.others, d.Subject.ids()...)
		}
		changed[d.ID] = changed[d.ID] || named[d.ID]
	}
	for _, d := range e.decided {
		if !changed[d.ID] {
			continue
		}
		if err := e.rewrite(ctx, d, joins[d.ID]); err != nil {
			return err
		}
	}
	return nil
}

// renameDecisions lets decisions name prospects by other ids: leads that were written
// with one of them by what from says, if it does. It returns which ones in force did;
// those are yet to be stored.
func (e *engine) renameDecisions(ctx context.Context, renamed, from map[string]string) (map[int64]bool, error) {
	out := map[int64]bool{}
	if len(renamed) == 0 {
		return out, nil
	}
	for i := range e.decided {
		if d := &e.decided[i]; d.Subject.rename(renamed, from) {
			out[d.ID] = true
		}
	}
	// What another decision revoked may be in force again.
	ended, err := e.readDecisions(ctx, decisionsRevokedSQL, e.account, int64(e.without))
	if err != nil {
		return nil, err
	}
	for _, d := range ended {
		if d.Subject.rename(renamed, from) {
			if err := e.rewrite(ctx, d, false); err != nil {
				return nil, err
			}
		}
	}
	if e.dry {
		return out, nil
	}
	for was, now := range renamed {
		if err := e.exec(ctx, "rename who is apart", renameApartSQL, e.account, was, now, int64(e.without)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rewrite stores a decision as it is now. With share the values that it divides join
// only with the name by this decision, too.
func (e *engine) rewrite(ctx context.Context, d decision, share bool) error {
	if e.dry {
		return nil
	}
	text, err := json.Marshal(d.Subject)
	if err != nil {
		return fmt.Errorf("write decision: %w", err)
	}
	if err := e.exec(ctx, "write decision", rewriteDecisionSQL, e.account, d.ID, text); err != nil {
		return err
	}
	if !share {
		return nil
	}
	return e.share(ctx, d.Subject.Keys, d.Import)
}

// inherit takes over what an earlier decision did that parted the same prospect.
func (s *subject) inherit(o *subject) {
	s.Keys = append(s.Keys, o.Keys...)
	s.Beside = append(s.Beside, o.Beside...)
	if s.From == nil {
		s.From = map[string]string{}
	}
	for id, from := range o.From {
		if from != s.New && s.From[id] == "" {
			s.From[id] = from
		}
	}
}

// rename calls prospects by other ids, and leads that were written with one of them by
// what from says of each, if it does. It reports whether any was named.
func (s *subject) rename(to, from map[string]string) (some bool) {
	put := func(ids ...*string) {
		for _, id := range ids {
			if now := to[*id]; now != "" {
				*id, some = now, true
			}
		}
	}
	put(&s.Survivor, &s.New)
	for _, list := range [][]string{s.Others, s.Aliases, s.Beside} {
		for i := range list {
			put(&list[i])
		}
	}
	for i := range s.Released {
		put(&s.Released[i].Prospect, &s.Released[i].Other)
	}
	for id, written := range s.From {
		if now := to[written]; now != "" {
			s.From[id], some = cmp.Or(from[id], now), true
		}
	}
	return some
}

// divisions are the keys of values as later decisions divided them: a tree for each
// value, in which a decision makes two of one.
type divisions struct {
	later map[int64]*decision
	order []int64 // their ids, sorted
}

// of returns the first decision after the given one that divided a key.
func (t divisions) of(k key, after int64) (id int64, at *rekey) {
	for _, id := range t.order {
		keys := t.later[id].Subject.Keys
		if i := slices.IndexFunc(keys, func(r rekey) bool { return key(r.Old) == k }); id > after && i >= 0 {
			return id, &keys[i]
		}
	}
	return 0, nil
}

// staying is the key of leads that carried k and that no decision after the given one
// took away.
func (t divisions) staying(k key, after int64) key {
	for id, at := t.of(k, after); at != nil; id, at = t.of(k, after) {
		k, after = key(at.Stay), id
	}
	return k
}

// take takes a division out of the tree. Leads of its two sides that no later
// decision parts get one key. It returns which keys move, and the decisions that
// divide another key now; some is false when no later one divided a side.
func (t divisions) take(k rekey) (moves []move, heirs []int64, some bool) {
	one, other := key(k.Stay), key(k.Go)
	id, at := t.of(one, 0)
	if at == nil {
		one, other = other, one
		if id, at = t.of(one, 0); at == nil {
			return nil, nil, false
		}
	}
	second, beside := t.of(other, 0)
	here, there := t.staying(one, 0), t.staying(other, 0)
	at.Old, at.Joins, at.Owned = k.Old, k.Joins, k.Owned
	switch {
	case beside == nil:
		return []move{{other, here}}, []int64{id}, true
	case second != id:
		beside.Old, beside.Joins = hexKey(here), false
		return []move{{here, there}}, []int64{id, second}, true
	}
	// One decision divided both sides: it divides the whole.
	moves = []move{{there, here}, {t.staying(key(beside.Go), id), t.staying(key(at.Go), id)}}
	s := &t.later[id].Subject
	s.Keys = slices.DeleteFunc(s.Keys, func(r rekey) bool { return r.Old == hexKey(other) })
	return moves, []int64{id}, true
}

// revert gives leads the keys and prospects back that a decision took from them.
func (r *reversal) revert(b *bundle, leads []*lead) {
	for _, p := range r.Released {
		b.Apart = append(b.Apart, [2]string{p.Prospect, p.Other})
	}
	for i, p := range b.Apart {
		for n, id := range p {
			if to := r.renamed[id]; to != "" {
				b.Apart[i][n] = to
			}
		}
	}
	b.Apart = slices.DeleteFunc(b.Apart, func(p [2]string) bool { return p[0] == p[1] })
	// The old keys are known before the leads get them: statements depend on them.
	for _, k := range r.Keys {
		old := key(k.Old)
		row, some := b.Identities[key(k.Stay)]
		if !some {
			row, some = b.Identities[key(k.Go)]
		}
		if _, there := b.Identities[old]; some && !there {
			b.Identities[old] = identityRow{Key: old, Kind: row.Kind, Value: row.Value, Joins: k.Joins}
		}
		if row, there := b.Identities[old]; there && k.Owned {
			row.Back = r.Survivor
			b.Identities[old] = row
		}
	}
	for _, l := range leads {
		for _, k := range r.Keys {
			b.replaceKeys(l, key(k.Old), key(k.Stay), key(k.Go))
		}
		for _, m := range r.moves {
			b.replaceKeys(l, m.to, m.from)
		}
		if from := r.From[schemas.LeadID(l.stored.Import, l.stored.Row)]; from != "" && slices.Contains(b.IDs, r.Survivor) && (l.Prospect == r.New || l.Prospect == r.Survivor || slices.Contains(r.Beside, l.Prospect)) {
			l.Prospect = from
		}
	}
}

// merged brings back to a bundle who is named by a merge in force and has leads again.
func (e *engine) merged(b *bundle, leads []*lead) {
	for _, l := range leads {
		if l.Prospect == l.stored.Prospect || slices.Contains(b.IDs, l.Prospect) {
			continue
		}
		if slices.ContainsFunc(e.decided, func(d decision) bool {
			return d.Kind == kindMerge && (d.Subject.Survivor == l.Prospect || slices.Contains(d.Subject.Others, l.Prospect))
		}) {
			e.include(b, l.Prospect)
		}
	}
}
