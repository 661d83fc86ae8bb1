package resolve

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
)

var (
	//go:embed sql/veto.sql
	vetoSQL string
	//go:embed sql/chains.sql
	chainsSQL string
	//go:embed sql/own_keys.sql
	ownKeysSQL string
	//go:embed sql/dispute.sql
	disputeSQL string
)

// veto takes out the edges that would join people with different documents of
// one kind: first where a group and a prospect contradict each other, then, as
// long as there are any, where the two stand at the ends of a chain; and those that
// would give a prospect too many values.
func veto(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	w := run.Workset
	if err := w.Exec(ctx, vetoSQL); err != nil {
		return err
	}
	if _, err := dispute(ctx, tx, run); err != nil {
		return err
	}
	// Who is kept from one prospect may lead to another one, which it founded before.
	for {
		some, err := chains(ctx, tx, run)
		if err == nil && !some {
			some, err = crowds(ctx, tx, run)
		}
		if err != nil || !some {
			return err
		}
	}
}

// chains vetoes where two documents stand at the ends of a chain.
func chains(ctx context.Context, tx pgx.Tx, run *pipeline.Run) (some bool, err error) {
	if some, err = bridges(ctx, run.Workset); err != nil || !some {
		return false, err
	}
	if err := closeBridges(ctx, run.Workset); err != nil {
		return false, err
	}
	if err := run.Workset.Exec(ctx, chainsSQL); err != nil {
		return false, err
	}
	return dispute(ctx, tx, run)
}

// dispute takes out the edges in vetoed, of which it reports whether there were
// any, and draws those that the keys of their own lead to in their place.
func dispute(ctx context.Context, tx pgx.Tx, run *pipeline.Run) (some bool, err error) {
	w := run.Workset
	if _, err := w.Scan(ctx, "select exists (select 1 from vetoed)", nil, &some); err != nil || !some {
		return false, err
	}
	if err := w.Exec(ctx, ownKeysSQL+"drop table if exists own_found;"); err != nil {
		return false, err
	}
	merged, err := someMerged(ctx, tx, run.Account.ID)
	if err != nil {
		return false, err
	}
	found := newSink(run, "own_found", baseKeys)
	defer found.close()
	err = eachKeyChunk(ctx, w, "select distinct k1, k2 from own_keys", func(keys [][16]byte) error {
		return askKeys(ctx, tx, run.Account.ID, keys, merged, found)
	})
	if err != nil {
		return false, err
	}
	if err := found.flush(ctx); err != nil {
		return false, err
	}
	if err := w.Exec(ctx, disputeSQL); err != nil {
		return false, err
	}
	if _, err := w.Scan(ctx, "select exists (select 1 from vetoed)", nil, &some); err != nil || !some {
		return false, err
	}
	// The keys that drew the vetoed edges are others now, so drawing all edges
	// anew leaves those out and takes in what was found.
	if err := w.Exec(ctx, "drop table base_prospects"); err != nil {
		return false, err
	}
	if err := drawEdges(ctx, w); err != nil {
		return false, err
	}
	return true, loadProspects(ctx, tx, run)
}
