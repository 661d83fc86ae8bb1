package validate

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/distinct.sql
var distinctSQL string

// countDistinct sets how many values the field of each column has. Extra fields,
// which may be fifty, are not counted: it would take longer than reading them.
func countDistinct(ctx context.Context, run *pipeline.Run) error {
	counts := map[string]*int64{}
	var list []string
	var into []any
	for _, field := range run.Facts.Fields {
		counts[field] = new(int64)
		column := `"` + schemas.FieldColumn(field) + `"`
		list = append(list, fmt.Sprintf("count(distinct hash(%s)) filter (where %s is not null)", column, column))
		into = append(into, counts[field])
	}
	if len(list) == 0 {
		return nil
	}
	sql := strings.ReplaceAll(distinctSQL, "/*counts*/", strings.Join(list, ", "))
	if _, err := run.Workset.Scan(ctx, sql, nil, into...); err != nil {
		return err
	}
	for i := range run.Facts.Columns {
		run.Facts.Columns[i].Distinct = counts[run.Facts.Columns[i].Field]
	}
	return nil
}
