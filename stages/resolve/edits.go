package resolve

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// codeEditConflict is that of a row with an edited cell whose value in the base is not
// the one any more that the export gave out, nor the one it was edited to.
const codeEditConflict = "EDIT_CONFLICT"

// refuseEdits refuses rows of exports by codeEditConflict, and writes edit_conflicts, the
// cells for which it does.
func refuseEdits(ctx context.Context, run *pipeline.Run) error {
	var some bool
	if _, err := run.Workset.Scan(ctx, "select exists (select 1 from edited)", nil, &some); err != nil {
		return err
	}
	script := `create or replace table edit_conflicts (row bigint, "column" varchar, field varchar, value varchar);`
	if some {
		script += editConflicts(run.Facts)
	}
	return run.Workset.Exec(ctx, script)
}

func editConflicts(facts schemas.Facts) string {
	var parts []string
	for _, f := range schemas.ProspectColumns() {
		at := slices.IndexFunc(facts.Columns, func(c schemas.Column) bool { return c.Field == f.Name })
		if at < 0 || !slices.Contains(facts.Fields, f.Name) {
			continue
		}
		parts = append(parts, fmt.Sprintf(`
select e.row, '%[1]s', '%[2]s', r.%[3]s
  from edited e join rows r using (row) join base_ids i using (bateia_id) join base_prospects p using (prospect_id)
 where r.%[3]s is not null and r.%[3]s is distinct from p.%[3]s
   and ('0x' || sha256(e.salt || p.%[3]s)[1:15])::bigint is distinct from e.%[3]s`,
			strings.ReplaceAll(facts.Columns[at].Name, "'", "''"), f.Name, schemas.FieldColumn(f.Name)))
	}
	if parts == nil {
		return ""
	}
	return "insert into edit_conflicts" + strings.Join(parts, "\nunion all") + `;
insert into refusals select distinct row, 7, 'conflict', '` + codeEditConflict + `' from edit_conflicts;`
}
