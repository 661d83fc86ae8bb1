package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/localpg"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

var update = flag.Bool("update", false, "write schemas/schema.sql")

const schemaFile = "../../schemas/schema.sql"

// The dump is of this major version: others write the same schema differently.
const dumpVersion = "15"

func TestSchemaFileIsTrue(t *testing.T) {
	t.Parallel()
	db, own := setup(t)
	var version string
	must(t, db.Pool.QueryRow(t.Context(), "show server_version").Scan(&version))
	if major, _, _ := strings.Cut(version, "."); major != dumpVersion {
		t.Skipf("the dump in schemas/schema.sql is of Postgres %s, this is %s", dumpVersion, version)
	}
	bin, err := localpg.Find(localpg.Options{})
	must(t, err)
	pgDump := filepath.Join(bin.Dir, "pg_dump")
	if _, err := os.Stat(pgDump); err != nil {
		t.Skipf("these binaries of Postgres have no pg_dump: %v", err)
	}
	out, err := exec.Command(pgDump, "--schema-only", "--no-comments", "--schema=bateia", "--schema=report", "--dbname", own.URL("")).Output()
	if err != nil {
		var exit *exec.ExitError
		errors.As(err, &exit)
		t.Fatalf("pg_dump: %v: %s", err, exit.Stderr)
	}
	got := normalize(string(out))
	if *update {
		must(t, os.WriteFile(schemaFile, []byte(got), 0o644))
	}
	want, err := os.ReadFile(schemaFile)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("schemas/schema.sql is not what the migrations make; run this test with -update (-want +got):\n%s", diff)
	}
}

var (
	noise = regexp.MustCompile(`(?m)^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)\n`)
	blank = regexp.MustCompile(`\n{3,}`)
)

// normalize drops what differs between two dumps of one schema.
func normalize(dump string) string {
	s := strings.TrimSpace(blank.ReplaceAllString(noise.ReplaceAllString(dump, ""), "\n\n"))
	return "-- The migrated database, dumped by pg_dump " + dumpVersion + ". Made by a test of pipeline/postgres\n" +
		"-- (-update); to be read, never to be run: migrations/ is the source.\n\n" + s + "\n"
}

func TestMigrateAgainAndAtOnce(t *testing.T) {
	t.Parallel()
	one, two := postgrestest.New(t, "", nil), postgrestest.New(t, "", nil)
	var all sync.WaitGroup
	for range 3 {
		for _, own := range []*postgrestest.DB{one, two} {
			all.Go(func() {
				if err := migrated(t.Context(), own.URL("")); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	for _, own := range []*postgrestest.DB{one, two} {
		db, err := postgres.Open(t.Context(), own.URL(postgres.RoleWorker))
		must(t, err)
		defer db.Close()
		if n, err := db.Pending(t.Context()); err != nil || n != 0 {
			t.Errorf("%d migrations pending: %v", n, err)
		}
	}
}

// plainAdmin makes a user who is no superuser but may make roles, and a database
// that is theirs.
func plainAdmin(t *testing.T) (adminURL string, own *postgrestest.DB) {
	t.Helper()
	own = postgrestest.New(t, "", nil)
	conn, err := pgx.Connect(t.Context(), own.URL(""))
	must(t, err)
	defer conn.Close(context.Background())
	// The roles belong to the server: another test may have made them, so that
	// this user has to be given what its maker would have.
	must(t, migrated(t.Context(), own.URL("")))
	name := "plain_" + own.Name
	for _, sql := range []string{
		"create role " + name + " login createrole password 'x'",
		"grant bateia_owner to " + name,
	} {
		_, err := conn.Exec(t.Context(), sql)
		must(t, err)
	}
	fresh := postgrestest.New(t, "", nil)
	_, err = conn.Exec(t.Context(), fmt.Sprintf("alter database %s owner to %s", pgx.Identifier{fresh.Name}.Sanitize(), name))
	must(t, err)
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), own.URL(""))
		must(t, err)
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), fmt.Sprintf("alter database %s owner to current_user", pgx.Identifier{fresh.Name}.Sanitize())); err != nil {
			t.Error(err)
		}
		if _, err := conn.Exec(context.Background(), "drop role "+name); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(fresh.URL(""))
	must(t, err)
	u.User = url.UserPassword(name, "x")
	return u.String(), fresh
}

func TestMigrateAsAPlainAdmin(t *testing.T) {
	t.Parallel()
	adminURL, own := plainAdmin(t)
	if strings.Contains(adminURL, "@") {
		if _, err := pgx.Connect(t.Context(), adminURL); err != nil {
			t.Skipf("this server does not let a made role in: %v", err)
		}
	}
	for range 2 {
		must(t, migrated(t.Context(), adminURL))
	}
	db, err := postgres.Open(t.Context(), own.URL(postgres.RoleWorker))
	must(t, err)
	defer db.Close()
	if n, err := db.Pending(t.Context()); err != nil || n != 0 {
		t.Errorf("%d migrations pending: %v", n, err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	own := postgrestest.New(t, "", nil)
	u, err := url.Parse(own.URL(""))
	must(t, err)
	u.Path = "/nowhere_" + own.Name
	for _, tt := range []struct {
		name, url string
		kind      pipeline.Kind
	}{
		{"no such database", u.String(), pipeline.KindPermanent},
		{"nobody listens", "postgres://w:canary@127.0.0.1:1/x", pipeline.KindTransient},
		{"no URL", "postgres://w:canary@[::1/x", pipeline.KindPermanent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := postgres.Open(t.Context(), tt.url)
			if err == nil || pipeline.KindOf(err) != tt.kind || strings.Contains(err.Error(), "canary") {
				t.Errorf("error is %v of kind %s, want kind %s", err, pipeline.KindOf(err), tt.kind)
			}
		})
	}
}
