package history

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/merged_into.sql
	mergedIntoSQL string
	//go:embed sql/release.sql
	releaseSQL string
	//go:embed sql/remember.sql
	rememberSQL string
	//go:embed sql/keep_apart.sql
	keepApartSQL string
)

// Codes of refusals.
const (
	CodeNoProspect = "PROSPECT_NOT_FOUND"
	CodeNoLead     = "LEAD_NOT_FOUND"
	CodeNotMerged  = "PROSPECT_NOT_MERGED"
	CodeNothingOff = "SPLIT_LEAVES_NOTHING"
)

func refuse(op, code, why, hint string) error {
	return &pipeline.Error{Op: op, Kind: pipeline.KindPermanent, Code: code, Err: errors.New(why), Hint: hint}
}

// Merge says that prospects are one. The survivor is the one that was named, not
// the oldest, also after later merges of what is decided here.
type Merge struct {
	Hooks
	Survivor string
	Others   []string
}

// Name implements pipeline.Stage.
func (Merge) Name() string { return schemas.StageApply }

// Run implements pipeline.Stage. It writes nothing when they are one already.
func (m Merge) Run(ctx context.Context, run *pipeline.Run) error {
	return m.run(ctx, run, func(tx pgx.Tx) (Summary, error) {
		e, err := decide(ctx, tx, run)
		if err != nil {
			return Summary{}, err
		}
		return e.merge(ctx, run, m.Survivor, m.Others)
	})
}

// decide returns the engine of a decision.
func decide(ctx context.Context, tx pgx.Tx, run *pipeline.Run) (*engine, error) {
	if _, err := tx.Exec(ctx, "select ensure_history($1)", int64(run.ImportID)); err != nil {
		return nil, pipeline.DatabaseError("make history partitions", err)
	}
	e := &engine{tx: tx, account: run.Account.ID, by: run.ImportID, reason: "decision"}
	return e, e.start(ctx)
}

func (e *engine) merge(ctx context.Context, run *pipeline.Run, survivor string, others []string) (s Summary, err error) {
	found, err := e.resolve(ctx, append([]string{survivor}, others...))
	if err != nil {
		return s, err
	}
	for _, id := range append([]string{survivor}, others...) {
		if found[id] == "" {
			return s, refuse("merge prospects", CodeNoProspect, "no prospect has the id "+id, "Look for its id with “bateia prospect”.")
		}
	}
	sub := subject{Survivor: found[survivor]}
	together := []string{sub.Survivor}
	for _, id := range others {
		if !slices.Contains(together, found[id]) {
			together = append(together, found[id])
		}
	}
	if len(together) == 1 {
		return s, nil
	}
	if err := e.touch(ctx, together); err != nil {
		return s, err
	}
	ids, err := e.members(ctx)
	if err != nil {
		return s, err
	}
	sub.Others = together[1:]
	if err := e.aliases(ctx, &sub); err != nil {
		return s, err
	}
	if err := e.release(ctx, &sub, together); err != nil {
		return s, err
	}
	if len(sub.Released) > 0 {
		var kept []schemas.ImportID
		for _, r := range sub.Released {
			kept = append(kept, r.Import)
		}
		between, err := e.touchBetween(ctx, kept...)
		if err != nil {
			return s, err
		}
		together = append(together, between...)
		if ids, err = e.members(ctx); err != nil {
			return s, err
		}
	}
	id, err := e.remember(ctx, run.ImportID, kindMerge, sub)
	if err != nil {
		return s, err
	}
	e.decided = append(e.decided, decision{id, kindMerge, run.ImportID, math.MaxInt64, sub})
	if err := e.each(ctx, ids, together, nil, see(&s)); err != nil {
		return s, err
	}
	return s, e.raise(ctx)
}

// aliases fills in what had merged into the others.
func (e *engine) aliases(ctx context.Context, sub *subject) error {
	rows, err := e.tx.Query(ctx, "select prospect_id from history_members where survivor_id <> $1 and survivor_id <> prospect_id order by 1", sub.Survivor)
	if err != nil {
		return pipeline.DatabaseError("read merged prospects", err)
	}
	sub.Aliases, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return pipeline.DatabaseError("read merged prospects", err)
}

// release ends what kept prospects apart that are to be one, and notes it.
func (e *engine) release(ctx context.Context, sub *subject, together []string) error {
	rows, err := e.tx.Query(ctx, releaseSQL, e.account, together)
	if err != nil {
		return pipeline.DatabaseError("release who is apart", err)
	}
	sub.Released, err = pgx.CollectRows(rows, pgx.RowToStructByPos[released])
	return pipeline.DatabaseError("release who is apart", err)
}

