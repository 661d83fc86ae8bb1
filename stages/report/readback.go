package report

import (
	"context"
	"fmt"
	"iter"

	"github.com/bateia/bateia/schemas"
)

// Located is a row that became no lead, and where its bytes lie in the object.
type Located struct {
	RefusedRow
	Offset, Length int64
}

// RowIssue is an issue and the row it belongs to.
type RowIssue struct {
	Row int64
	Issue
}

// WithIssues gives every row its issues. Both sequences are in ascending order
// of the row; issues of rows that are not in the first one are skipped. A
// sequence ends after its first error, which is handed on.
func WithIssues(rows iter.Seq2[Located, error], issues iter.Seq2[RowIssue, error]) iter.Seq2[Located, error] {
	return func(yield func(Located, error) bool) {
		next, stop := iter.Pull2(issues)
		defer stop()
		issue, err, more := next()
		for row, rowErr := range rows {
			if rowErr != nil {
				yield(Located{}, rowErr)
				return
			}
			for more && err == nil && issue.Row <= row.Row {
				if issue.Row == row.Row {
					row.Issues = append(row.Issues, issue.Issue)
				}
				issue, err, more = next()
			}
			if err != nil {
				yield(Located{}, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

const (
	// gapLimit is how many unneeded bytes between two records are read rather
	// than asked for in two requests: about what a server sends in the time that
	// one more request takes.
	gapLimit = 256 << 10
	// spanLimit is the most that one request brings, and about what a window of
	// rows holds in memory, in bytes.
	spanLimit = 4 << 20
	// rowLimit is the most rows of one window, for rows without bytes to read.
	rowLimit = 10_000
	// recordLimit is the longest record whose cells are given back. Longer ones
	// are damaged (a quote that is never closed), and no spreadsheet takes cells
	// of more than 32,767 characters.
	recordLimit = 1 << 20
)

// ReadBack gives every row its cells. Rows come in the order of the file; their
// records are read in few ranges, and decode splits one record, with its line
// end, into cells as the import did. read gets an offset and a length in bytes
// and returns that many bytes, fewer only at the end of the object.
//
// Cells stay empty for rows that were skipped, which nobody corrects, and for
// records longer than 1 MiB.
func ReadBack(ctx context.Context, rows iter.Seq2[Located, error],
	read func(ctx context.Context, offset, n int64) ([]byte, error),
	decode func(record []byte) ([]string, error)) iter.Seq2[RefusedRow, error] {
	return func(yield func(RefusedRow, error) bool) {
		b := batch{read: read, decode: decode}
		for row, err := range rows {
			if err != nil {
				yield(RefusedRow{}, err)
				return
			}
			if !b.fits(row) && !b.flush(ctx, yield) {
				return
			}
			b.add(row)
		}
		b.flush(ctx, yield)
	}
}

// batch is a run of rows whose records are read with one request.
type batch struct {
	read       func(ctx context.Context, offset, n int64) ([]byte, error)
	decode     func(record []byte) ([]string, error)
	rows       []Located
	start, end int64 // bytes of the object; start == end when there are none
}

func wanted(r Located) bool {
	return r.Status != schemas.OutcomeSkipped && r.Length > 0 && r.Length <= recordLimit
}

func (b *batch) fits(r Located) bool {
	switch {
	case len(b.rows) >= rowLimit:
		return false
	case !wanted(r) || b.start == b.end:
		return true
	}
	return r.Offset >= b.end && r.Offset-b.end <= gapLimit && r.Offset+r.Length-b.start <= spanLimit
}

func (b *batch) add(r Located) {
	b.rows = append(b.rows, r)
	if !wanted(r) {
		return
	}
	if b.start == b.end {
		b.start = r.Offset
	}
	b.end = r.Offset + r.Length
}

// flush reads the batch, hands its rows on and empties it. It returns false
// when nothing more is to be handed on.
func (b *batch) flush(ctx context.Context, yield func(RefusedRow, error) bool) bool {
	var data []byte
	if b.end > b.start {
		var err error
		data, err = b.read(ctx, b.start, b.end-b.start)
		if err == nil && int64(len(data)) != b.end-b.start {
			err = fmt.Errorf("%d of %d bytes at offset %d", len(data), b.end-b.start, b.start)
		}
		if err != nil {
			yield(RefusedRow{}, fmt.Errorf("read refused rows: %w", err))
			return false
		}
	}
	for _, r := range b.rows {
		if wanted(r) {
			var err error
			if r.Cells, err = b.decode(data[r.Offset-b.start:][:r.Length]); err != nil {
				yield(RefusedRow{}, fmt.Errorf("decode refused row %d: %w", r.Row, err))
				return false
			}
		}
		if !yield(r.RefusedRow, nil) {
			return false
		}
	}
	b.rows, b.start, b.end = b.rows[:0], 0, 0
	return true
}
