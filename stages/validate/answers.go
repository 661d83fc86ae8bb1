package validate

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/answers.sql
	answersSQL string
)

// answers writes the table answers: which refused row of an earlier import a row
// corrects, as the column bateia_row of a feedback file says. It is empty when the
// file has none. What the cells name need not exist: apply finds out.
func answers(ctx context.Context, run *pipeline.Run) error {
	column := slices.IndexFunc(run.Facts.Header, func(header string) bool {
		return strings.EqualFold(strings.TrimSpace(header), schemas.ColumnRow)
	})
	if column < 0 || run.Request.Sync != nil {
		return run.Workset.Exec(ctx, "create or replace table answers (row bigint, of_import bigint, of_row bigint)")
	}
	return run.Workset.Exec(ctx, strings.ReplaceAll(answersSQL, "/*column*/", fmt.Sprint(column+1)))
}
