package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

type replayCommand struct {
	Import string `arg:"" help:"Id, the beginning of one, or “last”; of a replay: the import that it replayed."`
	Code   string `help:"Only rows refused with this code." placeholder:"CODE"`
	requestFlags
	NoWait bool `help:"Register the import and return; a worker has to run."`
}

func (replayCommand) Help() string {
	return `Takes up the rows that an import refused, and that no later one took, under today's rules, the account's settings of today or those of the flags. Those that pass now are imported, linked to the first import, under the rows they had there; the others stay refused. A second time nothing is left to do. “bateia undo” takes a replay back, and its rows are open again.

The file is taken apart as the first time. To change that, its delimiter say, use “bateia redo”, which imports all of it again.

Examples:

  bateia replay last --option default_area_code=51 --plan-only
  bateia replay 019a --map 'Fone 2=phone'
  bateia replay 019a --code PHONE_LOCAL_ONLY --json

` + exitHelp
}

// Run imports refused rows that pass by now.
func (c replayCommand) Run(s *session) error {
	flags, err := c.request()
	if err != nil {
		return usage(err)
	}
	if c.Code = strings.ToUpper(c.Code); c.Code != "" {
		if _, known := schemas.CodeByName(c.Code); !known {
			return usage(errNoSuch("code", c.Code))
		}
	}
	o := app.Options{Role: "replay", AttachOnly: c.NoWait && s.config.Embedded()}
	return s.openWith(o, func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		run, err := s.replayable(a, account, id)
		if err != nil {
			return err
		}
		mapping, err := c.mapping(run.Request.Mapping, flags)
		if err != nil {
			return usage(err)
		}
		open, err := a.DB.CountRefused(s.ctx, account.ID, run.ImportID, c.Code)
		if err != nil {
			return err
		}
		if open == 0 {
			return s.nothingToReplay(account, run)
		}
		return c.replay(s, a, account, run, mapping)
	})
}

// replayable returns the run of an import whose refused rows can be taken up: for
// a replay the import that it replayed.
func (s *session) replayable(a *app.App, account schemas.Account, id schemas.ImportID) (*pipeline.Run, error) {
	run, row, err := a.DB.LoadRun(s.ctx, account.ID, id)
	if err == nil && run.ReplayOf != 0 {
		id = run.ReplayOf
		run, row, err = a.DB.LoadRun(s.ctx, account.ID, id)
	}
	switch {
	case err != nil:
		return nil, err
	case run.Object.Key == "":
		return nil, &exitError{exitFailed, fmt.Errorf("import %s read no file whose rows could be taken up again", id)}
	case row.State != schemas.Applied:
		return nil, &exitError{exitFailed, fmt.Errorf("import %s is not applied: %s", id, s.words.Say("state_"+string(row.State)))}
	}
	return run, nil
}

// mapping is what is asked of the replay: what the first import was asked, changed
// by flags or replaced by a mapping file, but for how the file is taken apart.
func (c replayCommand) mapping(first, flags schemas.Mapping) (schemas.Mapping, error) {
	for _, o := range []struct{ name, was, is string }{
		{"delimiter", first.Options.Delimiter, flags.Options.Delimiter},
		{"quote", first.Options.Quote, flags.Options.Quote},
		{"escape", first.Options.Escape, flags.Options.Escape},
		{"comment", first.Options.Comment, flags.Options.Comment},
		{"header", first.Options.Header, flags.Options.Header},
		{"sheet", first.Options.Sheet, flags.Options.Sheet},
	} {
		if o.is != "" && o.is != o.was {
			return first, fmt.Errorf("option %s: a replay takes the file apart as the first import did; use “bateia redo”", o.name)
		}
	}
	if n := flags.Options.HeaderLine; n != 0 && n != first.Options.HeaderLine {
		return first, errors.New("option header_line: a replay takes the file apart as the first import did; use “bateia redo”")
	}
	first.Options.PlanOnly = false
	if c.Mapping == "" {
		return first.Override(flags), nil
	}
	m := flags
	o, was := &m.Options, first.Options
	o.Delimiter, o.Quote, o.Escape, o.Comment = was.Delimiter, was.Quote, was.Escape, was.Comment
	o.Header, o.HeaderLine, o.Sheet = was.Header, was.HeaderLine, was.Sheet
	if m.List == "" {
		m.List = first.List
	}
	if len(m.Tags) == 0 {
		m.Tags = first.Tags
	}
	return m, nil
}

func (c replayCommand) replay(s *session, a *app.App, account schemas.Account, first *pipeline.Run, mapping schemas.Mapping) error {
	w := newWaiter(s, a, account)
	defer w.close()
	if !c.NoWait {
		if err := w.work(); err != nil {
			return err
		}
	}
	request := schemas.Request{Mapping: mapping, Unattended: first.Request.Unattended, Replay: &schemas.ReplayRequest{Code: c.Code}}
	id, err := a.Register(s.ctx, account, postgres.Registration{
		Source: first.Source, FileName: first.FileName, List: mapping.List, RequestedBy: requester(),
		Request: request, Object: first.Object, ReplayOf: first.ImportID,
	})
	if err != nil {
		return err
	}
	if c.NoWait {
		return s.registered(a, account, id, first.FileName)
	}
	code, err := w.wait(id, untilPlanned(mapping.Options.PlanOnly))
	if err != nil {
		return err
	}
	if err := s.tellReplay(a, account, id); err != nil {
		return err
	}
	return exit(code)
}

// tellReplay says how many of the refused rows pass.
func (s *session) tellReplay(a *app.App, account schemas.Account, id schemas.ImportID) error {
	row, err := a.DB.ReadImport(s.ctx, account.ID, id)
	if err != nil {
		return err
	}
	l := row.Ledger
	passed := l.Read - l.Rejected - l.Skipped - l.Conflict
	switch row.State {
	case schemas.Ready:
		s.out.Notef("%s", s.words.Say("replay_planned", "passed", passed, "rows", l.Read))
	case schemas.Applied:
		s.out.Notef("%s", s.words.Say("replay_done", "passed", passed, "rows", l.Read, "first", row.ReplayOf))
	}
	return nil
}

// nothingToReplay says that no row is open. No import is made of it.
func (s *session) nothingToReplay(account schemas.Account, first *pipeline.Run) error {
	s.out.Notef("%s", s.words.Say("replay_nothing", "id", first.ImportID))
	if !s.out.JSON {
		return nil
	}
	now, of := s.clock(), first.ImportID.String()
	doc := schemas.ImportDocument{Account: account.Slug, Source: first.Source, Object: text(first.Object.URL()), List: first.Request.Mapping.List,
		RequestedBy: requester(), State: schemas.Applied, ReplayOf: &of, CreatedAt: now, FinishedAt: &now}
	doc.Explain(s.words.Locale, nil)
	return s.out.Document(doc)
}
