package jobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

func TestParseDrop(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		key  string
		want dropName
		ok   bool
	}{
		{"uploads/default/leads.csv", dropName{account: "default", name: "leads.csv"}, true},
		{"uploads/default/feira/leads.csv", dropName{account: "default", list: "feira", name: "leads.csv"}, true},
		{"uploads/default/a/b/leads 2.CSV", dropName{account: "default", list: "a/b", name: "leads 2.CSV"}, true},
		{"uploads/default//leads.csv", dropName{account: "default", name: "leads.csv"}, true},
		{"uploads/leads.csv", dropName{name: "leads.csv"}, true},
		{"uploads/default/_import.yaml.csv", dropName{account: "default", name: "_import.yaml.csv"}, true},
		{key: "uploads/"},
		{key: "uploads//"},
		{key: "uploads/default/feira/"},
		{key: "imports/default/x/leads.csv"},
		{key: "uploads/default/_import.yaml"},
		{key: "uploads/default/leads.csv.import.yaml"},
		{key: "uploads/default/~$leads.xlsx"},
		{key: "uploads/default/.DS_Store"},
		{key: "uploads/default/leads.csv.part"},
		{key: "uploads/default/leads.csv.filepart"},
		{key: "uploads/default/nul\x00.csv"},
		{key: "uploads/default/\xff.csv"},
	} {
		got, ok := parseDrop(tt.key)
		if ok != tt.ok || (ok && got != tt.want) {
			t.Errorf("parseDrop(%q) = %+v, %v; want %+v, %v", tt.key, got, ok, tt.want, tt.ok)
		}
	}
}

