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

var (
	//go:embed sql/carried.sql
	carriedSQL string
	//go:embed sql/place_of.sql
	placeOfSQL string
)

// carried is a row of an import that another one took the place of: what the same row
// of that one became.
type carried struct {
	Was      string // raw id that the row was written with
	Now      string // and is
	WasLead  string // schemas.LeadID
	NowLead  string
	Replaced bool // it is a lead of the new import
}

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
	c, err := e.readdress(ctx, rows)
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

// carried returns the rows of the old import that decisions in force speak of, of those
// that led to somebody in the new one.
func (e *engine) carried(ctx context.Context, now, old schemas.ImportID) ([]carried, error) {
	var names []string
	for _, d := range e.decided {
		names = append(names, d.Subject.ids()...)
	}
	slices.Sort(names)
	rows, err := e.tx.Query(ctx, carriedSQL, e.account, int64(old), int64(now), slices.Compact(names))
	if err != nil {
		return nil, pipeline.DatabaseError("read rows of decisions", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c carried, err error) {
		var was, is ref
		if err := r.Scan(&c.Was, &was.Import, &was.Row, &c.Now, &is.Import, &is.Row); err != nil {
			return c, err
		}
		c.WasLead, c.NowLead, c.Replaced = schemas.LeadID(was.Import, was.Row), schemas.LeadID(is.Import, is.Row), is.Import == now
		return c, nil
	})
	return out, pipeline.DatabaseError("read rows of decisions", err)
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
	was       map[string]string // lead → raw id that its row was written with before
}

// readdress lets decisions name the prospects and leads that the rows are now.
func (e *engine) readdress(ctx context.Context, rows []carried) (*carrying, error) {
	c := &carrying{decisions: map[int64]bool{}, parent: map[string]string{}, was: map[string]string{}}
	parted := map[string]bool{}
	for _, d := range e.decided {
		parted[d.Subject.New] = true
	}
	there, err := e.writtenWith(ctx, rows)
	if err != nil {
		return nil, err
	}
	renamed, leads := map[string]string{}, map[string]string{}
	moved := map[string]bool{} // raw ids whose rows are somebody else
	for _, r := range rows {
		if r.Was == r.Now && r.WasLead == r.NowLead {
			continue
		}
		moved[r.Was] = true
		c.ids = append(c.ids, r.Now)
		if r.Replaced {
			leads[r.WasLead] = r.NowLead
			c.was[r.NowLead] = r.Was
		}
		if !parted[r.Was] && !there[r.Was] && renamed[r.Was] == "" {
			renamed[r.Was] = r.Now
		}
	}
	named, err := e.renameDecisions(ctx, renamed, nil)
	if err != nil {
		return nil, err
	}
	for i := range e.decided {
		d := &e.decided[i]
		if d.Kind != kindMerge {
			c.parent[d.Subject.New] = d.Subject.Survivor
		}
		if !named[d.ID] && !slices.ContainsFunc(d.Subject.ids(), func(id string) bool { return moved[id] }) {
			continue
		}
		c.decisions[d.ID] = true
		for was, now := range leads {
			if from := d.Subject.From[was]; from != "" {
				delete(d.Subject.From, was)
				d.Subject.From[now] = from
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

// writtenWith returns which of the raw ids that rows were written with are there still.
func (e *engine) writtenWith(ctx context.Context, rows []carried) (map[string]bool, error) {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.Was)
	}
	found, err := e.tx.Query(ctx, "select prospect_id from prospects where account_id = $1 and prospect_id = any($2)", e.account, ids)
	if err != nil {
		return nil, pipeline.DatabaseError("find prospects", err)
	}
	list, err := pgx.CollectRows(found, pgx.RowTo[string])
	out := map[string]bool{}
	for _, id := range list {
		out[id] = true
	}
	return out, pipeline.DatabaseError("find prospects", err)
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
					b.divide(l, key(k.Go), key(k.Old), key(k.Stay))
				}
			case c.under(was, s.Survivor):
				for _, k := range s.Keys {
					b.divide(l, key(k.Stay), key(k.Old))
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
		if !slices.Contains(b.IDs, s.New) {
			b.IDs = append(b.IDs, s.New)
			e.decisionsOf(b) // those that speak of it too
		}
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
