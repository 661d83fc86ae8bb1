package postgrestest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres/localpg"
)

// DB is the database of one test.
type DB struct {
	Name string
	srv  *server
}

// URL returns the connection URL of a role: "" is the superuser, with whom the
// template was prepared; bateia_worker is the worker. Other roles need a
// password that a test sets to Password.
func (db *DB) URL(role string) string {
	if role == "" {
		role = localpg.Superuser
	}
	return db.srv.URL(role, db.Name)
}

// Password returns the password that URL puts in for a role.
func (db *DB) Password(role string) string { return db.srv.Password(role) }

// cloneStrategy copies the files. Its two checkpoints cost little without fsync;
// the default way, block by block through the buffers, takes twice the processor
// time (BenchmarkClone).
const cloneStrategy = " strategy file_copy"

// New returns a database that is dropped at the end of the test: a copy of a
// template, which prepare fills the first time. Template names what prepare
// does; equal names share one template in all test binaries, for as long as
// the sources of schemas and pipeline/postgres stay the same. Prepare gets the
// URL of the superuser; calls take turns over all processes. It must find its
// way when the roles that it makes exist already, since they belong to the
// server. A nil prepare gives an empty database.
func New(t testing.TB, template string, prepare func(ctx context.Context, adminURL string) error) *DB {
	t.Helper()
	srv, err := use(t.Context())
	if err != nil {
		fatal(t, "start test server", err)
	}
	from, err := srv.template(t.Context(), template, prepare)
	if err != nil {
		fatal(t, "prepare template "+template, err)
	}
	db := &DB{Name: "t_" + strings.ToLower(rand.Text()[:16]), srv: srv}
	if _, err := srv.admin.Exec(t.Context(), "create database "+db.Name+" template "+from+cloneStrategy); err != nil {
		fatal(t, "clone database", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := srv.admin.Exec(ctx, "drop database "+db.Name+" with (force)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return db
}

func fatal(t testing.TB, op string, err error) {
	t.Helper()
	if hint := pipeline.HintOf(err); hint != "" {
		t.Fatalf("%s: %v\n%s", op, err, hint)
	}
	t.Fatalf("%s: %v", op, err)
}

// templates are those this process knows to be finished.
var templates struct {
	sync.Mutex
	done map[string]bool
}

// templateLock is the advisory lock of everybody who prepares a template. One
// for all of them: they meet in the roles of the cluster.
const templateLock = 0x74656d706c617465 // "template"

// template returns the name of a finished template database.
func (s *server) template(ctx context.Context, key string, prepare func(context.Context, string) error) (string, error) {
	sum := sha256.Sum256([]byte(key + "\x00" + sourceHash()))
	name := "template_" + hex.EncodeToString(sum[:8])
	templates.Lock()
	defer templates.Unlock()
	if templates.done[name] {
		return name, nil
	}
	err := s.admin.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		// In one session, which gives the lock back however it ends.
		if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(templateLock)); err != nil {
			return fmt.Errorf("wait for other templates: %w", err)
		}
		err := s.build(ctx, conn.Conn(), name, prepare)
		// A session that was cut off has no lock any more, and is not reused.
		_, uerr := conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(templateLock))
		return errors.Join(err, uerr)
	})
	if err != nil {
		return "", err
	}
	if templates.done == nil {
		templates.done = map[string]bool{}
	}
	templates.done[name] = true
	return name, nil
}

// build makes a template unless it is there. What is no template yet was left
// by somebody who died over it.
func (s *server) build(ctx context.Context, conn *pgx.Conn, name string, prepare func(context.Context, string) error) error {
	var finished bool
	err := conn.QueryRow(ctx, "select datistemplate from pg_database where datname = $1", name).Scan(&finished)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return fmt.Errorf("look for template: %w", err)
	case finished:
		return nil
	default:
		if _, err := conn.Exec(ctx, "drop database "+name+" with (force)"); err != nil {
			return fmt.Errorf("drop unfinished template: %w", err)
		}
	}
	if _, err := conn.Exec(ctx, "create database "+name+" template template0"); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	if prepare != nil {
		if err := prepare(ctx, s.URL(localpg.Superuser, name)); err != nil {
			return err
		}
	}
	// A database that somebody is connected to cannot be cloned.
	for _, sql := range []string{
		"alter database " + name + " allow_connections false",
		"select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'",
		"alter database " + name + " is_template true",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("close template: %w", err)
		}
	}
	return nil
}