// remember writes a decision and returns its id.
func (e *engine) remember(ctx context.Context, by schemas.ImportID, kind string, sub subject) (id int64, err error) {
	text, err := json.Marshal(sub)
	if err != nil {
		return 0, fmt.Errorf("write decision: %w", err)
	}
	err = e.tx.QueryRow(ctx, rememberSQL, e.account, kind, text, int64(by)).Scan(&id)
	return id, pipeline.DatabaseError("write decision", err)
}

// raise says that the base is another one. Turns that ended by what was decided come
// back.
func (e *engine) raise(ctx context.Context) error {
	if err := e.giveTurnsBack(ctx); err != nil {
		return err
	}
	return e.exec(ctx, "raise base version", "update accounts set base_version = base_version + 1 where account_id = $1", e.account)
}

// Split says that leads of a prospect are somebody else. They get a prospect of
// their own; nothing joins the two again.
type Split struct {
	Hooks
	Prospect string
	Leads    []string // schemas.LeadID of leads or of rows that said the same
}

// Name implements pipeline.Stage.
func (Split) Name() string { return schemas.StageApply }

// Run implements pipeline.Stage.
func (s Split) Run(ctx context.Context, run *pipeline.Run) error {
	return s.run(ctx, run, func(tx pgx.Tx) (Summary, error) {
		e, err := decide(ctx, tx, run)
		if err != nil {
			return Summary{}, err
		}
		p := &parting{engine: e, run: run, kind: kindSplit, leave: schemas.ProspectID(run.ImportID, 1)}
		return p.do(ctx, s.Prospect, func(_ *bundle, leads []*lead) (func(*lead) bool, error) {
			return pick(leads, s.Leads)
		})
	})
}

// pick returns which leads are those of the ids.
func pick(leads []*lead, ids []string) (func(*lead) bool, error) {
	at := map[string]*lead{}
	for _, l := range leads {
		at[schemas.LeadID(l.Import, l.Row)] = l
		for _, s := range l.Seen {
			at[schemas.LeadID(s.Import, s.Row)] = l
		}
	}
	named := map[*lead]bool{}
	for _, id := range ids {
		if at[id] == nil {
			return nil, refuse("split prospect", CodeNoLead, "the prospect has no lead "+id, "“bateia prospect” lists the leads of a prospect.")
		}
		named[at[id]] = true
	}
	return func(l *lead) bool { return named[l] }, nil
}

// Unmerge says that a prospect that merged into another one is somebody else. It
// gets the leads back that were written with its id, and those that only carry
// its identities.
type Unmerge struct {
	Hooks
	Alias string
}

// Name implements pipeline.Stage.
func (Unmerge) Name() string { return schemas.StageApply }

// Run implements pipeline.Stage.
func (u Unmerge) Run(ctx context.Context, run *pipeline.Run) error {
	return u.run(ctx, run, func(tx pgx.Tx) (Summary, error) {
		e, err := decide(ctx, tx, run)
		if err != nil {
			return Summary{}, err
		}
		found, err := e.resolve(ctx, []string{u.Alias})
		switch {
		case err != nil:
			return Summary{}, err
		case found[u.Alias] == "":
			return Summary{}, refuse("unmerge prospect", CodeNoProspect, "no prospect has the id "+u.Alias, "Look for its id with “bateia prospect”.")
		case found[u.Alias] == u.Alias:
			return Summary{}, refuse("unmerge prospect", CodeNotMerged, u.Alias+" did not merge into another prospect", "Name the id that answers as an alias; “bateia split” takes single leads away.")
		}
		group, err := e.mergedInto(ctx, u.Alias)
		if err != nil {
			return Summary{}, err
		}
		p := &parting{engine: e, run: run, kind: kindUnmerge, leave: u.Alias, group: group}
		return p.do(ctx, u.Alias, func(_ *bundle, leads []*lead) (func(*lead) bool, error) {
			return belonging(leads, group), nil
		})
	})
}

// mergedInto returns an alias and everything that had merged into it before it
// merged itself.
func (e *engine) mergedInto(ctx context.Context, alias string) ([]string, error) {
	rows, err := e.tx.Query(ctx, mergedIntoSQL, e.account, alias)
	if err != nil {
		return nil, pipeline.DatabaseError("read merges", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, pipeline.DatabaseError("read merges", err)
}

// belonging returns which leads were written with the ids, or carry nothing but
// identities of those that were.
func belonging(leads []*lead, ids []string) func(*lead) bool {
	theirs := map[key]bool{}
	for _, l := range leads {
		if slices.Contains(ids, l.Prospect) {
			for _, k := range l.Keys {
				theirs[k] = true
			}
		}
	}
	return func(l *lead) bool {
		if slices.Contains(ids, l.Prospect) {
			return true
		}
		return len(l.Keys) > 0 && !l.ByID && !slices.ContainsFunc(l.Keys, func(k key) bool { return !theirs[k] })
	}
}
