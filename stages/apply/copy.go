package apply

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/pipeline"
)

// The binary format of COPY: https://www.postgresql.org/docs/15/sql-copy.html
var (
	copyHeader  = append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0)
	copyTrailer = []byte{0xff, 0xff}
)

// flushBytes is how much is encoded before it is handed to the connection.
const flushBytes = 256 << 10

// OIDs of the element types of arrays.
const (
	oidInt8 = 20
	oidInt4 = 23
	oidText = 25
	oidUUID = 2950
)

// column is one column of a COPY: its name in the table and how a cell of it is
// encoded. encode appends the four bytes of the length and the value.
type column struct {
	name string
	// takes is how many columns of the query it is made of; 0 for a constant.
	takes int
	// bind prepares the encoding of one batch, whose columns in are its own.
	bind func(in []arrow.Array) (encode func(dst []byte, row int) []byte, err error)
}

// copyInto streams the results of queries into a leaf. It returns how many rows
// Postgres took, which equals the rows that the queries returned.
func copyInto(ctx context.Context, tx pgx.Tx, leaf string, columns []column, batches pipeline.Batches) (int64, error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = pgx.Identifier{c.name}.Sanitize()
	}
	statement := fmt.Sprintf("copy %s (%s) from stdin with (format binary)", pgx.Identifier{leaf}.Sanitize(), strings.Join(names, ", "))

	r, w := io.Pipe()
	g, ctx := errgroup.WithContext(ctx)
	var sent, taken int64
	g.Go(func() error {
		var err error
		sent, err = encode(w, columns, batches)
		return w.CloseWithError(err) // nil becomes EOF; never fails
	})
	g.Go(func() error {
		tag, err := tx.Conn().PgConn().CopyFrom(ctx, r, statement)
		taken = tag.RowsAffected()
		if err != nil {
			// Unblocks the encoder, whose error this then is.
			r.CloseWithError(err)
			return pipeline.DatabaseError("copy "+leaf, err)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return 0, err
	}
	if sent != taken {
		return 0, &pipeline.Error{Op: "copy " + leaf, Kind: pipeline.KindPermanent, Err: fmt.Errorf("%d rows sent, %d taken", sent, taken)}
	}
	return taken, nil
}

// encode writes batches in the binary format of COPY.
func encode(w io.Writer, columns []column, batches pipeline.Batches) (rows int64, err error) {
	buf := append(make([]byte, 0, flushBytes+flushBytes/4), copyHeader...)
	encoders := make([]func([]byte, int) []byte, len(columns))
	for b, err := range batches {
		if err != nil {
			return rows, err
		}
		if err := bind(encoders, columns, b); err != nil {
			return rows, err
		}
		for row := range int(b.NumRows()) {
			buf = binary.BigEndian.AppendUint16(buf, uint16(len(columns)))
			for _, e := range encoders {
				buf = e(buf, row)
			}
			if len(buf) >= flushBytes {
				if _, err := w.Write(buf); err != nil {
					return rows, err
				}
				buf = buf[:0]
			}
		}
		rows += b.NumRows()
	}
	_, err = w.Write(append(buf, copyTrailer...))
	return rows, err
}

// bind gives every column its part of the batch.
func bind(encoders []func([]byte, int) []byte, columns []column, b arrow.RecordBatch) error {
	at := 0
	for i, c := range columns {
		if at+c.takes > int(b.NumCols()) {
			return &pipeline.Error{Op: "encode column " + c.name, Kind: pipeline.KindPermanent, Err: errors.New("query has too few columns")}
		}
		e, err := c.bind(b.Columns()[at : at+c.takes])
		if err != nil {
			return &pipeline.Error{Op: "encode column " + c.name, Kind: pipeline.KindPermanent, Err: err}
		}
		encoders[i] = e
		at += c.takes
	}
	if at != int(b.NumCols()) {
		return &pipeline.Error{Op: "encode batch", Kind: pipeline.KindPermanent, Err: fmt.Errorf("query has %d columns, %d are used", b.NumCols(), at)}
	}
	return nil
}

func appendNull(dst []byte) []byte { return append(dst, 0xff, 0xff, 0xff, 0xff) }

func appendInt8(dst []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0, 0, 0, 8), uint64(v))
}

func appendText(dst []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(s))), s...)
}

