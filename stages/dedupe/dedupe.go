package dedupe

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/counts.sql
	countsSQL string
	//go:embed sql/frequent.sql
	frequentSQL string
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

// DefaultMaxNames is with how many different names a joining value may appear
// before it is a shared one.
const DefaultMaxNames = 4

// Stage groups the rows of an import that are the same prospect.
type Stage struct {
	// MaxNames is the frequency rule's limit; 0 is DefaultMaxNames, a negative
	// number switches the rule off.
	MaxNames int
}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageDedupe }

// Run implements pipeline.Stage. It reads rows and identities, and writes keys,
// row_groups, apart, group_keys and more issues.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) error {
	if err := s.prepare(ctx, run); err != nil {
		return err
	}
	if err := run.Workset.Exec(ctx, countsSQL); err != nil {
		return err
	}
	// Most files hold no frequent value: then the identities are the keys.
	keysSQL := "create or replace view keys as select * from identities"
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
	run.Report(pipeline.Progress{Stage: schemas.StageDedupe, Rows: run.Facts.Records, TotalRows: run.Facts.Records})
	return nil
}

// filled reports whether a table has rows.
func filled(ctx context.Context, w pipeline.Workset, table string) (some bool, err error) {
	_, err = w.Scan(ctx, "select exists (select 1 from "+table+")", nil, &some)
	return some, err
}

// prepare sets what the scripts read as variables.
func (s Stage) prepare(ctx context.Context, run *pipeline.Run) error {
	names := s.MaxNames
	switch {
	case names == 0:
		names = DefaultMaxNames
	case names < 0:
		names = 1 << 30
	}
	return run.Workset.Exec(ctx, fmt.Sprintf(`
set variable max_names = %d;
set variable max_component = %d;`, names, run.Account.Settings.WithDefaults().MaxComponent))
}
