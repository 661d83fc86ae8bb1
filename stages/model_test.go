package stages_test

import (
	stdcmp "cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

// TestComputingAgainChangesNothing: after any imports, two at once, undos, redos
// and decisions the base is what its leads say. Resolve computes step by step and
// in SQL, history all at once and in Go: here they agree.
func TestComputingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	histories(t, false)
}

// TestBaseAgreesWithModel: whatever was imported and taken back, the base is what
// a plain reading of the remaining files says: the same people, ids and values.
func TestBaseAgreesWithModel(t *testing.T) {
	t.Parallel()
	histories(t, true)
}

// model is a world read as people would read its files: rows that share a phone
// or an e-mail are one person, who has the first phone and e-mail and the last of
// everything else.
type model struct{ said []*saying }

// saying is one row.
type saying struct {
	id   schemas.ImportID
	row  int64
	what lead
	list string
	raw  string // the prospect that it was written with
}

func (m *model) hear(id schemas.ImportID, row int64, l lead, list string) {
	if l.Phone+l.Email != "" {
		m.said = append(m.said, &saying{id, row, l, list, ""})
	}
}

func (m *model) forget(id schemas.ImportID) {
	m.said = slices.DeleteFunc(m.said, func(s *saying) bool { return s.id == id })
}

// groups are the people, each by their rows, in order.
func (m *model) groups() [][]*saying {
	parent := map[string]string{}
	var find func(v string) string
	find = func(v string) string {
		if parent[v] == "" || parent[v] == v {
			parent[v] = v
			return v
		}
		return find(parent[v])
	}
	for _, s := range m.said {
		if s.what.Phone != "" && s.what.Email != "" {
			parent[find(s.what.Phone)] = find(s.what.Email)
		}
	}
	by := map[string][]*saying{}
	for _, s := range m.said {
		root := find(stdcmp.Or(s.what.Phone, s.what.Email))
		by[root] = append(by[root], s)
	}
	var out [][]*saying
	for _, g := range by {
		slices.SortFunc(g, func(a, b *saying) int { return stdcmp.Or(stdcmp.Compare(a.id, b.id), stdcmp.Compare(a.row, b.row)) })
		out = append(out, g)
	}
	return out
}

// settle gives every row the id of its person. An id belongs to the row that
// founded it, or else the first one written with it; of several ids the oldest
// stays; who has none founds one.
func (m *model) settle() {
	groups := m.groups()
	holder := map[string]*saying{}
	for _, g := range groups {
		for _, s := range g {
			if h := holder[s.raw]; s.raw != "" && (schemas.ProspectID(s.id, s.row) == s.raw || h == nil ||
				schemas.ProspectID(h.id, h.row) != s.raw && (s.id < h.id || s.id == h.id && s.row < h.row)) {
				holder[s.raw] = s
			}
		}
	}
	for _, g := range groups {
		var ids []string
		for id, h := range holder {
			if slices.Contains(g, h) {
				ids = append(ids, id)
			}
		}
		if len(ids) == 0 {
			for _, s := range g {
				if id := schemas.ProspectID(s.id, s.row); holder[id] == nil {
					ids = append(ids, id)
					break
				}
			}
		}
		first := map[lead]string{} // the same said again is written with the first
		for _, s := range g {
			switch {
			case slices.Contains(ids, s.raw):
			case first[s.what] != "":
				s.raw = first[s.what]
			default:
				s.raw = slices.Min(ids)
			}
			if first[s.what] == "" {
				first[s.what] = s.raw
			}
		}
	}
}

// shown is the people in the order of their ids.
func (m *model) shown() []string {
	people := map[string]string{}
	for _, g := range m.groups() {
		var p state
		fill := func(to *string, text string, replace bool) {
			if text != "" && (replace || *to == "") {
				*to = text
			}
		}
		add := func(to *[]string, text string) {
			if text != "" && !slices.Contains(*to, text) {
				*to = append(*to, text)
				slices.Sort(*to)
			}
		}
		for _, s := range g {
			if p.ID == "" || s.raw < p.ID {
				p.ID = s.raw
			}
			fill(&p.Phone, s.what.Phone, false)
			fill(&p.Email, s.what.Email, false)
			fill(&p.Name, s.what.Name, true)
			fill(&p.City, s.what.City, true)
			add(&p.Identities, s.what.Phone)
			add(&p.Identities, s.what.Email)
			add(&p.Lists, s.list)
		}
		people[p.ID] = fmt.Sprintf("%s %s|%s|%s|%s|%v|%v", short(p.ID), p.Name, p.City, p.Phone, p.Email, p.Identities, p.Lists)
	}
	var ids, out []string
	for id := range people {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		out = append(out, people[id])
	}
	return out
}

// forget empties the account but for what costs time to make.
func (b *bench) forget(t testing.TB) {
	t.Helper()
	b.close()
	b.next = 0
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		for _, table := range []string{"aliases", "merges", "identities", "prospects", "leads", "row_outcomes", "issues", "before_images", "seen_leads",
			"shared_values", "apart", "decisions", "draws", "events", "import_columns", "issue_counts", "lists", "tags", "field_definitions", "forgotten_rows", "suppressions", "distributions", "imports"} {
			if _, err := tx.Exec(ctx, "delete from "+table); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
		return nil
	})
}

