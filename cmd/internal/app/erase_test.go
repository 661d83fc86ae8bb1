package app

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline/omie/omietest"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// planted is one person in every spelling that the files below use.
var planted = []string{
	"98722-4321", "987224321", "8722-4321", "87224321", "zuleide.planted@exemplo.com.br", "390.533.447-05", "39053344705", "Zuleide", "Plantada",
}

const plantedPhone = "+5551987224321"

// plantedFiles are the ways in which she gets into the bucket.
var plantedFiles = []struct{ key, body, state string }{
	{"uploads/default/feira/lista.csv", `nome;telefone;email;cpf;obs
Bruno;51 98111-0001;bruno@exemplo.com.br;;
Zuleide Plantada;(51) 98722-4321;ZULEIDE.planted@exemplo.com.br;390.533.447-05;"gosta de
azul"
Carla;51-99;;;
Davi;51 98111-0003;;;
Zuleide;51 8722-4321;zuleide.planted@exemplo;;
`, "applied"},
	{"uploads/default/site/outra.csv", `nome;telefone;email;cidade
Bruno;51 98111-0001;bruno@exemplo.com.br;Canoas
ZULEIDE PLANTADA;+55 51 987224321;;Canoas
Zuleide Plantada;51-9999;;Canoas
Edu;51-98;;Canoas
Fabia;51 98111-0005;;Canoas;x;y;z
Zuleide;51 98722-4321;;Canoas;x;y;z
`, "applied"},
	{"uploads/default/site/de novo.csv", "nome;telefone;cidade\nZuleide Plantada;51987224321;Lajeado\nGabi;51 98111-0006;Lajeado\n", "applied"},
	{"uploads/default/site/sem-cabecalho.csv", "Zuleide Plantada;51987224321;zuleide.planted@exemplo.com.br\nHugo;51981110007;hugo@exemplo.com.br\n", "rejected"},
	{"uploads/default/site/Zuleide Plantada 51987224321.csv", "nome;telefone\nZuleide Plantada;51987224321\nIara;51 98111-0008\n", "applied"},
	{"uploads/default/site/presa.csv", "nome;email;telefone\n" + strings.Repeat("Jose;errado;\n", 25) + "Zuleide Plantada;zuleide.planted@exemplo.com.br;51 98722-4321\nKatia;katia@exemplo.com.br;\n", "ready"},
}

func TestAnErasedPersonIsNowhere(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.put(omietest.Record{"razao_social": "Zuleide Plantada", "pessoa_fisica": "S", "telefone1_ddd": "51", "telefone1_numero": "98722-4321", "cnpj_cpf": "390.533.447-05"})
	c.put(omietest.Record{"razao_social": "Loja Exemplo Ltda", "telefone1_ddd": "11", "telefone1_numero": "98775-7888"})
	c.connect(nil)
	c.sync(jobs.SyncOptions{})
	imports := map[string]postgres.Import{}
	for _, f := range plantedFiles {
		imports[f.key] = c.dropped(f.key, []byte(f.body))
		if got := imports[f.key].State; string(got) != f.state {
			t.Fatalf("%s is %s %s", f.key, got, imports[f.key].Code)
		}
	}
	packed := c.dropped("uploads/default/site/x.csv.gz", gzipped(t, []byte(plantedFiles[2].body)))
	lista := imports[plantedFiles[0].key]
	c.somewhere(t, planted...)
	if hers := c.texts("select key from dataset_files where dataset = 'leads' and import_id = $1", int64(lista.ID)); len(hers) != 1 || !strings.Contains(c.everything(true)[hers[0]], "+5551987224321") {
		t.Errorf("the dataset of leads in %v does not hold her phone", hers)
	}
	raw := c.raw(imports[plantedFiles[1].key])
	books := 0
	for key, text := range c.everything(true) {
		if strings.HasSuffix(key, "-corrigir.xlsx") && slices.ContainsFunc(planted, func(p string) bool { return strings.Contains(text, p) }) {
			books++
		}
	}
	if books == 0 {
		t.Error("no workbook to correct holds her: that it does not afterwards proves nothing")
	}

	export, hers := c.exported()
	if text := c.everything(true)[export]; !strings.Contains(text, hers) {
		t.Errorf("the export does not know prospect %s: %s", hers, text)
	}

	got := c.erased(byPhone(plantedPhone))
	c.nowhere(planted...)
	if text := c.everything(true)[export]; text == "" || strings.Contains(text, hers) {
		t.Errorf("the export knows prospect %s: %s", hers, text)
	}
	if got.Removed.Prospects != 1 || got.Removed.Redacted != 7 || got.Removed.PlannedAgain != 1 || got.Removed.Suppressed == 0 {
		t.Errorf("removed %+v", got.Removed)
	}
	c.checkFiles(t, packed)
	c.checkLedgers(t)
	after := c.raw(imports[plantedFiles[1].key])
	for row, text := range raw {
		if !strings.Contains(strings.ToLower(text), "zuleide") && after[row] != text {
			t.Errorf("row %d reads %q, was %q", row, after[row], text)
		}
	}
	// Nothing became a new drop.
	c.must(c.worker.service.ObjectCreated(t.Context(), c.Store.Bucket(), plantedFiles[0].key))
	if n := len(c.texts("select import_id::text from imports where key = $1", plantedFiles[0].key)); n != 1 {
		t.Errorf("%d imports of one drop", n)
	}
	c.staysAway(t, lista)
}