// typed makes the bind function of a column that reads one Arrow array of type
// A, with nulls handled.
func typed[A arrow.Array](value func(a A) func(dst []byte, row int) []byte) func([]arrow.Array) (func([]byte, int) []byte, error) {
	return func(in []arrow.Array) (func([]byte, int) []byte, error) {
		a, ok := in[0].(A)
		if !ok {
			return nil, fmt.Errorf("got %s", in[0].DataType())
		}
		encode := value(a)
		if a.NullN() == 0 {
			return encode, nil
		}
		return func(dst []byte, row int) []byte {
			if a.IsNull(row) {
				return appendNull(dst)
			}
			return encode(dst, row)
		}, nil
	}
}

func constant(name string, value []byte) column {
	cell := append(binary.BigEndian.AppendUint32(nil, uint32(len(value))), value...)
	return column{name: name, bind: func([]arrow.Array) (func([]byte, int) []byte, error) {
		return func(dst []byte, _ int) []byte { return append(dst, cell...) }, nil
	}}
}

func constInt4(name string, v int32) column {
	return constant(name, binary.BigEndian.AppendUint32(nil, uint32(v)))
}

func constInt8(name string, v int64) column {
	return constant(name, binary.BigEndian.AppendUint64(nil, uint64(v)))
}

// postgresEpoch is where Postgres counts dates and timestamps from.
var postgresEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func constTimestamp(name string, t time.Time) column {
	return constInt8(name, t.Sub(postgresEpoch).Microseconds())
}

// constInt4s is a constant int4 array.
func constInt4s(name string, values []int64) column {
	b := arrayHeader(nil, len(values), oidInt4)
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(int32(v)))
	}
	return constant(name, b)
}

func textColumn(name string) column {
	return column{name, 1, typed(func(a *array.String) func([]byte, int) []byte {
		return func(dst []byte, row int) []byte { return appendText(dst, a.Value(row)) }
	})}
}

func jsonColumn(name string) column {
	return column{name, 1, typed(func(a *array.String) func([]byte, int) []byte {
		return func(dst []byte, row int) []byte {
			s := a.Value(row)
			dst = binary.BigEndian.AppendUint32(dst, uint32(len(s)+1))
			return append(append(dst, 1), s...) // version of the jsonb format
		}
	})}
}

func int8Column(name string) column {
	return column{name, 1, typed(func(a *array.Int64) func([]byte, int) []byte {
		return func(dst []byte, row int) []byte { return appendInt8(dst, a.Value(row)) }
	})}
}

func int2Column(name string) column {
	return column{name, 1, typed(func(a *array.Int16) func([]byte, int) []byte {
		return func(dst []byte, row int) []byte {
			return binary.BigEndian.AppendUint16(append(dst, 0, 0, 0, 2), uint16(a.Value(row)))
		}
	})}
}

func boolColumn(name string) column {
	return column{name, 1, typed(func(a *array.Boolean) func([]byte, int) []byte {
		return func(dst []byte, row int) []byte {
			if a.Value(row) {
				return append(dst, 0, 0, 0, 1, 1)
			}
			return append(dst, 0, 0, 0, 1, 0)
		}
	})}
}

// dateColumn reads a date, in days since 1970, and writes days since 2000.
func dateColumn(name string) column {
	const days1970to2000 = 10957
	return column{name, 1, typed(func(a *array.Date32) func([]byte, int) []byte {
		return func(dst []byte, row int) []byte {
			return binary.BigEndian.AppendUint32(append(dst, 0, 0, 0, 4), uint32(int32(a.Value(row))-days1970to2000))
		}
	})}
}

// uuidColumn makes a uuid of two int64 columns, its first and second 8 bytes.
func uuidColumn(name string) column {
	return column{name, 2, func(in []arrow.Array) (func([]byte, int) []byte, error) {
		hi, ok1 := in[0].(*array.Int64)
		lo, ok2 := in[1].(*array.Int64)
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("got %s and %s", in[0].DataType(), in[1].DataType())
		}
		return func(dst []byte, row int) []byte {
			dst = binary.BigEndian.AppendUint64(append(dst, 0, 0, 0, 16), uint64(hi.Value(row)))
			return binary.BigEndian.AppendUint64(dst, uint64(lo.Value(row)))
		}, nil
	}}
}

