package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// ConnectionNotice is what is told about a connection: that it is in trouble, or no
// longer.
type ConnectionNotice struct {
	Account    string // slug
	Connection string // name
	// Trouble is invalid, blocked or late; "" when it is over.
	Trouble     string
	LastSuccess time.Time // zero before the first
	// At is when it was noticed, the same when the notice is sent again.
	At time.Time
}

// connectionBody is the JSON of a ConnectionNotice.
type connectionBody struct {
	Event       string     `json:"event"` // connection.invalid …, connection.ok
	Account     string     `json:"account"`
	Connection  string     `json:"connection"`
	LastSuccess *time.Time `json:"last_success"`
	At          time.Time  `json:"at"`
}

// NotifyConnection sends one notice, once, under the same rules as Notify.
func (n Notifier) NotifyConnection(ctx context.Context, c ConnectionNotice) error {
	b := connectionBody{Event: "connection.ok", Account: c.Account, Connection: c.Connection, At: c.At.UTC()}
	if c.Trouble != "" {
		b.Event = "connection." + c.Trouble
	}
	if !c.LastSuccess.IsZero() {
		at := c.LastSuccess.UTC()
		b.LastSuccess = &at
	}
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	return n.send(ctx, text, fmt.Sprintf("%s-%s-%s-%d", c.Account, c.Connection, b.Event, c.At.UnixMilli()))
}
