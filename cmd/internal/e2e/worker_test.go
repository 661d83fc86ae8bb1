package e2e

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline/objstoretest"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

// remote is a stack that does not end with the program: a database and a bucket
// of the test's own on servers that go on.
func remote(t *testing.T) *stack {
	t.Helper()
	db := postgrestest.New(t, "migrated", func(ctx context.Context, adminURL string) error {
		return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
	})
	store := objstoretest.New(t).Config()
	work, err := os.MkdirTemp(root, "remote-")
	if err != nil {
		t.Fatal(err)
	}
	s := &stack{work: work, settings: map[string]string{
		"database_url": db.URL(postgres.RoleWorker), "admin_database_url": db.URL(""),
		"s3_endpoint": store.Endpoint, "s3_region": store.Region, "s3_bucket": store.Bucket,
		"s3_access_key_id": store.AccessKeyID, "s3_secret_access_key": store.SecretAccessKey,
	}}
	s.bucket, s.given = openBucket(s.settings), s.addresses()
	return s
}

// TestKillWorker ends a worker whose database and bucket go on, once with SIGKILL
// in each of its long stages and once softly. The next worker takes over.
func TestKillWorker(t *testing.T) {
	t.Parallel()
	s := remote(t)
	body := people(*killRows/2, 0, 2).bytes()
	p := s.worker(t, "first")
	s.account(t, "calm")
	// Registered by a command: after a crash no worker scans for some seconds.
	s.drop(t, "elsewhere/leads.csv", body)
	object := "s3://" + s.name + "/elsewhere/leads.csv"
	s.must(t, 3, "import", object, "--account", "calm")
	calm := s.conn(t, "calm")
	known := digest(t, calm)
	for _, end := range []struct {
		name   string
		stage  string
		signal syscall.Signal
	}{{"kill-validate", "validate", syscall.SIGKILL}, {"kill-resolve", "resolve", syscall.SIGKILL}, {"kill-apply", "apply", syscall.SIGKILL}, {"stop-dedupe", "dedupe", syscall.SIGTERM}} {
		s.account(t, end.name)
		w := watcher{p: p, conn: s.conn(t, end.name), key: "elsewhere/leads.csv"}
		s.must(t, 0, "import", object, "--account", end.name, "--no-wait")
		at, caught := w.catch(t, moment{stage: end.stage})
		if !caught {
			t.Fatalf("%s was missed: %s", end.stage, at)
		}
		began := time.Now()
		if err := p.cmd.Process.Signal(end.signal); err != nil {
			t.Fatal(err)
		}
		if err := p.thaw(); err != nil && end.signal == syscall.SIGTERM {
			t.Fatal(err)
		}
		<-p.done
		if end.signal == syscall.SIGTERM && p.err != nil {
			t.Errorf("soft stop: %v\n%s", p.err, p.tail())
		}
		stopped := time.Now()
		p = s.worker(t, "after-"+end.name)
		eventually(t, recoverWithin, "the next worker applies the import", func() (bool, error) {
			return w.read(t).state == "applied", nil
		})
		t.Logf("%s: stood at %s; gone after %.1f s; applied %.1f s after the next one's start: %s", end.name, at,
			stopped.Sub(began).Seconds(), time.Since(stopped).Seconds(), w.read(t))
		compare(t, known, calm, w.conn)
	}
}

// TestKillOneOfTwo kills the worker that has the import while another one lives,
// which has to notice: there is no restart that would.
func TestKillOneOfTwo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for the next reconciliation")
	}
	s := remote(t)
	workers := map[string]*process{}
	for _, name := range []string{"one", "two"} {
		p := s.worker(t, name)
		workers[fmt.Sprint(p.cmd.Process.Pid)] = p
	}
	f := people(*killRows/2, 0, 2)
	f.bridge = 0
	s.drop(t, "elsewhere/leads.csv", f.bytes())
	s.must(t, 3, "import", "s3://"+s.name+"/elsewhere/leads.csv")
	c := s.conn(t, "default")
	before := digest(t, c)["prospects"]
	s.must(t, 0, "import", "s3://"+s.name+"/elsewhere/leads.csv", "--no-wait")
	const last = "from bateia.work where import_id = (select max(import_id) from bateia.imports)"
	var holder []string
	eventually(t, time.Minute, "somebody plans the import", func() (bool, error) {
		holder = column[string](t, c, "select split_part(worker, '/', 3) "+last+" and state = 'running' and phase = 'plan'")
		return len(holder) == 1, nil
	})
	victim := workers[holder[0]]
	if err := victim.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-victim.done
	killed := time.Now()
	state := column[string](t, c, "select state from bateia.imports order by import_id desc limit 1")[0]
	eventually(t, 2*time.Minute, "the other worker applies the import", func() (bool, error) {
		return column[string](t, c, "select state from bateia.imports order by import_id desc limit 1")[0] == "applied", nil
	})
	t.Logf("killed at %s; the other worker had it applied after %.0f s", state, time.Since(killed).Seconds())
	if after := digest(t, c)["prospects"]; after != before {
		t.Errorf("the same file again: %s, before %s", after, before)
	}
}

// TestFileChanged overwrites an object between its registration and its import.
func TestFileChanged(t *testing.T) {
	t.Parallel()
	s := remote(t)
	s.drop(t, "elsewhere/a.csv", []byte("nome;email\nAna;ana@exemplo.com.br\n"))
	doc := decode(t, s.must(t, 0, "import", "s3://"+s.name+"/elsewhere/a.csv", "--no-wait", "--json").stdout)
	if doc.State != "received" {
		t.Errorf("registered: %s", doc.State)
	}
	s.drop(t, "elsewhere/a.csv", []byte("nome;email\nBia;bia@exemplo.com.br\n"))
	s.worker(t, "worker")
	c := s.conn(t, "default")
	eventually(t, time.Minute, "the import ends", func() (bool, error) {
		return column[string](t, c, "select state from bateia.imports")[0] == "rejected", nil
	})
	checkRefused(t, "changed", "FILE_CHANGED", decode(t, s.must(t, 0, "show", doc.ImportID, "--json").stdout))
	checkNothingWritten(t, c, 1)
}
