package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

//go:embed sql/read_prospects.sql
var readProspectsSQL string

//go:embed sql/read_survivor.sql
var readSurvivorSQL string

//go:embed sql/read_prospects_by_key.sql
var readProspectsByKeySQL string

// Prospect is one prospect as it stands.
type Prospect struct {
	ID         string
	Fields     map[string]string // by name of the field; blank ones are absent
	Extra      map[string]string
	Identities []Identity
	Lists      []string
	Tags       []string
	Leads      int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Identity is one identity of a prospect.
type Identity struct {
	Kind  identity.Kind `json:"kind"`
	Value string        `json:"value"`
	// GoneAt and InactiveAt are since when the record that has this external id is
	// gone or inactive at its source, nil when it is neither: see MarkRecords.
	GoneAt     *time.Time `json:"-"`
	InactiveAt *time.Time `json:"-"`
}

// ProspectFilter picks prospects; zero means any.
type ProspectFilter struct {
	ID     string
	List   string
	Tag    string
	Source string // value of the field source
	Import schemas.ImportID
	Since  time.Time         // changed since
	Where  map[string]string // field or extra.<name> to its value
	// Brief leaves Identities out: looking them up is most of the work of a long
	// list.
	Brief bool
}

// ReadProspects streams prospects of an account, oldest first, merged ones left
// out. An unknown field in Where is an error.
func (db *DB) ReadProspects(ctx context.Context, account int32, f ProspectFilter) iter.Seq2[Prospect, error] {
	fields := schemas.ProspectColumns()
	names := make([]string, len(fields))
	for i, c := range fields {
		names[i] = "p." + c.Column + "::text"
	}
	var since *time.Time
	if !f.Since.IsZero() {
		since = &f.Since
	}
	var touched *schemas.ImportID
	if f.Import != 0 {
		touched = &f.Import
	}
	args := []any{account, given(f.ID), given(schemas.FoldLabel(f.List)), given(schemas.FoldLabel(f.Tag)), given(f.Source), touched, since}
	where, values, err := conditions(f.Where, len(args))
	if err != nil {
		return func(yield func(Prospect, error) bool) { yield(Prospect{}, err) }
	}
	identities := "true"
	if f.Brief {
		identities = "false"
	}
	sql := strings.NewReplacer("/*identities*/", identities, "/*fields*/", strings.Join(names, ", "), "/*where*/", where).Replace(withoutHeader(readProspectsSQL))
	return stream(ctx, db, account, sql, func(row pgx.CollectableRow) (Prospect, error) {
		return scanProspect(row, fields)
	}, append(args, values...)...)
}

// withoutHeader drops the comment lines a file begins with: they name the
// places that are replaced.
func withoutHeader(sql string) string {
	for strings.HasPrefix(sql, "--") {
		_, sql, _ = strings.Cut(sql, "\n")
	}
	return sql
}

// conditions writes Where as SQL; names come from the catalogue or are bound.
func conditions(where map[string]string, bound int) (sql string, args []any, err error) {
	names := make([]string, 0, len(where))
	for name := range where {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		if extra, ok := schemas.IsExtra(name); ok {
			args = append(args, extra, where[name])
			fmt.Fprintf(&b, " and p.extra ->> $%d::text = $%d::text", bound+len(args)-1, bound+len(args))
			continue
		}
		f, ok := schemas.FieldByName(name)
		if !ok || f.Column == "" {
			return "", nil, fmt.Errorf("prospects have no field %q", name)
		}
		args = append(args, where[name])
		fmt.Fprintf(&b, " and p.%s::text = $%d::text", f.Column, bound+len(args))
	}
	return b.String(), args, nil
}

func scanProspect(row pgx.CollectableRow, fields []schemas.Field) (Prospect, error) {
	var p Prospect
	var extra *string
	var identities string
	values := make([]*string, len(fields))
	dest := []any{&p.ID, &extra, &p.CreatedAt, &p.UpdatedAt, &p.Leads, &p.Lists, &p.Tags, &identities}
	for i := range values {
		dest = append(dest, &values[i])
	}
	if err := row.Scan(dest...); err != nil {
		return p, err
	}
	p.Fields = make(map[string]string, len(fields))
	for i, f := range fields {
		if values[i] != nil {
			p.Fields[f.Name] = *values[i]
		}
	}
	var err error
	if p.Extra, err = readExtra(extra); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(identities), &p.Identities); err != nil {
		return p, fmt.Errorf("identities of prospect %s: not valid JSON", p.ID)
	}
	return p, nil
}

// readExtra reads extra fields, whose values are text whatever their JSON type.
func readExtra(text *string) (map[string]string, error) {
	if text == nil {
		return nil, nil
	}
	var raw map[string]any
	if err := json.Unmarshal([]byte(*text), &raw); err != nil {
		return nil, fmt.Errorf("extra fields: not valid JSON")
	}
	out := make(map[string]string, len(raw))
	for name, v := range raw {
		out[name] = fmt.Sprint(v)
	}
	return out, nil
}

// FindProspects returns the ids of the prospects that answer for a prospect id,
// whether it was merged into another one or not, or that carry an identity: one
// for a joining value, up to 1,000 for a shared one.
func (db *DB) FindProspects(ctx context.Context, account int32, id string, values ...identity.Value) ([]string, error) {
	var out []string
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		out = nil
		if id != "" {
			var survivor string
			if err := tx.QueryRow(ctx, readSurvivorSQL, account, id).Scan(&survivor); err != nil {
				return fmt.Errorf("find prospect: %w", err)
			}
			out = append(out, survivor)
		}
		for _, v := range values {
			// All that is stored under one value, whatever the names, has the same first half.
			lo := identity.Key(v.Kind, v.Canonical)
			hi := lo
			for i := 8; i < len(hi); i++ {
				lo[i], hi[i] = 0, 0xff
			}
			rows, err := tx.Query(ctx, readProspectsByKeySQL, account, lo, hi)
			if err != nil {
				return fmt.Errorf("find prospect: %w", err)
			}
			ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return fmt.Errorf("find prospect: %w", err)
			}
			out = append(out, ids...)
		}
		slices.Sort(out)
		out = slices.Compact(out)
		return nil
	})
	return out, err
}
