package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/charmap"

	"github.com/bateia/bateia/cmd/internal/embedded"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bateia": main})
}

// TestStories runs the stories of testdata/script, each with a database and a
// bucket of its own on shared servers. They start the worker they need.
func TestStories(t *testing.T) {
	t.Parallel()
	stories(t, "[^_]*.txtar", func(env *testscript.Env) error {
		tb, ok := env.T().(testing.TB)
		if !ok {
			return fmt.Errorf("a story runs in %T", env.T())
		}
		db := postgrestest.New(tb, "migrated", func(ctx context.Context, adminURL string) error {
			return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
		})
		store := objstoretest.New(tb).Config()
		env.Vars = append(env.Vars,
			"BATEIA_DATABASE_URL="+db.URL(postgres.RoleWorker), "BATEIA_ADMIN_DATABASE_URL="+db.URL(""),
			"BATEIA_S3_ENDPOINT="+store.Endpoint, "BATEIA_S3_REGION="+store.Region, "BATEIA_S3_BUCKET="+store.Bucket,
			"BATEIA_S3_ACCESS_KEY_ID="+store.AccessKeyID, "BATEIA_S3_SECRET_ACCESS_KEY="+store.SecretAccessKey,
			"BATEIA_SCAN_EVERY=1s", "SUFFIX="+strings.ToLower(rand.Text()[:10])) // of roles, which belong to the server
		return nil
	})
}

// TestEmbeddedStories runs those that start the embedded stack.
func TestEmbeddedStories(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Postgres for each story")
	}
	stories(t, "_*.txtar", func(env *testscript.Env) error {
		env.Defer(func() {
			if err := embedded.Remove(context.Background(), filepath.Join(env.WorkDir, ".bateia")); err != nil {
				t.Errorf("remove data directory: %v", err)
			}
		})
		return nil
	})
}

func stories(t *testing.T, pattern string, setup func(*testscript.Env) error) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "script", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("stories %s: %v, %v", pattern, files, err)
	}
	testscript.Run(t, testscript.Params{
		Files: files,
		Setup: func(env *testscript.Env) error {
			scratch := filepath.Join(env.WorkDir, "scratch")
			env.Vars = append(env.Vars, "BATEIA_LOCALE=en", "BATEIA_SCRATCH_DIR="+scratch, "PATH="+os.Getenv("PATH"))
			if err := os.Mkdir(scratch, 0o700); err != nil {
				return err
			}
			return setup(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": cmdCode, "json": cmdJSON, "put": cmdPut, "await": cmdAwait, "latin1": cmdLatin1, "repeat": cmdRepeat, "settings": cmdSettings,
			"until": cmdUntil, "bytes": cmdBytes, "freeport": cmdFreePort, "http": cmdHTTP, "send": cmdSend,
			"jsonenv": cmdJSONEnv,
			"pack":    cmdPack, "workbook": cmdWorkbook,
		},
		RequireExplicitExec: true,
	})
}

// cmdCode runs the program and checks its exit code: code 3 bateia import f.csv
func cmdCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program args…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		var ok bool
		if got, ok = strings.CutPrefix(err.Error(), "exit status "); !ok {
			ts.Fatalf("%v", err)
		}
	}
	ts.Logf("exit code %s", got)
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s\n%s\n%s", got, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// cmdJSON checks a value of the JSON on standard output. The path's parts are
// keys and indexes; a first part like 2: picks the line: json 2:ledger.read 7
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] json path value")
	}
	got := jsonAt(ts, args[0])
	if (got == args[1]) == neg {
		ts.Fatalf("%s is %q, want %q (negated: %v) in %s", args[0], got, args[1], neg, ts.ReadFile("stdout"))
	}
}

// cmdJSONEnv puts such a value into a variable: jsonenv ID 0:import_id
func cmdJSONEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: jsonenv VAR path")
	}
	ts.Setenv(args[0], jsonAt(ts, args[1]))
}

// jsonAt returns the value at a path of the JSON on standard output.
func jsonAt(ts *testscript.TestScript, path string) string {
	line, whole := 0, path
	if n, rest, ok := strings.Cut(path, ":"); ok {
		var err error
		line, err = strconv.Atoi(n)
		ts.Check(err)
		path = rest
	}
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	if line >= len(lines) {
		ts.Fatalf("standard output has %d lines", len(lines))
	}
	var v any
	ts.Check(json.Unmarshal([]byte(lines[line]), &v))
	for _, part := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			var known bool
			if v, known = at[part]; !known {
				ts.Fatalf("there is no %q in %s", part, lines[line])
			}
		case []any:
			i, err := strconv.Atoi(part)
			ts.Check(err)
			if i >= len(at) {
				ts.Fatalf("%s has %d elements in %s", whole, len(at), lines[line])
			}
			v = at[i]
		default:
			ts.Fatalf("%s ends before %q in %s", whole, part, lines[line])
		}
	}
	got := fmt.Sprint(v)
	if f, ok := v.(float64); ok {
		got = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if v == nil {
		got = "null"
	}
	return got
}

