package history

import (
	"cmp"
	"context"
	_ "embed"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/carried.sql
	carriedSQL string
	//go:embed sql/take_out.sql
	takeOutSQL string
	//go:embed sql/taken_seen.sql
	takenSeenSQL string
	//go:embed sql/taken_drop.sql
	takenDropSQL string
	//go:embed sql/taken_leads.sql
	takenLeadsSQL string
)

// carried is a row of an import that another one took the place of: what the same row
// of that one became.
type carried struct {
	Was      string // raw id that the row was written with
	Side     string // the same, or whose side it was on in a parting of what it had merged into
	Now      string // and is
	NowSide  string
	Row      int64  // of the new import
	WasLead  string // schemas.LeadID
	WasOwn   bool   // it was a lead of the old import
	NowLead  string
	Replaced bool // it is a lead of the new import
}

// carried returns the rows of the old import that decisions in force speak of, of those
// that led to somebody in the new one.
func (e *engine) carried(ctx context.Context, now, old schemas.ImportID) ([]carried, error) {
	sides, err := e.sidesOf(ctx)
	if err != nil {
		return nil, err
	}
	names := slices.Collect(maps.Keys(sides))
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
		if err := r.Scan(&c.Row, &c.Was, &was.Import, &was.Row, &c.Now, &is.Import, &is.Row); err != nil {
			return c, err
		}
		c.Side, c.NowSide = cmp.Or(sides[c.Was], c.Was), cmp.Or(sides[c.Now], c.Now)
		c.WasOwn = was.Import == old
		c.WasLead, c.NowLead, c.Replaced = schemas.LeadID(was.Import, was.Row), schemas.LeadID(is.Import, is.Row), is.Import == now
		return c, nil
	})
	return out, pipeline.DatabaseError("read rows of decisions", err)
}

// sidesOf returns of aliases that a parting left on either side whose side it was: pairs
// that it keeps apart name them, or a merge that released these since.
func (e *engine) sidesOf(ctx context.Context) (map[string]string, error) {
	rows, err := e.tx.Query(ctx, "select prospect_id, other_id, import_id from apart where account_id = $1", e.account)
	if err != nil {
		return nil, pipeline.DatabaseError("read who is apart", err)
	}
	pairs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[released])
	if err != nil {
		return nil, pipeline.DatabaseError("read who is apart", err)
	}
	partings := map[schemas.ImportID]subject{}
	for _, d := range e.decided {
		pairs = append(pairs, d.Subject.Released...)
		if d.Kind != kindMerge {
			partings[d.Import] = d.Subject
		}
	}
	out := map[string]string{}
	for _, p := range pairs {
		switch s := partings[p.Import]; {
		case s.New == "" || p.Prospect == s.New || p.Prospect == s.Survivor:
		case p.Other == s.New:
			out[p.Prospect] = s.Survivor
		case p.Other == s.Survivor:
			out[p.Prospect] = s.New
		}
	}
	return out, nil
}

// takeOut makes leads of rows that said again what somebody says from whom they were
// parted.
func (e *engine) takeOut(ctx context.Context, c *carrying, run *pipeline.Run, rows []carried) error {
	torn := func(r carried) bool {
		return !r.Replaced && slices.ContainsFunc(e.decided, func(d decision) bool {
			s := &d.Subject
			was, is := c.under(r.Side, s.New), c.under(r.NowSide, s.New)
			return d.Kind != kindMerge && was != is && c.under(r.Side, s.Survivor) && c.under(r.NowSide, s.Survivor) && !e.mergedSince(d)
		})
	}
	var numbers []int64
	for _, r := range rows {
		if torn(r) {
			numbers = append(numbers, r.Row)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	if err := e.fill(ctx, "history_homes", nil, nil); err != nil {
		return err
	}
	found, err := e.tx.Query(ctx, takeOutSQL, e.account, int64(run.ImportID), numbers)
	if err != nil {
		return pipeline.DatabaseError("find sightings", err)
	}
	leads := map[string]string{} // what was seen → the lead that says it now
	var was, now ref
	_, err = pgx.ForEachRow(found, []any{&was.Import, &was.Row, &now.Import, &now.Row}, func() error {
		leads[schemas.LeadID(was.Import, was.Row)] = schemas.LeadID(now.Import, now.Row)
		return nil
	})
	if err != nil {
		return pipeline.DatabaseError("find sightings", err)
	}
	if err := e.putHomes(ctx); err != nil {
		return err
	}
	for _, step := range []string{takenSeenSQL, takenDropSQL, takenLeadsSQL} {
		if err := e.exec(ctx, "make leads of sightings", step, e.account, int64(run.ImportID), numbers); err != nil {
			return err
		}
	}
	// Counted, as an attempt that failed may have been here before.
	err = e.tx.QueryRow(ctx, "select count(*) from leads where account_id = $1 and import_id = $2", e.account, int64(run.ImportID)).Scan(&run.Facts.Leads)
	if err != nil {
		return pipeline.DatabaseError("count leads", err)
	}
	for i := range rows {
		if r := &rows[i]; torn(*r) {
			r.NowLead, r.Replaced = leads[r.NowLead], true
		}
	}
	return nil
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
