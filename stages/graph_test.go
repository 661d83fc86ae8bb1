package stages_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/stages"
)

// lead is one row as validate would write it.
type lead struct {
	Phone string // canonical; joins unless Shared
	Email string
	Name  string
	City  string
	// Shared makes the phone a shared identity.
	Shared   bool
	ID       string // bateia_id
	Extra    string // JSON object with sorted keys
	Tags     string // JSON array
	CPF      string // or CNPJ, or any other canonical document
	External string // system:id
	Owner    string
	// Export says that the row is of an export, which gave out the city Gave.
	Export bool
	Gave   string
}

// bench is one database and what the tests do with it.
type bench struct {
	db      *postgres.DB
	next    schemas.ImportID
	names   int // Settings.MaxNames
	threads int // of DuckDB, 0 for its default
	open    []*duck.Workset
	keys    string // BATEIA_SECRET_KEY, "" for one that all tests have
	// within is the transaction that everything happens in, if not each in its own.
	within pgx.Tx
	// before is called before the stage of that name runs.
	before map[string]func()
}

func (b *bench) deps() stages.Deps {
	return stages.Deps{InAccount: b.inAccount, Fingerprints: b.fingerprints}
}

// inAccount runs fn in a transaction that sees the account.
func (b *bench) inAccount(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error {
	if b.within != nil {
		return fn(b.within)
	}
	return b.db.InAccount(ctx, account, fn)
}

// base is the id below those of the imports.
func (b *bench) base() schemas.ImportID {
	return schemas.ImportID(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).UnixMilli() << 12)
}

// plan makes the plan of the leads as one import.
func (b *bench) plan(t testing.TB, leads []lead, adjust ...func(*pipeline.Run)) *pipeline.Run {
	t.Helper()
	run, err := b.tryPlan(t, leads, adjust...)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func (b *bench) tryPlan(t testing.TB, leads []lead, adjust ...func(*pipeline.Run)) (*pipeline.Run, error) {
	t.Helper()
	ctx := context.Background()
	dir, err := tempDir(t)
	if err != nil {
		t.Fatal(err)
	}
	w, err := duck.Open(ctx, dir, duck.Options{Threads: b.threads})
	if err != nil {
		t.Fatal(err)
	}
	b.open = append(b.open, w)
	b.next++
	run := &pipeline.Run{
		ImportID: b.base() + b.next,
		Account:  schemas.Account{ID: 1, Slug: "default", Country: "BR", Settings: schemas.Settings{MaxNames: b.names}},
		Dir:      dir, Workset: w, Log: slog.New(slog.DiscardHandler),
		Now: time.Date(2026, 3, 1, 12, int(b.next), 0, 0, time.UTC),
	}
	run.Facts.Records = int64(len(leads))
	run.Facts.Fields = []string{"phone", "email", "name", "city", "tags", "document", "owner"}
	run.Facts.Columns = []schemas.Column{{Name: "cidade", Field: "city"}} // the only one that exports give out here
	for _, a := range adjust {
		a(run)
	}
	if err := feed(ctx, run, leads); err != nil {
		t.Fatal(err)
	}
	for _, s := range stages.CSV(b.deps())[3:] { // those behind validate
		if before := b.before[s.Name()]; before != nil {
			before()
		}
		if err := s.Run(ctx, run); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name(), err)
		}
	}
	return run, nil
}

// apply writes a plan.
func (b *bench) apply(t testing.TB, run *pipeline.Run) {
	t.Helper()
	if err := b.tryApply(run); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) tryApply(run *pipeline.Run) error {
	nothing := func(context.Context, pgx.Tx, *pipeline.Run) error { return nil }
	return stages.Apply(b.deps(), stages.Hooks{Fence: nothing, Finish: register})[0].Run(context.Background(), run)
}

func (b *bench) load(t testing.TB, leads ...lead) *pipeline.Run {
	t.Helper()
	run := b.plan(t, leads)
	b.apply(t, run)
	return run
}

