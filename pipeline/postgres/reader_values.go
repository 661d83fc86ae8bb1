package postgres

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Column is a column of what a statement gives.
type Column struct {
	Name   string
	Number bool // its values read as numbers
	oid    uint32
	types  *pgtype.Map
}

func columnsOf(types *pgtype.Map, fields []pgconn.FieldDescription) []Column {
	out := make([]Column, len(fields))
	for i, f := range fields {
		out[i] = Column{Name: f.Name, Number: isNumber(f.DataTypeOID), oid: f.DataTypeOID, types: types}
	}
	return out
}

func isNumber(oid uint32) bool {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID, pgtype.NumericOID:
		return true
	}
	return false
}

// Cell is one value of a row, in the text that Postgres writes.
type Cell struct {
	column *Column
	raw    []byte // nil is null
}

// Null reports whether there is no value.
func (c Cell) Null() bool { return c.raw == nil }

// Text is the value for tables and CSV: as Postgres writes it, moments in RFC 3339
// UTC. Null is blank.
func (c Cell) Text() string {
	if at, ok := c.moment(); ok {
		return at.Format(time.RFC3339Nano)
	}
	return string(c.raw)
}

// moment reads a timestamptz, of a session in UTC.
func (c Cell) moment() (time.Time, bool) {
	if c.raw == nil || c.column.oid != pgtype.TimestamptzOID {
		return time.Time{}, false
	}
	at, err := time.Parse("2006-01-02 15:04:05.999999999-07", string(c.raw))
	return at.UTC(), err == nil // infinity and years before Christ stay text
}

// JSON is the value for encoding/json: numbers, booleans, arrays and JSON as such,
// moments in RFC 3339 UTC, everything else as text.
func (c Cell) JSON() any {
	switch {
	case c.raw == nil:
		return nil
	case c.column.Number && json.Valid(c.raw):
		return json.RawMessage(bytes.Clone(c.raw)) // NaN and Infinity stay text
	case c.column.oid == pgtype.BoolOID:
		return string(c.raw) == "t"
	case (c.column.oid == pgtype.JSONOID || c.column.oid == pgtype.JSONBOID) && json.Valid(c.raw):
		return json.RawMessage(bytes.Clone(c.raw))
	}
	if at, ok := c.moment(); ok {
		return at
	}
	if t, ok := c.column.types.TypeForOID(c.column.oid); ok {
		if _, isArray := t.Codec.(*pgtype.ArrayCodec); isArray {
			if v, err := t.Codec.DecodeValue(c.column.types, c.column.oid, pgtype.TextFormatCode, c.raw); err == nil {
				if _, err := json.Marshal(v); err == nil {
					return v
				}
			}
		}
	}
	return string(c.raw)
}
