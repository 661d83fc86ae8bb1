package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
	"github.com/bateia/bateia/schemas"
)

func customerOf(t testing.TB, r omietest.Record) (c omie.Customer) {
	t.Helper()
	text, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryPageIsRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		options omietest.Options
		records int
		calls   int // at most
	}{
		{"500, 500 and 7", omietest.Options{}, 1007, 4},
		{"a silent cap of 100", omietest.Options{PageCap: 100}, 1007, 12},
		{"a silent cap of 50", omietest.Options{PageCap: 50}, 1007, 22},
		{"faults with HTTP 200", omietest.Options{PageCap: 50, Faults200: true}, 120, 4},
		{"one full page", omietest.Options{}, 500, 1},
		{"one more", omietest.Options{}, 501, 3},
		{"nobody", omietest.Options{}, 0, 1},
		{"one", omietest.Options{}, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := setup(t, tt.options)
			c.sim.Generate(c.app, tt.records)
			cursor, got, err := c.sync(c.request(true))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.seen) != tt.records || !cursor.Verified || cursor.Calls > tt.calls {
				t.Errorf("%d records, verified %v, %d calls; want %d, true, at most %d", len(got.seen), cursor.Verified, cursor.Calls, tt.records, tt.calls)
			}
			if diff := cmp.Diff(c.want(t), c.cells); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// Failures between the pages: nothing is missing afterwards, or the sync says that
// it failed, and why.
func TestFailuresBetweenPages(t *testing.T) {
	t.Parallel()
	moved := omietest.NoRecords(2)
	for _, tt := range []struct {
		name   string
		page   int
		faults []omietest.Fault
		code   string // "" for a sync that succeeds
	}{
		{"the answer is lost once", 2, []omietest.Fault{omietest.Broken}, ""},
		{"large pages are lost", 2, []omietest.Fault{omietest.Broken, omietest.Broken}, ""},
		{"no records on a page that was counted", 2, []omietest.Fault{moved}, ""},
		{"… each time", 2, []omietest.Fault{moved, moved, moved}, "OMIE_INCOMPLETE"},
		{"HTML", 3, []omietest.Fault{omietest.HTML502}, ""},
		{"HTML for the first page", 1, []omietest.Fault{omietest.HTML502}, ""},
		{"cut off", 2, []omietest.Fault{omietest.CutJSON}, ""},
		{"no answer", 2, []omietest.Fault{omietest.NoAnswer}, ""},
		{"a page twice", 3, []omietest.Fault{omietest.PreviousPage}, ""},
		{"a page twice, and again", 3, []omietest.Fault{omietest.PreviousPage, omietest.PreviousPage}, ""},
		{"a page twice, of a list of two", 2, []omietest.Fault{omietest.PreviousPage}, ""},
		{"redundant", 2, []omietest.Fault{omietest.Redundant(12)}, ""},
		{"the key for a moment", 2, []omietest.Fault{omietest.BadKey, omietest.BadKey}, ""},
		{"the key for good", 2, []omietest.Fault{omietest.BadKey, omietest.BadKey, omietest.BadKey, omietest.BadKey}, "OMIE_AUTH"},
		{"the key at once", 1, []omietest.Fault{omietest.BadKey}, "OMIE_AUTH"},
		{"blocked, and waited for", 2, []omietest.Fault{omietest.Blocked(1700)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := setup(t, omietest.Options{PageCap: 10})
			c.sim.Generate(c.app, 35)
			c.sim.Fail("ListarClientes", tt.page, tt.faults...)
			_, _, err := c.sync(c.request(true))
			if got := pipeline.CodeOf(err); got != tt.code || (err == nil) != (tt.code == "") {
				t.Fatalf("%v, want code %q", err, tt.code)
			}
			if err != nil {
				if !c.watermark.IsZero() || len(c.cells) > 0 {
					t.Errorf("a sync that failed left watermark %v and %d records", c.watermark, len(c.cells))
				}
				return
			}
			if diff := cmp.Diff(c.want(t), c.cells); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// A wrong key is tried once.
func TestAWrongKeyIsTriedOnce(t *testing.T) {
	t.Parallel()
	c := setup(t, omietest.Options{})
	c.sim.Suspend(c.app, 0, 0)
	_, _, err := c.sync(c.request(true))
	if n := len(c.sim.Calls()); pipeline.CodeOf(err) != "OMIE_AUTH" || n != 1 {
		t.Errorf("%v after %d calls, want OMIE_AUTH after one", err, n)
	}
}

// Whatever changes while lists are read, the next syncs bring the rest, and a full
// one knows what is gone.
func TestChangesBetweenPages(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		rng := rand.New(rand.NewPCG(seed, 0))
		c := setup(t, omietest.Options{PageCap: 2 + rng.IntN(4)})
		c.sim.Generate(c.app, rng.IntN(20))
		busy := rng.Float64() * 2 // changes after each call
		change := func(omietest.Call) {
			for n := busy; n > 0 && rng.Float64() < n; n-- {
				all := c.sim.Customers(c.app)
				switch pick := rng.IntN(3); {
				case pick == 0 || len(all) == 0:
					c.sim.Put(c.app, omietest.Record{"razao_social": fmt.Sprint("Nova ", rng.IntN(1000)), "tags": []any{}})
				case pick == 1:
					c.sim.Put(c.app, omietest.Record{"codigo_cliente_omie": all[rng.IntN(len(all))]["codigo_cliente_omie"], "contato": fmt.Sprint("Outro ", rng.IntN(1000))})
				default:
					c.sim.Delete(c.app, all[rng.IntN(len(all))]["codigo_cliente_omie"].(int64))
				}
			}
		}
		c.sim.After(change)
		for range 1 + rng.IntN(3) {
			_, _, err := c.sync(c.request(rng.IntN(4) == 0))
			// A list that never holds still is not believed; it is read again.
			if err != nil && pipeline.CodeOf(err) != "OMIE_INCOMPLETE" {
				rt.Fatal(err)
			}
			if err != nil {
				c.pages.cursor = nil
			}
		}
		c.sim.After(nil)
		if _, _, err := c.sync(c.request(false)); err != nil {
			rt.Fatal(err)
		}
		for id, cells := range c.want(t) {
			if c.cells[id] != cells {
				rt.Fatalf("after the next sync record %d is %q, want %q", id, c.cells[id], cells)
			}
		}
		if _, _, err := c.sync(c.request(true)); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(c.want(t), c.cells); diff != "" {
			rt.Fatalf("after a full sync (-want +got):\n%s", diff)
		}
		if broken := c.sim.Violations(); len(broken) > 0 {
			rt.Fatalf("limits were broken: %v", broken)
		}
	})
}

// A sync that dies goes on at the page that was stored last.
func TestAnInterruptedSyncGoesOn(t *testing.T) {
	t.Parallel()
	for dies := 1; dies <= 6; dies++ {
		// Slower than elsewhere: what was on its way arrives within simulated seconds.
		c := setup(t, omietest.Options{PageCap: 10, Scale: 500})
		c.sim.Generate(c.app, 45)
		c.pages.fail = dies
		if _, _, err := c.sync(c.request(true)); !errors.Is(err, errDied) {
			t.Fatalf("%v, want the death", err)
		}
		stored := pagesOf(t, c.pages.cursor)
		if _, _, err := c.sync(c.request(true)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want(t), c.cells); diff != "" {
			t.Errorf("died at %d: mismatch (-want +got):\n%s", dies, diff)
		}
		asked := map[int]int{}
		for _, call := range c.sim.Calls() {
			asked[call.Page]++
		}
		for _, page := range stored {
			if page > 1 && asked[page] != 1 {
				t.Errorf("died at %d: page %d was stored, and asked for %d times", dies, page, asked[page])
			}
		}
		if len(stored) != dies-1 {
			t.Errorf("died at %d: %d pages were stored", dies, len(stored))
		}
	}
}

// An answer is stored before the third call after it, however slowly it is validated: a
// process that dies loses few answers.
func TestAnswersAreStoredBeforeManyMoreAreAskedFor(t *testing.T) {
	t.Parallel()
	c := setup(t, omietest.Options{PageCap: 10})
	c.sim.Generate(c.app, 120)
	s, slow := c.stage(), &slowAhead{stored: make(chan struct{})}
	s.Ahead = slow
	most := 0
	s.SaveCursor = func(ctx context.Context, _ *pipeline.Run, data []byte) error {
		var cursor Cursor
		if err := json.Unmarshal(data, &cursor); err != nil {
			return err
		}
		calls := len(c.sim.Calls())
		for cursor.Step == stepPages && cursor.Next > 2 && calls <= cursor.Calls+1 && ctx.Err() == nil {
			runtime.Gosched()
			calls = len(c.sim.Calls())
		}
		if most = max(most, calls-cursor.Calls); cursor.Step == stepAgain {
			close(slow.stored)
		}
		return c.pages.save(data)
	}
	if _, _, err := c.read(s, c.run(c.request(true))); err != nil {
		t.Fatal(err)
	}
	if most != 2 || slow.read < 10 {
		t.Errorf("%d calls were made before an answer was stored, want 2; %d answers were read ahead", most, slow.read)
	}
}

// slowAhead reads nothing until all pages are stored.
type slowAhead struct {
	stored chan struct{}
	read   int
}

func (s *slowAhead) Read(ctx context.Context, _ *pipeline.Run, _ []string, _ schemas.Mapping, _ arrow.RecordBatch) (bool, error) {
	s.read++
	select {
	case <-s.stored:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (*slowAhead) Keep([]bool) {}

// A page may hold fewer records than were asked for by their ids: the others are not
// gone.
func TestMoreRecordsByIDThanAPageHolds(t *testing.T) {
	t.Parallel()
	c := setup(t, omietest.Options{PageCap: 10})
	c.sim.Generate(c.app, 35)
	if _, _, err := c.sync(c.request(true)); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, r := range c.sim.Customers(c.app) {
		ids = append(ids, r["codigo_cliente_omie"].(int64))
	}
	c.sim.Delete(c.app, ids[20])
	cursor, got, err := c.sync(schemas.SyncRequest{IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.seen) != 34 || !cmp.Equal(cursor.Gone, ids[20:21]) {
		t.Errorf("%d records, gone %v; want 34, and %d gone", len(got.seen), cursor.Gone, ids[20])
	}
}

// Pages that another key pair read are gone on with only when the company is the
// same: ids of two companies overlap.
func TestPagesOfAnotherCompanyAreDropped(t *testing.T) {
	t.Parallel()
	for _, same := range []bool{true, false} {
		c := setup(t, omietest.Options{PageCap: 10, Scale: 500})
		c.sim.Generate(c.app, 45)
		c.pages.fail = 4
		if _, _, err := c.sync(c.request(true)); !errors.Is(err, errDied) {
			t.Fatalf("%v, want the death", err)
		}
		stored := len(pagesOf(t, c.pages.cursor))
		c.pages.cursor = append([]byte(`{"adopted":true,`), c.pages.cursor[1:]...)
		if !same {
			const key = "9876543210"
			c.app = c.sim.AddApp(key, secret)
			for n := range 25 {
				c.sim.Put(c.app, omietest.Record{"razao_social": fmt.Sprint("Outra empresa ", n)})
			}
			var err error
			if c.pair, err = omie.ParseCredentials(key, secret); err != nil {
				t.Fatal(err)
			}
		}
		cursor, _, err := c.sync(c.request(true))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want(t), c.cells); diff != "" {
			t.Errorf("same company %v (-want +got):\n%s", same, diff)
		}
		if kept := cursor.Round == 1; kept != same || stored == 0 {
			t.Errorf("same company %v: %d pages were stored, kept %v", same, stored, kept)
		}
	}
}

// pagesOf are the pages that a cursor says are stored.
func pagesOf(t *testing.T, cursor []byte) (pages []int) {
	t.Helper()
	if cursor == nil {
		return nil
	}
	var c Cursor
	if err := json.Unmarshal(cursor, &c); err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Stored {
		pages = append(pages, p.Page)
	}
	return pages
}

func TestQuietSyncs(t *testing.T) {
	t.Parallel()
	c := setup(t, omietest.Options{})
	c.sim.Generate(c.app, 20)
	for range 201 {
		if _, _, err := c.sync(c.request(false)); err != nil {
			t.Fatal(err)
		}
	}
	for _, call := range c.sim.Calls() {
		if call.Fault != "" {
			t.Fatalf("a quiet sync ended in %s", call.Fault)
		}
	}
}

// When nothing is left that a filter could find, each quiet sync is an error at
// Omie: a call that succeeds comes between.
func TestQuietSyncsWithoutTheNewestRecord(t *testing.T) {
	t.Parallel()
	c := setup(t, omietest.Options{})
	c.sim.Generate(c.app, 20)
	if _, _, err := c.sync(c.request(true)); err != nil {
		t.Fatal(err)
	}
	c.watermark = c.sim.Now()
	empty := 0
	for range 60 {
		r := c.request(false)
		if r.Nudge = empty >= 4; r.Nudge {
			empty = 0
		}
		cursor, _, err := c.sync(r)
		if err != nil {
			t.Fatal(err)
		}
		if cursor.Empty {
			empty++
		}
		c.watermark = c.sim.Now()
	}
	row := 0
	for _, call := range c.sim.Calls() {
		if row++; call.Fault == "" {
			row = 0
		}
		if row >= 6 {
			t.Fatal("six errors in a row")
		}
	}
}

// Webhooks name records; those that do not come back are gone.
func TestRecordsByID(t *testing.T) {
	t.Parallel()
	c := setup(t, omietest.Options{})
	c.sim.Generate(c.app, 120)
	if _, _, err := c.sync(c.request(true)); err != nil {
		t.Fatal(err)
	}
	all := c.sim.Customers(c.app)
	id := func(i int) int64 { return all[i]["codigo_cliente_omie"].(int64) }
	c.sim.Put(c.app, omietest.Record{"codigo_cliente_omie": id(3), "contato": "Outra"})
	c.sim.Delete(c.app, id(5))
	added := c.sim.Put(c.app, omietest.Record{"razao_social": "Nova"})
	before := len(c.sim.Calls())
	cursor, got, err := c.sync(schemas.SyncRequest{IDs: []int64{id(3), id(5), added, id(3)}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.sim.Calls()) - before; n != 1 || len(got.seen) != 2 || !cmp.Equal(cursor.Gone, []int64{id(5)}) {
		t.Errorf("%d calls, %d records, gone %v; want one call, two records, one gone", n, len(got.seen), cursor.Gone)
	}
	if diff := cmp.Diff(c.want(t), c.cells); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
