package history

import (
	"context"
	_ "embed"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

//go:embed sql/place_of.sql
var placeOfSQL string

// Carry puts decisions about rows of an import onto the same rows of the one that took
// its place, inside the transaction that applied this one: who was merged is merged
// again, who was split is split again. It returns how many decisions it concerned.
//
// Prospects that are no more are named by those that their rows are now; one that was
// parted gets its rows, and is who it was.
func Carry(ctx context.Context, tx pgx.Tx, run *pipeline.Run, old schemas.ImportID) (s Summary, decisions int64, err error) {
	e := &engine{tx: tx, account: run.Account.ID, by: run.ImportID, reason: "decision"}
	if e.decided, err = e.readDecisions(ctx, decisionsSQL, e.account, 0); err != nil || len(e.decided) == 0 {
		return s, 0, err
	}
	rows, err := e.carried(ctx, run.ImportID, old)
	if err != nil || len(rows) == 0 {
		return s, 0, err
	}
	if err := e.start(ctx); err != nil {
		return s, 0, err
	}
	if err := e.tell(ctx, run); err != nil {
		return s, 0, err
	}
	c, err := e.readdress(ctx, run, old, rows)
	if err != nil || len(c.decisions) == 0 {
		return s, 0, err
	}
	together, err := e.resolveIDs(ctx, c.ids)
	if err != nil {
		return s, 0, err
	}
	if err := e.touch(ctx, together); err != nil {
		return s, 0, err
	}
	if err := e.touchApart(ctx); err != nil {
		return s, 0, err
	}
	ids, err := e.members(ctx)
	if err != nil {
		return s, 0, err
	}
	var failed error
	err = e.each(ctx, ids, together, func(b *bundle, leads []*lead) {
		failed = errors.Join(failed, e.partAgain(ctx, c, b, leads))
	}, see(&s))
	if err := errors.Join(failed, err); err != nil {
		return s, 0, err
	}
	return s, int64(len(c.decisions)), e.giveTurnsBack(ctx)
}

// tell says what the import in the making says of its statements: it gets its place
// and its state at the end of the transaction.
func (e *engine) tell(ctx context.Context, run *pipeline.Run) error {
	o := run.Source
	var place int64
	var source int32
	err := e.tx.QueryRow(ctx, placeOfSQL, e.account, o.Kind, o.System, o.Name, o.Instance).Scan(&place, &source)
	if err != nil {
		return pipeline.DatabaseError("read place of import", err)
	}
	m := run.Request.Mapping
	t := &teller{ID: run.ImportID, Applied: place, Counts: true, Created: run.Now, Lists: known(e.lists, m.List), Tags: known(e.tags, m.Tags...),
		Policy: survivorship.NewPolicy(run.Account.Settings.Rank(o.Kind), o.Kind, source, m.Options, run.Facts.Fields)}
	t.Policy.Applied = place
	e.tellers[run.ImportID] = t
	return nil
}

// carrying are decisions that speak of other rows than before.
type carrying struct {
	decisions map[int64]bool
	ids       []string // of everybody concerned
	partings  []decision
	parent    map[string]string // who was parted → from whom
	was       map[string]string // lead → raw id that its row was written with before, or its side
	raw       map[string]string // lead → raw id that its row was written with before
}

// readdress lets decisions name the prospects and leads that the rows are now.
func (e *engine) readdress(ctx context.Context, run *pipeline.Run, old schemas.ImportID, rows []carried) (*carrying, error) {
	c := &carrying{decisions: map[int64]bool{}, parent: map[string]string{}, was: map[string]string{}, raw: map[string]string{}}
	parted := map[string]bool{}
	for _, d := range e.decided {
		if d.Kind != kindMerge {
			parted[d.Subject.New] = true
			c.parent[d.Subject.New] = d.Subject.Survivor
		}
	}
	var place int64 // of the old import
	err := e.tx.QueryRow(ctx, "select coalesce(applied_no, 0) from imports where account_id = $1 and import_id = $2", e.account, int64(old)).Scan(&place)
	if err != nil {
		return nil, pipeline.DatabaseError("read place of import", err)
	}
	if err := e.takeOut(ctx, c, run, rows); err != nil {
		return nil, err
	}
	there, err := e.writtenWith(ctx, rows)
	if err != nil {
		return nil, err
	}
	renamed, leads := map[string]string{}, map[string]string{}
	gone := map[string]bool{}  // leads that were the old import's
	moved := map[string]bool{} // raw ids whose rows are somebody else
	for _, r := range rows {
		if r.Was == r.Now && r.WasLead == r.NowLead {
			continue
		}
		moved[r.Was] = true
		for id, n := r.Side, 0; id != "" && n <= len(c.parent); id, n = c.parent[id], n+1 {
			moved[id] = true // also by what parted those from whom it was parted
		}
		c.ids = append(c.ids, r.Now)
		if r.Replaced {
			leads[r.WasLead], gone[r.WasLead] = r.NowLead, r.WasOwn
			c.was[r.NowLead], c.raw[r.NowLead] = r.Side, r.Was
		}
		// It may have come to the one who was parted from it.
		if !parted[r.Was] && !there[r.Was] && renamed[r.Was] == "" && !c.under(r.Now, r.Side) {
			renamed[r.Was] = r.Now
		}
	}
	named, err := e.renameDecisions(ctx, renamed, nil)
	if err != nil {
		return nil, err
	}
	clear(c.parent)
	for i := range e.decided {
		d := &e.decided[i]
		if d.Kind != kindMerge {
			c.parent[d.Subject.New] = d.Subject.Survivor
		}
		if !named[d.ID] && !slices.ContainsFunc(d.Subject.ids(), func(id string) bool { return moved[id] }) {
			continue
		}
		c.decisions[d.ID] = true
		if d.Kind == kindMerge && place < d.Applied {
			d.Subject.joinRows(rows)
		}
		for was, now := range leads {
			if from := d.Subject.From[was]; from != "" {
				d.Subject.From[now] = from
			}
			if gone[was] {
				delete(d.Subject.From, was)
			}
		}
		c.ids = append(c.ids, d.Subject.ids()...)
		if d.Kind != kindMerge {
			c.partings = append(c.partings, *d)
		}
		if err := e.rewrite(ctx, *d, false); err != nil {
			return nil, err
		}
	}
	for lead, was := range c.was {
		if now := renamed[was]; now != "" {
			c.was[lead] = now
		}
	}
	return c, nil
}

// joinRows lets a merge speak of everybody whom its rows lead to: an id that it names may
// go on without them.
func (s *subject) joinRows(rows []carried) {
	named := append([]string{s.Survivor}, s.Others...)
	for _, r := range rows {
		if slices.Contains(named, r.Was) && !slices.Contains(s.Others, r.Now) {
			s.Others = append(s.Others, r.Now)
		}
	}
	s.Others = slices.DeleteFunc(s.Others, func(id string) bool { return id == s.Survivor })
}

// under reports whether a prospect is one that was parted, or parted of it later.
func (c *carrying) under(id, parted string) bool {
	for n := 0; id != "" && n <= len(c.parent); n++ {
		if id == parted {
			return true
		}
		id = c.parent[id]
	}
	return false
}

// partAgain gives the new rows to those who were parted, as the decisions did in their
// order, and takes from both sides what joins them: the rows may say other values.
func (e *engine) partAgain(ctx context.Context, c *carrying, b *bundle, leads []*lead) error {
	for _, l := range leads {
		// Its row was one of somebody's who merged: it is again.
		if raw := c.raw[schemas.LeadID(l.Import, l.Row)]; raw != "" && slices.Contains(b.IDs, raw) && b.home(raw) == b.home(l.Prospect) {
			l.Prospect = raw
		}
	}
	for _, d := range c.partings {
		s := &d.Subject
		var two sides
		for _, l := range leads {
			was := c.was[schemas.LeadID(l.Import, l.Row)]
			switch {
			case was == "":
			case c.under(was, s.New):
				l.Prospect = s.New
				for _, k := range s.Keys {
					b.divide(l, key(k.Go), k.with(l, k.Old, k.Stay)...)
				}
			case c.under(was, s.Survivor):
				if l.Prospect == s.New { // which it has the value and the name of
					l.Prospect = s.Survivor
					e.include(b, s.Survivor)
				}
				for _, k := range s.Keys {
					b.divide(l, key(k.Stay), k.with(l, k.Old, k.Go)...)
				}
			}
			switch {
			case l.Prospect == s.New:
				two.leave = append(two.leave, l)
			case b.home(l.Prospect) == b.home(s.Survivor):
				two.stay = append(two.stay, l)
			}
		}
		if !e.mergedSince(d) {
			b.Apart = append(b.Apart, [2]string{s.Survivor, s.New})
		}
		if len(two.leave) == 0 {
			continue
		}
		e.include(b, s.New)
		if len(two.stay) == 0 {
			continue // its rows lead to nobody any more, or to somebody else
		}
		keys, err := e.part(ctx, b, two, s.Survivor, s.New)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			continue
		}
		s.Keys = append(s.Keys, keys...)
		if err := e.rewrite(ctx, d, false); err != nil {
			return err
		}
		if err := e.share(ctx, keys, d.Import); err != nil {
			return err
		}
	}
	return nil
}

