package history

import (
	"context"
	_ "embed"
	"slices"

	"github.com/jackc/pgx/v5"
)

//go:embed sql/touch_all.sql
var touchAllSQL string

// Drift is a prospect that is stored other than its leads say.
type Drift struct {
	ProspectID string
	What       []string // changed fields, "identities", "leads", "created", "deleted", "restored", "merged"
}

// Verify computes every prospect of the account again and returns what differs
// from what is stored, in the order of ids. It writes nothing but temporary
// tables.
func Verify(ctx context.Context, tx pgx.Tx, account int32) ([]Drift, error) {
	e := &engine{tx: tx, account: account, dry: true}
	if err := e.start(ctx); err != nil {
		return nil, err
	}
	err := e.exec(ctx, "find prospects", touchAllSQL, account)
	if err != nil {
		return nil, err
	}
	ids, err := e.members(ctx)
	if err != nil {
		return nil, err
	}
	var out []Drift
	err = e.each(ctx, ids, nil, nil, func(b *bundle, c *change) {
		if !c.empty() {
			out = append(out, drift(b, c))
		}
	})
	return out, err
}

// drift says in which ways a bundle differs.
func drift(b *bundle, c *change) Drift {
	d := Drift{ProspectID: b.IDs[0]}
	for _, id := range b.IDs {
		if b.Alias[id] == "" && len(d.What) == 0 {
			d.ProspectID = id // the first one that changed, else the last
		}
		d.What = append(d.What, c.Changed[id]...)
	}
	for _, kind := range []struct {
		name string
		some bool
	}{
		{"created", len(c.Founded) > 0}, {"deleted", len(c.Gone) > 0}, {"restored", len(c.Restored) > 0}, {"merged", len(c.Alias) > 0},
		{"leads", len(c.Leads) > 0}, {"identities", len(c.IDRows)+len(c.Dropped) > 0}, {"owner", len(c.Owners) > 0},
	} {
		if kind.some && !slices.Contains(d.What, kind.name) {
			d.What = append(d.What, kind.name)
		}
	}
	return d
}
