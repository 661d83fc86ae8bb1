package main

import (
	"errors"
	"fmt"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

type omieSync struct {
	Name     string `arg:"" help:"Connection."`
	Full     bool   `help:"Read all records, not only what changed; finds out which are gone, too."`
	PlanOnly bool   `help:"Stop before anything is written; go on with “bateia apply”."`
	NoWait   bool   `help:"Register the sync and return; a worker has to run."`
}

func (omieSync) Help() string {
	return `A sync is an import like any other: show, plan, issues, apply, cancel and undo take its id. When one of the connection is running already, this waits for that one.

Examples:

  bateia omie sync loja
  bateia omie sync loja --full --plan-only && bateia plan last --rows && bateia apply last
  bateia omie sync loja --json

` + exitHelp
}

// Run syncs a connection and waits for it.
func (c omieSync) Run(s *session) error {
	o := app.Options{Role: "omie sync", AttachOnly: c.NoWait && s.config.Embedded()}
	return s.openWith(o, func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		if c.NoWait && a.Stack != nil && !a.Stack.HasWorker() {
			return usage(errors.New("the running stack belongs to another command, which ends with it: start “bateia up”, or leave out --no-wait"))
		}
		connection, err := s.connection(a, account, c.Name)
		if err != nil {
			return err
		}
		id, planOnly, err := c.register(s, a, account, connection)
		if err != nil {
			return err
		}
		if c.NoWait {
			return s.registered(a, account, id, connection.Name)
		}
		until, err := s.blockedUntil(a, connection)
		if err != nil {
			return err
		}
		if !until.IsZero() {
			s.out.Notef("%s", s.words.Say("omie_waits", "when", localTime(&until, account)))
		}
		w := newWaiter(s, a, account)
		defer w.close()
		if err := w.work(); err != nil {
			return err
		}
		code, err := w.wait(id, untilPlanned(planOnly))
		if err != nil {
			return err
		}
		return exit(code)
	})
}

// register registers a sync, or finds the one that is running.
func (c omieSync) register(s *session, a *app.App, account schemas.Account, connection schemas.Connection) (id schemas.ImportID, planOnly bool, err error) {
	id, err = a.Sync(s.ctx, account, connection.ID, jobs.SyncOptions{Full: c.Full, PlanOnly: c.PlanOnly, By: requester()})
	var open *jobs.ErrSyncOpen
	if !errors.As(err, &open) {
		return id, c.PlanOnly, err
	}
	if open.State == schemas.Ready {
		return 0, false, &pipeline.Error{Op: "sync " + connection.Name, Kind: pipeline.KindPermanent,
			Err:  fmt.Errorf("import %s of this connection waits for a decision", open.ImportID),
			Hint: s.words.Say("doctor_held", "id", open.ImportID)}
	}
	run, _, err := a.DB.LoadRun(s.ctx, account.ID, open.ImportID)
	if err != nil {
		return 0, false, err
	}
	s.out.Notef("%s", s.words.Say("omie_attached", "id", open.ImportID))
	return open.ImportID, run.Request.Mapping.Options.PlanOnly, nil
}
