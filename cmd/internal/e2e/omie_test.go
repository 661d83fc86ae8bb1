package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline/omie/omietest"
)

const (
	omieKey    = "1234567890"
	omieSecret = "0123456789abcdef0123456789abcdef"
)

// omieStack returns a stack that is not started, and the company that it reads at a
// simulator whose time passes so many times as fast as ours.
func omieStack(t *testing.T, o omietest.Options) (*stack, *omietest.Server, *omietest.App) {
	t.Helper()
	sim := omietest.New(o)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	s := own(t, "omie")
	s.env = []string{"BATEIA_OMIE_BASE_URL=" + server.URL + "/api/v1", fmt.Sprintf("BATEIA_OMIE_TIME_SCALE=%v", o.Scale), "BATEIA_OMIE_APP_SECRET=" + omieSecret}
	return s, sim, sim.AddApp(omieKey, omieSecret)
}

// omie runs a command in the environment of the stack.
func (s *stack) omie(t *testing.T, code int, args ...string) result {
	t.Helper()
	r, err := command(s.work, s.env, append([]string{"omie", "--data-dir", s.dir}, args...)...)
	if err != nil || r.code != code {
		t.Fatalf("bateia omie %v: exit code %d, want %d, %v\n%s\n%s", args, r.code, code, err, r.stdout, r.stderr)
	}
	return r
}

// TestKillBetweenPages kills the program twice with SIGKILL while it reads a
// company: it goes on at the page that was stored last, asks for nothing twice
// within a minute, and ends as if nothing had happened.
func TestKillBetweenPages(t *testing.T) {
	t.Parallel()
	const pages, rows = 14, 140
	s, sim, app := omieStack(t, omietest.Options{Scale: 20, PageCap: rows / pages})
	sim.Generate(app, rows)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int64
	died := make(chan struct{}, 2)
	sim.After(func(c omietest.Call) {
		// One call of one record is that of connect.
		if n := calls.Add(1); n == 6 || n == 11 {
			if err := s.proc.cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			died <- struct{}{}
		}
	})
	s.omie(t, 0, "connect", "matriz", "--app-key", omieKey, "--every", "1h", "--list", "ERP")
	for range 2 {
		select {
		case <-died:
		case <-time.After(2 * time.Minute):
			t.Fatal("the sync does not come so far")
		}
		<-s.proc.done
		if err := s.start(); err != nil {
			t.Fatal(err)
		}
	}
	conn := s.conn(t, "default")
	deadline, tick := time.After(2*time.Minute), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for applied := 0; applied == 0; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the sync does not end\n%s", s.proc.tail())
		}
		err := conn.QueryRow(context.Background(), "select count(*) from bateia.imports where state = 'applied'").Scan(&applied)
		if err != nil {
			t.Fatal(err)
		}
	}
	var people, leads, read int
	err := conn.QueryRow(context.Background(), "select (select count(*) from bateia.prospects), (select count(*) from bateia.leads), (select max(rows_read) from bateia.imports)").Scan(&people, &leads, &read)
	if err != nil || people != rows || leads != rows || read != rows {
		t.Errorf("%d prospects, %d leads, %d rows read, %v; want %d of each", people, leads, read, err, rows)
	}
	if broken := sim.Violations(); len(broken) > 0 {
		t.Errorf("limits were broken: %v", broken)
	}
	// The answer on its way when it died, and what was not stored yet, is asked again.
	asked := map[int]int{}
	for _, c := range sim.Calls() {
		asked[c.Page]++
	}
	if n := len(sim.Calls()); n > 1+pages+1+2*3 {
		t.Errorf("%d calls for %d pages: %v", n, pages, asked)
	}
	var doc struct {
		State   string `json:"state"`
		Records int    `json:"records"`
	}
	r := s.omie(t, 0, "list", "--json")
	if err := json.Unmarshal(r.stdout, &doc); err != nil || doc.State != "valid" || doc.Records != rows {
		t.Errorf("omie list: %v\n%s", err, r.stdout)
	}
}
