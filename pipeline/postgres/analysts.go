package postgres

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
)

//go:embed sql/analyst_accounts.sql
var analystAccountsSQL string

//go:embed sql/analyst_known.sql
var analystKnownSQL string

//go:embed sql/analyst_lent.sql
var analystLentSQL string

//go:embed sql/analysts.sql
var analystsSQL string

// Analyst is a login role that may read the views of schema report.
type Analyst struct {
	Name      string
	Accounts  []string // slugs, sorted
	CreatedAt time.Time
}

// analystName is what a login may be called. Names of Postgres' and of the
// program's own roles are not for people.
var analystName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ValidAnalystName reports whether a login of an analyst may have that name.
func ValidAnalystName(name string) bool {
	return analystName.MatchString(name) && !strings.HasPrefix(name, "pg_") && !strings.HasPrefix(name, "bateia_")
}

// CreateAnalyst makes a login role for the accounts with the given slugs and
// returns its URL, the only place where its password stands: the server gets a
// verifier. adminURL is that of Migrate. ErrExists when the server has a role of
// that name, ErrNotFound (with the slug) when an account is not there.
func CreateAnalyst(ctx context.Context, adminURL, name string, accounts []string) (loginURL string, err error) {
	if !ValidAnalystName(name) {
		return "", &pipeline.Error{Op: "create analyst", Kind: pipeline.KindPermanent, Err: errors.New("the name is not one of a login")}
	}
	err = asAdmin(ctx, adminURL, func(conn *pgx.Conn) (err error) {
		loginURL, err = createLogin(ctx, conn, adminURL, name, "", accounts)
		return err
	})
	return loginURL, err
}

// Analysts lists the logins that CreateAnalyst made, by name.
func Analysts(ctx context.Context, adminURL string) (list []Analyst, err error) {
	err = asAdmin(ctx, adminURL, func(conn *pgx.Conn) error {
		if err := asOwner(ctx, conn); err != nil {
			return fmt.Errorf("act as %s: %w", RoleOwner, err)
		}
		rows, err := conn.Query(ctx, analystsSQL)
		if err != nil {
			return fmt.Errorf("list analysts: %w", err)
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Analyst, err error) {
			return a, row.Scan(&a.Name, &a.Accounts, &a.CreatedAt)
		})
		return err
	})
	return list, err
}

// DropAnalyst takes a login away; whoever is still connected with it sees nothing
// more. ErrNotFound when the server has no such login, or a role of that name is
// more than an analyst.
func DropAnalyst(ctx context.Context, adminURL, name string) error {
	return asAdmin(ctx, adminURL, func(conn *pgx.Conn) error {
		var known bool
		if err := conn.QueryRow(ctx, analystKnownSQL, name).Scan(&known); err != nil {
			return fmt.Errorf("look for analyst: %w", err)
		}
		if !known || !ValidAnalystName(name) {
			return fmt.Errorf("drop analyst %s: %w", name, ErrNotFound)
		}
		err := dropLogin(ctx, conn, name)
		if SQLState(err) == "2BP01" {
			return &pipeline.Error{Op: "drop analyst", Kind: pipeline.KindPermanent, Err: errors.New("objects in the database belong to it, or it has other rights"),
				Hint: "As a superuser: reassign owned by " + name + " to …; drop owned by " + name + ". Then drop the analyst again."}
		}
		return err
	})
}

// lent is how long a borrowed login takes connections: it is used at once.
const lent = time.Minute

// BorrowAnalyst makes a login for one use, with the rights of an analyst of the
// given accounts, nil for all. giveBack takes it away; that of a borrower who died
// can connect no more after a minute, and is taken away by the next one.
//
// Whoever has the owner's URL could use bateia_analyst by SET ROLE, too. A
// statement could then RESET it, and session_user, which the views ask for, would
// be the owner: only a login of its own is held by the server whatever it says.
func BorrowAnalyst(ctx context.Context, adminURL string, accounts []string) (loginURL string, giveBack func(context.Context) error, err error) {
	name := "bateia_query_" + strings.ToLower(rand.Text()[:16])
	err = asAdmin(ctx, adminURL, func(conn *pgx.Conn) (err error) {
		if err := sweepLogins(ctx, conn); err != nil {
			return err
		}
		// In the server's time.
		var until time.Time
		if err := conn.QueryRow(ctx, "select now() + $1::interval", lent).Scan(&until); err != nil {
			return fmt.Errorf("read clock: %w", err)
		}
		valid := " valid until '" + until.UTC().Format(time.RFC3339Nano) + "'"
		loginURL, err = createLogin(ctx, conn, adminURL, name, valid, accounts)
		return err
	})
	giveBack = func(ctx context.Context) error {
		return asAdmin(ctx, adminURL, func(conn *pgx.Conn) error { return dropLogin(ctx, conn, name) })
	}
	return loginURL, giveBack, err
}

