package resolve

import (
	"context"
	"encoding/binary"
	"iter"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/pipeline"
)

// joinKey makes the 16 bytes of a key from its halves.
func joinKey(k1, k2 int64) (key [16]byte) {
	binary.BigEndian.PutUint64(key[:8], uint64(k1))
	binary.BigEndian.PutUint64(key[8:], uint64(k2))
	return key
}

// text returns a copy of a cell: batches are released when the next one comes.
func text(b arrow.RecordBatch, column, row int) string {
	return strings.Clone(b.Column(column).(*array.String).Value(row))
}

func integer(b arrow.RecordBatch, column, row int) int64 {
	return b.Column(column).(*array.Int64).Value(row)
}

// texts returns the one column of a query.
func texts(ctx context.Context, w pipeline.Workset, query string) ([]string, error) {
	var out []string
	for b, err := range w.Read(ctx, query) {
		if err != nil {
			return nil, err
		}
		for i := range int(b.NumRows()) {
			out = append(out, text(b, 0, i))
		}
	}
	return out, nil
}

// chunks yields slices of up to n values.
func chunks(values []string, n int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for at := 0; at < len(values); at += n {
			if !yield(values[at:min(at+n, len(values))]) {
				return
			}
		}
	}
}