func TestTwoServicesOneDropOneImport(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var objs []objstore.Object
	for i := range 12 {
		objs = append(objs, w.put(fmt.Sprintf("uploads/default/l/%02d.csv", i), fmt.Sprintf("a%d\n", i)))
	}
	a, b := w.service(), w.service()
	var all sync.WaitGroup
	for _, s := range []*Service{a, b} {
		all.Go(func() {
			if _, err := s.walk(t.Context()); err != nil {
				t.Error(err)
			}
		})
		for _, o := range objs {
			all.Go(func() { // and announced by an event
				if err := s.ObjectCreated(t.Context(), o.Bucket, o.Key); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if got := len(w.imports()); got != len(objs) {
		t.Errorf("%d drops became %d imports", len(objs), got)
	}
	if _, err := a.walk(t.Context()); err != nil { // tomorrow
		t.Error(err)
	}
	// Overwritten: another import; the same under another name: another one too.
	w.put("uploads/default/l/00.csv", "changed\n")
	w.put("uploads/default/l/copy.csv", "a1\n")
	if _, err := b.walk(t.Context()); err != nil {
		t.Error(err)
	}
	if got := len(w.imports()); got != len(objs)+2 {
		t.Errorf("%d imports, want %d", got, len(objs)+2)
	}
	var jobs int
	must(t, w.db.Pool.QueryRow(t.Context(), "select count(*) from river.river_job where kind = 'plan_import'").Scan(&jobs))
	if jobs != len(objs)+2 {
		t.Errorf("%d jobs for %d imports", jobs, len(objs)+2)
	}
}

func TestAnUnknownAccountIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.put("uploads/acme/leads.csv", "a\n")
	w.put("uploads/leads.csv", "a\n")
	w.put("uploads/_unassigned/leads.csv", "a\n")
	s := w.service()
	if n, err := s.walk(t.Context()); err != nil || n != 3 {
		t.Fatalf("%d objects: %v", n, err)
	}
	var got []string
	must(t, w.db.InAccount(t.Context(), postgres.AccountUnassigned, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), "select state || ' ' || code || ' ' || coalesce(facts #>> '{issues,0,detail}', '') from imports order by key")
		if err != nil {
			return err
		}
		got, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	if diff := cmp.Diff([]string{"rejected ACCOUNT_UNKNOWN _unassigned", "rejected ACCOUNT_UNKNOWN acme", "rejected ACCOUNT_UNKNOWN "}, got); diff != "" {
		t.Errorf("imports mismatch (-want +got):\n%s", diff)
	}
	var kinds []string
	rows, err := w.db.Pool.Query(t.Context(), "select distinct kind from river.river_job order by 1")
	must(t, err)
	kinds, err = pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	if diff := cmp.Diff([]string{"report_import", "write_datasets"}, kinds); diff != "" {
		t.Errorf("jobs mismatch (-want +got):\n%s", diff)
	}

	// The account is made: now the file is imported.
	acme, err := w.db.CreateAccount(t.Context(), schemas.Account{Slug: "acme"})
	must(t, err)
	if _, err := s.walk(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int
	must(t, w.db.InAccount(t.Context(), acme.ID, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "select count(*) from imports where state = 'received'").Scan(&n)
	}))
	if n != 1 {
		t.Errorf("%d imports of the new account", n)
	}
}

func TestManifestsArePinned(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.put("uploads/default/_import.yaml", "list: conta\ntags: [a]\n")
	w.put("uploads/default/feira/_import.yaml", "columns: {Fone: phone, Nome: name}\ntags: [b]\noptions: {blank: clear}\n")
	w.put("uploads/default/feira/sul/x.csv.import.yaml", "columns: {Nome: company}\nlist: outra\n")
	w.put("uploads/default/feira/sul/wrong.csv.import.yaml", "colums: {}\n")
	w.put("uploads/default/a.csv", "a\n")
	w.put("uploads/default/feira/sul/wrong.csv", "a\n")
	_, err := w.store.Put(t.Context(), "uploads/default/feira/sul/x.csv", strings.NewReader("a\n"),
		objstore.PutOptions{Metadata: map[string]string{"bateia-tags": "c", "bateia-mode": "insert"}})
	must(t, err)
	_, err = w.service().walk(t.Context())
	must(t, err)

	got := map[string]schemas.Mapping{}
	refused := map[string]string{}
	for _, id := range w.imports() {
		run, row, err := w.db.LoadRun(t.Context(), postgres.AccountDefault, id)
		must(t, err)
		if row.State == schemas.Rejected {
			refused[run.FileName] = row.Code
			continue
		}
		got[run.FileName] = run.Request.Mapping
	}
	want := map[string]schemas.Mapping{
		"a.csv": {List: "conta", Tags: []string{"a"}},
		"x.csv": {
			Columns: map[string]schemas.ColumnTarget{"Fone": {Field: "phone"}, "Nome": {Field: "company"}},
			List:    "outra", Tags: []string{"c"}, Mode: schemas.ModeInsert, Options: schemas.Options{Blank: "clear"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mappings mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"wrong.csv": "MAPPING_INVALID"}, refused); diff != "" {
		t.Errorf("refused mismatch (-want +got):\n%s", diff)
	}
}

func TestScansTakeTurnsAndRest(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.put("uploads/default/a.csv", "a\n")
	a, b := w.service(), w.service()
	var all sync.WaitGroup
	for _, s := range []*Service{a, b, a, b} {
		all.Go(func() {
			if err := s.scan(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var scans, objects int
	must(t, w.db.Pool.QueryRow(t.Context(), "select epoch, objects from scans").Scan(&scans, &objects))
	if scans != 1 || objects != 1 {
		t.Errorf("%d scans over %d objects", scans, objects)
	}
}

// A scan over a bucket of kept objects costs one listing and one query for each
// thousand of them. The figure of 20,000 objects is in the log; the test asserts
// only that nothing is asked per object.
func TestKeptObjectsCostOneQueryAPage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const pages, perPage = 20, 1000
	kept := &keptStore{Store: w.store}
	must(t, w.db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		for p := range pages {
			page := objstore.Page{}
			var list []postgres.Registration
			for i := range perPage {
				o := objstore.Object{Bucket: w.store.Bucket(), Key: fmt.Sprintf("uploads/default/l/%02d-%04d.csv", p, i), ETag: "e", Size: 9, LastModified: time.Unix(1_700_000_000, 0).UTC()}
				page.Objects = append(page.Objects, o)
				pin := pinOf(o)
				list = append(list, postgres.Registration{Source: schemas.Source{Kind: "upload"}, Object: pin, Versions: postgres.DropVersions(pin)})
			}
			kept.pages = append(kept.pages, page)
			if _, err := postgres.Register(t.Context(), tx, postgres.AccountDefault, list...); err != nil {
				return err
			}
		}
		return nil
	}))
	s := w.service(func(c *Config) { c.Store = kept })
	start := time.Now()
	n, err := s.walk(t.Context())
	must(t, err)
	t.Logf("%d kept objects: %v", n, time.Since(start))
	if n != pages*perPage || kept.heads != 0 {
		t.Errorf("%d objects, %d asked about", n, kept.heads)
	}
}

// keptStore lists pages from memory, for more objects than a test should write,
// and counts what is asked beside.
type keptStore struct {
	Store
	pages []objstore.Page
	heads int
}

func (k *keptStore) List(context.Context, string, string) iter.Seq2[objstore.Page, error] {
	return func(yield func(objstore.Page, error) bool) {
		for _, p := range k.pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (k *keptStore) Head(context.Context, string, string) (objstore.Object, error) {
	k.heads++
	return objstore.Object{}, errors.New("not expected")
}
