package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// addresses is the environment of a program that uses the stack from outside.
func (s *stack) addresses() []string {
	var env []string
	for _, name := range []string{"database_url", "s3_endpoint", "s3_region", "s3_bucket", "s3_access_key_id", "s3_secret_access_key"} {
		env = append(env, "BATEIA_"+strings.ToUpper(name)+"="+s.settings[name])
	}
	return env
}

// worker runs another worker against the stack, as on another machine, until the
// end of the test.
func (s *stack) worker(t *testing.T, name string) *process {
	t.Helper()
	scratch := filepath.Join(s.work, name)
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := spawn(scratch, s.work, append(s.addresses(), "BATEIA_SCRATCH_DIR="+scratch), "worker")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return // it is gone
		}
		<-p.done
		if p.err != nil {
			t.Errorf("worker %s: %v\n%s", name, p.err, p.tail())
		}
	})
	return p
}

// TestOnce announces every drop three times over: to the process that hears of
// it, to three that scan the bucket at once, and to later scans. Each object
// becomes one import.
func TestOnce(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "once")
	for _, name := range []string{".DS_Store", "~$leads.csv", "leads.csv.part", "leads.csv.filepart", "_import.yaml", "leads.csv.import.yaml", "lista/"} {
		body := []byte("tags: [feira]\n")
		if name == "lista/" {
			body = nil
		}
		s.drop(t, "uploads/once/"+name, body)
	}
	workers := []*process{s.worker(t, "worker1"), s.worker(t, "worker2")}
	const drops = 30
	for i := range drops {
		s.drop(t, fmt.Sprintf("uploads/once/lista/%02d.csv", i), fmt.Appendf(nil, "nome;email\nPessoa %d;pessoa%d@exemplo.com.br\n", i, i))
	}
	c := s.conn(t, "once")
	// A file put into the folder by hand is announced to nobody: only scans find it.
	byHand := filepath.Join(s.dir, "s3", s.settings["s3_bucket"], "uploads", "once", "by-hand.csv")
	if err := os.WriteFile(byHand, []byte("nome;email\nMão;mao@exemplo.com.br\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	scans := func() int64 { return column[int64](t, c, "select max(epoch) from bateia.scans")[0] }
	state := func() []string {
		return column[string](t, c, "select concat_ws(' ', key, state, count(*)) from bateia.imports group by key, state order by 1")
	}
	began := scans()
	eventually(t, time.Minute, "all drops are applied and scanned again", func() (bool, error) {
		done := column[int](t, c, "select count(distinct key)::int from bateia.imports where state = 'applied'")[0]
		return done == drops+1 && scans() > began+3, nil
	})
	want := []string{"uploads/once/by-hand.csv applied 1"}
	for i := range drops {
		want = append(want, fmt.Sprintf("uploads/once/lista/%02d.csv applied 1", i))
	}
	if diff := cmp.Diff(want, state()); diff != "" {
		t.Errorf("imports by object (-want +got):\n%s", diff)
	}
	t.Logf("%d scans by three processes; plans made by the other two: %d and %d", scans()-began, workers[0].count(t, `"stage":"resolve"`), workers[1].count(t, `"stage":"resolve"`))
}

// TestSameAgain drops what is there already under another name, and another
// content under the same name.
func TestSameAgain(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "again")
	body := people(400, 0, 5).bytes()
	s.drop(t, "uploads/again/lista/first.csv", body)
	first := s.await(t, "uploads/again/lista/first.csv", 1)
	if first.State != "applied" || first.Ledger.Created == 0 {
		t.Fatalf("first: %s %+v", first.State, first.Ledger)
	}
	c := s.conn(t, "again")
	versions, leads := rowVersions(t, c), column[int](t, c, "select count(*)::int from bateia.leads")

	s.drop(t, "uploads/again/lista/second.csv", body)
	second := s.await(t, "uploads/again/lista/second.csv", 1)
	l := second.Ledger
	if second.State != "applied" || l.Read != first.Ledger.Read || l.Created+l.Updated+l.Conflict+l.Skipped != 0 ||
		l.Unchanged != first.Ledger.Created || l.Duplicate != first.Ledger.Duplicate || l.Rejected != first.Ledger.Rejected {
		t.Errorf("the same under a new name: %s %+v, first %+v", second.State, l, first.Ledger)
	}
	if second.Prospects != (actions{}) {
		t.Errorf("prospects: %+v", second.Prospects)
	}
	if diff := cmp.Diff(versions, rowVersions(t, c)); diff != "" {
		t.Errorf("rows were written (-before +after):\n%.2000s", diff)
	}
	if diff := cmp.Diff(leads, column[int](t, c, "select count(*)::int from bateia.leads")); diff != "" {
		t.Errorf("leads were stored again (-before +after):\n%s", diff)
	}

	s.drop(t, "uploads/again/lista/first.csv", []byte("nome;email\nNova;nova@exemplo.com.br\n"))
	over := s.await(t, "uploads/again/lista/first.csv", 2)
	if over.ImportID == first.ImportID || over.State != "applied" || over.Ledger != (ledger{Read: 1, Created: 1}) {
		t.Errorf("overwritten: import %s after %s, %s %+v", over.ImportID, first.ImportID, over.State, over.Ledger)
	}
	states := column[string](t, c, "select concat_ws(' ', key, state) from bateia.imports order by 1")
	want := []string{"uploads/again/lista/first.csv applied", "uploads/again/lista/first.csv applied", "uploads/again/lista/second.csv applied"}
	if !slices.Equal(states, want) {
		t.Errorf("imports: %q", states)
	}
	t.Logf("first %+v; again %+v; %d rows of state kept their versions", first.Ledger, l, len(versions))
}

