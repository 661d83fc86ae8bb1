package postgres_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
	"github.com/bateia/bateia/pipeline/postgres"
)

// Workers that share a database keep the limits of one key together, and two keys
// do not wait for each other.
func TestWorkersShareLimits(t *testing.T) {
	t.Parallel()
	const scale, workers, calls = 10, 4, 12
	db, _ := setup(t)
	sim := omietest.New(omietest.Options{Scale: scale})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	const secret = "0123456789abcdef0123456789abcdef"
	var pairs []omie.Credentials
	for _, key := range []string{"1111111111", "2222222222"} {
		sim.Generate(sim.AddApp(key, secret), 3)
		pair, err := omie.ParseCredentials(key, secret)
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, pair)
	}
	var wg sync.WaitGroup
	for n := range workers {
		client := &omie.Client{URL: server.URL + "/api/v1", Gate: omie.SharedGate{Lanes: postgres.Lanes{DB: db}, Scale: scale}}
		wg.Go(func() {
			for i := range calls {
				// Two workers a key, and every call another one.
				_, err := client.Customers(context.Background(), pairs[n%2], omie.ListRequest{Page: 1, PageSize: 10 + n*calls + i})
				if err != nil {
					t.Errorf("worker %d: %v", n, err)
				}
			}
		})
	}
	wg.Wait()
	if broken := sim.Violations(); len(broken) > 0 {
		t.Errorf("limits were broken: %v", broken)
	}
	// Nobody waits longer than needed: 24 calls of a key take 23 pauses, and the two
	// keys take them at the same time.
	made := sim.Calls()
	if took := made[len(made)-1].At.Sub(made[0].At); len(made) != workers*calls || took > 4*omie.Pause*workers*calls/2 {
		t.Errorf("%d calls took %v of Omie's time", len(made), took)
	}
}

// What Omie said to one worker holds for all, and after a restart.
func TestABlockHoldsForAll(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	sim := omietest.New(omietest.Options{})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	const secret = "0123456789abcdef0123456789abcdef"
	sim.Generate(sim.AddApp("1111111111", secret), 3)
	pair, err := omie.ParseCredentials("1111111111", secret)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(page int) error {
		gate := omie.SharedGate{Lanes: postgres.Lanes{DB: db}} // of a new process
		client := &omie.Client{URL: server.URL + "/api/v1", Gate: gate}
		_, err := client.Customers(context.Background(), pair, omie.ListRequest{Page: page, PageSize: 10})
		return err
	}
	sim.Fail("ListarClientes", 1, omietest.Blocked(1700))
	if err := ask(1); pipeline.CodeOf(err) != "OMIE_BLOCKED" {
		t.Fatalf("%v, want OMIE_BLOCKED", err)
	}
	err = ask(2)
	if wait := pipeline.WaitOf(err); pipeline.KindOf(err) != pipeline.KindBusy || wait < 1690e9 || wait > 1701e9 {
		t.Errorf("inside the block: %v, wait %v", err, wait)
	}
	if n := len(sim.Calls()); n != 1 {
		t.Errorf("%d calls, want one", n)
	}
	lanes, err := postgres.Lanes{DB: db}.LanesOf(context.Background(), omie.KeyHash(pair.Key))
	if err != nil {
		t.Fatal(err)
	}
	if until := (omie.SharedGate{}).BlockedUntil(lanes["ListarClientes"]); until.IsZero() {
		t.Errorf("the lane does not say until when: %s", fmt.Sprint(lanes))
	}
}
