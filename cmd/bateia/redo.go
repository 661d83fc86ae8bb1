package main

import (
	"errors"
	"fmt"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

type redoCommand struct {
	Import string   `arg:"" help:"Id, the beginning of one, or “last”."`
	List   string   `help:"List the prospects go into, when not the one of the first time." placeholder:"LIST"`
	Tag    []string `help:"Tag the prospects get, in place of those of the first time; may be repeated." placeholder:"TAG" sep:"none"`
	requestFlags
	NoWait bool `help:"Register the import and return; a worker has to run."`
}

func (redoCommand) Help() string {
	return `Imports the same file again, the very bytes of the first time, with other settings. What the first import wrote is taken back in the same transaction that writes the new one; nothing is lost in between. What people decided about its rows (merge, split, unmerge) holds for the new ones. Flags change what the first import was asked; a mapping file takes its place.

Examples:

  bateia redo last --map 'CPF=document'
  bateia redo 019a --option default_area_code=51 --plan-only
  bateia plan last && bateia apply last

` + exitHelp
}

// Run imports a file again in the place of an import.
func (c redoCommand) Run(s *session) error {
	flags, err := c.request()
	if err != nil {
		return usage(err)
	}
	o := app.Options{Role: "redo", AttachOnly: c.NoWait && s.config.Embedded()}
	return s.openWith(o, func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		run, row, err := a.DB.LoadRun(s.ctx, account.ID, id)
		if err != nil {
			return err
		}
		switch {
		case run.Object.Key == "":
			return &exitError{exitFailed, fmt.Errorf("import %s read no file that could be imported again", id)}
		case run.ReplayOf != 0:
			return &exitError{exitFailed, fmt.Errorf("import %s is a replay: take it back with “bateia undo”, then “bateia replay %s” again", id, run.ReplayOf)}
		case row.State == schemas.Received || row.State == schemas.Planning || row.State == schemas.Applying:
			return &exitError{exitFailed, fmt.Errorf("import %s is not finished: %s", id, s.words.Say("state_"+string(row.State)))}
		case row.State == schemas.Ready:
			// A plan that is waiting is given up for the new one.
			if state, err := a.Cancel(s.ctx, account, id); err != nil {
				return err
			} else if state != schemas.Ready {
				return &exitError{exitFailed, errors.New("somebody else decided about import " + id.String() + " meanwhile")}
			}
		}
		mapping := flags
		if c.Mapping == "" {
			before := run.Request.Mapping
			before.Options.PlanOnly = false
			mapping = before.Override(flags)
		}
		if c.List != "" {
			mapping.List = c.List
		}
		if len(c.Tag) > 0 {
			mapping.Tags = c.Tag
		}
		if mapping.List == "" {
			mapping.List = run.Request.Mapping.List
		}
		w := newWaiter(s, a, account)
		defer w.close()
		if !c.NoWait {
			if err := w.work(); err != nil {
				return err
			}
		}
		next, err := a.Register(s.ctx, account, postgres.Registration{
			Source: run.Source, FileName: run.FileName, List: mapping.List, RequestedBy: requester(),
			Request: schemas.Request{Mapping: mapping}, Object: run.Object, RedoOf: id,
		})
		if err != nil {
			return err
		}
		if c.NoWait {
			return s.registered(a, account, next, run.FileName)
		}
		code, err := w.wait(next, untilPlanned(mapping.Options.PlanOnly))
		if err != nil {
			return err
		}
		return exit(code)
	})
}
