package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/schemas"
)

// Where the key pair may stand instead of being typed. The secret is no flag:
// others on the machine could read it, and the shell would remember it.
const (
	envAppKey    = "BATEIA_OMIE_APP_KEY"
	envAppSecret = "BATEIA_OMIE_APP_SECRET"
)

type omieConnect struct {
	Name            string   `arg:"" help:"Name of the connection, of your choice."`
	AppKey          string   `help:"App key of the company at Omie (else BATEIA_OMIE_APP_KEY, or asked for)." placeholder:"K"`
	Every           string   `help:"How often to read what changed: 15m (default), 2h, or a cron expression in the account's timezone." placeholder:"15m"`
	FullEvery       string   `help:"How often to read everything, which also finds what was deleted: 7d (default)." placeholder:"7d"`
	List            *string  `help:"List the prospects go on." placeholder:"LIST"`
	Tag             []string `help:"Only records with this tag of Omie's; may be repeated (default: all but suppliers and carriers)." placeholder:"TAG" sep:"none"`
	IncludeInactive *bool    `help:"Read inactive records too." negatable:""`
	HoldFirst       *bool    `help:"The first sync waits for “bateia apply” (on a terminal you are asked)." negatable:""`
	ShowWebhook     bool     `help:"Print the path of the webhook; it holds a secret."`
}

func (omieConnect) Help() string {
	return `The key pair is checked with one call, and the secret is stored encrypted. It is asked for on a terminal; without one it is read from BATEIA_OMIE_APP_SECRET. It is never a flag.

Connecting a name again changes the settings that are given and keeps the others, the key pair as well, and how far the connection has read. The key of another company is refused when records are known: give that company a name of its own. Another choice of tags or of inactive records holds for all records from the next full reading on, which then comes with the next run.

An empty --list, or one empty --tag, brings the default back.

Examples:

  bateia omie connect loja
  bateia omie connect loja --app-key 1234567890 --every 30m --list clientes --hold-first
  bateia omie connect loja --every '0 6 * * 1-5'
  BATEIA_OMIE_APP_SECRET=… bateia omie connect filial --app-key 1234567890 --tag Cliente --no-hold-first

Exit codes: 0 connected · 1 refused (OMIE_AUTH, OMIE_OTHER_COMPANY) · 2 usage · 5 Omie cannot be reached.`
}

// Run checks a key pair and makes or changes a connection.
func (c omieConnect) Run(s *session) error {
	c.Name = strings.Join(strings.Fields(c.Name), " ")
	if err := c.check(); err != nil {
		return usage(err)
	}
	return s.open("omie connect", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		n := connecting{omieConnect: c, s: s, a: a, account: account}
		if err := n.look(); err != nil {
			return err
		}
		if err := n.ask(); err != nil {
			return err
		}
		if err := n.try(); err != nil {
			return err
		}
		if err := n.sameCompany(); err != nil {
			return err
		}
		if err := n.askHold(); err != nil {
			return err
		}
		return n.store()
	})
}

var onlyDigits = regexp.MustCompile(`^[0-9]+$`)

// check refuses what cannot be meant before anything is started.
func (c omieConnect) check() error {
	switch {
	case c.Name == "" || utf8.RuneCountInString(c.Name) > 60 || strings.ContainsRune(c.Name, ':') || strings.ContainsFunc(c.Name, unicode.IsControl):
		return fmt.Errorf("%q: the name of a connection has up to 60 characters and no colon", c.Name)
	case onlyDigits.MatchString(c.Name):
		return fmt.Errorf("%q: the name of a connection is not a number", c.Name)
	}
	if _, err := schemas.ParseSchedule(c.Every); err != nil {
		return fmt.Errorf("--every: %w", err)
	}
	if _, err := schemas.ParseSchedule(c.FullEvery); err != nil {
		return fmt.Errorf("--full-every: %w", err)
	}
	return nil
}

// connecting is a connect under way.
type connecting struct {
	omieConnect
	s       *session
	a       *app.App
	account schemas.Account
	before  schemas.Connection // zero when it is new
	secrets app.ConnectionSecrets
	pair    omie.Credentials
	hold    *bool
}

// look finds what there is under the name.
func (n *connecting) look() error {
	all, err := n.a.DB.Connections(n.s.ctx, n.account.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		switch {
		case schemas.FoldLabel(c.Name) == schemas.FoldLabel(n.Name):
			n.before = c
		case app.ExternalName(c.Name) == app.ExternalName(n.Name):
			return &exitError{exitFailed, fmt.Errorf("connection %q cannot be told apart from %q: choose another name", n.Name, c.Name)}
		}
	}
	if len(n.before.Sealed) == 0 {
		_, err := n.a.Keys() // without a key nothing can be stored
		return err
	}
	n.secrets, err = n.a.OpenSecrets(n.s.ctx, n.before)
	if err != nil {
		// The key that sealed them is lost. A new secret can be stored all the same.
		n.s.out.Notef("%s", n.s.words.Say("omie_secrets_lost", "why", err.Error()))
		_, err = n.a.Keys()
	}
	return err
}

