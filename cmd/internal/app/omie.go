package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/sealed"
	"github.com/bateia/bateia/pipeline/webhook"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/sync"
)

// keyFile holds the key of the embedded stack that seals secrets.
const keyFile = "secret.key"

// Keys are the keys that seal secrets: the configured ones or, for the embedded
// stack, those of a file, which is made when it is not there.
func (a *App) Keys() (*sealed.Ring, error) {
	switch {
	case a.Config.SecretKey != "":
		return sealed.ParseRing(a.Config.SecretKey)
	case a.Stack != nil:
		return sealed.OpenFile(filepath.Join(a.Config.DataDir, keyFile))
	}
	return nil, &pipeline.Error{Op: "find secret key", Kind: pipeline.KindPermanent, Err: errors.New("there is no key to seal secrets with"),
		Hint: "Set BATEIA_SECRET_KEY to 32 random bytes in base64, e.g. from: openssl rand -base64 32"}
}

// OmieClient makes calls under limits that all processes of the database share.
func (a *App) OmieClient() (*omie.Client, error) {
	gate, err := a.OmieGate()
	if err != nil {
		return nil, err
	}
	return &omie.Client{URL: a.Config.OmieBaseURL, Gate: gate}, nil
}

// OmieGate keeps the limits.
func (a *App) OmieGate() (omie.SharedGate, error) {
	scale, err := a.Config.TimeScale()
	return omie.SharedGate{Lanes: postgres.Lanes{DB: a.DB}, Scale: scale}, err
}

// ConnectionSecrets are what of a connection nobody may read.
type ConnectionSecrets struct {
	App     string `json:"app"`     // the app secret
	Webhook string `json:"webhook"` // stands in the URL that Omie calls
}

// NewWebhookSecret draws a secret that fits a URL.
func NewWebhookSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

func belongsTo(c schemas.Connection) string { return fmt.Sprintf("connection %d", c.ID) }

// SealSecrets seals the secrets of a connection, which must have its id.
func (a *App) SealSecrets(c *schemas.Connection, s ConnectionSecrets) error {
	keys, err := a.Keys()
	if err != nil {
		return err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	c.Sealed = keys.Seal(text, belongsTo(*c))
	return nil
}

// OpenSecrets opens the secrets of a connection. When an old key sealed them they
// are sealed anew and stored.
func (a *App) OpenSecrets(ctx context.Context, c schemas.Connection) (s ConnectionSecrets, err error) {
	keys, err := a.Keys()
	if err != nil {
		return s, err
	}
	text, old, err := keys.Open(c.Sealed, belongsTo(c))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, &pipeline.Error{Op: "open secret", Kind: pipeline.KindPermanent, Err: errors.New("it is of another version")}
	}
	if !old {
		return s, nil
	}
	_, err = a.DB.Connect(ctx, c.Account, c.Name, func(now *schemas.Connection) error {
		if string(now.Sealed) == string(c.Sealed) {
			return a.SealSecrets(now, s)
		}
		return nil
	})
	return s, err
}

// Sync registers a sync of a connection that people asked for. *jobs.ErrSyncOpen
// when its last one is not over. A run of the schedule that is due is this one.
func (a *App) Sync(ctx context.Context, account schemas.Account, connection int32, o jobs.SyncOptions) (id schemas.ImportID, err error) {
	insert, err := jobs.NewInserter(a.DB)
	if err != nil {
		return 0, err
	}
	err = a.DB.InAccount(ctx, account.ID, func(tx pgx.Tx) error {
		c, err := postgres.LockConnection(ctx, tx, account.ID, connection)
		if err != nil {
			return err
		}
		if err := usable(c); err != nil {
			return err
		}
		if now := time.Now(); !c.NextRun.IsZero() && !c.NextRun.After(now) {
			if c.NextRun, err = jobs.NextRun(c.Settings.Every, now, account.Location()); err != nil {
				return err
			}
			c.Due = c.NextRun
		}
		id, err = insert.SyncTx(ctx, tx, account, &c, o)
		return err
	})
	return id, err
}

// usable says why a connection cannot be read.
func usable(c schemas.Connection) error {
	e := &pipeline.Error{Op: "read connection " + c.Name, Kind: pipeline.KindPermanent}
	switch c.State {
	case schemas.ConnectionValid:
		return nil
	case schemas.ConnectionInvalid:
		e.Code, e.Err = "OMIE_AUTH", errors.New("its key pair was refused")
	default:
		e.Err, e.Hint = errors.New("it is disconnected"), fmt.Sprintf("Connect it again: bateia omie connect '%s'", c.Name)
	}
	return e
}

// source is the API of one connection.
type source struct {
	client *omie.Client
	pair   omie.Credentials
}

