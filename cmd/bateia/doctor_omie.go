package main

import (
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/schemas"
)

// missedRuns is how many runs of its schedule a connection may have had without a
// success before somebody should look.
const missedRuns = 3

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
	f := &finding{Check: "omie " + account.Slug + "/" + c.Name}
	switch c.State {
	case schemas.ConnectionInvalid:
		f.Message, f.Remedy = s.words.Say("doctor_omie_invalid"), text(schemas.Remedy("OMIE_AUTH", s.words.Locale))
		return f, nil
	case schemas.ConnectionDisconnected:
		return nil, nil
	}
	now := s.clock()
	until, err := a.BlockedUntil(s.ctx, c.AppKey, now)
	if err != nil {
		return nil, err
	}
	if !until.IsZero() {
		f.Message, f.Remedy = s.words.Say("doctor_omie_blocked", "when", localTime(&until, account)), text(schemas.Remedy("OMIE_BLOCKED", s.words.Locale))
		return f, nil
	}
	if a.Stack != nil && !a.Stack.HasWorker() {
		return nil, nil // nobody works on schedules, and nobody should
	}
	since := c.LastSuccess
	if since.IsZero() {
		since = c.CreatedAt
	}
	if late, err := runsMissed(c, since, now, account.Location()); err != nil || !late {
		return nil, err
	}
	f.Message = s.words.Say("doctor_omie_late", "age", now.Sub(since).Round(time.Minute))
	f.Remedy = text(s.words.Say("doctor_omie_look", "name", c.Name, "account", account.Slug))
	return f, nil
}

// runsMissed reports whether the schedule came round too often since a success.
func runsMissed(c schemas.Connection, since, now time.Time, zone *time.Location) (bool, error) {
	schedule, err := schemas.ParseSchedule(c.Settings.Every)
	if err != nil {
		return false, err
	}
	if schedule.Interval > 0 {
		return now.Sub(since) > missedRuns*schedule.Interval, nil
	}
	at := since.In(zone)
	for range missedRuns {
		at = schedule.Cron.Next(at)
	}
	return at.Before(now), nil
}