// TestTogether drops the same people under several names at once: whoever comes
// second finds what the first one wrote.
func TestTogether(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "together")
	f := people(300, 0, 6)
	f.bridge = 0
	const files = 6
	for i := range files {
		s.drop(t, fmt.Sprintf("uploads/together/lista/%d.csv", i), f.bytes())
	}
	var sum ledger
	for i := range files {
		doc := s.await(t, fmt.Sprintf("uploads/together/lista/%d.csv", i), 1)
		if doc.State != "applied" || doc.Ledger.Read != doc.Ledger.sum() {
			t.Errorf("file %d: %s %+v", i, doc.State, doc.Ledger)
		}
		sum.Created += doc.Ledger.Created
		sum.Unchanged += doc.Ledger.Unchanged
		sum.Updated += doc.Ledger.Updated
	}
	if sum.Unchanged != (files-1)*sum.Created || sum.Updated != 0 {
		t.Errorf("of %d equal files together: %+v", files, sum)
	}
	c := s.conn(t, "together")
	if n := column[int64](t, c, "select count(*) from bateia.prospects")[0]; n != sum.Created {
		t.Errorf("%d prospects, %d created", n, sum.Created)
	}
	if n := column[int64](t, c, "select count(*) from (select kind, value from bateia.identities where joins group by 1, 2 having count(*) > 1) twice")[0]; n != 0 {
		t.Errorf("%d joining values belong to several prospects", n)
	}
	t.Logf("%d files at once: %+v", files, sum)
}

// TestNames takes drops whose names people and programs really give.
func TestNames(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "names")
	for key, list := range map[string]string{
		"uploads/names/Lista São João/ação & cia 100%.csv": "Lista São João",
		"uploads/names/a/b/c/leads (1) + cópia.CSV":        "a/b/c",
		"uploads/names/sem-extensao":                       "",
		"uploads/names/x=1;y='2'/\"aspas\".csv":            "x=1;y='2'",
		"uploads/names/emoji 🎉/́leads.csv":                 "emoji 🎉",
	} {
		s.drop(t, key, []byte("nome;email\nAna;ana@exemplo.com.br\n"))
		if doc := s.await(t, key, 1); doc.State != "applied" || doc.List != list {
			t.Errorf("%s: %s %s, list %q, want %q", key, doc.State, doc.Code, doc.List, list)
		}
	}
}
