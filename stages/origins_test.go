package stages_test

import (
	"context"
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

// checkOrigins: the rows from which the view field_lineage says that some prospects
// have their values are those that survivorship takes them from.
func (p *play) checkOrigins(most int) error {
	ctx := context.Background()
	var ids []string
	got := map[string]string{}
	p.in(p.t, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
select prospect_id from prospects p where not exists (select from aliases a where a.account_id = p.account_id and a.alias_id = p.prospect_id)
 order by cardinality(lead_imports) desc, prospect_id limit $1`, most)
		if err != nil {
			return err
		}
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return err
		}
		if rows, err = tx.Query(ctx, "select prospect_id, field, import_id, row from report.field_lineage where current and prospect_id = any ($1)", ids); err != nil {
			return err
		}
		var id, field, of string
		var row int64
		_, err = pgx.ForEachRow(rows, []any{&id, &field, &of, &row}, func() error {
			got[id+" "+field] += fmt.Sprint(of, ":", row)
			return nil
		})
		return err
	})
	want := map[string]string{}
	for _, id := range ids {
		said, err := p.db.ReadLeads(ctx, 1, id)
		if err != nil {
			return err
		}
		var statements []survivorship.Statement
		for _, l := range said {
			statements = append(statements, l.Statement)
		}
		best := survivorship.Fold(statements)
		for field, v := range best.Fields {
			want[id+" "+field] = schemas.LeadID(v.Import, v.Row)
		}
		for name, v := range best.Extra {
			want[id+" extra."+name] = schemas.LeadID(v.Import, v.Row)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("where values come from (-survivorship +view):\n%s", diff)
	}
	return nil
}
