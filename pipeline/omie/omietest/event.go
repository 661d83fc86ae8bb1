package omietest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
)

// Topics of messages about customers.
const (
	TopicAdded   = "ClienteFornecedor.Incluido"
	TopicChanged = "ClienteFornecedor.Alterado"
	TopicDeleted = "ClienteFornecedor.Excluido"
)

// pingBody is what an endpoint is sent when it is registered.
const pingBody = `{"ping":"omie"}`

// notice is the envelope of a message.
type notice struct {
	MessageID string `json:"messageId"` // UUID
	Topic     string `json:"topic"`
	Event     Record `json:"event"`
	Author    author `json:"author"`
	AppKey    string `json:"appKey"`
	AppHash   string `json:"appHash"`
	Origin    string `json:"origin"`
}

type author struct {
	Email  string `json:"email"`
	Name   string `json:"name"`
	UserID int64  `json:"userId"`
}

// newNotice writes the message of a change, with a new id.
func newNotice(a *App, topic string, r Record) (id string, body []byte, err error) {
	id = newUUID()
	text, err := json.Marshal(notice{
		MessageID: id, Topic: topic, Event: event(r), Author: author{"usuario@exemplo.com.br", "Usuário Exemplo", 1},
		AppKey: a.Key, AppHash: "exemplo-" + a.Key, Origin: "omie-connect-2.0",
	})
	if err != nil {
		return "", nil, fmt.Errorf("encode message: %w", err)
	}
	return id, []byte(escaped(string(text))), nil
}

// event is a customer as messages show it: flat, with what is empty, without info,
// and with numbers as text. The id of the customer comes either way, as a number
// when it is even: a reader must take both.
func event(r Record) Record {
	out := Record(maps.Clone(r))
	delete(out, "info")
	for field, v := range out {
		out[field] = asText(v)
	}
	if id := int64(request(r).number("codigo_cliente_omie", 0)); id%2 == 0 {
		out["codigo_cliente_omie"] = id
	}
	return out
}

// asText writes the numbers in a JSON value as text.
func asText(v any) any {
	switch v := v.(type) {
	case int, int64, json.Number:
		return fmt.Sprint(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		out := map[string]any{}
		for field, inner := range v {
			out[field] = asText(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = asText(inner)
		}
		return out
	}
	return v
}

// newUUID is a random UUID, of version 4.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
