package main

import (
	"bytes"
	"encoding/json"
)

// pair is one member of a JSON object whose order is for people.
type pair struct {
	name  string
	value any
}

// marshalOrdered writes the members in their order.
func marshalOrdered(pairs []pair) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := enc.Encode(p.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(p.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
