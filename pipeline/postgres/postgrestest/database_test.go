package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func scan[T any](t testing.TB, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// tables is a prepare function about as big as the project's schema.
func tables(ctx context.Context, adminURL string) error {
	conn, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `do $$ begin
		for i in 1..120 loop
			execute format('create table t%s (id bigint primary key, name text, at timestamptz default now())', i);
			execute format('insert into t%s select g, repeat(''x'', 50) from generate_series(1, 20) g', i);
		end loop;
		if not exists (select from pg_roles where rolname = 'bateia_worker') then
			create role bateia_worker login;
		end if;
		grant select on all tables in schema public to bateia_worker;
	end $$`)
	return err
}

func TestNew(t *testing.T) {
	t.Parallel()
	key := "TestNew " + rand.Text()
	var prepared atomic.Int32
	prepare := func(ctx context.Context, url string) error {
		prepared.Add(1)
		return tables(ctx, url)
	}
	admin := connect(t, New(t, "", nil).URL(""))
	var names []string
	t.Run("group", func(t *testing.T) {
		for range 4 {
			db := New(t, key, prepare)
			names = append(names, db.Name)
			conn := connect(t, db.URL(""))
			if n := scan[int](t, conn, "delete from t1 where id > 5 returning (select count(*) from t1)"); n != 20 {
				t.Errorf("the copy begins with %d rows, want 20", n)
			}
			if n := scan[int](t, admin, "select count(*) from pg_database where datname = $1", db.Name); n != 1 {
				t.Errorf("%d databases named %s", n, db.Name)
			}
		}
	})
	if n := prepared.Load(); n != 1 {
		t.Errorf("prepared %d times, want once", n)
	}
	if n := scan[int](t, admin, "select count(*) from pg_database where datname = any($1)", names); n != 0 {
		t.Errorf("%d databases are left after their tests", n)
	}
}

// TestWorkerLogin: no test can lock the worker out for the others.
func TestWorkerLogin(t *testing.T) {
	t.Parallel()
	db := New(t, "tables", tables)
	conn := connect(t, db.URL("bateia_worker"))
	if got := scan[string](t, conn, "select session_user::text"); got != "bateia_worker" {
		t.Errorf("logged in as %s", got)
	}
	// Another package's tests set the password of the one role all share.
	for {
		_, err := connect(t, db.URL("")).Exec(t.Context(), "alter role bateia_worker password '"+rand.Text()+"'")
		if err == nil {
			break
		}
		t.Log(err) // somebody altered it at the same time
	}
	connect(t, db.URL("bateia_worker"))
}

func TestTemplateFails(t *testing.T) {
	t.Parallel()
	srv, err := use(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key := rand.Text()
	boom := errors.New("boom")
	_, err = srv.template(t.Context(), key, func(ctx context.Context, url string) error {
		_, err := connect(t, url).Exec(ctx, "create table half ()")
		return errors.Join(err, boom)
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v, want the error of prepare", err)
	}
	// What is left is not taken for finished, by whomever.
	db := New(t, key, tables)
	if n := scan[int](t, connect(t, db.URL("")), "select count(*) from pg_tables where schemaname = 'public'"); n != 120 {
		t.Errorf("%d tables, want 120 without the half one", n)
	}
}

// TestOpenTemplate: a prepare function that leaves connections behind does not
// keep its template from being cloned.
func TestOpenTemplate(t *testing.T) {
	t.Parallel()
	New(t, rand.Text(), func(ctx context.Context, url string) error {
		_, err := pgx.Connect(context.WithoutCancel(ctx), url)
		return err
	})
}

func TestCloneTime(t *testing.T) {
	t.Parallel()
	New(t, "tables", tables)
	const n = 10
	began := time.Now()
	for range n {
		New(t, "tables", tables)
	}
	t.Logf("%s a clone of 120 tables", (time.Since(began) / n).Round(time.Millisecond))
}

func BenchmarkClone(b *testing.B) {
	srv, err := use(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	from, err := srv.template(b.Context(), "tables", tables)
	if err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct{ name, strategy string }{{"wal log", "wal_log"}, {"file copy", "file_copy"}} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := srv.admin.Exec(b.Context(), "create database bench template "+from+" strategy "+bb.strategy); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if _, err := srv.admin.Exec(b.Context(), "drop database bench"); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
	b.Run("drop", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			if _, err := srv.admin.Exec(b.Context(), "create database bench template "+from); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if _, err := srv.admin.Exec(b.Context(), "drop database bench with (force)"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
