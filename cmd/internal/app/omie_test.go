package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/cmd/internal/config"
	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
	"github.com/bateia/bateia/pipeline/omie/omietest"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
	"github.com/bateia/bateia/schemas"
)

const (
	omieKey    = "1234567890"
	omieSecret = "0123456789abcdef0123456789abcdef"
	omieScale  = 200
	testKey    = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
)

// company is a program with its worker, and a simulated company that it reads.
type company struct {
	*App
	t       *testing.T
	sim     *omietest.Server
	omie    *omietest.App
	account schemas.Account
	own     *postgrestest.DB
	logs    *logs
}

// logs is what the program says, for the test's own output and to look through.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
	out  io.Writer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	return l.out.Write(p)
}

func (c *company) logged() string {
	c.logs.mu.Lock()
	defer c.logs.mu.Unlock()
	return c.logs.text.String()
}

func newCompany(t *testing.T) *company {
	t.Helper()
	return newCompanyAt(t, omieScale)
}

// newCompanyAt makes a company whose time passes so many times as fast as ours.
func newCompanyAt(t *testing.T, scale float64) *company {
	t.Helper()
	return newCompanyWith(t, scale, objstoretest.New(t))
}

// newCompanyWith makes a company with a bucket that is there.
func newCompanyWith(t *testing.T, scale float64, store *objstore.Store) *company {
	t.Helper()
	own := postgrestest.New(t, "migrated", func(ctx context.Context, adminURL string) error {
		return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
	})
	db, err := postgres.Open(t.Context(), own.URL(postgres.RoleWorker))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	sim := omietest.New(omietest.Options{Scale: scale})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	said := &logs{out: t.Output()}
	c := &company{t: t, own: own, logs: said, sim: sim, omie: sim.AddApp(omieKey, omieSecret), App: &App{
		DB: db, Store: store, Log: slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelInfo})),
		Config: config.Config{ScratchDir: t.TempDir(), SecretKey: testKey, OmieBaseURL: server.URL + "/api/v1", OmieTimeScale: fmt.Sprint(scale), ScanEvery: time.Hour},
	}}
	if err := c.StartWorker(t.Context(), WorkerOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.worker.stop(true); err != nil {
			t.Error(err)
		}
		if broken := sim.Violations(); len(broken) > 0 {
			t.Errorf("limits were broken: %v", broken)
		}
	})
	if c.account, err = db.AccountByID(t.Context(), postgres.AccountDefault); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *company) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// connect makes the connection, without a schedule.
func (c *company) connect(change func(*schemas.Connection)) schemas.Connection {
	c.t.Helper()
	conn, err := c.DB.Connect(c.t.Context(), c.account.ID, "Matriz", func(conn *schemas.Connection) error {
		conn.AppKey, conn.State, conn.Code = omieKey, schemas.ConnectionValid, ""
		if change != nil {
			change(conn)
		}
		return c.SealSecrets(conn, ConnectionSecrets{App: omieSecret, Webhook: "hook"})
	})
	c.must(err)
	return conn
}

// sync runs a sync to its end.
func (c *company) sync(o jobs.SyncOptions) postgres.Import {
	c.t.Helper()
	insert, err := jobs.NewInserter(c.DB)
	c.must(err)
	var id schemas.ImportID
	c.must(c.DB.InAccount(c.t.Context(), c.account.ID, func(tx pgx.Tx) error {
		known, err := c.DB.Connection(c.t.Context(), c.account.ID, "matriz")
		if err != nil {
			return err
		}
		conn, err := postgres.LockConnection(c.t.Context(), tx, c.account.ID, known.ID)
		if err != nil {
			return err
		}
		o.By = "ana@exemplo"
		id, err = insert.SyncTx(c.t.Context(), tx, c.account, &conn, o)
		return err
	}))
	return c.ended(id)
}

// ended waits until an import is over, or waits itself.
func (c *company) ended(id schemas.ImportID) postgres.Import {
	c.t.Helper()
	var row postgres.Import
	c.until("import "+id.String()+" ends", func() bool {
		var err error
		row, err = c.DB.ReadImport(c.t.Context(), c.account.ID, id)
		c.must(err)
		return row.State.Terminal() || row.State == schemas.Applied || row.State == schemas.Ready
	})
	return row
}

// until waits for something that the worker does.
func (c *company) until(what string, ok func() bool) {
	c.t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			c.t.Fatal("waited in vain until ", what)
		}
	}
}

