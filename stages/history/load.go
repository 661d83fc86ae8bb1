package history

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

var (
	//go:embed sql/prospects.sql
	prospectsSQL string
	//go:embed sql/leads.sql
	leadsSQL string
	//go:embed sql/seen.sql
	seenSQL string
	//go:embed sql/identities.sql
	identitiesSQL string
	//go:embed sql/imports.sql
	importsSQL string
	//go:embed sql/apart.sql
	apartSQL string
)

// loader collects the bundles of one chunk.
type loader struct {
	*engine
	bundles []*bundle
	of      map[string]*bundle // raw id → its bundle
	byRef   map[ref]*lead
}

// load reads the bundles of groups of prospects, none of which is an alias.
func (e *engine) load(ctx context.Context, groups [][]string) ([]*bundle, error) {
	l := &loader{engine: e, of: map[string]*bundle{}, byRef: map[ref]*lead{}}
	for _, g := range groups {
		b := &bundle{Alias: map[string]string{}, Prospects: map[string]prospect{}, Identities: map[key]identityRow{}}
		l.bundles = append(l.bundles, b)
		for _, id := range g {
			l.of[id] = b
		}
	}
	for _, step := range []func(context.Context) error{l.members, l.prospects, l.leads, l.seen, l.identities, l.apart, l.draws, l.imports} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	for _, b := range l.bundles {
		slices.Sort(b.IDs)
		for _, one := range b.Leads {
			one.Applied = e.tellers[one.Import].Applied
			for i := range one.Seen {
				one.Seen[i].Applied = e.tellers[one.Seen[i].Import].Applied
			}
		}
		slices.SortFunc(b.Leads, func(x, y *lead) int { return x.compare(y.place) })
		e.decisionsOf(b)
	}
	return l.bundles, nil
}