// mergedSince reports whether a merge in force made the two sides of a parting one.
func (e *engine) mergedSince(d decision) bool {
	pair := []string{d.Subject.Survivor, d.Subject.New}
	return slices.ContainsFunc(e.decided, func(m decision) bool {
		return slices.ContainsFunc(m.Subject.Released, func(r released) bool {
			return r.Import == d.Import && slices.Contains(pair, r.Prospect) && slices.Contains(pair, r.Other)
		})
	})
}

// include adds a prospect that was not there to a bundle, with the decisions that speak
// of it.
func (e *engine) include(b *bundle, id string) {
	if !slices.Contains(b.IDs, id) {
		b.IDs = append(b.IDs, id)
		e.decisionsOf(b)
	}
}

// with adds to keys those that a lead has of a value which joined by itself before it was
// divided: together with any name it is the side's.
func (r *rekey) with(l *lead, keys ...hexKey) (out []key) {
	for _, k := range keys {
		out = append(out, key(k))
	}
	if !r.Joins {
		return out
	}
	for _, k := range l.Keys {
		if half(k) == half(key(r.Old)) && k != key(r.Stay) && k != key(r.Go) {
			out = append(out, k)
		}
	}
	return out
}

// divide gives a lead the key of its side in the place of those of was.
func (b *bundle) divide(l *lead, side key, was ...key) {
	at := slices.IndexFunc(l.Keys, func(k key) bool { return k != side && slices.Contains(was, k) })
	if at < 0 {
		return
	}
	if _, there := b.Identities[side]; !there {
		from := b.Identities[l.Keys[at]]
		b.Identities[side] = identityRow{Key: side, Kind: from.Kind, Value: from.Value}
	}
	b.replaceKeys(l, side, was...)
}
