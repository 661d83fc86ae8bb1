package main

import (
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/schemas"
)

type omieDisconnect struct {
	Name string `arg:"" help:"Connection."`
}

func (omieDisconnect) Help() string {
	return `Its secrets are forgotten and nothing of it runs any more. Prospects and history stay; “bateia undo” takes single syncs back. “bateia omie connect” with the same name goes on where it was.

Example:

  bateia omie disconnect loja`
}

// Run forgets the secrets of a connection and its schedule.
func (c omieDisconnect) Run(s *session) error {
	return s.open("omie disconnect", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		there, err := s.connection(a, account, c.Name)
		if err != nil {
			return err
		}
		there, err = a.DB.Connect(s.ctx, account.ID, there.Name, func(c *schemas.Connection) error {
			c.State, c.Code, c.Sealed = schemas.ConnectionDisconnected, "", []byte{}
			c.NextRun, c.Due = time.Time{}, time.Time{}
			return nil
		})
		if err != nil {
			return err
		}
		if err := s.giveUpSync(a, account, there); err != nil {
			return err
		}
		if s.out.JSON {
			return s.showConnection(a, account, there, false)
		}
		s.out.Printf("%s\n", s.words.Say("omie_disconnected", "name", there.Name))
		return nil
	})
}

// giveUpSync cancels a sync that has not read everything: it could not go on. One
// that waits for a decision needs Omie no more.
func (s *session) giveUpSync(a *app.App, account schemas.Account, c schemas.Connection) error {
	if c.Import == 0 {
		return nil
	}
	row, err := a.DB.ReadImport(s.ctx, account.ID, c.Import)
	if err != nil || row.State != schemas.Received && row.State != schemas.Planning {
		return err
	}
	state, err := a.Cancel(s.ctx, account, c.Import)
	if err == nil && (state == schemas.Received || state == schemas.Planning || state == schemas.Ready) {
		s.out.Notef("%s", s.words.Say("omie_sync_canceled", "id", c.Import))
	}
	return err
}
