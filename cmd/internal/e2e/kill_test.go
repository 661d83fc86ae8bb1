package e2e

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// killRows makes the stages longer: 60,000 leave more room to hit them in.
var killRows = flag.Int("killrows", 8_000, "rows of the file at whose import the program is killed")

// recoverWithin is how soon after a restart an interrupted import has to be
// applied.
const recoverWithin = 30 * time.Second

// crashTest is the same work in many accounts: a file that founds prospects, and
// a second one that overlaps it.
type crashTest struct {
	base, file []byte
	s          *stack    // that is killed
	calm       *stack    // that is not
	conn       *pgx.Conn // to it
	known      sums      // what it holds
	used       map[string]int
}

const (
	baseName = "feira/base.csv"
	fileName = "feira/leads.csv"
)

// newCrashTest runs the undisturbed import.
func newCrashTest(t *testing.T) *crashTest {
	rows := *killRows
	if testing.Short() {
		rows /= 2
	}
	c := &crashTest{base: people(rows/6, 0, 1).bytes(), file: people(rows, rows/12, 2).bytes(), s: own(t, "crash"), calm: use(t), used: map[string]int{}}
	c.begin(t, c.calm, "calm")
	c.calm.drop(t, "uploads/calm/"+fileName, c.file)
	doc := c.calm.await(t, "uploads/calm/"+fileName, 1)
	if doc.State != "applied" || doc.Ledger.Read != int64(rows) || doc.Ledger.Read != doc.Ledger.sum() {
		t.Fatalf("undisturbed import: %+v", doc)
	}
	for _, n := range []int64{doc.Ledger.Created, doc.Ledger.Updated, doc.Ledger.Duplicate, doc.Ledger.Rejected, doc.Prospects.Merged} {
		if n == 0 {
			t.Errorf("the file shows too little: %+v, %+v", doc.Ledger, doc.Prospects)
		}
	}
	t.Logf("undisturbed: %d rows, %.1f MB, %+v, %+v", rows, float64(len(c.file))/1e6, doc.Ledger, doc.Prospects)
	t.Logf("stages: %+v", doc.Stages)
	c.conn = c.calm.conn(t, "calm")
	c.known = digest(t, c.conn)
	if err := c.s.start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// begin makes accounts and imports the first file in each.
func (c *crashTest) begin(t *testing.T, s *stack, slugs ...string) {
	t.Helper()
	for _, slug := range slugs {
		s.account(t, slug)
		s.drop(t, "uploads/"+slug+"/"+baseName, c.base)
	}
	for _, slug := range slugs {
		if doc := s.await(t, "uploads/"+slug+"/"+baseName, 1); doc.State != "applied" {
			t.Fatalf("first file: %+v", doc)
		}
	}
}

// stageTimes are how long the stages took in the undisturbed run.
func (c *crashTest) stageTimes(t *testing.T) map[string]time.Duration {
	t.Helper()
	out := map[string]time.Duration{}
	for _, s := range c.calm.await(t, "uploads/calm/"+fileName, 1).Stages {
		out[s.Name] = time.Duration(s.Seconds * float64(time.Second))
	}
	return out
}

// TestKill kills the program with SIGKILL in every stage and starts it again:
// every time the import ends as if nothing had happened.
func TestKill(t *testing.T) {
	c := newCrashTest(t)
	times := c.stageTimes(t)
	slugs := []string{"kill-between"}
	for _, stage := range order {
		slugs = append(slugs, "kill-"+stage)
	}
	c.begin(t, c.s, slugs...)
	for _, stage := range order {
		t.Run(stage, func(t *testing.T) {
			// Well within the stage, when it takes so long that it can be caught there.
			// When that is missed, the stage was quicker than before: then earlier.
			for _, part := range []time.Duration{4, 12, 1000} {
				ran := times[stage] / part
				if ran < 5*time.Millisecond {
					ran = 0
				}
				if c.hit(t, "kill-"+stage, moment{stage: stage, ran: ran}) || t.Failed() {
					return
				}
			}
			// Every try killed the program and compared the end all the same, only not
			// at the moment that was aimed at.
			t.Skipf("stage %s is too quick here to be killed in it: see the moments above", stage)
		})
	}
	t.Run("between stages", func(t *testing.T) {
		for range 3 {
			if c.hit(t, "kill-between", moment{}, moment{attempt: 2}) || t.Failed() {
				return
			}
		}
		t.Skip("the moment between two stages was too short here to be hit twice: see the moments above")
	})
	t.Run("afterwards", c.killAfterwards)
}

// hit drops the file, kills the program at each moment in turn, starting it again
// every time, and compares the end with the undisturbed one. It returns false
// when a moment could not be caught; the import is compared all the same.
func (c *crashTest) hit(t *testing.T, slug string, moments ...moment) bool {
	t.Helper()
	if c.used[slug]++; c.used[slug] > 1 {
		slug = fmt.Sprintf("%s-%d", slug, c.used[slug])
		c.begin(t, c.s, slug)
	}
	key := "uploads/" + slug + "/" + fileName
	c.s.drop(t, key, c.file)
	var killed []progress
	restarted := time.Now()
	for _, m := range moments {
		w := watcher{p: c.s.proc, conn: c.s.conn(t, slug), key: key}
		p, caught := w.catch(t, m)
		if !caught {
			t.Logf("account %s: %+v was missed: %s", slug, m, p)
			break
		}
		killed = append(killed, p)
		restarted = c.killAndRestart(t)
	}
	c.end(t, slug, key, killed, restarted)
	return len(killed) == len(moments)
}

// killAndRestart returns when the program was started again.
func (c *crashTest) killAndRestart(t *testing.T) time.Time {
	t.Helper()
	if err := c.s.kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	c.s.gone(t)
	began := time.Now()
	if err := c.s.start(); err != nil {
		t.Fatal(err)
	}
	t.Logf("servers gone %.2f s after the kill; new ones answer %.2f s after the start", began.Sub(killed).Seconds(), time.Since(began).Seconds())
	return began
}

// end waits for the end of the import and compares it with the undisturbed one.
func (c *crashTest) end(t *testing.T, slug, key string, killed []progress, restarted time.Time) {
	t.Helper()
	conn := c.s.conn(t, slug)
	w := watcher{conn: conn, key: key}
	var last progress
	eventually(t, recoverWithin, "the import is applied after the restart", func() (bool, error) {
		last = w.read(t)
		if last.state == "failed" || last.state == "rejected" {
			return false, fmt.Errorf("the import ended %s", last)
		}
		return last.state == "applied", nil
	})
	applied := time.Since(restarted)
	doc := c.s.await(t, key, 1)
	reported := time.Since(restarted)
	for _, p := range killed {
		// What was open at the kill stays open in the history: nothing finished it
		// behind the back of the one who looked.
		if n := len(p.stages); n > 0 && !p.stages[n-1].finished && !slices.Contains(last.stages, p.stages[n-1]) {
			t.Errorf("killed at %q, but afterwards the tables say %q", p, last)
		}
		t.Logf("killed at: %s", p)
	}
	t.Logf("applied %.1f s after the start, reported %.1f s: %s", applied.Seconds(), reported.Seconds(), w.read(t))
	if doc.State != "applied" || doc.Ledger.Read != doc.Ledger.sum() {
		t.Errorf("the report says %s, %+v", doc.State, doc.Ledger)
	}
	if results := count(doc.keys, ".txt"); results != 1 {
		t.Errorf("%d results beside the drop: %q", results, doc.keys)
	}
	compare(t, c.known, c.conn, conn)
}

func count(keys []string, suffix string) int {
	n := 0
	for _, k := range keys {
		if strings.HasSuffix(k, suffix) {
			n++
		}
	}
	return n
}