// people are the prospects: name, phone, external ids.
func (c *company) people() (out []string) {
	c.t.Helper()
	c.must(c.DB.InAccount(c.t.Context(), c.account.ID, func(tx pgx.Tx) error {
		rows, err := tx.Query(c.t.Context(), `
select concat_ws('|', p.name, p.company, p.phone, (select string_agg(i.value, ' ' order by i.value) from identities i where i.key = any(p.keys) and i.kind = 4), cardinality(p.lead_imports))
  from prospects p where not exists (select from aliases a where a.alias_id = p.prospect_id)`)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	slices.Sort(out)
	return out
}

func (c *company) put(r omietest.Record) int64 { return c.sim.Put(c.omie, r) }

func TestSyncsOfACompany(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.sim.PutSeller(c.omie, 77, "Carla", "carla@exemplo.com.br")
	ana := c.put(omietest.Record{"razao_social": "Ana Souza", "pessoa_fisica": "S", "telefone1_ddd": "051", "telefone1_numero": "98765-4321",
		"email": "Ana@exemplo.com.br; ana2@exemplo.com.br", "codigo_cliente_integracao": "X-1", "cidade": "CANOAS (RS)", "estado": "RS",
		"recomendacoes": map[string]any{"codigo_vendedor": 77}, "tags": []any{map[string]any{"tag": "Cliente"}},
		"caracteristicas": []any{map[string]any{"campo": "Cor favorita", "conteudo": "azul"}}})
	loja := c.put(omietest.Record{"razao_social": "Loja Exemplo Ltda", "nome_fantasia": "Loja", "pessoa_fisica": "N", "cnpj_cpf": "11.444.777/0001-61",
		"telefone1_ddd": "11", "telefone1_numero": "3775-7888"})
	c.put(omietest.Record{"razao_social": "Transportes Ltda", "telefone1_ddd": "11", "telefone1_numero": "98765-1111", "tags": []any{map[string]any{"tag": "Transportadora"}}})
	c.put(omietest.Record{"razao_social": "Antiga Ltda", "telefone1_ddd": "11", "telefone1_numero": "98765-2222", "inativo": "S"})
	c.connect(func(conn *schemas.Connection) { conn.Settings.List = "ERP" })

	first := c.sync(jobs.SyncOptions{})
	if diff := cmp.Diff(schemas.Ledger{Read: 4, Created: 2, Skipped: 2}, first.Ledger); first.State != schemas.Applied || diff != "" {
		t.Fatalf("first sync: %s %s, ledger (-want +got):\n%s", first.State, first.Code, diff)
	}
	want := []string{
		fmt.Sprintf("Ana Souza|+5551987654321|omie:matriz:%d omie:matriz:int:X-1|1", ana),
		fmt.Sprintf("Loja|Loja Exemplo Ltda|+551137757888|omie:matriz:%d|1", loja),
	}
	if diff := cmp.Diff(want, c.people()); diff != "" {
		t.Errorf("prospects (-want +got):\n%s", diff)
	}
	c.must(c.DB.InAccount(t.Context(), c.account.ID, func(tx pgx.Tx) error {
		var got string
		err := tx.QueryRow(t.Context(), "select concat_ws('|', city, owner, extra ->> 'cor_favorita', is_company::text) from prospects where name = 'Ana Souza'").Scan(&got)
		if got != "CANOAS|Carla|azul|false" {
			t.Errorf("Ana's fields: %s", got)
		}
		return err
	}))
	if again := c.sync(jobs.SyncOptions{}); again.State != schemas.Applied || again.Ledger.Created+again.Ledger.Updated != 0 || again.Ledger.Read == 0 {
		t.Errorf("the same again: %s, %+v", again.State, again.Ledger)
	}

	// A fair's list with the same mobile: one prospect with leads of two sources.
	c.drop("uploads/default/feira.csv", "nome,telefone\nAna da Feira,51987654321\n")
	if got := c.people(); len(got) != 2 || !strings.HasPrefix(got[0], "Ana Souza|") || !strings.HasSuffix(got[0], "|2") {
		t.Errorf("after the fair: %q, want Ana Souza with two leads", got)
	}

	c.put(omietest.Record{"codigo_cliente_omie": loja, "contato": "Beatriz"})
	changed := c.sync(jobs.SyncOptions{})
	if changed.Ledger.Updated != 1 || changed.Ledger.Created != 0 {
		t.Errorf("a change: ledger %+v", changed.Ledger)
	}
	c.sim.Delete(c.omie, ana)
	if some := c.sync(jobs.SyncOptions{}); some.State != schemas.Applied {
		t.Errorf("after a deletion: %s %s", some.State, some.Code)
	}
	if gone := c.gone(); len(gone) != 0 {
		t.Errorf("a sync of changes found %v gone", gone)
	}
	full := c.sync(jobs.SyncOptions{Full: true})
	if gone := c.gone(); full.State != schemas.Applied || !cmp.Equal(gone, []int64{ana}) || len(c.people()) != 2 {
		t.Errorf("a full sync: %s, gone %v, prospects %q", full.State, gone, c.people())
	}
}

// gone are the records that disappeared at their source.
func (c *company) gone() (ids []int64) {
	c.t.Helper()
	c.must(c.DB.InAccount(c.t.Context(), c.account.ID, func(tx pgx.Tx) error {
		rows, err := tx.Query(c.t.Context(), "select record_id from source_records where source_gone_at is not null order by 1")
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	}))
	return ids
}

// drop puts a file into the bucket and waits until it is applied.
func (c *company) drop(key, content string) {
	c.t.Helper()
	obj, err := c.Store.Put(c.t.Context(), key, strings.NewReader(content), objstore.PutOptions{})
	c.must(err)
	c.must(c.worker.service.ObjectCreated(c.t.Context(), obj.Bucket, obj.Key))
	c.until(key+" is applied", func() bool {
		var applied bool
		c.must(c.DB.InAccount(c.t.Context(), c.account.ID, func(tx pgx.Tx) error {
			return tx.QueryRow(c.t.Context(), "select exists (select from imports where key = $1 and state = 'applied')", key).Scan(&applied)
		}))
		return applied
	})
}
