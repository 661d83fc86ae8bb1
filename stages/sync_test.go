package stages_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
	"github.com/bateia/bateia/stages/sync"
	"github.com/bateia/bateia/stages/validate"
)

// synced is a simulated company and what a sync of it stored.
type synced struct {
	sim     *omietest.Server
	app     *omietest.App
	client  *omie.Client
	pair    omie.Credentials
	before  func(omie.ListRequest) // each call
	mu      gosync.Mutex
	pages   map[string][]byte
	cursor  []byte
	sellers map[int64]string
}

func newSynced(t *testing.T, cap int) *synced {
	t.Helper()
	sim := omietest.New(omietest.Options{PageCap: cap, Scale: 20_000})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	pair, err := omie.ParseCredentials("1234567890", "0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	return &synced{
		sim: sim, app: sim.AddApp("1234567890", "0123456789abcdef0123456789abcdef"), pair: pair, pages: map[string][]byte{},
		client: &omie.Client{URL: server.URL + "/api/v1", Gate: &omietest.Gate{Server: sim}}, before: func(omie.ListRequest) {},
	}
}

func (s *synced) Customers(ctx context.Context, r omie.ListRequest) (omie.Page[omie.Customer], error) {
	s.before(r)
	return s.client.Customers(ctx, s.pair, r)
}

func (s *synced) Sellers(ctx context.Context, page, size int) (omie.Page[omie.Seller], error) {
	return s.client.Sellers(ctx, s.pair, page, size)
}

func (s *synced) PutPage(_ context.Context, key string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[key] = data
	return nil
}