// arrayHeader appends the header of a one-dimensional array without nulls.
func arrayHeader(dst []byte, n, oid int) []byte {
	if n == 0 {
		dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
		return binary.BigEndian.AppendUint32(dst, uint32(oid))
	}
	dst = append(dst, 0, 0, 0, 1, 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(oid))
	dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	return append(dst, 0, 0, 0, 1)
}

// appendArray appends length, header and elements of an array.
func appendArray(dst []byte, n, oid int, element func(dst []byte, i int) []byte) []byte {
	at := len(dst)
	dst = arrayHeader(append(dst, 0, 0, 0, 0), n, oid)
	for i := range n {
		dst = element(dst, i)
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

func int8sColumn(name string) column {
	return column{name, 1, typed(func(a *array.List) func([]byte, int) []byte {
		values := a.ListValues().(*array.Int64)
		return func(dst []byte, row int) []byte {
			lo, hi := a.ValueOffsets(row)
			return appendArray(dst, int(hi-lo), oidInt8, func(dst []byte, i int) []byte {
				return appendInt8(dst, values.Value(int(lo)+i))
			})
		}
	})}
}

// int4sColumn makes a sorted int4 array of a list and some values that every row
// has.
func int4sColumn(name string, always []int64) column {
	return column{name, 1, typed(func(a *array.List) func([]byte, int) []byte {
		values := a.ListValues().(*array.Int64)
		var sorted []int64
		return func(dst []byte, row int) []byte {
			lo, hi := a.ValueOffsets(row)
			sorted = append(append(sorted[:0], always...), values.Int64Values()[lo:hi]...)
			slices.Sort(sorted)
			sorted = slices.Compact(sorted)
			return appendArray(dst, len(sorted), oidInt4, func(dst []byte, i int) []byte {
				return binary.BigEndian.AppendUint32(append(dst, 0, 0, 0, 4), uint32(int32(sorted[i])))
			})
		}
	})}
}

// textsColumn makes a sorted text array of a list.
func textsColumn(name string) column {
	return column{name, 1, typed(func(a *array.List) func([]byte, int) []byte {
		values := a.ListValues().(*array.String)
		var sorted []string
		return func(dst []byte, row int) []byte {
			lo, hi := a.ValueOffsets(row)
			sorted = sorted[:0]
			for i := lo; i < hi; i++ {
				sorted = append(sorted, values.Value(int(i)))
			}
			slices.Sort(sorted)
			return appendArray(dst, len(sorted), oidText, func(dst []byte, i int) []byte { return appendText(dst, sorted[i]) })
		}
	})}
}

// pairs makes an array of a list that holds pairs of numbers one after the
// other, sorted by both: the workset's lists have no order.
func pairs(name string, oid int, element func(dst []byte, pair [2]int64) []byte) column {
	return column{name, 1, typed(func(a *array.List) func([]byte, int) []byte {
		values := a.ListValues().(*array.Int64)
		var sorted [][2]int64
		return func(dst []byte, row int) []byte {
			lo, hi := a.ValueOffsets(row)
			sorted = sorted[:0]
			for i := int(lo); i < int(hi); i += 2 {
				sorted = append(sorted, [2]int64{values.Value(i), values.Value(i + 1)})
			}
			slices.SortFunc(sorted, func(x, y [2]int64) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
			return appendArray(dst, len(sorted), oid, func(dst []byte, i int) []byte { return element(dst, sorted[i]) })
		}
	})}
}

// uuidsColumn: each pair is the two halves of a uuid.
func uuidsColumn(name string) column {
	return pairs(name, oidUUID, func(dst []byte, p [2]int64) []byte {
		dst = binary.BigEndian.AppendUint64(append(dst, 0, 0, 0, 16), uint64(p[0]))
		return binary.BigEndian.AppendUint64(dst, uint64(p[1]))
	})
}

// firstsColumn, secondsColumn and constantPerPair make parallel bigint arrays.
func firstsColumn(name string) column {
	return pairs(name, oidInt8, func(dst []byte, p [2]int64) []byte { return appendInt8(dst, p[0]) })
}

func secondsColumn(name string) column {
	return pairs(name, oidInt8, func(dst []byte, p [2]int64) []byte { return appendInt8(dst, p[1]) })
}

func constantPerPair(name string, v int64) column {
	return pairs(name, oidInt8, func(dst []byte, _ [2]int64) []byte { return appendInt8(dst, v) })
}
