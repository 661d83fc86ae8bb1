package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/sealed"
	"github.com/bateia/bateia/schemas"
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

// Credentials returns the key pair of a connection.
func (a *App) Credentials(ctx context.Context, account, connection int32) (omie.Credentials, error) {
	c, err := a.DB.ConnectionByID(ctx, account, connection)
	if err != nil {
		return omie.Credentials{}, err
	}
	s, err := a.OpenSecrets(ctx, c)
	if err != nil {
		return omie.Credentials{}, err
	}
	return omie.ParseCredentials(c.AppKey, s.App)
}
