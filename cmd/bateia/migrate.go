package main

import (
	"errors"
	"net/url"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
)

type migrateCommand struct{}

func (migrateCommand) Help() string {
	return `Makes the roles, runs the migrations and grants the worker its rights. BATEIA_ADMIN_DATABASE_URL is the owner of the database or a superuser; the password in BATEIA_DATABASE_URL, when it has one, is set for bateia_worker. The embedded stack is migrated whenever it starts.

Example:

  BATEIA_ADMIN_DATABASE_URL=postgres://postgres@db/bateia bateia migrate`
}

// Run migrates the database.
func (migrateCommand) Run(s *session) error {
	if s.config.Embedded() {
		return s.open("migrate", func(*app.App) error { return s.migrated() })
	}
	admin := s.config.AdminDatabaseURL
	if admin == "" {
		return usage(errors.New("BATEIA_ADMIN_DATABASE_URL is not set: migrations need the owner of the database"))
	}
	o := postgres.MigrateOptions{Log: s.log}
	if u, err := url.Parse(s.config.DatabaseURL); err == nil && u.User != nil && u.User.Username() == postgres.RoleWorker {
		o.WorkerPassword, _ = u.User.Password()
	}
	if err := postgres.Migrate(s.ctx, admin, o); err != nil {
		return err
	}
	return s.migrated()
}

func (s *session) migrated() error {
	if s.out.JSON {
		return s.out.Document(map[string]any{"migrated": true, "version": programVersion()})
	}
	s.out.Printf("%s\n", s.words.Say("migrated"))
	return nil
}
