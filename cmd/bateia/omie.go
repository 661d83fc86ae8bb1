package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

type omieCommand struct {
	Connect    omieConnect    `cmd:"" help:"Connect a company, or change a connection."`
	Sync       omieSync       `cmd:"" help:"Read what changed, now."`
	List       omieList       `cmd:"" help:"List connections and how they are."`
	Disconnect omieDisconnect `cmd:"" help:"Read a company no more; what was read stays."`
}

// connection finds a connection by its name.
func (s *session) connection(a *app.App, account schemas.Account, name string) (schemas.Connection, error) {
	c, err := a.DB.Connection(s.ctx, account.ID, name)
	if !errors.Is(err, postgres.ErrNotFound) {
		return c, err
	}
	all, err := a.DB.Connections(s.ctx, account.ID)
	if err != nil {
		return c, err
	}
	if len(all) == 0 {
		return c, &exitError{exitFailed, fmt.Errorf("there is no connection %q, and none at all in account %q: make one with “bateia omie connect”", name, account.Slug)}
	}
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = one.Name
	}
	return c, &exitError{exitFailed, fmt.Errorf("there is no connection %q in account %q, but: %s", name, account.Slug, strings.Join(names, ", "))}
}

// connectionDocument is a connection as JSON.
type connectionDocument struct {
	ID              string     `json:"connection_id"`
	Account         string     `json:"account"`
	Name            string     `json:"name"`
	State           string     `json:"state"` // valid, invalid, blocked or disconnected
	Code            *string    `json:"code"`
	AppKey          string     `json:"app_key"` // its last digits
	Every           string     `json:"every"`
	FullEvery       string     `json:"full_every"`
	List            *string    `json:"list"`
	Tags            []string   `json:"tags"`
	IncludeInactive bool       `json:"include_inactive"`
	HoldFirst       bool       `json:"hold_first"`
	LastSuccess     *time.Time `json:"last_success"`
	LastFull        *time.Time `json:"last_full"`
	Watermark       *time.Time `json:"watermark"`
	Records         int64      `json:"records"` // that were read and are not gone
	NextRun         *time.Time `json:"next_run"`
	BlockedUntil    *time.Time `json:"blocked_until"`
	ImportID        *string    `json:"import_id"` // of the last sync
	// Webhook is the path that Omie calls. Whoever knows it may call, too.
	Webhook string `json:"webhook,omitempty"`
}

// stateBlocked is what a valid connection shows while its key may make no calls.
const stateBlocked = "blocked"

// describe reads what a connection's document shows beside the connection.
func (s *session) describe(a *app.App, account schemas.Account, c schemas.Connection, records int64, webhook bool) (connectionDocument, error) {
	d := connectionDocument{
		ID: strconv.Itoa(int(c.ID)), Account: account.Slug, Name: c.Name, State: c.State, Code: text(c.Code),
		AppKey: omie.Credentials{Key: c.AppKey}.String(), Every: cmp.Or(c.Settings.Every, schemas.DefaultEvery), FullEvery: cmp.Or(c.Settings.FullEvery, schemas.DefaultFullEvery),
		List: text(c.Settings.List), Tags: append([]string{}, c.Settings.Tags...), IncludeInactive: c.Settings.IncludeInactive, HoldFirst: c.Settings.HoldFirst,
		LastSuccess: someTime(c.LastSuccess), LastFull: someTime(c.LastFull), Watermark: someTime(c.Watermark), Records: records, NextRun: someTime(c.NextRun),
	}
	if c.Import != 0 {
		d.ImportID = text(c.Import.String())
	}
	if c.State == schemas.ConnectionValid {
		until, err := s.blockedUntil(a, c)
		if err != nil {
			return d, err
		}
		if !until.IsZero() {
			d.State, d.BlockedUntil = stateBlocked, someTime(until)
		}
	}
	if webhook && len(c.Sealed) > 0 {
		secrets, err := a.OpenSecrets(s.ctx, c)
		if err != nil {
			return d, err
		}
		d.Webhook = fmt.Sprintf("/webhooks/omie/%d/%s", c.ID, secrets.Webhook)
	}
	return d, nil
}

// blockedUntil is until when Omie, or the circuit that spares it, takes no calls of
// a connection; the zero time when it does.
func (s *session) blockedUntil(a *app.App, c schemas.Connection) (time.Time, error) {
	until, err := a.BlockedUntil(s.ctx, c)
	if err != nil || !until.After(s.clock()) {
		return time.Time{}, err
	}
	return until, nil
}

// someTime is nil for the zero time.
func someTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

// localTime writes a time in the account's zone, · for none.
func localTime(t *time.Time, account schemas.Account) string {
	if t == nil {
		return "·"
	}
	return t.In(account.Location()).Format(time.DateTime)
}