// store opens the bucket of a story: the one it was given, or that of the stack
// whose addresses the command settings read.
func store(ts *testscript.TestScript) *objstore.Store {
	prefix := "BATEIA_"
	if ts.Getenv("STACK_S3_BUCKET") != "" {
		prefix = "STACK_"
	}
	s, err := objstore.Open(context.Background(), objstore.Config{
		Endpoint: ts.Getenv(prefix + "S3_ENDPOINT"), Region: ts.Getenv(prefix + "S3_REGION"), Bucket: ts.Getenv(prefix + "S3_BUCKET"),
		AccessKeyID: ts.Getenv(prefix + "S3_ACCESS_KEY_ID"), SecretAccessKey: ts.Getenv(prefix + "S3_SECRET_ACCESS_KEY"),
	})
	ts.Check(err)
	return s
}

// cmdPut drops a file: put leads.csv uploads/default/leads.csv
func cmdPut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: put file key")
	}
	_, err := store(ts).PutFile(context.Background(), args[1], ts.MkAbs(args[0]), objstore.PutOptions{}, nil)
	ts.Check(err)
}

// cmdAwait waits for an object whose key begins and ends so, and saves it:
// await results/default/a.csv/ .txt result.txt
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: await prefix suffix file")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	bucket := store(ts)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		for page, err := range bucket.List(ctx, args[0], "") {
			ts.Check(err)
			for _, obj := range page.Objects {
				if strings.HasSuffix(obj.Key, args[1]) {
					_, err := bucket.Download(ctx, obj, ts.MkAbs(args[2]), nil)
					ts.Check(err)
					return
				}
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("no object %s…%s", args[0], args[1])
		}
	}
}

// cmdLatin1 rewrites files in Windows-1252.
func cmdLatin1(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text, err := charmap.Windows1252.NewEncoder().String(ts.ReadFile(name))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// cmdRepeat appends a line to a file so many times: repeat 30 f.csv 'x;%d'
func cmdRepeat(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: repeat n file line")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	var text strings.Builder
	text.WriteString(ts.ReadFile(args[1]))
	for i := range n {
		text.WriteString(strings.ReplaceAll(args[2], "%d", fmt.Sprintf("%04d", i)) + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
}

// cmdSettings waits for the running stack and takes its addresses into the
// environment of the story.
func cmdSettings(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		ts.Check(ts.Exec("bateia", "config", "--show-secrets", "--json"))
		var all map[string]any
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &all))
		if all["s3_endpoint"] != "" {
			for _, name := range []string{"s3_endpoint", "s3_region", "s3_bucket", "s3_access_key_id", "s3_secret_access_key"} {
				ts.Setenv("STACK_"+strings.ToUpper(name), fmt.Sprint(all[name]))
			}
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("the stack did not come up")
		}
	}
}

// cmdUntil runs the program until its standard output holds a text:
// until received bateia imports
func cmdUntil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until text program args…")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		ts.Check(ts.Exec(args[1], args[2:]...))
		if strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("%q did not come", args[0])
		}
	}
}

// cmdBytes writes a file that is no text: bytes f.csv 'PK\x03\x04'
func cmdBytes(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: bytes file text")
	}
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// cmdFreePort puts the number of a free port into a variable: freeport PORT
func cmdFreePort(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv(args[0], port)
}

// cmdHTTP gets a URL as soon as it answers, checks the status, and puts the
// answer on standard output: http 200 http://127.0.0.1:$PORT/readyz
func cmdHTTP(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: http status url")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, args[1], nil)
		ts.Check(err)
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			ts.Check(err)
			if got := strconv.Itoa(resp.StatusCode); got != args[0] {
				ts.Fatalf("status %s, want %s: %s", got, args[0], body)
			}
			_, err = ts.Stdout().Write(body)
			ts.Check(err)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("%v", err)
		}
	}
}

// cmdSend sends a request with a body and checks the status:
// send POST 204 http://127.0.0.1:$PORT/simulator/fail '{"method":"ListarClientes","fault":"broken"}'
func cmdSend(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: send method status url [body]")
	}
	body := ""
	if len(args) == 4 {
		body = args[3]
	}
	req, err := http.NewRequestWithContext(context.Background(), args[0], args[2], strings.NewReader(body))
	ts.Check(err)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if got := strconv.Itoa(resp.StatusCode); got != args[1] {
		ts.Fatalf("status %s, want %s: %s", got, args[1], answer)
	}
	_, err = ts.Stdout().Write(answer)
	ts.Check(err)
}
