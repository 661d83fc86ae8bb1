package main

import (
	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/schemas"
)

type omieList struct {
	ShowWebhook bool `help:"Print the path of each webhook too; it holds a secret."`
}

func (omieList) Help() string {
	return `States: valid, invalid (Omie refused the key pair), blocked (Omie wants no calls until then), disconnected.

Give Omie the path of a webhook behind the HTTPS address at which it reaches BATEIA_LISTEN, for the topics ClienteFornecedor.Incluido, .Alterado and .Excluido: changes then arrive within seconds.

Examples:

  bateia omie list
  bateia omie list --json
  bateia omie list --show-webhook`
}

// Run lists the connections of an account by name.
func (c omieList) Run(s *session) error {
	return s.open("omie list", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		all, err := a.DB.Connections(s.ctx, account.ID)
		if err != nil {
			return err
		}
		records, err := a.DB.CountRecords(s.ctx, account.ID)
		if err != nil {
			return err
		}
		docs := make([]connectionDocument, len(all))
		for i, one := range all {
			if docs[i], err = s.describe(a, account, one, records[one.ID], c.ShowWebhook); err != nil {
				return err
			}
		}
		return s.showConnections(account, docs)
	})
}

func (s *session) showConnections(account schemas.Account, docs []connectionDocument) error {
	if s.out.JSON {
		for _, d := range docs {
			if err := s.out.Document(d); err != nil {
				return err
			}
		}
		return nil
	}
	if len(docs) == 0 {
		s.out.Printf("%s\n", s.words.Say("omie_none"))
		return nil
	}
	w, hooks := s.words, false
	rows := make([][]string, len(docs))
	for i, d := range docs {
		state := w.Say("connection_" + d.State)
		if d.BlockedUntil != nil {
			state = w.Say("connection_blocked_until", "when", localTime(d.BlockedUntil, account))
		}
		if d.Code != nil {
			state += " " + *d.Code
		}
		rows[i] = []string{d.Name, state, d.AppKey, localTime(d.LastSuccess, account), localTime(d.Watermark, account), w.Number(d.Records), d.Every, localTime(d.NextRun, account)}
		hooks = hooks || d.Webhook != ""
	}
	s.out.Table([]string{w.Say("th_connection"), w.Say("th_state"), w.Say("th_app_key"), w.Say("th_last_success"), w.Say("th_watermark"),
		">" + w.Say("th_records"), w.Say("th_every"), w.Say("th_next_run")}, rows)
	if hooks {
		s.out.Printf("\n")
		var paths [][]string
		for _, d := range docs {
			if d.Webhook != "" {
				paths = append(paths, []string{d.Name, d.Webhook})
			}
		}
		s.out.Table([]string{w.Say("th_connection"), w.Say("th_webhook")}, paths)
	}
	return nil
}
