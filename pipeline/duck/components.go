package duck

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/bateia/bateia/pipeline"
)

var (
	//go:embed sql/star.sql
	starSQL string
	//go:embed sql/closed.sql
	closedSQL string
)

// maxRounds bounds the contraction. A path of n nodes needs about log2(n)
// rounds, so this is far beyond any file.
const maxRounds = 64

// CloseComponents replaces the table edges (a < b, any type that can be
// ordered) by one star around the lowest node of each connected component:
// afterwards each node but the lowest stands in b exactly once, beside it.
func CloseComponents(ctx context.Context, w pipeline.Workset) error {
	for range maxRounds {
		var closed bool
		if _, err := w.Scan(ctx, closedSQL, nil, &closed); err != nil {
			return err
		}
		if closed {
			return nil
		}
		if err := w.Exec(ctx, starSQL); err != nil {
			return err
		}
	}
	return &pipeline.Error{Op: "close components", Kind: pipeline.KindPermanent, Err: fmt.Errorf("not closed after %d rounds", maxRounds)}
}
