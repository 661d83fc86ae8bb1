package e2e

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// canaries are values that must never leave the tables: parts of them, so that
// another spelling is found too.
var canaries = []string{
	"98876655", "98876-655", // phones
	"51987766", "5198-7766", // one that is refused
	"canario.secreto", "canario secreto", // an e-mail, and one that is refused
	"39053344705", "390.533.447", // a CPF
	"Zenóbia", "Zenobia", // a name
	"Canarinho", // in the names of a file and of a column
}

// canaryFiles go every way that an import can end.
var canaryFiles = []struct{ name, manifest, body, state string }{
	{"boa.csv", "", `nome;telefone;email;cpf;nascimento
Zenóbia Lima;51 98876-6554;canario.secreto@exemplo.com.br;390.533.447-05;01/02/1980
Zenóbia Lima;+55 51 988766554;CANARIO.SECRETO@exemplo.com.br;39053344705;
Zenóbia;5198-7766;;;
Zenóbia;;canario secreto@exemplo;;
Zenóbia;51 98876-6554;canario secreto;390.533.447-06;32/13/Zenóbia
Zenóbia;51 98876-6554 / 51 98876-6555
Zenóbia;51 98876-6554;a;b;c;d;e;f
"Zenóbia;51 98876-6554;"x"canario.secreto;;
Zenóbia;51 98876-6554;canario.secreto@exemplo.com.br;390.533.447-05;01/02/1980
`, "applied"},
	{"outra.csv", "", "nome;telefone;email;cidade\nZenóbia Lima;51 98876-6554;canario.secreto2@exemplo.com.br;Belém\n", "applied"},
	{"sem-cabecalho.csv", "", "Zenóbia Lima;51988766554;canario.secreto@exemplo.com.br\nZenóbia;51988766555;canario.secreto3@exemplo.com.br\n", "rejected"},
	{"binaria.csv", "", "PK\x03\x04 Zenóbia 51988766554 canario.secreto@exemplo.com.br", "rejected"},
	{"mapa.csv", "columns: {Canarinho: phone}\n", "nome;email\nZenóbia;canario.secreto@exemplo.com.br\n", "rejected"},
	{"manifesto.csv", "columns: [Canarinho, 51988766554\n", "nome;email\nZenóbia;canario.secreto@exemplo.com.br\n", "rejected"},
	{"encoding.csv", "options: {encoding: klingon}\n", "nome;email\nZenóbia;canario.secreto@exemplo.com.br\n", "rejected"},
	{"lista de Canarinho 51988766554.csv", "", "nome;cidade\nZenóbia;canario.secreto@exemplo.com.br\n", "rejected"},
	{"presa.csv", "", "nome;email\n" + strings.Repeat("Zenóbia;canario secreto\n", 25) + "Zenóbia;canario.secreto4@exemplo.com.br\n", "ready"},
}

// notices collects what is posted to BATEIA_NOTIFY_URL.
type notices struct {
	mu   sync.Mutex
	text strings.Builder
	n    int
}

func (n *notices) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // an empty notice fails the test too
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprintf(&n.text, "%v %s\n", r.Header, body)
	n.n++
}

