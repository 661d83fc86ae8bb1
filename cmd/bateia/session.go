package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/cmd/internal/config"
	"github.com/bateia/bateia/cmd/internal/embedded"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// open assembles the program for a command and runs do with it. A failure to
// close counts only when do went well.
func (s *session) open(role string, do func(*app.App) error) error {
	return s.openWith(app.Options{Role: role}, do)
}

func (s *session) openWith(o app.Options, do func(*app.App) error) error {
	o.Log = s.log
	if o.Starting == nil {
		o.Starting = func() { s.log.Info("start the stack", "dir", s.config.DataDir) }
	}
	a, err := app.Open(s.ctx, s.config, o)
	if errors.Is(err, embedded.ErrNotRunning) {
		return usage(fmt.Errorf("%w %s: start it with “bateia up”, or leave out --no-wait", err, s.config.DataDir))
	}
	if err != nil {
		return err
	}
	err = do(a)
	closed := a.Close(s.ctx, func() { s.out.Notef("%s", s.words.Say("waiting_users")) })
	if err == nil || isExit(err) && closed != nil {
		return joinExit(err, closed)
	}
	return err
}

// isExit reports whether err only carries an exit code.
func isExit(err error) bool {
	var own *exitError
	return errors.As(err, &own) && own.err == nil
}

// speak takes the account's language when none was asked for.
func (s *session) speak(account schemas.Account) {
	if s.config.Locale == "" {
		s.words.Locale = account.Locale
	}
}

// account returns the account that was named, or the one called default.
func (s *session) account(a *app.App) (schemas.Account, error) {
	slug := s.config.Account
	if slug == "" {
		slug = "default"
	}
	if strings.Contains(slug, ",") {
		return schemas.Account{}, usage(errors.New("--account: this command works in one account"))
	}
	account, err := a.DB.AccountBySlug(s.ctx, slug)
	if errors.Is(err, postgres.ErrNotFound) {
		return account, errNoSuch("account", slug)
	}
	s.speak(account)
	return account, err
}

// find resolves an IMPORT argument: an id, a unique prefix of one, or last; in
// the account that was named, else in all.
func (s *session) find(a *app.App, name string) (schemas.Account, schemas.ImportID, error) {
	var none schemas.Account
	var within *int32
	if s.config.Account != "" {
		account, err := s.account(a)
		if err != nil {
			return none, 0, err
		}
		within = &account.ID
	}
	prefix := strings.ToLower(name)
	if prefix == "last" {
		prefix = ""
	} else if _, _, err := schemas.PrefixRange(prefix); err != nil {
		return none, 0, usage(fmt.Errorf("%q: an import is named by its id, the beginning of it, or “last”", name))
	}
	ids, accounts, err := a.DB.FindImports(s.ctx, within, prefix)
	switch {
	case err != nil:
		return none, 0, err
	case len(ids) == 0 && prefix == "":
		return none, 0, &exitError{exitFailed, errors.New("there is no import yet")}
	case len(ids) == 0:
		return none, 0, errNoSuch("import", name)
	case len(ids) > 1 && prefix != "":
		return none, 0, usage(fmt.Errorf("%q begins several import ids, %s among them: give more of it", name, ids[0]))
	}
	account, err := a.DB.AccountByID(s.ctx, accounts[0])
	if err != nil {
		return none, 0, err
	}
	s.speak(account)
	return account, ids[0], nil
}

// requester says who asked, for the history.
func requester() string {
	name := "unknown"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}

// parseSince reads a point in time: a day of the account, a moment, or a span
// before now such as 7d or 12h.
func parseSince(text string, account schemas.Account, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation("2006-01-02", text, account.Location()); err == nil {
		return day, nil
	}
	if moment, err := time.Parse(time.RFC3339, text); err == nil {
		return moment, nil
	}
	span := text
	scale := time.Duration(1)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		span, scale = days+"h", 24
	}
	if d, err := time.ParseDuration(span); err == nil && d > 0 {
		return now.Add(-d * scale), nil
	}
	return time.Time{}, usage(fmt.Errorf("%q: a day (2026-01-31), a moment (2026-01-31T12:00:00Z) or a span (7d, 12h)", text))
}

// sizeFlag reads a size such as 75MiB.
func sizeFlag(name, text string) (int64, error) {
	n, err := config.ParseSize(text)
	if err != nil {
		return 0, usage(fmt.Errorf("--%s %q: %w", name, text, err))
	}
	return n, nil
}