// Customers implements sync.Source.
func (s source) Customers(ctx context.Context, r omie.ListRequest) (omie.Page[omie.Customer], error) {
	return s.client.Customers(ctx, s.pair, r)
}

// Sellers implements sync.Source.
func (s source) Sellers(ctx context.Context, page, size int) (omie.Page[omie.Seller], error) {
	return s.client.Sellers(ctx, s.pair, page, size)
}

// syncStage reads connections.
func (a *App) syncStage(files Files) sync.Stage {
	return sync.Stage{
		Open:  a.openConnection,
		Pages: files,
		Cursor: func(ctx context.Context, run *pipeline.Run) ([]byte, error) {
			return a.DB.Cursor(ctx, run.Account.ID, run.ImportID)
		},
		SaveCursor: func(ctx context.Context, run *pipeline.Run, cursor []byte) error {
			claim := postgres.Claim{Account: run.Account.ID, ImportID: run.ImportID, Phase: postgres.PhasePlan, Epoch: run.Epoch}
			return a.DB.SaveCursor(ctx, claim, run.Request.Sync.ConnectionID, cursor)
		},
	}
}

// openConnection opens the API of the connection that a run reads.
func (a *App) openConnection(ctx context.Context, run *pipeline.Run) (sync.Source, sync.Connection, error) {
	var known sync.Connection
	c, err := a.DB.ConnectionByID(ctx, run.Account.ID, run.Request.Sync.ConnectionID)
	if err != nil {
		return nil, known, err
	}
	s, err := a.OpenSecrets(ctx, c)
	if err != nil {
		return nil, known, err
	}
	pair, err := omie.ParseCredentials(c.AppKey, s.App)
	if err != nil {
		return nil, known, err
	}
	client, err := a.OmieClient()
	if err != nil {
		return nil, known, err
	}
	records, err := a.DB.KnownRecords(ctx, c.Account, c.ID, 0)
	if err != nil {
		return nil, known, err
	}
	known = sync.Connection{Name: ExternalName(c.Name), Known: make(map[int64]bool, len(records)), Sellers: c.Sellers}
	for _, r := range records {
		known.Known[r.ID] = !r.Gone
	}
	return source{client, pair}, known, nil
}

// BlockedUntil is until when Omie takes no calls of a connection, the zero time
// when nothing is known of a block.
func (a *App) BlockedUntil(ctx context.Context, c schemas.Connection) (until time.Time, err error) {
	gate, err := a.OmieGate()
	if err != nil {
		return until, err
	}
	lanes, err := postgres.Lanes{DB: a.DB}.LanesOf(ctx, omie.KeyHash(c.AppKey))
	for _, lane := range lanes {
		if at := gate.BlockedUntil(lane); at.After(until) {
			until = at
		}
	}
	return until, err
}

// tellTrouble tells BATEIA_NOTIFY_URL about a connection. A refusal of the other
// side ends it, as with imports.
func (a *App) tellTrouble(ctx context.Context, account schemas.Account, c schemas.Connection, trouble string, at time.Time) error {
	err := webhook.Notifier{URL: a.Config.NotifyURL}.NotifyConnection(ctx, webhook.ConnectionNotice{
		Account: account.Slug, Connection: c.Name, Trouble: trouble, LastSuccess: c.LastSuccess, At: at})
	if err != nil && pipeline.KindOf(err) == pipeline.KindPermanent {
		a.Log.ErrorContext(ctx, "notice refused", "connection_id", c.ID, "error", err.Error())
		return nil
	}
	return err
}

// ExternalName is a connection's name as it stands in external ids, between
// colons. Connections of one account must not share it: their records would.
func ExternalName(name string) string {
	return strings.NewReplacer(" ", "-", ":", "-").Replace(schemas.FoldLabel(name))
}

// OpenWebhook implements httpapi.Webhooks.
func (a *App) OpenWebhook(ctx context.Context, id string) (c schemas.Connection, secret string, err error) {
	if _, err := strconv.ParseInt(id, 10, 32); err != nil {
		return c, "", postgres.ErrNotFound // a name, which people may choose
	}
	account, connection, err := a.DB.FindConnection(ctx, id)
	if err != nil {
		return c, "", err
	}
	if c, err = a.DB.ConnectionByID(ctx, account, connection); err != nil {
		return c, "", err
	}
	if len(c.Sealed) == 0 {
		return c, "", postgres.ErrNotFound // disconnected, or never connected
	}
	s, err := a.OpenSecrets(ctx, c)
	return c, s.Webhook, err
}

// AddSignal implements httpapi.Webhooks.
func (a *App) AddSignal(ctx context.Context, account, connection int32, s postgres.Signal) (bool, error) {
	return a.DB.AddSignal(ctx, account, connection, s)
}
