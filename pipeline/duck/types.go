package duck

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// createTable returns the statement that makes a table for batches of a schema.
func createTable(table string, schema *arrow.Schema) string {
	var b strings.Builder
	fmt.Fprintf(&b, "create table if not exists %s (", ident(table))
	for i, f := range schema.Fields() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", ident(f.Name), sqlType(f.Type))
	}
	b.WriteString(")")
	return b.String()
}

// sqlType maps the Arrow types that the workset uses to DuckDB's.
func sqlType(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.Int64Type:
		return "bigint"
	case *arrow.Int32Type:
		return "integer"
	case *arrow.Int16Type:
		return "smallint"
	case *arrow.BooleanType:
		return "boolean"
	case *arrow.Float64Type:
		return "double"
	case *arrow.StringType:
		return "varchar"
	case *arrow.Date32Type:
		return "date"
	case *arrow.TimestampType:
		return "timestamp"
	case *arrow.ListType:
		return sqlType(t.Elem()) + "[]"
	}
	panic("duck: no SQL type for " + t.String())
}

// assign copies a value of the driver into a pointer, for the few types that
// single-row queries return.
func assign(dest, value any) error {
	switch d := dest.(type) {
	case *int64:
		n, ok := toInt(value)
		if !ok {
			return fmt.Errorf("%T is no integer", value)
		}
		*d = n
	case *string:
		s, ok := value.(string)
		if !ok && value != nil {
			return fmt.Errorf("%T is no text", value)
		}
		*d = s
	case *bool:
		b, ok := value.(bool)
		if !ok && value != nil {
			return fmt.Errorf("%T is no boolean", value)
		}
		*d = b
	case *float64:
		f, ok := value.(float64)
		if !ok && value != nil {
			return fmt.Errorf("%T is no number", value)
		}
		*d = f
	default:
		return fmt.Errorf("cannot scan into %T", dest)
	}
	return nil
}

func toInt(value any) (int64, bool) {
	switch v := value.(type) {
	case nil:
		return 0, true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case int16:
		return int64(v), true
	case int8:
		return int64(v), true
	case uint64:
		return int64(v), true
	case interface{ Int64() int64 }: // *big.Int of a hugeint sum
		return v.Int64(), true
	}
	return 0, false
}