// laws hold of every base; each query returns the ids of prospects that break one.
var laws = []struct{ broken, query string }{
	{"a lead that counts has no live prospect", `
select l.prospect_id from leads l join imports n using (account_id, import_id) where n.state = 'applied' and not exists (
  select from live p, unnest(p.lead_imports, p.lead_rows) u (i, r) where u.i = l.import_id and u.r = l.row)`},
	{"a live prospect has no lead, or one that does not count", `
select p.prospect_id from live p where cardinality(p.lead_imports) = 0 or exists (
  select from unnest(p.lead_imports) u (i) join imports n on n.import_id = u.i where n.state <> 'applied')`},
	{"an identity's owner does not know it", `
select i.prospect_id from identities i left join aliases a on a.alias_id = i.prospect_id
 where not exists (select from prospects p where p.prospect_id = coalesce(a.survivor_id, i.prospect_id) and i.key = any(p.keys))`},
	{"a lead has a value that nobody owns", `
select l.prospect_id from leads l join imports n using (account_id, import_id) where n.state = 'applied'
   and exists (select from unnest(l.keys) k (key) where not exists (select from identities i where i.account_id = l.account_id and i.key = k.key))`},
	{"an alias answers to an alias or to nobody", `
select a.alias_id from aliases a where exists (select from aliases b where b.alias_id = a.survivor_id)
    or not exists (select from prospects p where p.prospect_id = a.survivor_id) or not exists (select from prospects p where p.prospect_id = a.alias_id)`},
	{"a lead is in two live prospects", `
select min(p.prospect_id) from live p, unnest(p.lead_imports, p.lead_rows) u (i, r) group by u.i, u.r having count(*) > 1`},
	{"two live prospects share a value that joins, and nobody keeps them apart", `
, said as materialized (
  select distinct coalesce(a.survivor_id, l.prospect_id) as id, k.key
    from leads l join imports n on n.import_id = l.import_id and n.state = 'applied' left join aliases a on a.alias_id = l.prospect_id, unnest(l.keys) k (key)
), kept as materialized (
  select coalesce(a.survivor_id, x.prospect_id) as id from apart x left join aliases a on a.alias_id = x.prospect_id)
select min(s.id) from said s join identities i on i.key = s.key and i.joins
 where s.id not in (select id from kept)
 group by s.key having count(*) > 1`},
	{"who is kept apart is one", `
, home as (select p.prospect_id as id, coalesce(a.survivor_id, p.prospect_id) as lives from prospects p left join aliases a on a.alias_id = p.prospect_id)
select x.prospect_id from apart x join home a on a.id = x.prospect_id join home b on b.id = x.other_id where a.lives = b.lives`},
	{"who was merged is two, and nobody keeps them apart", `
, home as (select p.prospect_id as id, coalesce(a.survivor_id, p.prospect_id) as lives from prospects p left join aliases a on a.alias_id = p.prospect_id),
  kept as (select a.lives as one, b.lives as other from apart x join home a on a.id = x.prospect_id join home b on b.id = x.other_id)
select a.id from decisions d join imports n on n.import_id = d.import_id and n.state = 'applied'
  cross join jsonb_array_elements_text(d.subject -> 'others') o (id) join home a on a.id = d.subject ->> 'survivor' join home b on b.id = o.id
 where d.kind = 'merge' and d.revoked_at is null and a.lives <> b.lives and not exists (select from kept k where k.one = a.lives and k.other = b.lives)`},
	{"a sighting is of a lead that does not count", `
select '' from seen_leads s join imports n using (account_id, import_id) where n.state = 'applied'
   and not exists (select from leads l join imports m using (account_id, import_id) where l.import_id = s.lead_import and l.row = s.lead_row and m.state = 'applied')`},
	{"an owner is still to be drawn", `
select prospect_id from prospects where starts_with(owner, 'distribution:')`},
	{"who drew an owner is not there", `
select d.prospect_id from draws d where not exists (select from prospects p where p.prospect_id = d.prospect_id)`},
	{"the import that drew does not count", `
select d.prospect_id from draws d join imports n on n.import_id = d.import_id where n.state <> 'applied'`},
}

// broken returns a law that does not hold, and a prospect that breaks it.
func (b *bench) broken(t testing.TB) (id, what string) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		for _, law := range laws {
			const live = "with live as materialized (select * from prospects p where not exists (select from aliases a where a.alias_id = p.prospect_id)) "
			rows, err := tx.Query(ctx, live+law.query)
			if err != nil {
				return fmt.Errorf("%s: %w", law.broken, err)
			}
			ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return fmt.Errorf("%s: %w", law.broken, err)
			}
			if len(ids) > 0 {
				id, what = ids[0], law.broken
				return nil
			}
		}
		return nil
	})
	return id, what
}

// shown is the base in few words, for people who read a failure.
func (b *bench) shown(t testing.TB) string {
	var out strings.Builder
	for _, p := range b.states(t) {
		fmt.Fprintf(&out, "%s %s|%s|%s|%s %v leads %v aliases", short(p.ID), p.Name, p.City, p.Phone, p.Email, p.Identities, p.Leads)
		for _, a := range p.Aliases {
			out.WriteString(" " + short(a))
		}
		out.WriteByte('\n')
	}
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
select format('lead %s:%s written %s %s%s', import_id & 4095, row, right(prospect_id, 11),
       array(select coalesce(i.value, '?') || case when i.joins then '' else '*' || right(k::text, 4) end || ' of ' || right(i.prospect_id, 11) from unnest(l.keys) k left join identities i on i.key = k), case when by_id then ' by id' else '' end)
  from leads l order by import_id, row`)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		out.WriteString(strings.Join(lines, "\n"))
		return err
	})
	return out.String()
}
