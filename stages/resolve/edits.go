package resolve

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/edit_conflicts.sql
	editConflictsSQL string
	//go:embed sql/mute.sql
	muteSQL string
)

// loadEdits writes mute, which is empty when the import puts all its prospects on a list
// or tags them, and judged, the rows whose edits may be in conflict. Of a redo these are
// those that the import refused which it takes the place of: what came after the edits of
// the others came knowing them.
func loadEdits(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	m := run.Request.Mapping
	said := m.List != "" || len(m.Tags) > 0
	var blank strings.Builder
	for _, name := range run.Facts.Fields {
		fmt.Fprintf(&blank, " and r.%s is null", schemas.FieldColumn(name))
	}
	if said {
		blank.WriteString(" and false")
	}
	if err := run.Workset.Exec(ctx, strings.ReplaceAll(muteSQL, "/*blank*/", blank.String())); err != nil {
		return err
	}
	if run.RedoOf == 0 {
		return run.Workset.Exec(ctx, "create or replace table judged as select row from edited")
	}
	rows, err := tx.Query(ctx, "select row from row_outcomes where account_id = $1 and import_id = $2 order by 1", run.Account.ID, int64(run.RedoOf))
	if err != nil {
		return pipeline.DatabaseError("read refused rows", err)
	}
	refused, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return pipeline.DatabaseError("read refused rows", err)
	}
	return run.Workset.Exec(ctx, "create or replace table judged as select row from edited where list_contains("+intList(refused)+", row)")
}

// refuseEdits refuses rows of exports with an edited cell whose value in the base is not
// the one any more that the export gave out, nor the one it was edited to.
func refuseEdits(ctx context.Context, run *pipeline.Run) error {
	var some bool
	if _, err := run.Workset.Scan(ctx, "select exists (select 1 from edited)", nil, &some); err != nil {
		return err
	}
	cells := ""
	if some {
		cells = strings.Join(editedCells(run.Facts), ",")
	}
	return run.Workset.Exec(ctx, strings.ReplaceAll(editConflictsSQL, "/*cells*/", cells))
}

// editedCells are the cells that a row says, and whether the base has another value than
// was given out (its hash is schemas.GivenHash) and than it says. The name is said as a
// whole: also its blank parts take the place of those that the base has.
func editedCells(facts schemas.Facts) (cells []string) {
	column := func(field string) string {
		at := slices.IndexFunc(facts.Columns, func(c schemas.Column) bool { return c.Field == field })
		if at < 0 {
			return ""
		}
		return facts.Columns[at].Name
	}
	cell := func(field, column, value, said string) {
		col := schemas.FieldColumn(field)
		cells = append(cells, fmt.Sprintf(`
{'column': '%s', 'field': '%s', 'value': %s, 'clash': %s is not null and %[3]s is distinct from p.%[5]s and ('0x' || left(sha256(e.salt || p.%[5]s), 15))::bigint is distinct from e.%[5]s}`,
			strings.ReplaceAll(column, "'", "''"), field, value, said, col))
	}
	var names []string
	var header string
	for _, field := range nameFields {
		if header == "" {
			header = column(field)
		}
		if slices.Contains(facts.Fields, field) {
			names = append(names, "r."+schemas.FieldColumn(field))
		}
	}
	for _, f := range schemas.ProspectColumns() {
		value := "r." + schemas.FieldColumn(f.Name)
		switch {
		case slices.Contains(nameFields, f.Name):
			if header == "" {
				continue
			}
			if !slices.Contains(facts.Fields, f.Name) {
				value = "null::varchar"
			}
			own := column(f.Name)
			if own == "" {
				own = header
			}
			cell(f.Name, own, value, "coalesce("+strings.Join(append(names, "null"), ", ")+")")
		case slices.Contains(facts.Fields, f.Name) && column(f.Name) != "":
			cell(f.Name, column(f.Name), value, value)
		}
	}
	return cells
}
