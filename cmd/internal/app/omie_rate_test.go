package app

import (
	"flag"
	"testing"

	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/schemas"
)

var (
	rateScale = flag.Float64("rate.scale", 1, "how fast time passes in TestTheAllowedCallsAreUsed")
	ratePages = flag.Int("rate.pages", 20, "how many pages of 500 customers it reads")
)

// A full sync is as fast as the limits allow: storing and reading pages happens
// beside the calls.
func TestTheAllowedCallsAreUsed(t *testing.T) {
	t.Parallel()
	c := newCompanyAt(t, *rateScale)
	c.sim.Generate(c.omie, *ratePages*500)
	c.connect(nil)
	done := c.sync(jobs.SyncOptions{Full: true})
	if done.State != schemas.Applied || done.Ledger.Read != int64(*ratePages*500) {
		t.Fatalf("%s %s, %+v", done.State, done.Code, done.Ledger)
	}
	calls := c.sim.Calls()
	took := calls[len(calls)-1].At.Sub(calls[0].At)
	used := float64(omie.Pause) * float64(len(calls)-1) / float64(took)
	runs, err := c.DB.ReadStages(t.Context(), done.Account, done.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range runs {
		t.Logf("%s %.2f s", s.Name, s.Seconds)
	}
	t.Logf("%d calls in %v of Omie's time: %.1f %% of the allowed ones", len(calls), took, 100*used)
	// Machines that do other things beside are slower than the limits.
	if used < 0.8 {
		t.Errorf("%.1f %% of the allowed calls were used", 100*used)
	}
}