// asAdmin runs fn on a connection of the owner of the database.
func asAdmin(ctx context.Context, adminURL string, fn func(conn *pgx.Conn) error) error {
	cfg, err := pgx.ParseConfig(adminURL)
	if err != nil {
		return &pipeline.Error{Op: "open database", Kind: pipeline.KindPermanent,
			Err: errors.New("the admin database URL cannot be read"), Hint: "Check BATEIA_ADMIN_DATABASE_URL."}
	}
	cfg.RuntimeParams["application_name"] = "bateia analyst"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return StripDetail(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return StripDetail(fn(conn))
}

// createLogin makes the role and its accounts in one transaction. The names here
// have no character that SQL knows.
func createLogin(ctx context.Context, conn *pgx.Conn, adminURL, name, valid string, accounts []string) (string, error) {
	password := rand.Text()
	loginURL, err := loginURLOf(conn.Config(), adminURL, name, password)
	if err != nil {
		return "", err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "create role "+name+" login"+valid+" in role "+RoleAnalyst); err != nil {
			if state := SQLState(err); state == "42710" || state == "23505" {
				return fmt.Errorf("create role %s: %w", name, ErrExists)
			}
			return fmt.Errorf("create role %s: %w", name, err)
		}
		if err := setPassword(ctx, tx, name, password); err != nil {
			return err
		}
		// Comfort, not safety: whoever logs in may change both.
		for _, set := range []string{"search_path = report", "default_transaction_read_only = on"} {
			if _, err := tx.Exec(ctx, "alter role "+name+" set "+set); err != nil {
				return fmt.Errorf("set %s of %s: %w", set, name, err)
			}
		}
		if _, err := tx.Exec(ctx, "set local role "+RoleOwner); err != nil {
			return fmt.Errorf("act as %s: %w", RoleOwner, err)
		}
		return giveAccounts(ctx, tx, name, accounts)
	})
	return loginURL, err
}

func giveAccounts(ctx context.Context, tx pgx.Tx, name string, accounts []string) error {
	for _, slug := range accounts {
		var known bool
		if err := tx.QueryRow(ctx, "select exists (select from bateia.accounts where slug = $1)", slug).Scan(&known); err != nil {
			return fmt.Errorf("look for account: %w", err)
		}
		if !known {
			return fmt.Errorf("account %q: %w", slug, ErrNotFound)
		}
	}
	// What a role of that name left behind, dropped by other means.
	if _, err := tx.Exec(ctx, "delete from bateia.analysts where role_name = $1", name); err != nil {
		return fmt.Errorf("forget accounts of %s: %w", name, err)
	}
	if _, err := tx.Exec(ctx, analystAccountsSQL, name, accounts); err != nil {
		return fmt.Errorf("give accounts to %s: %w", name, err)
	}
	return nil
}

// dropLogin takes the accounts and then the role, which need not be there.
func dropLogin(ctx context.Context, conn *pgx.Conn, name string) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "drop role if exists "+name); err != nil {
			return fmt.Errorf("drop role %s: %w", name, err)
		}
		if _, err := tx.Exec(ctx, "set local role "+RoleOwner); err != nil {
			return fmt.Errorf("act as %s: %w", RoleOwner, err)
		}
		if _, err := tx.Exec(ctx, "delete from bateia.analysts where role_name = $1", name); err != nil {
			return fmt.Errorf("forget accounts of %s: %w", name, err)
		}
		return nil
	})
}

// sweepLogins takes away what borrowers who died left. A login that another sweep
// takes at the same time, or that another owner made, is left to them.
func sweepLogins(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, analystLentSQL)
	if err != nil {
		return fmt.Errorf("look for borrowed logins: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for borrowed logins: %w", err)
	}
	for _, name := range names {
		err := dropLogin(ctx, conn, name)
		if err != nil && !slices.Contains([]string{"XX000", "42501", "42704", "40001", "40P01"}, SQLState(err)) {
			return err
		}
	}
	return nil
}

// loginURLOf is where the owner connects to, as somebody else: host, database and
// what the URL says of TLS.
func loginURLOf(cfg *pgx.ConnConfig, adminURL, name, password string) (string, error) {
	u := &url.URL{Scheme: "postgres", User: url.UserPassword(name, password), Path: "/" + cfg.Database}
	query := url.Values{}
	if given, err := url.Parse(adminURL); err == nil && strings.HasPrefix(given.Scheme, "postgres") {
		u.Host = given.Host
		for key, values := range given.Query() {
			if strings.HasPrefix(key, "ssl") || key == "host" || key == "port" || key == "channel_binding" || key == "target_session_attrs" {
				query[key] = values
			}
		}
		delete(query, "sslkey") // the owner's own
		delete(query, "sslcert")
	} else if strings.HasPrefix(cfg.Host, "/") {
		query.Set("host", cfg.Host)
		query.Set("port", strconv.Itoa(int(cfg.Port)))
	} else {
		return "", &pipeline.Error{Op: "create analyst", Kind: pipeline.KindPermanent,
			Err: errors.New("the admin database URL is no URL"), Hint: "Set BATEIA_ADMIN_DATABASE_URL as postgres://user@host/database."}
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}
