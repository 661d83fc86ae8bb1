package omie

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/bateia/bateia/pipeline"
)

// Credentials are the key pair of one company. They print as the last digits of
// the key.
type Credentials struct {
	Key    string // digits
	secret string
}

// ParseCredentials reads a key pair as people paste it. The error, of kind
// permanent, says which half is wrong and repeats neither.
func ParseCredentials(key, secret string) (Credentials, error) {
	c := Credentials{Key: strings.TrimSpace(key), secret: strings.ToLower(strings.TrimSpace(secret))}
	refuse := func(why string) (Credentials, error) {
		return Credentials{}, &pipeline.Error{Op: "read key pair", Kind: pipeline.KindPermanent, Code: "OMIE_AUTH", Err: errors.New(why),
			Hint: "Copy app key and app secret from the company's page of applications at Omie."}
	}
	only := func(text, allowed string) bool { return strings.Trim(text, allowed) == "" }
	switch {
	case c.Key == "" || len(c.Key) > 20 || !only(c.Key, "0123456789"):
		return refuse("the app key is not a number")
	case len(c.secret) != 32 || !only(c.secret, "0123456789abcdef"):
		return refuse("the app secret is not 32 hexadecimal digits")
	}
	return c, nil
}

// String implements fmt.Stringer.
func (c Credentials) String() string { return "…" + c.Key[max(0, len(c.Key)-4):] }

// GoString implements fmt.GoStringer, so that %#v shows no more.
func (c Credentials) GoString() string { return c.String() }

// LogValue implements slog.LogValuer.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }
