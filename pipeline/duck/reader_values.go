package duck

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Column is a column of what a statement gives.
type Column struct {
	Name   string
	Number bool // its values read as numbers
	kind   string
}

func columnsOf(rows driver.Rows) ([]Column, error) {
	types, ok := rows.(driver.RowsColumnTypeDatabaseTypeName)
	if !ok {
		return nil, fmt.Errorf("read columns: the driver tells no types")
	}
	out := make([]Column, len(rows.Columns()))
	for i, name := range rows.Columns() {
		kind := types.ColumnTypeDatabaseTypeName(i)
		out[i] = Column{Name: name, Number: isNumber(kind), kind: kind}
	}
	return out, nil
}

func isNumber(kind string) bool {
	switch kind {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE":
		return true
	}
	return strings.HasPrefix(kind, "DECIMAL")
}

// Cell is one value of a row.
type Cell struct {
	column *Column
	value  driver.Value
}

// Text is the value for tables and CSV, as Postgres writes it; moments in RFC 3339
// UTC. Null is blank.
func (c Cell) Text() string { return text(c.value, c.column.kind) }

// JSON is the value for encoding/json: numbers, booleans, lists and structures as
// such, moments in RFC 3339 UTC, everything else as text.
func (c Cell) JSON() any { return jsonOf(c.value, c.column.kind) }

func text(v any, kind string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "t"
		}
		return "f"
	case float64:
		return decimal(v, 64)
	case float32:
		return decimal(float64(v), 32)
	case *big.Int:
		return v.String()
	case duckdb.Decimal:
		return fixedPoint(v)
	case time.Time:
		return moment(v, kind)
	case []byte:
		return `\x` + fmt.Sprintf("%x", v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = element(e, strings.TrimSuffix(kind, "[]"))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v)
	}
	if out, err := json.Marshal(jsonOf(v, kind)); err == nil {
		return string(out)
	}
	return fmt.Sprint(v)
}

// element is a member of an array as Postgres writes it.
func element(v any, kind string) string {
	if v == nil {
		return "NULL"
	}
	out := text(v, kind)
	if out == "" || strings.ContainsAny(out, `{},"\ `+"\t\n") || strings.EqualFold(out, "null") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(out) + `"`
	}
	return out
}

// fixedPoint writes a decimal with all of its digits, as Postgres does.
func fixedPoint(v duckdb.Decimal) string {
	digits := new(big.Int).Abs(v.Value).String()
	scale := int(v.Scale)
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale+1-len(digits)) + digits
	}
	if at := len(digits) - scale; scale > 0 {
		digits = digits[:at] + "." + digits[at:]
	}
	if v.Value.Sign() < 0 {
		digits = "-" + digits
	}
	return digits
}

// decimal writes a double as Postgres does: as short as it can be read back.
func decimal(v float64, bits int) string {
	if a := math.Abs(v); a == 0 || a >= 1e-4 && a < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, bits)
	}
	return strconv.FormatFloat(v, 'g', -1, bits)
}

func moment(v time.Time, kind string) string {
	switch {
	case kind == "DATE":
		return v.Format(time.DateOnly)
	case strings.HasPrefix(kind, "TIMESTAMP") && !strings.HasSuffix(kind, "TZ") && kind != "TIMESTAMP WITH TIME ZONE":
		return v.Format("2006-01-02 15:04:05.999999")
	case strings.HasPrefix(kind, "TIME") && !strings.HasPrefix(kind, "TIMESTAMP"):
		return v.Format("15:04:05.999999")
	}
	return v.UTC().Format(time.RFC3339Nano)
}

func jsonOf(v any, kind string) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return decimal(v, 64)
		}
		return json.RawMessage(decimal(v, 64))
	case *big.Int:
		return json.RawMessage(v.String())
	case duckdb.Decimal:
		return json.RawMessage(fixedPoint(v))
	case time.Time, []byte:
		return text(v, kind)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = jsonOf(e, strings.TrimSuffix(kind, "[]"))
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = jsonOf(e, "")
		}
		return out
	case nil, string, bool, float32, int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return v
	}
	return fmt.Sprint(v)
}
