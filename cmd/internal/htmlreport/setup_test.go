package htmlreport

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
	"github.com/bateia/bateia/schemas"
)

//go:embed testdata/functions.sql
var functionsSQL string

//go:embed testdata/world.sql
var worldSQL string

//go:embed testdata/odd.sql
var oddSQL string

// testNow is when the reports of tests are made: 15:00 in São Paulo.
var testNow = time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC)

// world is a database with invented imports, read by an analyst of all accounts.
type world struct {
	admin  *pgx.Conn // a superuser
	reader *postgres.Reader
}

// clone is a copy of a migrated database in which some SQL was run once.
func clone(t testing.TB, name, sql string) *world {
	t.Helper()
	db := postgrestest.New(t, name, func(ctx context.Context, adminURL string) error {
		if err := postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{}); err != nil {
			return err
		}
		admin, err := pgx.Connect(ctx, adminURL)
		if err != nil {
			return err
		}
		_, err = admin.Exec(ctx, sql)
		return errors.Join(err, admin.Close(ctx))
	})
	admin, err := pgx.Connect(t.Context(), db.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	return &world{admin: admin, reader: login(t, db)}
}

func login(t testing.TB, db *postgrestest.DB) *postgres.Reader {
	t.Helper()
	url, giveBack, err := postgres.BorrowAnalyst(t.Context(), db.URL(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := giveBack(context.Background()); err != nil {
			t.Errorf("give back login: %v", err)
		}
	})
	r, err := postgres.OpenReader(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	return r
}

// newWorld is one with so many imports of a source a day, at most so many rows of
// each refused.
func newWorld(t testing.TB, imports, refused int) *world {
	t.Helper()
	sql := functionsSQL + strings.NewReplacer(":imports", strconv.Itoa(imports), ":refused", strconv.Itoa(refused)).Replace(worldSQL) + oddSQL + "; analyze"
	// Templates outlive a test: another SQL is another template.
	return clone(t, fmt.Sprintf("reports %x", sha256.Sum256([]byte(sql))), sql)
}

func (w *world) do(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := w.admin.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%.80s: %v", sql, err)
	}
}

// id returns the import of a file whose name begins so.
func (w *world) id(t testing.TB, file string) (id string) {
	t.Helper()
	err := w.admin.QueryRow(t.Context(), "select bateia.import_id_text(import_id) from bateia.imports where starts_with(file_name, $1)", file).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// request is one over days up to testNow.
func request(days int) Request {
	return Request{Accounts: []string{"default"}, Now: testNow, Since: func(a schemas.Account) (time.Time, error) {
		return testNow.In(a.Location()).AddDate(0, 0, 1-days), nil
	}, Overdue: func(c schemas.Connection, now time.Time, _ *time.Location) bool {
		return now.Sub(c.LastSuccess) > 24*time.Hour
	}}
}

// html writes a report.
func (w *world) html(t testing.TB, q Request) string {
	t.Helper()
	report, err := Read(t.Context(), w.reader, q)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