// staysAway imports the files again by another door, reads the source once more, and
// imports a file in the place of the first time.
func (c *company) staysAway(t *testing.T, lista postgres.Import) {
	t.Helper()
	for _, f := range plantedFiles[:3] {
		again := c.upload("again-"+f.key[len(f.key)-7:], []byte(f.body), schemas.Options{})
		if again.Ledger.Skipped == 0 {
			t.Errorf("%s again: %+v", f.key, again.Ledger)
		}
	}
	if again := c.sync(jobs.SyncOptions{Full: true}); again.Ledger.Skipped != 1 {
		t.Errorf("the source again: %+v", again.Ledger)
	}
	for _, text := range planted {
		if strings.Contains(c.logged(), text) {
			t.Errorf("%q is in the log", text)
		}
	}
	redo, err := c.Register(t.Context(), c.account, postgres.Registration{Source: lista.Source, FileName: lista.FileName, RedoOf: lista.ID,
		Object: c.texted(lista.ID)})
	c.must(err)
	if row := c.ended(redo); row.State != schemas.Applied || row.Ledger.Skipped != 2 || row.Ledger.Read != 5 {
		t.Errorf("redo ended %s %s: %+v", row.State, row.Code, row.Ledger)
	}
	for _, p := range c.people() {
		if strings.Contains(p, "Zuleide") || strings.Contains(p, "87224321") {
			t.Errorf("back: %s", p)
		}
	}
}

// raw is what refused rows read like in the file.
func (c *company) raw(i postgres.Import) map[int64]string {
	c.t.Helper()
	i, err := c.DB.ReadImport(c.t.Context(), c.account.ID, i.ID)
	c.must(err)
	out := map[int64]string{}
	for r, err := range c.RawRows(c.t.Context(), i) {
		c.must(err)
		out[r.Row] = r.Raw
	}
	return out
}

// texted is the object that an import reads now.
func (c *company) texted(id schemas.ImportID) schemas.ObjectPin {
	c.t.Helper()
	row, err := c.DB.ReadImport(c.t.Context(), c.account.ID, id)
	c.must(err)
	return row.Object
}

// checkFiles compares the files with what they were: as long, and the rows of others
// byte by byte the same.
func (c *company) checkFiles(t *testing.T, packed postgres.Import) {
	t.Helper()
	for _, f := range plantedFiles {
		if strings.Contains(f.key, "Zuleide") {
			continue // it lies elsewhere
		}
		obj, err := c.Store.Head(t.Context(), f.key, "")
		c.must(err)
		body, err := c.Store.ReadRange(t.Context(), obj, 0, obj.Size)
		c.must(err)
		if len(body) != len(f.body) {
			t.Errorf("%s has %d bytes, had %d", f.key, len(body), len(f.body))
		}
		was, is := strings.Split(f.body, "\n"), strings.Split(string(body), "\n")
		for i := range was {
			if hers := strings.Contains(strings.ToLower(was[i]), "zuleide") || was[i] == `azul";` || was[i] == `azul"`; !hers && was[i] != is[i] {
				t.Errorf("%s line %d: %q, was %q", f.key, i+1, is[i], was[i])
			}
		}
	}
	if _, err := c.Store.Head(t.Context(), packed.Object.Key, ""); err == nil {
		t.Errorf("a packed file is there: it cannot be overwritten in place")
	}
}

// checkLedgers holds that counts are what they were, and that the rows that are
// there or counted add up to them.
func (c *company) checkLedgers(t *testing.T) {
	t.Helper()
	got := c.texts(`
select i.file_name || ': ' || i.rows_read || ' read, ' || l.n + s.n + o.n + f.n || ' there'
  from imports i
 cross join lateral (select count(*) as n from leads l where l.account_id = i.account_id and l.import_id = i.import_id) l
 cross join lateral (select count(*) as n from seen_leads l where l.account_id = i.account_id and l.import_id = i.import_id) s
 cross join lateral (select count(*) as n from row_outcomes l where l.account_id = i.account_id and l.import_id = i.import_id) o
 cross join lateral (select count(*) as n from forgotten_rows l where l.account_id = i.account_id and l.import_id = i.import_id) f
 where i.state = 'applied' and i.rows_read <> l.n + s.n + o.n + f.n
 order by 1`)
	if len(got) > 0 {
		t.Errorf("ledgers: %v", got)
	}
	datasets := c.texts(`
select i.file_name || ': ' || i.rows_read || ' read, ' || coalesce(sum(f.rows), 0)
  from imports i left join dataset_files f on f.account_id = i.account_id and f.import_id = i.import_id and f.dataset = 'rows'
 where i.state = 'applied'
 group by i.import_id, i.file_name, i.rows_read having i.rows_read <> coalesce(sum(f.rows), 0)`)
	if len(datasets) > 0 {
		t.Errorf("datasets: %v", datasets)
	}
	refused := c.texts("select rejected || ' ' || (select count(*) from row_outcomes o where o.account_id = i.account_id and o.import_id = i.import_id and outcome = 'rejected') from imports i where state = 'applied'")
	for _, pair := range refused {
		if a, b, _ := strings.Cut(pair, " "); a != b {
			t.Errorf("%s rows were rejected, %s are counted", a, b)
		}
	}
}

