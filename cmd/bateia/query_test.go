package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

// interrupter ends a context with the first bytes that are written to it.
type interrupter struct {
	bytes.Buffer
	cancel context.CancelFunc
}

func (w *interrupter) Write(p []byte) (int, error) {
	w.cancel()
	return w.Buffer.Write(p)
}

// Ctrl-C while rows arrive: the statement ends at the server, and the login that
// was lent is given back.
func TestInterruptEndsTheQuery(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, "migrated", func(ctx context.Context, adminURL string) error {
		return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
	})
	env := map[string]string{"BATEIA_LOCALE": "en", "BATEIA_DATABASE_URL": db.URL(postgres.RoleWorker), "BATEIA_ADMIN_DATABASE_URL": db.URL(""), "BATEIA_S3_BUCKET": "not-asked"}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errs := &interrupter{cancel: cancel}, &bytes.Buffer{}
	code := run(ctx, environment{
		args: []string{"query", "select generate_series(1, 100000) as n, repeat('x', 9000) as x, pg_sleep(0.01)", "--timeout", "1h", "--json"},
		in:   strings.NewReader(""), out: out, err: errs, getenv: func(name string) string { return env[name] },
	})
	if code != exitInterrupted {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	if !strings.HasPrefix(out.String(), `{"n":1,"x":"xxx`) {
		t.Errorf("the first row did not come: %.40q", out.String())
	}
	conn, err := pgx.Connect(t.Context(), db.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var busy, lent int
	err = conn.QueryRow(t.Context(), `select (select count(*) from pg_stat_activity where datname = current_database() and application_name = 'bateia query' and state = 'active'),
		(select count(*) from bateia.analysts)`).Scan(&busy, &lent)
	if err != nil || busy != 0 || lent != 0 {
		t.Errorf("%d statements run, %d logins are lent, %v", busy, lent, err)
	}
}