// feed writes the tables that validate would write.
func feed(ctx context.Context, run *pipeline.Run, leads []lead) error {
	rows := array.NewRecordBuilder(memory.DefaultAllocator, schemas.Rows(run.Facts.Fields))
	ids := array.NewRecordBuilder(memory.DefaultAllocator, schemas.Identities)
	issues := array.NewRecordBuilder(memory.DefaultAllocator, schemas.Issues)
	defer rows.Release()
	defer ids.Release()
	defer issues.Release()
	edited := `create or replace table edited (row bigint, salt varchar, f_city bigint);`
	for i, l := range leads {
		row := int64(i + 1)
		if l.Export {
			given := "null"
			if l.Gave != "" {
				given = fmt.Sprint(schemas.GivenHash("salt", l.Gave))
			}
			edited += fmt.Sprintf("insert into edited values (%d, 'salt', %s);", row, given)
		}
		l.Export, l.Gave = false, ""
		statement := int64(binary.BigEndian.Uint64([]byte(fmt.Sprintf("%-8s", fmt.Sprintf("%x", fnv(fmt.Sprint(l))))[:8])))
		for c, v := range []int64{row, row + 1, row + 1, row * 100, 99} {
			rows.Field(c).(*array.Int64Builder).Append(v)
		}
		rows.Field(5).AppendNull()
		status, reason := "", ""
		if l.Phone == "" && l.Email == "" && l.CPF == "" && l.ID == "" && l.External == "" {
			status, reason = string(schemas.OutcomeRejected), "IDENTIFIER_MISSING"
		}
		rows.Field(6).(*array.StringBuilder).Append(status)
		for c, v := range map[int]string{7: reason, 9: l.ID, 11: l.Extra, 12: l.Phone, 13: l.Email, 14: l.Name, 15: l.City, 16: l.Tags, 17: l.CPF, 18: l.Owner} {
			if v == "" {
				rows.Field(c).AppendNull()
			} else {
				rows.Field(c).(*array.StringBuilder).Append(v)
			}
		}
		rows.Field(8).(*array.StringBuilder).Append(identity.FoldName(l.Name))
		rows.Field(10).(*array.Int64Builder).Append(statement)
		seq := int32(0)
		add := func(kind identity.Kind, value string, shared bool) {
			if value == "" {
				return
			}
			key := identity.Key(kind, value)
			if shared {
				key = identity.SharedKey(kind, value, identity.FoldName(l.Name))
			}
			ids.Field(0).(*array.Int64Builder).Append(row)
			ids.Field(1).(*array.Int32Builder).Append(seq)
			ids.Field(2).(*array.Int16Builder).Append(int16(kind))
			ids.Field(3).(*array.StringBuilder).Append(value)
			ids.Field(4).(*array.BooleanBuilder).Append(!shared)
			ids.Field(5).(*array.Int64Builder).Append(int64(binary.BigEndian.Uint64(key[:8])))
			ids.Field(6).(*array.Int64Builder).Append(int64(binary.BigEndian.Uint64(key[8:])))
			seq++
		}
		add(identity.Phone, l.Phone, l.Shared)
		add(identity.Email, l.Email, false)
		add(identity.Document, l.CPF, false)
		add(identity.External, l.External, false)
	}
	for table, b := range map[string]*array.RecordBuilder{"rows": rows, "identities": ids, "issues": issues} {
		batch := b.NewRecordBatch()
		_, err := run.Workset.Write(ctx, table, b.Schema(), func(yield func(arrow.RecordBatch, error) bool) {
			if batch.NumRows() > 0 {
				yield(batch, nil)
			}
		})
		batch.Release()
		if err != nil {
			return err
		}
	}
	return run.Workset.Exec(ctx, "create or replace table answers (row bigint, of_import bigint, of_row bigint);"+edited)
}

