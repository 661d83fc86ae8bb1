package dedupe

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/counts.sql
	countsSQL string
	//go:embed sql/frequent.sql
	frequentSQL string
	//go:embed sql/external.sql
	externalSQL string
	//go:embed sql/labels.sql
	labelsSQL string
	//go:embed sql/groups.sql
	groupsSQL string
	//go:embed sql/guards.sql
	guardsSQL string
	//go:embed sql/group_keys.sql
	groupKeysSQL string
	//go:embed sql/disputed.sql
	disputedSQL string
)

// Stage groups the rows of an import that are the same prospect.
type Stage struct {
	// Shared returns the values of the account that join only together with the
	// same name, and those that join whatever the names, by the first half of their
	// keys. It may be nil: then there are none.
	Shared func(ctx context.Context, account int32) (shared, joining []int64, err error)
}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageDedupe }

// Run implements pipeline.Stage. It reads rows and identities, and writes keys,
// frequent, row_groups, apart, group_keys and more issues.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) error {
	var shared, joining []int64
	if s.Shared != nil {
		var err error
		if shared, joining, err = s.Shared(ctx, run.Account.ID); err != nil {
			return err
		}
	}
	for table, k1s := range map[string][]int64{"account_shared": shared, "account_joining": joining} {
		if err := writeValues(ctx, run.Workset, table, k1s); err != nil {
			return err
		}
	}
	if err := run.Workset.Exec(ctx, "create or replace table found_shared (k1 bigint, names bigint)"); err != nil {
		return err
	}
	if err := group(ctx, run); err != nil {
		return err
	}
	run.Report(pipeline.Progress{Stage: schemas.StageDedupe, Rows: run.Facts.Records, TotalRows: run.Facts.Records})
	return nil
}

// Again groups the rows anew after more shared values were found: they stand in
// found_shared.
func Again(ctx context.Context, run *pipeline.Run) error {
	err := run.Workset.Exec(ctx, `
delete from issues where code in ('IDENTITY_SHARED', 'MATCH_COMPONENT_TOO_LARGE') or (code = 'MATCH_CONFLICT' and field is null)`)
	if err != nil {
		return err
	}
	return group(ctx, run)
}

// Renew takes up what the account knows of shared values by now. It groups the rows
// anew when it knew something else of a value that they have, or when an earlier
// resolve found more shared values: names that it counted may have been taken back.
func Renew(ctx context.Context, run *pipeline.Run, shared, joining []int64) error {
	for table, k1s := range map[string][]int64{"now_shared": shared, "now_joining": joining} {
		if err := writeValues(ctx, run.Workset, table, k1s); err != nil {
			return err
		}
	}
	var moved bool
	_, err := run.Workset.Scan(ctx, `
with now as (select k1, true as shared from now_shared union all select k1, false from now_joining),
     before as (select k1, true as shared from account_shared union all select k1, false from account_joining)
select exists (select 1 from found_shared)
    or exists (select 1 from ((from now except from before) union all (from before except from now)) d semi join identities i on i.k1 = d.k1)`, nil, &moved)
	if err != nil {
		return err
	}
	err = run.Workset.Exec(ctx, `
drop table account_shared; alter table now_shared rename to account_shared;
drop table account_joining; alter table now_joining rename to account_joining;`)
	if err != nil || !moved {
		return err
	}
	if err := run.Workset.Exec(ctx, "delete from found_shared"); err != nil {
		return err
	}
	return Again(ctx, run)
}

// writeValues writes a table of values by the first half of their keys.
func writeValues(ctx context.Context, w pipeline.Workset, table string, k1s []int64) error {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "k1", Type: arrow.PrimitiveTypes.Int64}}, nil))
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues(k1s, nil)
	batch := b.NewRecordBatch()
	defer batch.Release()
	if err := w.Exec(ctx, "drop table if exists "+table); err != nil {
		return err
	}
	_, err := w.Write(ctx, table, b.Schema(), func(yield func(arrow.RecordBatch, error) bool) {
		if batch.NumRows() > 0 {
			yield(batch, nil)
		}
	})
	return err
}

// group computes the groups from rows, identities and the shared values.
func group(ctx context.Context, run *pipeline.Run) error {
	if err := prepare(ctx, run); err != nil {
		return err
	}
	if err := run.Workset.Exec(ctx, countsSQL); err != nil {
		return err
	}
	// Most files hold no frequent value: then the identities are the keys.
	if err := dropKeys(ctx, run.Workset); err != nil {
		return err
	}
	keysSQL := "create view keys as select * from stated"
	if some, err := filled(ctx, run.Workset, "frequent"); err != nil {
		return err
	} else if some {
		keysSQL = frequentSQL
	}
	for _, script := range []string{keysSQL, labelsSQL} {
		if err := run.Workset.Exec(ctx, script); err != nil {
			return err
		}
	}
	if err := duck.CloseComponents(ctx, run.Workset); err != nil {
		return err
	}
	for _, script := range []string{groupsSQL, guardsSQL, groupKeysSQL} {
		if err := run.Workset.Exec(ctx, script); err != nil {
			return err
		}
	}
	if some, err := filled(ctx, run.Workset, "apart"); err != nil {
		return err
	} else if some {
		if err := run.Workset.Exec(ctx, disputedSQL); err != nil {
			return err
		}
	}
	return nil
}

// dropKeys makes room for keys, which is a view or a table.
func dropKeys(ctx context.Context, w pipeline.Workset) error {
	kind := ""
	some, err := w.Scan(ctx, "select case table_type when 'VIEW' then 'view' else 'table' end from information_schema.tables where table_name = 'keys'", nil, &kind)
	if err != nil || !some {
		return err
	}
	return w.Exec(ctx, "drop "+kind+" keys")
}

// filled reports whether a table has rows.
func filled(ctx context.Context, w pipeline.Workset, table string) (some bool, err error) {
	_, err = w.Scan(ctx, "select exists (select 1 from "+table+")", nil, &some)
	return some, err
}

// prepare sets what the scripts read: variables, and stated, the identities with
// the account's match policy applied.
func prepare(ctx context.Context, run *pipeline.Run) error {
	set := run.Account.Settings.WithDefaults()
	err := run.Workset.Exec(ctx, fmt.Sprintf(`
set variable max_names = %d;
set variable max_component = %d;`, set.MaxNames, set.MaxComponent))
	if err != nil {
		return err
	}
	if set.MatchPolicy == schemas.MatchExternalID {
		return run.Workset.Exec(ctx, externalSQL)
	}
	return run.Workset.Exec(ctx, "create or replace view stated as select * from identities")
}
