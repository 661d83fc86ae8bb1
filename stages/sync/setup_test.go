package sync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	gosync "sync"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
	"github.com/bateia/bateia/schemas"
)

const (
	appKey = "1234567890"
	secret = "0123456789abcdef0123456789abcdef"
)

// company is a simulated company, a connection to it, and what syncs brought.
type company struct {
	sim    *omietest.Server
	app    *omietest.App
	client *omie.Client
	pair   omie.Credentials
	pages  *shelf

	// The connection, as jobs keep it.
	known     map[int64]bool
	watermark time.Time
	runs      int
	sellers   map[int64]string
	cells     map[int64]string // of what was loaded
}

func setup(t testing.TB, o omietest.Options) *company {
	t.Helper()
	if o.Scale == 0 {
		o.Scale = 20_000
	}
	sim := omietest.New(o)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	pair, err := omie.ParseCredentials(appKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	c := &company{
		sim: sim, app: sim.AddApp(appKey, secret), pair: pair, pages: &shelf{objects: map[string][]byte{}},
		client: &omie.Client{URL: server.URL + "/api/v1", Gate: &omietest.Gate{Server: sim}},
		known:  map[int64]bool{}, sellers: map[int64]string{}, cells: map[int64]string{},
	}
	t.Cleanup(func() {
		if broken := sim.Violations(); len(broken) > 0 {
			t.Errorf("limits were broken: %v", broken)
		}
	})
	return c
}

// Customers and Sellers implement Source.
func (c *company) Customers(ctx context.Context, r omie.ListRequest) (omie.Page[omie.Customer], error) {
	return c.client.Customers(ctx, c.pair, r)
}

func (c *company) Sellers(ctx context.Context, page, size int) (omie.Page[omie.Seller], error) {
	return c.client.Sellers(ctx, c.pair, page, size)
}

// shelf keeps pages and the cursor.
type shelf struct {
	mu      gosync.Mutex
	objects map[string][]byte
	cursor  []byte
	// fail lets the n-th cursor from now not be stored, as when a process dies.
	fail int
}

var errDied = errors.New("the process died")

func (s *shelf) PutPage(_ context.Context, key string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[key] = data
	return nil
}

func (s *shelf) GetPage(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.objects[key]
	if !ok {
		return nil, fmt.Errorf("no page %s", key)
	}
	return data, nil
}

func (s *shelf) save(cursor []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail--; s.fail == 0 {
		return errDied
	}
	s.cursor = cursor
	return nil
}

func (c *company) stage() Stage {
	return Stage{
		Open: func(context.Context, *pipeline.Run) (Source, Connection, error) {
			return c, Connection{Name: "matriz", Known: c.known, Sellers: c.sellers}, nil
		},
		Pages:      c.pages,
		Cursor:     func(context.Context, *pipeline.Run) ([]byte, error) { return c.pages.cursor, nil },
		SaveCursor: func(_ context.Context, _ *pipeline.Run, cursor []byte) error { return c.pages.save(cursor) },
		Now:        c.sim.Now,
		Budget:     10_000 * time.Hour, // simulated time flies
		Wait:       func(ctx context.Context, d time.Duration) error { return wait(ctx, d/10_000) },
	}
}

func (c *company) run(request schemas.SyncRequest) *pipeline.Run {
	return &pipeline.Run{ImportID: schemas.ImportID(c.runs + 1), Log: slog.New(slog.DiscardHandler), Request: schemas.Request{Sync: &request}}
}

// request is that of the next sync.
func (c *company) request(full bool) schemas.SyncRequest {
	r := schemas.SyncRequest{Full: full || c.watermark.IsZero()}
	if !r.Full {
		r.Since = c.watermark.Add(-5*time.Minute - time.Duration(c.runs%60)*time.Second)
	}
	return r
}

// sync reads, goes on where it was interrupted, and notes what was read as apply
// does.
func (c *company) sync(request schemas.SyncRequest) (*Cursor, *collector, error) {
	s, run := c.stage(), c.run(request)
	cursor, got, err := c.read(s, run)
	if err != nil {
		return cursor, got, err
	}
	c.pages.cursor = nil
	c.runs++
	for id, e := range got.seen {
		if e.wanted {
			c.known[id], c.cells[id] = true, e.cells
		}
	}
	for _, id := range cursor.Gone {
		c.known[id] = false
		delete(c.cells, id)
	}
	for code, name := range cursor.Sellers {
		c.sellers[code] = name
	}
	if cursor.Verified && len(request.IDs) == 0 {
		var list []entry
		for _, e := range got.seen {
			list = append(list, e)
		}
		if at := watermark(list, cursor.Began); at.After(c.watermark) {
			c.watermark = at
		}
	}
	return cursor, got, nil
}

// read is Stage.Run without the tables.
func (c *company) read(s Stage, run *pipeline.Run) (*Cursor, *collector, error) {
	ctx := context.Background()
	source, connection, err := s.Open(ctx, run)
	if err != nil {
		return nil, nil, err
	}
	got := &collector{request: run.Request.Sync, connection: connection, seen: map[int64]entry{}}
	cursor, err := s.resume(ctx, run, got)
	if err == nil && cursor.Step != stepDone {
		err = s.walk(ctx, run, source, got, cursor)
	}
	return cursor, got, err
}

// want is what a base must hold of the company's customers as they are.
func (c *company) want(t testing.TB) map[int64]string {
	t.Helper()
	out := map[int64]string{}
	for _, r := range c.sim.Customers(c.app) {
		one := customerOf(t, r)
		e := newEntry(&one, "matriz", &schemas.SyncRequest{}, true)
		if e.wanted {
			out[e.id] = e.cells
		}
	}
	return out
}