func fnv(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// person is a prospect as the tests compare it.
type person struct {
	Name, City, Phone, Email string
	Identities               []string
	Leads                    int
}

// people reads the live prospects, in the order of their ids.
func (b *bench) people(t testing.TB) []person {
	t.Helper()
	var out []person
	err := b.db.InAccount(context.Background(), 1, func(tx pgx.Tx) error {
		rows, err := tx.Query(context.Background(), `
select coalesce(name, ''), coalesce(city, ''), coalesce(phone, ''), coalesce(email, ''),
       array(select value from identities i where i.account_id = p.account_id and i.key = any(p.keys) order by 1), cardinality(lead_imports)
  from prospects p where not exists (select 1 from aliases a where a.account_id = p.account_id and a.alias_id = p.prospect_id)
 order by prospect_id`)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (p person, err error) {
			return p, r.Scan(&p.Name, &p.City, &p.Phone, &p.Email, &p.Identities, &p.Leads)
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ledgerOf(run *pipeline.Run) schemas.Ledger { return run.Facts.Ledger }

func TestThreeLeadsOneProspectInAnyOrder(t *testing.T) {
	t.Parallel()
	leads := []lead{
		{Phone: "+5551987654321"},
		{Phone: "+5551987654321", Email: "ana@exemplo.com.br"},
		{Email: "ana@exemplo.com.br"},
	}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		for _, files := range []string{"one file", "three files"} {
			t.Run(fmt.Sprintf("%s %v", files, order), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				if files == "one file" {
					b.load(t, leads[order[0]], leads[order[1]], leads[order[2]])
				} else {
					for _, i := range order {
						b.load(t, leads[i])
					}
				}
				want := []person{{Phone: "+5551987654321", Email: "ana@exemplo.com.br", Leads: 3,
					Identities: []string{"+5551987654321", "ana@exemplo.com.br"}}}
				if diff := cmp.Diff(want, b.people(t)); diff != "" {
					t.Errorf("prospects mismatch (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestSharedValueJoinsOnlyWithTheSameName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var leads []lead
	for i := range 30 {
		leads = append(leads, lead{Phone: "+555133334444", Shared: true, Name: fmt.Sprintf("Colega %d", i), Email: fmt.Sprintf("colega%d@exemplo.com.br", i)})
	}
	leads = append(leads, lead{Phone: "+555133334444", Shared: true, Name: "COLEGA  3"})
	run := b.load(t, leads...)
	if got := len(b.people(t)); got != 30 {
		t.Errorf("%d prospects, want 30", got)
	}
	if l := ledgerOf(run); l.Created != 30 || l.Duplicate != 1 {
		t.Errorf("ledger %+v", l)
	}
	again := b.load(t, lead{Phone: "+555133334444", Shared: true, Name: "Colega 7", City: "Canoas"})
	if l := ledgerOf(again); l.Updated != 1 {
		t.Errorf("ledger of the second import %+v, want one update", l)
	}
}

func TestFrequentJoiningValueBecomesShared(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var leads []lead
	for i := range 40 {
		leads = append(leads, lead{Email: "contador@exemplo.com.br", Name: fmt.Sprintf("Empresa %d Ltda", i), Phone: fmt.Sprintf("+55519%08d", i)})
	}
	run := b.load(t, leads...)
	if got := len(b.people(t)); got != 40 {
		t.Errorf("%d prospects, want 40", got)
	}
	if !slices.ContainsFunc(run.Facts.ByCode, func(c schemas.IssueCount) bool { return c.Code == "IDENTITY_SHARED" && c.Rows == 40 }) {
		t.Errorf("issues %+v, want IDENTITY_SHARED on 40 rows", run.Facts.ByCode)
	}
}

func TestSameContentAgainWritesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	leads := []lead{
		// Postgres writes JSON with blanks and in another order of the keys.
		{Phone: "+5551987654321", Name: "Ana", City: "Canoas", Extra: `{"a_long_key":"x","b":"y, z: {\"w\": 1}","c":"ç"}`},
		{Phone: "+5551987654322", Name: "Bia"},
		{},
	}
	b.load(t, leads...)
	before := b.dump(t)
	run := b.load(t, leads...)
	b.mustHaveDatasets(t, run)
	if l := ledgerOf(run); l.Unchanged != 2 || l.Rejected != 1 || l.Read != 3 {
		t.Errorf("ledger %+v, want two unchanged and one rejected", l)
	}
	if diff := cmp.Diff(before, b.dump(t)); diff != "" {
		t.Errorf("prospects changed (-before +after):\n%s", diff)
	}
}

// dump returns every row of the state tables as text.
func (b *bench) dump(t testing.TB) string {
	t.Helper()
	var out strings.Builder
	err := b.db.InAccount(context.Background(), 1, func(tx pgx.Tx) error {
		for _, q := range []string{"select prospects::text from prospects order by 1", "select identities::text from identities order by 1",
			"select aliases::text from aliases order by 1", "select leads::text from leads order by 1"} {
			rows, err := tx.Query(context.Background(), q)
			if err != nil {
				return err
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			out.WriteString(q + "\n" + strings.Join(lines, "\n") + "\n")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestUpdateKeepsWhatTheFileDoesNotSay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, lead{Phone: "+5551987654321", Name: "Ana", City: "Canoas"})
	run := b.load(t, lead{Phone: "+5551987654321", Name: "Ana Silva"})
	if l := ledgerOf(run); l.Updated != 1 {
		t.Errorf("ledger %+v", l)
	}
	want := []person{{Name: "Ana Silva", City: "Canoas", Phone: "+5551987654321", Identities: []string{"+5551987654321"}, Leads: 2}}
	if diff := cmp.Diff(want, b.people(t)); diff != "" {
		t.Errorf("prospects mismatch (-want +got):\n%s", diff)
	}
}

func TestTagsOfRowsAndOfTheImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tagged := func(r *pipeline.Run) {
		r.Request.Mapping.Tags = []string{"Feira 2026"}
		r.Request.Mapping.List = "Feira"
	}
	leads := []lead{
		{Phone: "+5551987654321", Tags: `["quente","VIP"]`},
		{Phone: "+5551987654321", Tags: `["vip","retorno"]`},
		{Phone: "+5551987654322"},
	}
	first := b.plan(t, leads, tagged)
	b.apply(t, first)
	b.mustHaveDatasets(t, first)
	if diff := cmp.Diff([]string{"Feira 2026 VIP quente retorno", "Feira 2026"}, b.tags(t)); diff != "" {
		t.Errorf("tags mismatch (-want +got):\n%s", diff)
	}
	again := b.plan(t, leads, tagged)
	if l := ledgerOf(again); l.Unchanged != 2 || l.Duplicate != 1 {
		t.Errorf("ledger of the same again %+v", l)
	}
	more := b.plan(t, []lead{{Phone: "+5551987654322", Tags: `["VIP"]`}})
	if l := ledgerOf(more); l.Updated != 1 {
		t.Errorf("ledger with one more tag %+v", l)
	}
	b.apply(t, more)
	b.mustHaveDatasets(t, more)
	if diff := cmp.Diff([]string{"Feira 2026 VIP quente retorno", "Feira 2026 VIP"}, b.tags(t)); diff != "" {
		t.Errorf("tags mismatch (-want +got):\n%s", diff)
	}
}

// tags returns the tags of each prospect by their names, sorted.
func (b *bench) tags(t testing.TB) (out []string) {
	t.Helper()
	err := b.db.InAccount(context.Background(), 1, func(tx pgx.Tx) error {
		rows, err := tx.Query(context.Background(), `
select (select string_agg(name, ' ' order by name collate "C") from tags t where t.account_id = p.account_id and t.tag_id = any(p.tag_ids)) from prospects p order by prospect_id`)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestModes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode schemas.Mode
		want schemas.Ledger
	}{
		{schemas.ModeUpsert, schemas.Ledger{Read: 2, Created: 1, Updated: 1}},
		{schemas.ModeInsert, schemas.Ledger{Read: 2, Created: 1, Skipped: 1}},
		{schemas.ModeUpdate, schemas.Ledger{Read: 2, Updated: 1, Skipped: 1}},
	} {
		t.Run(string(tt.mode), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.load(t, lead{Phone: "+5551987654321", Name: "Ana"})
			run := b.plan(t, []lead{{Phone: "+5551987654321", Name: "Ana Silva"}, {Phone: "+5551987654322", Name: "Bia"}},
				func(r *pipeline.Run) { r.Request.Mapping.Mode = tt.mode })
			b.apply(t, run)
			b.mustHaveDatasets(t, run)
			if diff := cmp.Diff(tt.want, ledgerOf(run)); diff != "" {
				t.Errorf("ledger mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowsNamedByID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.load(t, lead{Phone: "+5551987654321", Name: "Ana"}, lead{Phone: "+5551987654322", Name: "Bia"})
	ana, bia := schemas.ProspectID(first.ImportID, 1), schemas.ProspectID(first.ImportID, 2)
	run := b.load(t,
		lead{ID: ana, Name: "Ana Silva"},                        // updated
		lead{ID: "ba00000000000000000000ff", Name: "Ninguém"},   // no such id
		lead{ID: bia, Phone: "+5551987654321", Name: "Trocada"}, // Ana's phone
	)
	if diff := cmp.Diff(schemas.Ledger{Read: 3, Updated: 1, Rejected: 2}, ledgerOf(run)); diff != "" {
		t.Errorf("ledger mismatch (-want +got):\n%s", diff)
	}
	b.mustHaveDatasets(t, run)
	codes := map[string]int64{}
	for _, c := range run.Facts.ByCode {
		codes[c.Code] = c.Rows
	}
	if diff := cmp.Diff(map[string]int64{"ID_NOT_FOUND": 1, "ID_IDENTITY_CONFLICT": 1}, codes); diff != "" {
		t.Errorf("codes mismatch (-want +got):\n%s", diff)
	}
	twice := b.load(t, lead{ID: ana, Name: "A"}, lead{ID: ana, Name: "B"})
	if l := ledgerOf(twice); l.Rejected != 2 {
		t.Errorf("ledger %+v, want both rows of one id rejected", l)
	}
}

func TestBaseMovedBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	for _, confirmed := range []bool{false, true} {
		t.Run(fmt.Sprintf("confirmed %v", confirmed), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.load(t, lead{Phone: "+5551987654321", Name: "Ana", City: "Canoas"})
			run := b.plan(t, []lead{{Phone: "+5551987654321", Name: "Ana Silva"}, {Phone: "+5551987654399", Name: "Zoé"}})
			run.Request.Confirmed = confirmed
			b.load(t, lead{Phone: "+5551987654321", Name: "Ana Souza"})
			b.apply(t, run)
			b.mustHaveDatasets(t, run)
			want, name := schemas.Ledger{Read: 2, Created: 1, Updated: 1}, "Ana Silva"
			if confirmed {
				want, name = schemas.Ledger{Read: 2, Created: 1, Conflict: 1}, "Ana Souza"
			}
			if diff := cmp.Diff(want, ledgerOf(run)); diff != "" {
				t.Errorf("ledger mismatch (-want +got):\n%s", diff)
			}
			if got := b.people(t)[0].Name; got != name {
				t.Errorf("name is %q, want %q", got, name)
			}
		})
	}
}
