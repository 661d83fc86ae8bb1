package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
)

type analystCommand struct {
	Create analystCreate `cmd:"" help:"Make a login that reads the views of some accounts."`
	List   analystList   `cmd:"" help:"List logins with their accounts."`
	Drop   analystDrop   `cmd:"" help:"Take a login away."`
}

type analystCreate struct {
	Name string `arg:"" help:"Name of the login: small letters, digits and _."`
}

type analystList struct{}

type analystDrop struct {
	Name string `arg:"" help:"Login to take away."`
}

func (analystCreate) Help() string {
	return `A login role of Postgres, for psql, notebooks, BI tools and “bateia query”. It reads the views of schema report, of the accounts named here and of no other, whatever it sets; it has no right on any table. Its URL, with a random password, is shown once. Needs BATEIA_ADMIN_DATABASE_URL, or the embedded stack.

Examples:

  bateia analyst create ana --account acme
  bateia analyst create bi --account acme --account bravo --json`
}

func (analystList) Help() string { return "Example:\n\n  bateia analyst list" }

func (analystDrop) Help() string {
	return "Whoever is still connected with it sees nothing more.\n\nExample:\n\n  bateia analyst drop ana"
}

// analystDocument is a login as JSON.
type analystDocument struct {
	Name      string     `json:"name"`
	Accounts  []string   `json:"accounts"`
	URL       string     `json:"url,omitempty"`
	CreatedAt *time.Time `json:"created_at,omitempty"`
}

// Run makes a login.
func (c analystCreate) Run(s *session) error {
	if !postgres.ValidAnalystName(c.Name) {
		return usage(fmt.Errorf("%q: a login has small letters, digits and _, begins with a letter, and not with pg_ or bateia_", c.Name))
	}
	accounts := s.accountSlugs()
	if len(accounts) == 0 {
		return usage(errors.New("name the accounts that the login may read: --account SLUG"))
	}
	return s.asOwner("analyst", func(adminURL string) error {
		url, err := postgres.CreateAnalyst(s.ctx, adminURL, c.Name, accounts)
		switch {
		case errors.Is(err, postgres.ErrExists):
			return &exitError{exitFailed, fmt.Errorf("this Postgres has a login %q already", c.Name)}
		case err != nil:
			return noAccount(err)
		}
		if s.out.JSON {
			return s.out.Document(analystDocument{Name: c.Name, Accounts: accounts, URL: url})
		}
		s.out.Notef("%s", s.words.Say("analyst_made", "name", c.Name, "accounts", strings.Join(accounts, ", ")))
		s.out.Printf("%s\n", url)
		return nil
	})
}

// Run lists logins.
func (analystList) Run(s *session) error {
	return s.asOwner("analyst", func(adminURL string) error {
		list, err := postgres.Analysts(s.ctx, adminURL)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, a := range list {
			if s.out.JSON {
				at := a.CreatedAt.UTC()
				if err := s.out.Document(analystDocument{Name: a.Name, Accounts: a.Accounts, CreatedAt: &at}); err != nil {
					return err
				}
				continue
			}
			rows = append(rows, []string{a.Name, strings.Join(a.Accounts, ", "), a.CreatedAt.UTC().Format("2006-01-02 15:04Z")})
		}
		switch {
		case s.out.JSON:
		case len(rows) == 0:
			s.out.Printf("%s\n", s.words.Say("nothing_found"))
		default:
			s.out.Table([]string{s.words.Say("th_name"), s.words.Say("th_accounts"), s.words.Say("th_made")}, rows)
		}
		return nil
	})
}

// Run drops a login.
func (c analystDrop) Run(s *session) error {
	return s.asOwner("analyst", func(adminURL string) error {
		err := postgres.DropAnalyst(s.ctx, adminURL, c.Name)
		if errors.Is(err, postgres.ErrNotFound) {
			return errNoSuch("analyst", c.Name)
		}
		if err != nil {
			return err
		}
		if s.out.JSON {
			return s.out.Document(map[string]any{"name": c.Name, "dropped": true})
		}
		s.out.Printf("%s\n", s.words.Say("analyst_dropped", "name", c.Name))
		return nil
	})
}

// accountSlugs are the accounts that were named, sorted, each once.
func (s *session) accountSlugs() []string {
	list := slices.DeleteFunc(strings.Split(s.config.Account, ","), func(slug string) bool { return slug == "" })
	slices.Sort(list)
	return slices.Compact(list)
}

// noAccount says which account was not found, and how to look.
func noAccount(err error) error {
	if errors.Is(err, postgres.ErrNotFound) {
		return &exitError{exitFailed, fmt.Errorf("%s; list them with “bateia account list”", err.Error())}
	}
	return err
}

// asOwner runs do with the URL of the owner of the database: that of the embedded
// stack, or the one that was given.
func (s *session) asOwner(command string, do func(adminURL string) error) error {
	if s.config.Embedded() {
		return s.open(command, func(a *app.App) error { return do(a.Stack.AdminURL) })
	}
	if s.config.AdminDatabaseURL == "" {
		return usage(errors.New("BATEIA_ADMIN_DATABASE_URL is not set: logins are made by the owner of the database"))
	}
	return do(s.config.AdminDatabaseURL)
}

// giveBackTime is how long giving a borrowed login back may take after an interrupt.
const giveBackTime = 10 * time.Second

// asAnalyst runs do with the rights of an analyst: with the login that was given,
// else with one that the owner of the database lends, for the accounts that were
// named or for all.
func (s *session) asAnalyst(command string, do func(*postgres.Reader) error) error {
	accounts := s.accountSlugs()
	if url := s.config.AnalystDatabaseURL; url != "" {
		if len(accounts) > 0 {
			return usage(errors.New("the accounts of BATEIA_ANALYST_DATABASE_URL are fixed by the owner: leave out --account and BATEIA_ACCOUNT, and filter by column account"))
		}
		return s.reading(url, do)
	}
	if !s.config.Embedded() && s.config.AdminDatabaseURL == "" {
		return usage(errors.New("BATEIA_ANALYST_DATABASE_URL is not set: make a login with “bateia analyst create”, or set BATEIA_ADMIN_DATABASE_URL"))
	}
	return s.asOwner(command, func(adminURL string) error { return s.borrowed(adminURL, do) })
}

// borrowed runs do with a login that the owner of the database lends, for the
// accounts that were named or for all.
func (s *session) borrowed(adminURL string, do func(*postgres.Reader) error) error {
	accounts := s.accountSlugs()
	if len(accounts) == 0 {
		accounts = nil // all
	}
	url, giveBack, err := postgres.BorrowAnalyst(s.ctx, adminURL, accounts)
	if err != nil {
		return noAccount(err)
	}
	err = s.reading(url, do)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), giveBackTime)
	defer cancel()
	return joinExit(err, giveBack(ctx))
}

// reading opens a login for reading and closes it.
func (s *session) reading(url string, do func(*postgres.Reader) error) error {
	r, err := postgres.OpenReader(s.ctx, url)
	if errors.Is(err, postgres.ErrNotAnalyst) {
		return &exitError{exitFailed, fmt.Errorf("BATEIA_ANALYST_DATABASE_URL: %w; make one with “bateia analyst create”", err)}
	}
	if err != nil {
		return err
	}
	err = do(r)
	// What was read was read; a connection that canceling broke is closed already.
	_ = r.Close(context.WithoutCancel(s.ctx))
	return err
}