// A worker that dies after it wrote a file, before it said so, or before that, leaves
// nothing half done.
func TestAnErasureGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	for _, f := range plantedFiles[:3] {
		c.dropped(f.key, []byte(f.body))
	}
	c.must(c.worker.stop(true))
	crashing := &crashes{Store: c.Store, at: map[string]int{"put": 1, "erase": 1}}
	cfg := c.jobsConfig(WorkerOptions{Workers: 2, SoftStop: softStop, Log: c.Log})
	cfg.Store = crashing
	service, err := jobs.New(cfg)
	c.must(err)
	crashing.told = func(ctx context.Context, key string) error { return service.ObjectCreated(ctx, c.Store.Bucket(), key) }
	id, err := c.Erase(t.Context(), c.account, byPhone(plantedPhone), "test")
	c.must(err)
	c.must(service.Start(t.Context()))
	c.worker.service = service
	got := c.erasureEnds(id)
	c.nowhere(planted...)
	if len(crashing.at) > 0 || got.Removed.Redacted != 3 {
		t.Errorf("crashes left: %v; removed %+v", crashing.at, got.Removed)
	}
	if n := len(c.texts("select 'x' from imports where key like 'uploads/%'")); n != 3 {
		t.Errorf("%d imports of 3 drops", n)
	}
	if left := c.texts("select state || coalesce(sealed::text, '') from erasures"); !slices.Equal(left, []string{"done"}) {
		t.Errorf("erasures: %v", left)
	}
}

// By policy a file goes as a whole, and a person may come back.
func TestEraseByDeletionAndForgiveness(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.account.Settings.EraseUploads = schemas.EraseDelete
	c.must(c.DB.UpdateAccount(t.Context(), c.account))
	first := c.dropped(plantedFiles[2].key, []byte(plantedFiles[2].body))
	c.dropped("uploads/default/site/other.csv", []byte("nome;telefone\nGabi;51 98111-0006\n"))
	got := c.erased(byPhone(plantedPhone))
	c.nowhere(planted...)
	if got.Removed.Redacted != 0 || got.Removed.Deleted == 0 {
		t.Errorf("removed %+v", got.Removed)
	}
	if _, err := c.Store.Head(t.Context(), first.Object.Key, ""); err == nil {
		t.Error("the file is there")
	}
	if again := c.upload("a.csv", []byte(plantedFiles[2].body), schemas.Options{}); again.Ledger.Skipped != 1 {
		t.Errorf("imported again: %+v", again.Ledger)
	}
	n, err := c.Forgive(t.Context(), c.account.ID, byPhone(plantedPhone))
	if err != nil || n == 0 {
		t.Fatalf("forgave %d: %v", n, err)
	}
	if again := c.upload("b.csv", []byte(plantedFiles[2].body), schemas.Options{}); again.Ledger.Created != 1 {
		t.Errorf("imported with consent: %+v", again.Ledger)
	}
	if diff := cmp.Diff(0, len(c.texts("select 'x' from suppressions"))); diff != "" {
		t.Errorf("hashes left (-want +got):\n%s", diff)
	}
}

// An export that is being made while somebody in it is erased is not kept.
func TestAnExportBesideAnErasure(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.dropped(plantedFiles[0].key, []byte(plantedFiles[0].body))
	e, err := c.BeginExport(t.Context(), c.account)
	c.must(err)
	defer func() { c.must(e.Close()) }()
	c.erased(byPhone(plantedPhone))
	c.must(e.Add(t.Context(), "ba01a2b3c4d5e6f700000001", make([]string, len(schemas.ExportColumns()))))
	if err := e.Save(t.Context()); err == nil {
		t.Error("the export is kept")
	}
	for key := range c.everything(false) {
		if strings.HasPrefix(key, "exports/") {
			t.Errorf("%s is there", key)
		}
	}
}

// exported makes an export of all prospects, and returns its object and the planted one
// among them.
func (c *company) exported() (key, planted string) {
	c.t.Helper()
	e, err := c.BeginExport(c.t.Context(), c.account)
	c.must(err)
	defer func() { c.must(e.Close()) }()
	for p, err := range c.DB.ReadProspects(c.t.Context(), c.account.ID, postgres.ProspectFilter{Brief: true}) {
		c.must(err)
		if p.Fields["phone"] == plantedPhone {
			planted = p.ID
		}
		var cells []string
		for _, field := range schemas.ExportColumns() {
			cells = append(cells, p.Fields[field])
		}
		c.must(e.Add(c.t.Context(), p.ID, cells))
	}
	c.must(e.Save(c.t.Context()))
	return "exports/" + e.Name + ".parquet", planted
}
