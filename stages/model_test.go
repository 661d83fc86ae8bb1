package stages_test

import (
	stdcmp "cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/history"
)

// forget empties the account but for what costs time to make.
func (b *bench) forget(t testing.TB) {
	t.Helper()
	b.close()
	b.next = 0
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		for _, table := range []string{"aliases", "merges", "identities", "prospects", "leads", "row_outcomes", "issues", "before_images", "seen_leads",
			"shared_values", "apart", "decisions", "draws", "events", "import_columns", "lists", "tags", "field_definitions", "imports"} {
			if _, err := tx.Exec(ctx, "delete from "+table); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
		return nil
	})
}

// story is a random history of one account.
type story struct {
	*bench
	t       *rapid.T
	imports []schemas.ImportID // applied, decisions among them
	told    []string
	// plain leaves out what the model does not know.
	plain bool
	files map[schemas.ImportID]file
}

// file is what one import brought.
type file struct {
	rows []lead
	list string
}

func (s *story) tell(format string, args ...any) {
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

// TestComputingAgainChangesNothing: after any imports, undos and decisions, the
// base is what its leads say. Resolve computes values step by step and in SQL,
// history all at once and in Go: here they agree.
func TestComputingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	enough := few()
	rapid.Check(t, func(rt *rapid.T) {
		if enough() {
			return
		}
		b.forget(t)
		s := &story{bench: b, t: rt}
		for n := range rapid.IntRange(1, 6).Draw(rt, "steps") {
			s.step(t, n)
			if drifts := b.verify(t); len(drifts) > 0 {
				rt.Fatalf("computed again the base is another one: %v\n%s\n%s", drifts, strings.Join(s.told, "\n"), b.shown(t))
			}
			s.whole(t)
		}
	})
}

// few returns a function that reports when a property with a database has been
// tried often enough for everyday: each case is several imports. More cases are
// asked for with -rapid.checks.
func few() func() bool {
	const everyday = 25
	n := 0
	return func() bool {
		n++
		f := flag.Lookup("rapid.checks")
		return f.Value.String() == f.DefValue && n > everyday
	}
}

// step does one random thing.
func (s *story) step(t testing.TB, n int) {
	what := "import"
	if n > 0 {
		what = rapid.SampledFrom([]string{"import", "import", "import", "undo", "undo", "merge", "split", "unmerge"}).Draw(s.t, "what")
		if s.plain && what != "undo" {
			what = "import"
		}
	}
	ids := s.states(t)
	switch {
	case what == "undo" && len(s.imports) > 0:
		id := rapid.SampledFrom(s.imports).Draw(s.t, "undone")
		s.tell("undo %d", id&4095)
		done, preview, err := s.tryUndo(t, id)
		if err != nil {
			s.t.Fatalf("undo: %v\n%s", err, strings.Join(s.told, "\n"))
		}
		if done.Deleted != preview.Deleted || done.Updated != preview.Updated || done.Kept != preview.Kept || done.Restored != preview.Restored {
			s.t.Fatalf("undo %+v, preview %+v\n%s", done, preview, strings.Join(s.told, "\n"))
		}
		delete(s.files, id)
		s.imports = slices.DeleteFunc(s.imports, func(i schemas.ImportID) bool { return i == id })
	case what == "merge" && len(ids) > 1:
		a, o := rapid.SampledFrom(ids).Draw(s.t, "survivor"), rapid.SampledFrom(ids).Draw(s.t, "other")
		s.tell("merge %s %s", short(a.ID), short(o.ID))
		s.do(func(h history.Hooks) pipeline.Stage {
			return history.Merge{Hooks: h, Survivor: a.ID, Others: []string{o.ID}}
		})
	case what == "split" && !s.plain && len(ids) > 0:
		p := rapid.SampledFrom(ids).Draw(s.t, "prospect")
		var leads []string
		for _, l := range p.Leads[1:] {
			if rapid.Bool().Draw(s.t, "leaves") {
				leads = append(leads, s.leadID(l))
			}
		}
		if len(leads) == 0 {
			return
		}
		s.tell("split %s: %v of %v", short(p.ID), leads, p.Leads)
		s.do(func(h history.Hooks) pipeline.Stage { return history.Split{Hooks: h, Prospect: p.ID, Leads: leads} })
	case what == "unmerge" && !s.plain:
		var aliases []string
		for _, p := range ids {
			aliases = append(aliases, p.Aliases...)
		}
		if len(aliases) == 0 {
			return
		}
		alias := rapid.SampledFrom(aliases).Draw(s.t, "alias")
		s.tell("unmerge %s", short(alias))
		s.do(func(h history.Hooks) pipeline.Stage { return history.Unmerge{Hooks: h, Alias: alias} })
	default:
		s.importFile(t, ids)
	}
}

// short is a prospect's id for people who read a failure.
func short(id string) string {
	return strings.TrimLeft(id[13:16], "0") + "/" + strings.TrimLeft(id[16:], "0")
}