// freeAddress is an address of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestCanaries plants values and secrets, lets imports end in every way, and looks
// for them in logs, job arguments, metrics, error texts and notices.
func TestCanaries(t *testing.T) {
	t.Parallel()
	told := &notices{}
	hook := httptest.NewServer(told)
	t.Cleanup(hook.Close)
	listen := freeAddress(t)
	s := own(t, "canary", "--log-level", "debug", "--listen", listen)
	s.env = []string{"BATEIA_NOTIFY_URL=" + hook.URL + "/hook"}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	for _, f := range canaryFiles {
		key := "uploads/default/feira/" + f.name
		if f.manifest != "" {
			s.drop(t, key+".import.yaml", []byte(f.manifest))
		}
		s.drop(t, key, []byte(f.body))
		if doc := s.await(t, key, 1); doc.State != f.state {
			t.Errorf("%s ended %s %s, want %s", f.name, doc.State, doc.Code, f.state)
		}
	}
	s.drop(t, "uploads/Canarinho/a.csv", []byte("email\ncanario.secreto@exemplo.com.br\n"))
	s.awaitAt(t, "results/_unassigned/a.csv/", 1)

	// A database that refuses quotes the row when it says why.
	admin := s.connect(t, "admin_database_url")
	if _, err := admin.Exec(t.Context(), "alter table bateia.prospects_default add check (email not like 'canario.secreto9%')"); err != nil {
		t.Fatal(err)
	}
	s.drop(t, "uploads/default/feira/quebra.csv", []byte("nome;email;telefone\nZenóbia Alta;canario.secreto9@exemplo.com.br;51988766559\n"))
	if doc := s.await(t, "uploads/default/feira/quebra.csv", 1); doc.State != "failed" {
		t.Errorf("an import that the database refuses ended %s", doc.State)
	}

	texts := map[string]string{}
	// Commands tell their user everything, their log nothing.
	c := s.conn(t, "default")
	held := column[string](t, c, "select bateia.import_id_text(import_id) from bateia.imports where held")[0]
	plan := file(t, "Canarinho.csv", []byte(canaryFiles[0].body))
	r := s.must(t, 3, "import", plan, "--plan-only", "--json", "--log-level", "debug")
	texts["log of import"] = string(r.stderr)
	s.must(t, 0, "cancel", decode(t, r.stdout).ImportID)
	s.must(t, 0, "cancel", held)
	texts["log of a command that fails"] = string(s.must(t, 1, "prospect", "51988760000", "--log-level", "debug").stderr)

	metrics, err := http.Get("http://" + listen + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(metrics.Body)
	if err != nil {
		t.Fatal(err)
	}
	metrics.Body.Close()
	texts["metrics"] = string(body)
	for what, query := range map[string]string{
		"jobs":           "select row_to_json(j)::text from river.river_job j",
		"work":           "select row_to_json(w)::text from bateia.work w",
		"scans":          "select row_to_json(w)::text from bateia.scans w",
		"events":         "select row_to_json(e)::text from bateia.events e",
		"codes":          "select coalesce(code, '') from bateia.imports",
		"stages":         "select row_to_json(e)::text from bateia.import_stages e",
		"issue counts":   "select row_to_json(e)::text from bateia.issue_counts e",
		"river's queues": "select coalesce(row_to_json(q)::text, '') from river.river_queue q",
	} {
		texts[what] = strings.Join(column[string](t, admin, query), "\n")
	}
	secrets := s.secrets(t)
	told.mu.Lock()
	texts["notices"] = told.text.String()
	if told.n < len(canaryFiles) {
		t.Errorf("%d notices for %d imports", told.n, len(canaryFiles))
	}
	told.mu.Unlock()

	// A stack inside a command keeps a log of its own.
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	s.must(t, 3, "import", plan, "--json")
	s.logs(t, texts)

	total := 0
	for what, text := range texts {
		total += len(text)
		for _, canary := range append(secrets, canaries...) {
			if i := strings.Index(strings.ToLower(text), strings.ToLower(canary)); i >= 0 {
				t.Errorf("%s: %q in …%s…", what, canary, text[max(0, i-200):min(len(text), i+200)])
			}
		}
	}
	// The search would find them: they are where they belong.
	all := strings.Join(column[string](t, reopen(t, s), "select row_to_json(i)::text from bateia.identities i"), "\n")
	for _, canary := range []string{"988766554", "canario.secreto", "39053344705"} {
		if !strings.Contains(all, canary) {
			t.Errorf("%s was not imported at all", canary)
		}
	}
	for _, what := range []string{"up1.err", "bateia.log", "postgres.log", "jobs", "metrics", "events", "notices"} {
		if len(texts[what]) < 100 {
			t.Errorf("%s: nothing to search: %q", what, texts[what])
		}
	}
	t.Logf("%d canaries and %d secrets, %d kB in %d places", len(canaries), len(secrets), total/1000, len(texts))
}

// secrets are the passwords and keys of the running stack.
func (s *stack) secrets(t *testing.T) []string {
	t.Helper()
	out := []string{s.settings["s3_secret_access_key"]}
	for _, name := range []string{"database_url", "admin_database_url"} {
		u, err := url.Parse(s.settings[name])
		if err != nil {
			t.Fatal(err)
		}
		password, _ := u.User.Password()
		out = append(out, password)
	}
	for _, secret := range out {
		if len(secret) < 16 {
			t.Fatal("a secret of the stack is too short to look for")
		}
	}
	return out
}

// logs reads everything that looks like a log: the output of up, and the files
// under the data directory that are neither tables nor objects nor settings.
func (s *stack) logs(t *testing.T, into map[string]string) {
	t.Helper()
	for _, dir := range []string{s.work, s.postgresDir()} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (path == filepath.Join(s.dir, "s3") || path == filepath.Join(s.dir, "s3-meta") || path == filepath.Join(s.postgresDir(), "data")):
				return filepath.SkipDir
			case !strings.HasSuffix(path, ".log") && !strings.HasSuffix(path, ".err") && !strings.HasSuffix(path, ".out"):
				return nil
			}
			b, err := os.ReadFile(path)
			into[filepath.Base(path)] = string(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// reopen starts the stack again and connects as the owner.
func reopen(t *testing.T, s *stack) queryer {
	t.Helper()
	began := time.Now()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Logf("started again in %.1f s", time.Since(began).Seconds())
	eventually(t, time.Minute, "up says that it is ready", func() (bool, error) {
		b, err := os.ReadFile(s.proc.out + ".out")
		return strings.Contains(string(b), s.settings["s3_endpoint"]), err
	})
	return s.connect(t, "admin_database_url")
}