func (l *loader) ids() []string {
	out := make([]string, 0, len(l.of))
	for id := range l.of {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func (l *loader) members(ctx context.Context) error {
	rows, err := l.tx.Query(ctx, "select survivor_id, prospect_id from history_members where survivor_id = any($1)", l.ids())
	if err != nil {
		return pipeline.DatabaseError("read merged prospects", err)
	}
	var survivor, id string
	_, err = pgx.ForEachRow(rows, []any{&survivor, &id}, func() error {
		b := l.of[survivor]
		l.of[id] = b
		b.IDs = append(b.IDs, id)
		if id != survivor {
			b.Alias[id] = survivor
		}
		return nil
	})
	return pipeline.DatabaseError("read merged prospects", err)
}

// fieldReader reads the columns of the field catalogue at the end of a query.
type fieldReader struct {
	fields []schemas.Field
	texts  []*string
}

func newFieldReader() *fieldReader {
	r := &fieldReader{fields: schemas.ProspectColumns()}
	r.texts = make([]*string, len(r.fields))
	return r
}

// query puts the columns into a query.
func (r *fieldReader) query(sql, alias string) string {
	var b strings.Builder
	for _, f := range r.fields {
		b.WriteString(", " + alias + pgx.Identifier{f.Column}.Sanitize() + "::text")
	}
	return strings.Replace(sql, "/*fields*/", b.String(), 1)
}

func (r *fieldReader) dest(first ...any) []any {
	for i := range r.texts {
		first = append(first, &r.texts[i])
	}
	return first
}

func (r *fieldReader) values() map[string]string {
	out := map[string]string{}
	for i, t := range r.texts {
		if t != nil && *t != "" {
			out[r.fields[i].Name] = *t
		}
	}
	return out
}

// object reads a JSON object and leaves nulls out.
func object(text *string) (map[string]json.RawMessage, error) {
	if text == nil {
		return nil, nil
	}
	var out map[string]json.RawMessage
	if err := json.Unmarshal([]byte(*text), &out); err != nil {
		return nil, &pipeline.Error{Op: "read extra fields", Kind: pipeline.KindPermanent, Err: errors.New("not a JSON object")}
	}
	for name, v := range out {
		if string(v) == "null" {
			delete(out, name)
		}
	}
	return out, nil
}

func (l *loader) prospects(ctx context.Context) error {
	r := newFieldReader()
	rows, err := l.tx.Query(ctx, r.query(prospectsSQL, ""), l.account, l.ids())
	if err != nil {
		return pipeline.DatabaseError("read prospects", err)
	}
	var p prospect
	var extra, ranks *string
	var imports, numbers, hashes []int64
	dest := r.dest(&p.ID, &extra, &ranks, &p.Keys, &imports, &numbers, &hashes, &p.Lists, &p.Tags, &p.Created, &p.Updated, &p.UpdatedBy)
	_, err = pgx.ForEachRow(rows, dest, func() error {
		got := p
		p = prospect{}
		got.Fields = r.values()
		var err error
		if got.Extra, err = object(extra); err != nil {
			return err
		}
		if ranks != nil {
			if err := json.Unmarshal([]byte(*ranks), &got.Ranks); err != nil {
				return err
			}
		}
		for i, id := range imports {
			got.Leads = append(got.Leads, leadEntry{ref{schemas.ImportID(id), numbers[i]}, hashes[i]})
		}
		imports, numbers, hashes = nil, nil, nil
		l.of[got.ID].Prospects[got.ID] = got
		return nil
	})
	return pipeline.DatabaseError("read prospects", err)
}

// leads reads the leads of the prospects that are no aliases: the arrays of those
// hold the leads of everything that merged into them.
func (l *loader) leads(ctx context.Context) error {
	at := map[ref]*bundle{}
	var imports, numbers []int64
	for _, b := range l.bundles {
		for id, p := range b.Prospects {
			if b.Alias[id] != "" {
				continue
			}
			for _, e := range p.Leads {
				if at[e.ref] == nil {
					at[e.ref] = b
					imports, numbers = append(imports, int64(e.Import)), append(numbers, e.Row)
				}
			}
		}
	}
	r := newFieldReader()
	rows, err := l.tx.Query(ctx, r.query(leadsSQL, "l."), l.account, imports, numbers)
	if err != nil {
		return pipeline.DatabaseError("read leads", err)
	}
	var one lead
	var extra *string
	dest := r.dest(&one.Import, &one.Row, &one.SheetRow, &one.Prospect, &one.Statement, &one.Keys, &one.ByID, &one.TagIDs, &extra)
	_, err = pgx.ForEachRow(rows, dest, func() error {
		got := one
		one = lead{}
		got.Fields = r.values()
		var err error
		if got.Extra, err = object(extra); err != nil {
			return err
		}
		b := at[got.ref]
		b.Leads = append(b.Leads, &got)
		l.byRef[got.ref] = &got
		return nil
	})
	if err != nil {
		return pipeline.DatabaseError("read leads", err)
	}
	if len(l.byRef) != len(at) {
		return &pipeline.Error{Op: "read leads", Kind: pipeline.KindPermanent, Code: CodeExpired,
			Err: errors.New("leads of these prospects are no longer kept")}
	}
	return nil
}

func (l *loader) seen(ctx context.Context) error {
	var imports, numbers []int64
	for at := range l.byRef {
		imports, numbers = append(imports, int64(at.Import)), append(numbers, at.Row)
	}
	rows, err := l.tx.Query(ctx, seenSQL, l.account, imports, numbers)
	if err != nil {
		return pipeline.DatabaseError("read sightings", err)
	}
	var of ref
	var s sighting
	_, err = pgx.ForEachRow(rows, []any{&of.Import, &of.Row, &s.Import, &s.Row, &s.Line, &s.SheetRow, &s.ByteOffset, &s.ByteLength}, func() error {
		one := l.byRef[of]
		one.Seen = append(one.Seen, s)
		return nil
	})
	return pipeline.DatabaseError("read sightings", err)
}

func (l *loader) identities(ctx context.Context) error {
	var keys []key
	for _, b := range l.bundles {
		for _, p := range b.Prospects {
			keys = append(keys, p.Keys...)
		}
		for _, one := range b.Leads {
			keys = append(keys, one.Keys...)
		}
	}
	keys = distinct(keys, compareKeys)
	rows, err := l.tx.Query(ctx, identitiesSQL, l.account, keys)
	if err != nil {
		return pipeline.DatabaseError("read identities", err)
	}
	var i identityRow
	_, err = pgx.ForEachRow(rows, []any{&i.Key, &i.Kind, &i.Value, &i.Joins, &i.Prospect, &i.First.Import, &i.First.Row, &i.Names}, func() error {
		// A lead may carry a key of somebody from whom its prospect is kept apart.
		if b := l.of[i.Prospect]; b != nil {
			b.Identities[i.Key] = i
		}
		i.Names = nil
		return nil
	})
	return pipeline.DatabaseError("read identities", err)
}

func (l *loader) apart(ctx context.Context) error {
	rows, err := l.tx.Query(ctx, apartSQL, l.account, l.ids(), l.without)
	if err != nil {
		return pipeline.DatabaseError("read who is apart", err)
	}
	var pair [2]string
	_, err = pgx.ForEachRow(rows, []any{&pair[0], &pair[1]}, func() error {
		if b := l.of[pair[0]]; b == l.of[pair[1]] {
			b.Apart = append(b.Apart, pair)
		}
		return nil
	})
	return pipeline.DatabaseError("read who is apart", err)
}

func (l *loader) draws(ctx context.Context) error {
	rows, err := l.tx.Query(ctx, drawsSQL, l.account, l.ids())
	if err != nil {
		return pipeline.DatabaseError("read draws", err)
	}
	var d draw
	_, err = pgx.ForEachRow(rows, []any{&d.Prospect, &d.Folded, &d.Owner, &d.Import}, func() error {
		b := l.of[d.Prospect]
		b.Draws = append(b.Draws, d)
		return nil
	})
	return pipeline.DatabaseError("read draws", err)
}

// imports reads what the imports say that are not known yet.
func (l *loader) imports(ctx context.Context) error {
	missing := map[schemas.ImportID]bool{}
	want := func(id schemas.ImportID) {
		if l.tellers[id] == nil && id != 0 {
			missing[id] = true
		}
	}
	want(l.without) // for its place
	for _, b := range l.bundles {
		for _, p := range b.Prospects {
			want(p.UpdatedBy)
		}
		for _, one := range b.Leads {
			want(one.Import)
			for _, s := range one.Seen {
				want(s.Import)
			}
		}
		for _, i := range b.Identities {
			want(i.First.Import)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(missing))
	for id := range missing {
		ids = append(ids, int64(id))
	}
	slices.Sort(ids)
	rows, err := l.tx.Query(ctx, importsSQL, l.account, ids)
	if err != nil {
		return pipeline.DatabaseError("read imports", err)
	}
	var (
		id         schemas.ImportID
		applied    int64
		state      schemas.State
		rank       int16
		source     int32
		kind, list string
		request    []byte
		fields     []string
		created    time.Time
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &applied, &state, &rank, &kind, &source, &list, &request, &fields, &created}, func() error {
		var r schemas.Request
		if err := json.Unmarshal(request, &r); err != nil {
			return err
		}
		t := &teller{ID: id, Applied: applied, Counts: id != l.without && (state == schemas.Applied || id == l.by), Created: created,
			Policy: survivorship.NewPolicy(int(rank), kind, source, r.Mapping.Options, fields)}
		t.Policy.Applied = applied
		if r.Mapping.List != "" {
			list = r.Mapping.List
		}
		t.Lists, t.Tags = known(l.lists, list), known(l.tags, r.Mapping.Tags...)
		l.tellers[id] = t
		delete(missing, id)
		return nil
	})
	if err != nil {
		return pipeline.DatabaseError("read imports", err)
	}
	for id := range missing {
		// Not in the history any more: nothing that hangs on it is taken back.
		l.tellers[id] = &teller{ID: id, Counts: id != l.without, Policy: &survivorship.Policy{}}
	}
	return nil
}