// leadID makes the id of a lead of what states shows.
func (s *story) leadID(l string) string {
	var id, row int64
	fmt.Sscanf(l, "%d:%d", &id, &row)
	return schemas.LeadID(schemas.ImportID(int64(first(0))&^4095|id), row)
}

// first is where the import ids of these tests begin.
func first(n schemas.ImportID) schemas.ImportID { return (&bench{}).manual().ImportID - 1 + n }

func (s *story) do(stage func(history.Hooks) pipeline.Stage) {
	run := s.manual()
	err := stage(s.hooks()).Run(context.Background(), run)
	switch pipeline.CodeOf(err) {
	case history.CodeNothingOff:
		s.tell("… refused")
	case "":
		if err != nil {
			s.t.Fatalf("decide: %v\n%s", err, strings.Join(s.told, "\n"))
		}
		s.imports = append(s.imports, run.ImportID)
	default:
		s.t.Fatalf("decide: %v\n%s", err, strings.Join(s.told, "\n"))
	}
}

// importFile imports a random file.
func (s *story) importFile(t testing.TB, ids []state) {
	rt := s.t
	phone := rapid.SampledFrom([]string{"", "+5551900000001", "+5551900000002", "+5551900000003", "+5551900000004"})
	email := rapid.SampledFrom([]string{"", "a@x.br", "b@x.br", "c@x.br"})
	name := rapid.SampledFrom([]string{"", "Ana", "Bia", "Caio"})
	edits := !s.plain && len(ids) > 0 && rapid.IntRange(0, 3).Draw(rt, "edits") == 0
	var rows []lead
	for range rapid.IntRange(1, 5).Draw(rt, "rows") {
		l := lead{Phone: phone.Draw(rt, "phone"), Email: email.Draw(rt, "email"), Name: name.Draw(rt, "name"),
			City: rapid.SampledFrom([]string{"", "Canoas", "Lajeado"}).Draw(rt, "city")}
		if !s.plain {
			l.Extra = rapid.SampledFrom([]string{"", "", `{"cor":"azul"}`, `{"cor":"verde","n":2}`}).Draw(rt, "extra")
			l.Tags = rapid.SampledFrom([]string{"", "", `["quente"]`, `["frio","quente"]`}).Draw(rt, "tags")
			l.Shared = l.Phone == "+5551900000004"
			// An edit may bring somebody else's identity: then it is refused.
			if i := len(rows); edits && i < len(ids) && rapid.Bool().Draw(rt, "by id") {
				l.ID, l.Shared = ids[i].ID, false
				l.Email = rapid.SampledFrom([]string{"", ids[i].Email, l.Email}).Draw(rt, "own email")
				l.Phone = rapid.SampledFrom([]string{"", "", l.Phone, fmt.Sprintf("+55519100%05d", s.next*10+schemas.ImportID(i))}).Draw(rt, "new phone")
			}
		}
		rows = append(rows, l)
	}
	list := rapid.SampledFrom([]string{"", "Um", "Dois"}).Draw(rt, "list")
	id := s.take(t, rows, func(r *pipeline.Run) {
		r.Request.Mapping.List = list
		if s.plain {
			return
		}
		r.Request.Mapping.Options.Survivorship = rapid.SampledFrom([]string{"", "", "incoming_wins", "existing_wins", "fill_only"}).Draw(rt, "survivorship")
		r.Request.Mapping.Options.Blank = rapid.SampledFrom([]string{"", "", "clear"}).Draw(rt, "blank")
		r.Source.Kind = rapid.SampledFrom([]string{"upload", "upload", "omie"}).Draw(rt, "kind")
		s.tell("import %d (%s %s %s list %q)", r.ImportID&4095, r.Source.Kind, r.Request.Mapping.Options.Survivorship, r.Request.Mapping.Options.Blank, list)
	})
	for i, l := range rows {
		who := ""
		if l.ID != "" {
			who = short(l.ID)
		}
		s.tell("  %d: %s|%s|%s|%s|%s|%s|%s", i+1, strings.TrimPrefix(l.Phone, "+55519000"), l.Email, l.Name, l.City, l.Extra, l.Tags, who)
	}
	s.imports = append(s.imports, id)
	if s.files != nil {
		s.files[id] = file{rows, list}
	}
}

// TestBaseAgreesWithModel: whatever was imported and taken back, the base is what
// a union-find and a plain reading of the remaining files say.
func TestBaseAgreesWithModel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = -1
	enough := few()
	rapid.Check(t, func(rt *rapid.T) {
		if enough() {
			return
		}
		b.forget(t)
		s := &story{bench: b, t: rt, plain: true, files: map[schemas.ImportID]file{}}
		for n := range rapid.IntRange(1, 6).Draw(rt, "steps") {
			s.step(t, n)
			var got []string
			for _, p := range b.states(t) {
				got = append(got, fmt.Sprintf("%s|%s|%s|%s|%v|%v", p.Name, p.City, p.Phone, p.Email, p.Identities, p.Lists))
			}
			slices.Sort(got)
			if diff := cmp.Diff(expected(s.files), got, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("base mismatch (-want +got):\n%s\n%s\n%s", diff, strings.Join(s.told, "\n"), b.shown(t))
			}
		}
	})
}

