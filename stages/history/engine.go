package history

import (
	"context"
	_ "embed"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// chunk is how many bundles are loaded at a time.
const chunk = 2_000

//go:embed sql/temporary.sql
var temporarySQL string

//go:embed sql/touch.sql
var touchSQL string

//go:embed sql/members.sql
var membersSQL string

// engine computes bundles again, inside a transaction that holds the account's
// lock.
type engine struct {
	tx      pgx.Tx
	account int32
	by      schemas.ImportID // the import that writes
	without schemas.ImportID // the import that is taken back, else 0
	reason  string           // of merges that are written
	dry     bool             // nothing of the base is written

	tellers map[schemas.ImportID]*teller
	lists   map[string]int32 // by folded name
	tags    map[string]int32
	decided []decision // in force, in the order in which they were made
	back    *reversal  // the decision that is taken back, or nil
	leaving string     // the prospect of a parting in the making, or ""
	fallen  map[int64]*fallen
}

// start prepares an engine. It makes its temporary tables, also when it is dry.
func (e *engine) start(ctx context.Context) error {
	e.tellers = map[schemas.ImportID]*teller{}
	if _, err := e.tx.Exec(ctx, temporarySQL); err != nil {
		return pipeline.DatabaseError("make temporary tables", err)
	}
	if err := e.loadLabels(ctx); err != nil {
		return err
	}
	return e.loadDecisions(ctx)
}

// touch adds prospects, read through aliases, to those that are computed again.
func (e *engine) touch(ctx context.Context, ids []string) error {
	_, err := e.tx.Exec(ctx, touchSQL, e.account, ids)
	return pipeline.DatabaseError("find prospects", err)
}

// members finds what belongs to the touched prospects and returns their ids.
func (e *engine) members(ctx context.Context) ([]string, error) {
	if _, err := e.tx.Exec(ctx, membersSQL, e.account); err != nil {
		return nil, pipeline.DatabaseError("find merged prospects", err)
	}
	if _, err := e.tx.Exec(ctx, "analyze history_members"); err != nil {
		return nil, pipeline.DatabaseError("analyze prospects", err)
	}
	rows, err := e.tx.Query(ctx, "select distinct survivor_id from history_members order by 1")
	if err != nil {
		return nil, pipeline.DatabaseError("read prospects", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, pipeline.DatabaseError("read prospects", err)
}

// visitor sees every bundle with what is to change, before it is written.
type visitor func(b *bundle, c *change)

// each computes the bundles of the given prospects, some thousands at a time,
// and writes what differs. Those of together are one bundle, and those that people
// keep apart.
func (e *engine) each(ctx context.Context, ids, together []string, adjust func(*bundle, []*lead), see visitor) error {
	groups, err := e.groups(ctx, ids, together)
	if err != nil {
		return err
	}
	parted := e.partings()
	for part := range slices.Chunk(groups, chunk) {
		bundles, err := e.load(ctx, part)
		if err != nil {
			return err
		}
		var changes []change
		for i, b := range bundles {
			if len(together) > 0 && slices.Contains(part[i], together[0]) {
				b.adjust = adjust
			}
			c := compute(b, e.tellers)
			see(b, &c)
			e.noteFallen(parted, b, &c)
			if !c.empty() {
				changes = append(changes, c)
			}
		}
		if e.dry || len(changes) == 0 {
			continue
		}
		if err := e.write(ctx, changes); err != nil {
			return err
		}
	}
	if e.dry {
		return nil
	}
	return e.writeFallen(ctx)
}