func (s *synced) GetPage(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if data, ok := s.pages[key]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func (s *synced) stage() sync.Stage {
	return sync.Stage{
		Open: func(context.Context, *pipeline.Run) (sync.Source, sync.Connection, error) {
			return s, sync.Connection{Name: "matriz", Sellers: s.sellers}, nil
		},
		Pages:  s,
		Cursor: func(context.Context, *pipeline.Run) ([]byte, error) { return s.cursor, nil },
		SaveCursor: func(_ context.Context, _ *pipeline.Run, cursor []byte) error {
			s.cursor = cursor
			return nil
		},
		Now: s.sim.Now, Budget: 10_000 * time.Hour,
	}
}

// run is a run of a sync, in a workset of its own.
func (s *synced) run(t *testing.T) (*pipeline.Run, *duck.Workset) {
	t.Helper()
	w, err := duck.Open(t.Context(), t.TempDir(), duck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return &pipeline.Run{
		ImportID: 1, Workset: w, Log: slog.New(slog.DiscardHandler), Now: s.sim.Now(), Account: schemas.Account{Country: "BR"},
		Source:  schemas.Source{Kind: "omie", System: "omie", Name: "matriz"},
		Request: schemas.Request{Sync: &schemas.SyncRequest{Full: true}},
	}, w
}

// untilValidated are the stages of a sync that need no database.
func untilValidated(s sync.Stage) []pipeline.Stage { return stages.Omie(stages.Deps{}, s)[:2] }

// What an answer brought is validated while the next ones are asked for.
func TestPagesAreValidatedBesideTheNextCalls(t *testing.T) {
	t.Parallel()
	s := newSynced(t, 50)
	s.sim.PutSeller(s.app, 1, "Vendedor", "")
	s.sim.Generate(s.app, 200)
	s.sim.Put(s.app, omietest.Record{"codigo_cliente_omie": s.sim.Customers(s.app)[0]["codigo_cliente_omie"], "recomendacoes": map[string]any{"codigo_vendedor": 1}})
	run, w := s.run(t)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var rows int64
	s.before = func(r omie.ListRequest) {
		// The last page that is asked for waits for the rows of the ones before, up to
		// those that are on their way.
		for r.Page == 2 && rows < 100 && ctx.Err() == nil {
			var there bool
			if found, err := w.Scan(ctx, `select count(*) > 0 from duckdb_tables() where table_name = 'issues'`, nil, &there); err != nil || !found || !there {
				continue
			}
			if _, err := w.Scan(ctx, `select count(*) from rows`, nil, &rows); err != nil {
				t.Error(err)
				return
			}
		}
	}
	if err := (pipeline.Runner{}).Run(ctx, run, untilValidated(s.stage())); err != nil {
		t.Fatal(err)
	}
	if rows < 100 {
		t.Errorf("%d rows were validated before the last page was asked for", rows)
	}
	var left int64
	if _, err := w.Scan(ctx, `select count(*) from records`, nil, &left); err != nil || left != 0 {
		t.Errorf("%d records were left for the end, %v", left, err)
	}
}

// Whatever changes while pages are read, and whatever names become known late: the
// tables are those that are made of all pages at once.
func TestValidatedAheadIsTheSame(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 7))
			s := newSynced(t, 2+rng.IntN(5))
			for n := range 1 + rng.IntN(25) {
				s.sim.Put(s.app, customer(rng, n))
			}
			for id := range 1 + rng.IntN(4) {
				s.sim.PutSeller(s.app, int64(id+1), fmt.Sprint("Vendedor ", id+1), "")
			}
			if rng.IntN(2) == 0 {
				s.sellers = map[int64]string{1: "Vendedor 1", 2: "Outro nome"}
			}
			changes := rng.IntN(4)
			s.sim.After(func(omietest.Call) {
				all := s.sim.Customers(s.app)
				for ; changes > 0 && len(all) > 0 && rng.IntN(2) == 0; changes-- {
					r := customer(rng, 100+changes)
					switch rng.IntN(3) {
					case 0:
						s.sim.Delete(s.app, all[rng.IntN(len(all))]["codigo_cliente_omie"].(int64))
					case 1:
						r["codigo_cliente_omie"] = all[rng.IntN(len(all))]["codigo_cliente_omie"]
						fallthrough
					default:
						s.sim.Put(s.app, r)
					}
				}
			})
			got, gotTables := s.run(t)
			if err := (pipeline.Runner{}).Run(t.Context(), got, untilValidated(s.stage())); err != nil {
				t.Fatal(err)
			}
			// The pages that were stored, read at once.
			want, wantTables := s.run(t)
			want.Now = got.Now
			if err := (pipeline.Runner{}).Run(t.Context(), want, []pipeline.Stage{s.stage(), validate.Stage{}}); err != nil {
				t.Fatal(err)
			}
			for _, table := range []string{"rows", "identities", "issues"} {
				if diff := cmp.Diff(texts(t, wantTables, table), texts(t, gotTables, table)); diff != "" {
					t.Errorf("%s mismatch (-want +got):\n%s", table, diff)
				}
			}
			if diff := cmp.Diff(want.Facts, got.Facts); diff != "" {
				t.Errorf("facts mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// customer is an invented customer: some cells are wrong, some have a seller, some
// characteristics.
func customer(rng *rand.Rand, n int) omietest.Record {
	r := omietest.Record{
		"razao_social": fmt.Sprint("Cliente ", n), "telefone1_ddd": "51", "telefone1_numero": fmt.Sprintf("9%08d", rng.IntN(1000)),
		"email": []string{"", "errado", fmt.Sprintf("c%d@exemplo.com.br", n)}[rng.IntN(3)], "tags": []any{},
	}
	if rng.IntN(3) == 0 {
		r["recomendacoes"] = map[string]any{"codigo_vendedor": rng.IntN(5)}
	}
	var traits []any
	for _, name := range []string{"Porte", "Região", "regiao", "Canal"} {
		if rng.IntN(6) == 0 {
			traits = append(traits, map[string]any{"campo": name, "conteudo": fmt.Sprint(rng.IntN(3))})
		}
	}
	r["caracteristicas"] = traits
	return r
}

// texts are the rows of a table as they lie in it.
func texts(t *testing.T, w *duck.Workset, table string) (out []string) {
	t.Helper()
	for b, err := range w.Read(t.Context(), `select x::varchar as text from `+table+` x order by rowid`) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(b.NumRows()) {
			out = append(out, strings.Clone(b.Column(0).ValueStr(i))) // the batch goes with its memory
		}
	}
	return out
}