// expected reads files as people would: rows that share a phone or an e-mail are
// one, the first identity and the last of everything else is shown.
func expected(files map[schemas.ImportID]file) (out []string) {
	m := newModel()
	order := slices.Sorted(maps.Keys(files))
	for _, id := range order {
		m.add(files[id].rows)
	}
	people := map[string]*state{}
	fill := func(to *string, text string, replace bool) {
		if text != "" && (replace || *to == "") {
			*to = text
		}
	}
	for _, id := range order {
		for _, l := range files[id].rows {
			identity := stdcmp.Or(l.Phone, l.Email)
			if identity == "" {
				continue
			}
			root := m.find(identity)
			if people[root] == nil {
				people[root] = &state{}
			}
			p := people[root]
			fill(&p.Phone, l.Phone, false)
			fill(&p.Email, l.Email, false)
			fill(&p.Name, l.Name, true)
			fill(&p.City, l.City, true)
			for _, v := range []string{l.Phone, l.Email} {
				if v != "" && !slices.Contains(p.Identities, v) {
					p.Identities = append(p.Identities, v)
				}
			}
			if list := files[id].list; list != "" && !slices.Contains(p.Lists, list) {
				p.Lists = append(p.Lists, list)
			}
		}
	}
	for _, p := range people {
		slices.Sort(p.Identities)
		slices.Sort(p.Lists)
		out = append(out, fmt.Sprintf("%s|%s|%s|%s|%v|%v", p.Name, p.City, p.Phone, p.Email, p.Identities, p.Lists))
	}
	slices.Sort(out)
	return out
}

// whole checks what holds of every base: a lead of an import that counts has one
// live prospect, a live prospect has a lead, an identity has a live owner that
// knows it, an alias is none twice over.
func (s *story) whole(t testing.TB) {
	checks := map[string]string{
		"leads without a prospect": `
select count(*) from leads l join imports n using (account_id, import_id) where n.state = 'applied' and not exists (
  select from prospects p where l.import_id = any(p.lead_imports) and exists (select from unnest(p.lead_imports, p.lead_rows) u (i, r) where u.i = l.import_id and u.r = l.row)
     and not exists (select from aliases a where a.alias_id = p.prospect_id))`,
		"live prospects without a lead that counts": `
select count(*) from prospects p where not exists (select from aliases a where a.alias_id = p.prospect_id)
   and (cardinality(p.lead_imports) = 0 or exists (select from unnest(p.lead_imports) u (i) join imports n on n.import_id = u.i where n.state <> 'applied'))`,
		"identities whose owner does not know them": `
select count(*) from identities i left join aliases a on a.alias_id = i.prospect_id
 where not exists (select from prospects p where p.prospect_id = coalesce(a.survivor_id, i.prospect_id) and i.key = any(p.keys))`,
		"leads with a value that nobody owns": `
select count(*) from leads l join imports n using (account_id, import_id) where n.state = 'applied'
   and exists (select from unnest(l.keys) k (key) where not exists (select from identities i where i.account_id = l.account_id and i.key = k.key))`,
		"aliases of aliases or of nobody": `
select count(*) from aliases a where exists (select from aliases b where b.alias_id = a.survivor_id)
    or not exists (select from prospects p where p.prospect_id = a.survivor_id) or not exists (select from prospects p where p.prospect_id = a.alias_id)`,
		"leads in two live prospects": `
select count(*) from (select u.i, u.r from prospects p, unnest(p.lead_imports, p.lead_rows) u (i, r)
  where not exists (select from aliases a where a.alias_id = p.prospect_id) group by 1, 2 having count(*) > 1) twice`,
		"sightings of leads that are none": `
select count(*) from seen_leads s join imports n using (account_id, import_id) where n.state = 'applied'
   and not exists (select from leads l join imports m using (account_id, import_id) where l.import_id = s.lead_import and l.row = s.lead_row and m.state = 'applied')`,
	}
	s.in(t, func(ctx context.Context, tx pgx.Tx) error {
		for what, query := range checks {
			var n int
			if err := tx.QueryRow(ctx, query).Scan(&n); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			if n > 0 {
				s.t.Fatalf("%d %s\n%s", n, what, strings.Join(s.told, "\n"))
			}
		}
		return nil
	})
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
       array(select coalesce(i.value, '?') || case when i.joins then '' else '*' || right(k::text, 4) end from unnest(l.keys) k left join identities i on i.key = k), case when by_id then ' by id' else '' end)
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
