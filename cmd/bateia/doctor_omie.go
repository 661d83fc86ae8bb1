package main

import (
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/schemas"
)

// checkConnections names the connections that read nothing, and why.
func (s *session) checkConnections(a *app.App) ([]finding, error) {
	accounts, err := a.DB.Accounts(s.ctx)
	if err != nil {
		return nil, err
	}
	var out []finding
	working := 0
	for _, account := range accounts {
		all, err := a.DB.Connections(s.ctx, account.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			f, err := s.checkConnection(a, account, c)
			switch {
			case err != nil:
				return nil, err
			case f != nil:
				out = append(out, *f)
			case c.State == schemas.ConnectionValid:
				working++
			}
		}
	}
	if working > 0 {
		out = append(out, s.good("omie", "doctor_omie_ok", "count", working))
	}
	return out, nil
}

// checkConnection returns nil when there is nothing to say.
func (s *session) checkConnection(a *app.App, account schemas.Account, c schemas.Connection) (*finding, error) {
	until, err := s.blockedUntil(a, c)
	if err != nil {
		return nil, err
	}
	f := &finding{Check: "omie " + account.Slug + "/" + c.Name}
	switch jobs.TroubleOf(c, until, s.clock(), account.Location()) {
	case jobs.TroubleInvalid:
		f.Message, f.Remedy = s.words.Say("doctor_omie_invalid"), text(schemas.Remedy("OMIE_AUTH", s.words.Locale))
	case jobs.TroubleBlocked:
		f.Message, f.Remedy = s.words.Say("doctor_omie_blocked", "when", localTime(&until, account)), text(schemas.Remedy("OMIE_BLOCKED", s.words.Locale))
	case jobs.TroubleLate:
		if a.Stack != nil && !a.Stack.HasWorker() {
			return nil, nil // nobody works on schedules, and nobody should
		}
		since := c.LastSuccess
		if since.IsZero() {
			since = c.CreatedAt
		}
		f.Message = s.words.Say("doctor_omie_late", "age", s.clock().Sub(since).Round(time.Minute))
		f.Remedy = text(s.words.Say("doctor_omie_look", "name", c.Name, "account", account.Slug))
	default:
		return nil, nil
	}
	return f, nil
}
