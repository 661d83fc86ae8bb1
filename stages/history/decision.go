package history

import (
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/decisions.sql
	decisionsSQL string
	//go:embed sql/resolve_ids.sql
	resolveIDsSQL string
)

// Kinds of decisions about who is one person.
const (
	kindMerge   = "merge"
	kindSplit   = "split"
	kindUnmerge = "unmerge"
)

// decision is a row of table decisions.
type decision struct {
	ID      int64
	Kind    string
	Import  schemas.ImportID
	Applied int64 // place of the import; the largest number for one in the making
	Subject subject
}

// subject is what a decision speaks of, as it is stored: ids only, and what its
// undo has to put back.
type subject struct {
	Survivor string            `json:"survivor"`          // who stays
	Others   []string          `json:"others,omitempty"`  // merge: prospects that merge into it
	Aliases  []string          `json:"aliases,omitempty"` // merge: what had merged into those
	New      string            `json:"new,omitempty"`     // split: the new prospect; unmerge: the alias that is a prospect again
	From     map[string]string `json:"from,omitempty"`    // lead → prospect it was written with before
	Keys     []rekey           `json:"keys,omitempty"`    // that both sides had
	Revoked  []int64           `json:"revoked,omitempty"`
	Released []released        `json:"released,omitempty"`
	// Beside are further prospects of a split or unmerge: what left had linked them to
	// those that stay.
	Beside []string `json:"beside,omitempty"`
}

// rekey is a key that both sides of a split had, and those that each has since.
type rekey struct {
	Old   hexKey `json:"old"`
	Stay  hexKey `json:"stay"`
	Go    hexKey `json:"go"`
	Kind  int16  `json:"kind"`
	Joins bool   `json:"joins"`
	Owned bool   `json:"owned,omitempty"` // by the prospect that was split, of several that say it
}

// released is a pair that an earlier decision kept apart.
type released struct {
	Prospect string           `json:"prospect"`
	Other    string           `json:"other"`
	Import   schemas.ImportID `json:"import"`
}

// ids returns every prospect that the decision names.
func (s *subject) ids() []string {
	out := slices.Concat([]string{s.Survivor}, s.Others, s.Aliases, s.Beside)
	if s.New != "" {
		out = append(out, s.New)
	}
	for _, id := range s.From {
		out = append(out, id)
	}
	return out
}

// loadDecisions reads the decisions in force.
func (e *engine) loadDecisions(ctx context.Context) (err error) {
	e.decided, err = e.readDecisions(ctx, decisionsSQL, e.account, int64(e.without))
	return err
}

func (e *engine) readDecisions(ctx context.Context, sql string, args ...any) ([]decision, error) {
	rows, err := e.tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, pipeline.DatabaseError("read decisions", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (d decision, err error) {
		var text []byte
		var id *int64
		if err := r.Scan(&d.ID, &d.Kind, &id, &d.Applied, &text); err != nil {
			return d, err
		}
		if id != nil {
			d.Import = schemas.ImportID(*id)
		}
		return d, json.Unmarshal(text, &d.Subject)
	})
	return out, pipeline.DatabaseError("read decisions", err)
}

// decisionsOf gives a bundle the decisions that speak of it.
func (e *engine) decisionsOf(b *bundle) {
	b.Merges, b.Held = nil, nil
	for _, d := range e.decided {
		s := &d.Subject
		switch {
		case d.Kind == kindMerge && slices.ContainsFunc(s.Others, func(id string) bool { return slices.Contains(b.IDs, id) }):
			b.Merges = append(b.Merges, merge{s.Survivor, s.Others, s.Aliases})
		case d.Kind != kindMerge && slices.Contains(b.IDs, s.New):
			b.Held = append(b.Held, held{Prospect: s.New, Before: d.Applied, Named: s.From})
		}
	}
}

// resolve returns the prospects that ids answer to now. Ids that name none are
// missing.
func (e *engine) resolve(ctx context.Context, ids []string) (map[string]string, error) {
	rows, err := e.tx.Query(ctx, resolveIDsSQL, e.account, ids)
	if err != nil {
		return nil, pipeline.DatabaseError("find prospects", err)
	}
	out := map[string]string{}
	var id, prospect string
	_, err = pgx.ForEachRow(rows, []any{&id, &prospect}, func() error {
		out[id] = prospect
		return nil
	})
	return out, pipeline.DatabaseError("find prospects", err)
}

// resolveIDs returns the distinct prospects that ids answer to.
func (e *engine) resolveIDs(ctx context.Context, ids []string) ([]string, error) {
	found, err := e.resolve(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range found {
		out = append(out, id)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// replaceKeys gives a lead one key in place of those of was. Its statement is
// another one then, as the same row is another statement under other keys.
func (b *bundle) replaceKeys(l *lead, by key, was ...key) {
	if !slices.ContainsFunc(l.Keys, func(k key) bool { return slices.Contains(was, k) }) {
		return
	}
	keys := slices.DeleteFunc(slices.Clone(l.Keys), func(k key) bool { return slices.Contains(was, k) || k == by })
	keys = distinct(append(keys, by), compareKeys)
	l.Statement ^= b.salt(l.Keys) ^ b.salt(keys)
	l.Keys = keys
}

// salt is what keys add to a statement: the second half of each that does not
// join by itself.
func (b *bundle) salt(keys []key) (salt int64) {
	for _, k := range keys {
		if !b.Identities[k].Joins {
			salt ^= int64(binary.BigEndian.Uint64(k[8:]))
		}
	}
	return salt
}
