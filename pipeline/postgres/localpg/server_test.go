package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func ownerOf(t *testing.T, path string) int {
	t.Helper()
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(fi.Sys().(*syscall.Stat_t).Uid)
}

func TestServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "not", "yet", "there")
	opts := Options{DataDir: dir, Settings: map[string]string{"application_name": `it's a \ test`}}
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Alive() {
		t.Error("not alive after start")
	}
	conn := connect(t, s.URL(Superuser, "postgres"))
	got := map[string]string{}
	for _, name := range []string{"fsync", "shared_buffers", "max_wal_size", "checkpoint_timeout", "wal_compression",
		"max_connections", "jit", "random_page_cost", "TimeZone", "server_encoding", "lc_collate", "lc_ctype",
		"listen_addresses", "unix_socket_directories", "log_statement", "log_error_verbosity", "password_encryption"} {
		err := conn.QueryRow(t.Context(), "select current_setting($1, true)", name).Scan(ptr(got, name))
		if err != nil && !strings.Contains(err.Error(), "NULL") {
			t.Fatal(err)
		}
	}
	got["lc_collate"] = queryString(t, conn, "select datcollate from pg_database where datname = 'postgres'")
	got["lc_ctype"] = queryString(t, conn, "select datctype from pg_database where datname = 'postgres'")
	if v := got["wal_compression"]; v == "pglz" { // what "on" means is told apart since 15
		got["wal_compression"] = "on"
	}
	want := map[string]string{"fsync": "on", "shared_buffers": "256MB", "max_wal_size": "2GB", "checkpoint_timeout": "15min",
		"wal_compression": "on", "max_connections": "100", "jit": "off", "random_page_cost": "1.1", "TimeZone": "UTC",
		"server_encoding": "UTF8", "lc_collate": "C", "lc_ctype": "C", "listen_addresses": "127.0.0.1",
		"unix_socket_directories": "", "log_statement": "none", "log_error_verbosity": "terse", "password_encryption": "scram-sha-256"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings mismatch (-want +got):\n%s", diff)
	}
	fromFile := queryString(t, conn, "select setting from pg_file_settings where name = 'application_name'")
	if fromFile != `it's a \ test` {
		t.Errorf("quoted setting arrived as %q", fromFile)
	}
	mustExec(t, conn, "create table kept (n int); insert into kept values (42)")
	secret := s.Password(Superuser)
	modes(t, dir)

	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Alive() {
		t.Error("alive after stop")
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("second stop: %v", err)
	}
	mustBeGone(t, dir)

	s = newServer(t, opts)
	if s.Password(Superuser) != secret {
		t.Error("another password after a restart")
	}
	conn = connect(t, s.URL(Superuser, "postgres"))
	if got := queryString(t, conn, "select n::text from kept"); got != "42" {
		t.Errorf("kept %s, want 42", got)
	}
}

// ptr collects a scanned value into a map.
func ptr(m map[string]string, key string) *mapValue { return &mapValue{m, key} }

type mapValue struct {
	m   map[string]string
	key string
}

func (v *mapValue) Scan(src any) error {
	if s, ok := src.(string); ok {
		v.m[v.key] = s
	}
	return nil
}

// modes checks that others can neither enter nor read.
func modes(t *testing.T, dir string) {
	t.Helper()
	for path, want := range map[string]fs.FileMode{
		"": 0o700, clusterDir: 0o700, clusterDir + "/" + credentialsFile: 0o600, logFile: 0o600, lockFile: 0o600,
		clusterDir + "/postgresql.conf": 0o600, clusterDir + "/pg_hba.conf": 0o600,
	} {
		fi, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := fi.Mode().Perm(); got != want {
			t.Errorf("mode of %s is %o, want %o", path, got, want)
		}
	}
	if exists(filepath.Join(dir, pwFile)) {
		t.Error("initdb's password file is still there")
	}
	if os.Geteuid() == 0 && ownerOf(t, dir) == 0 {
		t.Error("the data directory belongs to root, as which Postgres does not run")
	}
}

func TestLogins(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "pg")
	if _, err := Attach(dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("attach before start: %v, want ErrNotRunning", err)
	}
	s := newServer(t, testOptions(dir))
	ctx := t.Context()
	for range 2 { // both can be repeated
		if err := s.EnsureLogin(ctx, `odd "role"`); err != nil {
			t.Fatal(err)
		}
		if err := s.EnsureDatabase(ctx, "odd db", `odd "role"`); err != nil {
			t.Fatal(err)
		}
	}
	e, err := Attach(dir)
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, e.URL(`odd "role"`, "odd db"))
	if got := queryString(t, conn, "select session_user || ' ' || current_database()"); got != `odd "role" odd db` {
		t.Errorf("logged in as %s", got)
	}
	if e.Password(Superuser) == e.Password(`odd "role"`) {
		t.Error("two roles share a password")
	}

	for _, tt := range []struct{ name, url string }{
		{"no password", fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", s)},
		{"another role's password", strings.Replace(s.URL(Superuser, "postgres"), s.Password(Superuser), s.Password("x"), 1)},
		{"a role without login", s.URL("pg_monitor", "postgres")},
	} {
		if conn, err := pgx.Connect(ctx, tt.url); err == nil {
			conn.Close(ctx)
			t.Errorf("%s: let in", tt.name)
		}
	}
	for _, text := range []string{fmt.Sprint(s.Endpoint), fmt.Sprintf("%#v", s.Endpoint), fmt.Sprintf("%+v", s.Endpoint)} {
		if text != s.String() {
			t.Errorf("an endpoint prints as %s", text)
		}
	}
}

func TestSecondStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "pg")
	s := newServer(t, testOptions(dir))
	if _, err := Start(t.Context(), testOptions(dir)); !errors.Is(err, ErrInUse) {
		t.Errorf("second start: %v, want ErrInUse", err)
	}
	if err := Remove(t.Context(), dir); !errors.Is(err, ErrInUse) {
		t.Errorf("remove: %v, want ErrInUse", err)
	}
	if !s.Alive() {
		t.Error("the first server is gone")
	}
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	opts := testOptions(filepath.Join(tempDir(t), "pg"))
	asked := 0
	opts.freePort = func() (int, error) {
		if asked++; asked < 3 {
			return l.Addr().(*net.TCPAddr).Port, nil
		}
		return freePort()
	}
	s := newServer(t, opts)
	if asked != 3 {
		t.Errorf("asked for %d ports, want 3", asked)
	}
	connect(t, s.URL(Superuser, "postgres"))
}

func TestFailedStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "pg")
	opts := testOptions(dir)
	opts.Settings = map[string]string{"shared_buffers": "many"}
	_, err := Start(t.Context(), opts)
	if err == nil || !strings.Contains(err.Error(), `invalid value for parameter "shared_buffers"`) {
		t.Errorf("start with a bad setting: %v; want the log's reason", err)
	}
	mustBeGone(t, dir)

	ctx, cancel := context.WithCancel(t.Context())
	opts = testOptions(dir)
	opts.freePort = func() (int, error) { cancel(); return freePort() }
	if _, err := Start(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("start when canceled: %v, want context.Canceled", err)
	}
	mustBeGone(t, dir)

	newServer(t, testOptions(dir)) // the lock was given back
}

func TestStopInTime(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), testOptions(filepath.Join(tempDir(t), "pg")))
	if err != nil {
		t.Fatal(err)
	}
	// A stopped postmaster cannot shut down fast.
	s.signal(syscall.SIGSTOP)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := make(chan error)
	go func() { done <- s.Stop(ctx) }()
	<-ctx.Done()
	s.signal(syscall.SIGCONT)
	err = <-done
	// Continued, it may find either signal first.
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stop: %v", err)
	}
	mustBeGone(t, s.DataDir)
}

func TestInterruptedInit(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "pg")
	if err := os.MkdirAll(filepath.Join(dir, unfinished, "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, unfinished, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	newServer(t, testOptions(dir))
	if exists(filepath.Join(dir, unfinished)) {
		t.Error("the unfinished cluster is still there")
	}
}

func TestOtherVersion(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "pg")
	if err := os.MkdirAll(filepath.Join(dir, clusterDir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, clusterDir, "PG_VERSION"), []byte("9999\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), testOptions(dir))
	if !errors.Is(err, ErrVersion) {
		t.Errorf("start of a cluster of version 9999: %v, want ErrVersion", err)
	}
}

// TestNoValuesInLog makes the errors that quote cell values, and the crash
// that quotes its statement.
func TestNoValuesInLog(t *testing.T) {
	t.Parallel()
	const canary = "5551987654321"
	s := newServer(t, testOptions(filepath.Join(tempDir(t), "pg")))
	conn := connect(t, s.URL(Superuser, "postgres"))
	mustExec(t, conn, "create table people (phone text primary key check (length(phone) < 20))")
	mustExec(t, conn, "insert into people values ($1)", canary)
	for _, sql := range []string{
		"select '" + canary + "x'::int",
		"insert into people values ('" + canary + "')",
		"insert into people values ('" + canary + canary + "')",
		"do $$ begin raise warning '%', '" + canary + "'; end $$",
		"select " + canary + " from nowhere",
	} {
		_, _ = conn.Exec(t.Context(), sql) // the server's log is what counts
	}
	pid := conn.PgConn().PID()
	crashed := make(chan error)
	go func() {
		_, err := conn.Exec(context.Background(), "select pg_sleep(60), '"+canary+"'")
		crashed <- err
	}()
	other := connect(t, s.URL(Superuser, "postgres"))
	for queryString(t, other, "select count(*)::text from pg_stat_activity where wait_event = 'PgSleep'") == "0" {
		continue
	}
	if err := syscall.Kill(int(pid), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-crashed; err == nil {
		t.Fatal("the statement survived its backend")
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(s.DataDir, logFile))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "was terminated by signal 9") {
		t.Errorf("the log says nothing of the crash:\n%s", log)
	}
	if strings.Contains(string(log), canary) || strings.Contains(string(log), s.Password(Superuser)) {
		t.Errorf("the log carries a value or the password:\n%s", log)
	}
}

func TestForeignFolder(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), testOptions(dir)); !errors.Is(err, ErrForeign) {
		t.Errorf("start in a folder with other files: %v, want ErrForeign", err)
	}
	if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o755 {
		t.Errorf("the folder was changed: %v %v", fi.Mode(), err)
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opts Options
	}{
		{"no directory", Options{}},
		{"line break in directory", Options{DataDir: "/tmp/a\nb"}},
		{"line break in setting", Options{DataDir: "/tmp/x", Settings: map[string]string{"work_mem": "4MB\nfsync=off"}}},
		{"bad setting name", Options{DataDir: "/tmp/x", Settings: map[string]string{"a = 1 #": "x"}}},
	} {
		if _, err := Start(t.Context(), tt.opts); err == nil {
			t.Errorf("%s: started", tt.name)
		}
	}
}