// ask finds the key pair: as given, else by asking, else what is stored.
func (n *connecting) ask() error {
	p := terminal.Prompt{In: n.s.in, Err: n.s.out.Err}
	words, can := n.s.words, p.Interactive()
	key, secret := cmp.Or(n.AppKey, n.s.getenv(envAppKey)), n.s.getenv(envAppSecret)
	var err error
	if key == "" && can {
		question := words.Say("ask_app_key")
		if n.before.AppKey != "" {
			question = words.Say("ask_app_key_again", "key", omie.Credentials{Key: n.before.AppKey})
		}
		if key, err = p.Ask(n.s.ctx, question); err != nil {
			return err
		}
	}
	key = cmp.Or(key, n.before.AppKey)
	if key == "" {
		return usage(fmt.Errorf("no app key is given: use --app-key or %s", envAppKey))
	}
	stored := ""
	if strings.TrimSpace(key) == n.before.AppKey {
		stored = n.secrets.App
	}
	if secret == "" && can {
		question := words.Say("ask_app_secret")
		if stored != "" {
			question = words.Say("ask_app_secret_again")
		}
		if secret, err = p.AskSecret(n.s.ctx, question); err != nil {
			return err
		}
	}
	if secret = cmp.Or(secret, stored); secret == "" {
		return usage(fmt.Errorf("no app secret is given: set %s; a terminal is asked for it", envAppSecret))
	}
	n.pair, err = omie.ParseCredentials(key, secret)
	n.secrets.App = strings.TrimSpace(secret)
	return err
}

// store makes the connection, or changes it, and says what comes next.
func (n *connecting) store() error {
	if n.secrets.Webhook == "" {
		n.secrets.Webhook = app.NewWebhookSecret()
	}
	wasValid := false
	c, err := n.a.DB.Connect(n.s.ctx, n.account.ID, n.Name, func(c *schemas.Connection) error {
		wasValid = c.State == schemas.ConnectionValid
		if err := n.schedule(c); err != nil {
			return err
		}
		n.settle(c)
		c.AppKey, c.State, c.Code = n.pair.Key, schemas.ConnectionValid, ""
		return n.a.SealSecrets(c, n.secrets)
	})
	if err != nil {
		return err
	}
	if n.s.out.JSON {
		return n.s.showConnection(n.a, n.account, c, n.ShowWebhook)
	}
	return n.tell(c, wasValid)
}

// settle takes the flags that were given into the settings.
func (n *connecting) settle(c *schemas.Connection) {
	set, before := &c.Settings, c.Settings
	set.Every, set.FullEvery = cmp.Or(n.Every, set.Every), cmp.Or(n.FullEvery, set.FullEvery)
	if n.List != nil {
		set.List = strings.TrimSpace(*n.List)
	}
	if len(n.Tag) > 0 {
		set.Tags = filledIn(n.Tag)
	}
	if n.IncludeInactive != nil {
		set.IncludeInactive = *n.IncludeInactive
	}
	if n.hold != nil {
		set.HoldFirst = *n.hold
	}
	if !slices.Equal(before.Tags, set.Tags) || before.IncludeInactive != set.IncludeInactive {
		c.LastFull = time.Time{} // what was left out is read by the next run
	}
}

// schedule says when a connection runs: at once, but one that runs already goes on
// as it does, unless it is to come round differently.
func (n *connecting) schedule(c *schemas.Connection) error {
	now := n.s.clock().UTC()
	if c.State != schemas.ConnectionValid {
		c.NextRun, c.Due = now, now
		return nil
	}
	if n.Every == "" || n.Every == c.Settings.Every {
		return nil
	}
	next, err := jobs.NextRun(n.Every, now, n.account.Location())
	if err != nil {
		return err
	}
	if c.Due.IsZero() || !c.Due.Before(c.NextRun) || c.Due.After(next) {
		c.Due = next // else a signal makes it due earlier
	}
	c.NextRun = next
	return nil
}

// tell says what was done and what comes next.
func (n *connecting) tell(c schemas.Connection, wasValid bool) error {
	say := func(key string, pairs ...any) { n.s.out.Printf("%s\n", n.s.words.Say(key, pairs...)) }
	done := "omie_connected"
	if wasValid {
		done = "omie_changed"
	}
	say(done, "name", c.Name, "key", n.pair, "every", cmp.Or(c.Settings.Every, schemas.DefaultEvery), "full", cmp.Or(c.Settings.FullEvery, schemas.DefaultFullEvery))
	if !wasValid {
		say("omie_first", "name", c.Name)
	}
	if c.Settings.HoldFirst && c.LastSuccess.IsZero() {
		say("omie_holds")
	}
	if !n.ShowWebhook {
		say("omie_webhook")
		return nil
	}
	say("omie_webhook_path", "path", fmt.Sprintf("/webhooks/omie/%d/%s", c.ID, n.secrets.Webhook))
	return nil
}

// showConnection writes one connection as JSON.
func (s *session) showConnection(a *app.App, account schemas.Account, c schemas.Connection, webhook bool) error {
	records, err := a.DB.CountRecords(s.ctx, account.ID)
	if err != nil {
		return err
	}
	doc, err := s.describe(a, account, c, records[c.ID], webhook)
	if err != nil {
		return err
	}
	return s.out.Document(doc)
}

// askHold asks whether somebody wants to look at the first sync before it writes.
func (n *connecting) askHold() error {
	n.hold = n.HoldFirst
	p := terminal.Prompt{In: n.s.in, Err: n.s.out.Err}
	if n.hold != nil || n.s.out.JSON || !n.before.LastSuccess.IsZero() || !p.Interactive() {
		return nil
	}
	answer, err := p.Ask(n.s.ctx, n.s.words.Say("ask_hold_first"))
	if err != nil {
		return err
	}
	hold := !slices.Contains([]string{"n", "no", "não", "nao"}, strings.ToLower(answer))
	n.hold = &hold
	return nil
}
