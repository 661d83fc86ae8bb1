package pipeline

import (
	"context"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
)

// Batches is a stream of record batches. A batch is immutable until it is
// released. The consumer must not use a batch after it asked for the next one
// unless it retained it; the producer releases its own reference when the
// consumer asks for the next batch, and must not reuse a builder's memory
// before that (builders that go through a memory.Allocator do not).
type Batches = iter.Seq2[arrow.RecordBatch, error]

// Workset is the set of tables of one run. It lives in one file on local
// scratch and belongs to one attempt.
type Workset interface {
	// Write appends every batch to a table and creates the table when it does
	// not exist. Batches are pulled on the calling goroutine. It compares the
	// count of rows written with the count handed over and fails when they
	// differ. It may be called while a Read of another table is being consumed.
	Write(ctx context.Context, table string, schema *arrow.Schema, batches Batches) (rows int64, err error)

	// Read streams the result of one SELECT. The statement may hold ? parameters.
	// Each batch is valid until the next one is asked for.
	Read(ctx context.Context, query string, args ...any) Batches

	// Exec runs one or more statements that return no rows.
	Exec(ctx context.Context, script string, args ...any) error

	// Scan runs a SELECT that returns at most one row into dest; it returns
	// false when there is none.
	Scan(ctx context.Context, query string, args []any, dest ...any) (bool, error)
}
