package main

import (
	"fmt"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/schemas"
)

type applyCommand struct {
	Import string `arg:"" help:"Id, the beginning of one, or “last”."`
	NoWait bool   `help:"Say apply and return; a worker has to run."`
}

func (applyCommand) Help() string {
	return `For imports made with --plan-only and for those that are held. Rows whose prospect changed since the plan was made end in conflict; nothing is overwritten. A second apply runs nothing.

Examples:

  bateia apply last
  bateia apply 019a --json

` + exitHelp
}

// Run confirms an import and waits for it.
func (c applyCommand) Run(s *session) error {
	o := app.Options{Role: "apply", AttachOnly: c.NoWait && s.config.Embedded()}
	return s.openWith(o, func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		state, err := a.Confirm(s.ctx, account, id)
		if err != nil {
			return err
		}
		switch state {
		case schemas.Ready, schemas.Applying, schemas.Applied:
		case schemas.Received, schemas.Planning:
			return &exitError{exitFailed, fmt.Errorf("import %s has no plan yet: it is %s", id, s.words.Say("state_"+string(state)))}
		default:
			return &exitError{exitFailed, fmt.Errorf("import %s cannot be applied: %s", id, s.words.Say("state_"+string(state)))}
		}
		w := newWaiter(s, a, account)
		defer w.close()
		if c.NoWait {
			_, err := s.show(a, account, id)
			return err
		}
		if state != schemas.Applied {
			if err := w.work(); err != nil {
				return err
			}
		}
		code, err := w.wait(id, func(state schemas.State, held bool) bool {
			return state.Terminal() || state == schemas.Ready && held
		})
		if err != nil {
			return err
		}
		return exit(code)
	})
}

type cancelCommand struct {
	Import string `arg:"" help:"Id, the beginning of one, or “last”."`
}

func (cancelCommand) Help() string {
	return "For imports that are not being written yet.\n\nExample:\n\n  bateia cancel last"
}

// Run ends an import that was not written.
func (c cancelCommand) Run(s *session) error {
	return s.open("cancel", func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		state, err := a.Cancel(s.ctx, account, id)
		if err != nil {
			return err
		}
		switch state {
		case schemas.Received, schemas.Planning, schemas.Ready, schemas.Canceled:
		default:
			return &exitError{exitFailed, fmt.Errorf("import %s cannot be canceled any more: %s", id, s.words.Say("state_"+string(state)))}
		}
		_, err = s.show(a, account, id)
		return err
	})
}
