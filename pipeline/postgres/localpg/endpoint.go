package localpg

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/bateia/bateia/pipeline"
)

// Endpoint is a running server as its clients need it. It prints as its
// address, without the secret.
type Endpoint struct {
	Port   int // on 127.0.0.1
	secret []byte
}

func (e Endpoint) String() string   { return net.JoinHostPort("127.0.0.1", strconv.Itoa(e.Port)) }
func (e Endpoint) GoString() string { return e.String() }

// Attach returns the endpoint of the server that a living process runs on a
// data directory, or an error around ErrNotRunning. A server that is still
// starting, or going down, counts as not running.
func Attach(dataDir string) (Endpoint, error) {
	opts := Options{DataDir: dataDir}.withDefaults()
	if err := opts.validate(); err != nil {
		return Endpoint{}, err
	}
	h, err := locate(opts)
	if err != nil {
		return Endpoint{}, err
	}
	return h.attach()
}

func (h *home) attach() (Endpoint, error) {
	stopped := &pipeline.Error{Op: "attach to postgres", Kind: pipeline.KindTransient, Err: fmt.Errorf("%w: %s", ErrNotRunning, h.dir)}
	p, err := readPIDFile(h.data())
	if errors.Is(err, fs.ErrNotExist) {
		return Endpoint{}, stopped
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("attach to postgres: %w", err)
	}
	if !p.ready || errors.Is(syscall.Kill(p.pid, 0), syscall.ESRCH) {
		return Endpoint{}, stopped
	}
	creds, err := readCredentials(h.data())
	if err != nil {
		return Endpoint{}, err
	}
	return Endpoint{Port: p.port, secret: []byte(creds.Secret)}, nil
}

// Password returns the password of a role whose login was made here
// (Superuser, EnsureLogin): 40 hex digits derived from the cluster's secret,
// another one for each role. The password of one role tells nothing of others.
func (e Endpoint) Password(role string) string {
	mac := hmac.New(sha256.New, e.secret)
	mac.Write([]byte("login\x00" + role))
	return hex.EncodeToString(mac.Sum(nil)[:20])
}

// URL returns the connection URL of a role, with its password, for a database.
func (e Endpoint) URL(role, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(role, e.Password(role)), Host: e.String(),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// EnsureLogin lets a role log in with its Password; a role that does not exist
// is made, without any rights. The caller sees to it that no two do this for
// one role at once.
func (e Endpoint) EnsureLogin(ctx context.Context, role string) error {
	err := e.asSuperuser(ctx, func(conn *pgx.Conn) error {
		var known bool
		if err := conn.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", role).Scan(&known); err != nil {
			return err
		}
		verb := "create"
		if known {
			verb = "alter"
		}
		_, err := conn.Exec(ctx, fmt.Sprintf("%s role %s login password '%s'", verb, quote(role), e.Password(role)))
		return err
	})
	if err != nil {
		return fmt.Errorf("ensure login of %s: %w", role, err)
	}
	return nil
}

// EnsureDatabase makes a database unless it exists; owner "" is Superuser.
func (e Endpoint) EnsureDatabase(ctx context.Context, name, owner string) error {
	if owner == "" {
		owner = Superuser
	}
	err := e.asSuperuser(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, fmt.Sprintf("create database %s owner %s", quote(name), quote(owner)))
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "42P04" { // duplicate_database
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("ensure database %s: %w", name, err)
	}
	return nil
}

func (e Endpoint) asSuperuser(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, e.URL(Superuser, "postgres"))
	if err != nil {
		return err
	}
	err = do(conn)
	if cerr := conn.Close(context.WithoutCancel(ctx)); err == nil {
		err = cerr
	}
	return err
}

// quote writes a name as an SQL identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
