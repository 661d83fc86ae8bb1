package stages

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/dedupe"
	"github.com/bateia/bateia/stages/fetch"
	"github.com/bateia/bateia/stages/parse"
)

var (
	//go:embed sql/open_refusals.sql
	openRefusalsSQL string
	//go:embed sql/narrow.sql
	narrowSQL string
	//go:embed sql/would_pass.sql
	wouldPassSQL string
)

// Replay is the way of refused rows to their plan. The whole object is read once
// more, for what a row means is told by the others: the order of day and month in
// a column, which field it feeds, how a broken record can be mended. Then only the
// rows that are refused to this day go on, under the positions they had.
func Replay(d Deps) []pipeline.Stage {
	again := d.validator()
	again.Narrow = func(ctx context.Context, run *pipeline.Run) error { return narrow(ctx, d, run) }
	return []pipeline.Stage{
		fetch.Stage{Store: d.Objects},
		parse.Stage{},
		again,
		dedupe.Stage{Shared: SharedValues(d)},
		resolver(d),
	}
}

// WouldPass is how many rows refused with a code are open, and how many of them a
// replay would load.
type WouldPass struct {
	Reason string
	Open   int64
	Pass   int64
}

// CountWouldPass counts by code what the stages of Replay planned.
func CountWouldPass(ctx context.Context, run *pipeline.Run) (out []WouldPass, err error) {
	for b, err := range run.Workset.Read(ctx, wouldPassSQL) {
		if err != nil {
			return nil, err
		}
		reasons := b.Column(0).(*array.String)
		open, pass := b.Column(1).(*array.Int64), b.Column(2).(*array.Int64)
		for i := range int(b.NumRows()) {
			out = append(out, WouldPass{strings.Clone(reasons.Value(i)), open.Value(i), pass.Value(i)})
		}
	}
	return out, nil
}

// refusedTable is the table of the workset with the rows that a replay takes up.
const refusedTable = "refused"

var refusedSchema = arrow.NewSchema([]arrow.Field{
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "line", Type: arrow.PrimitiveTypes.Int64},
	{Name: "sheet_row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "byte_offset", Type: arrow.PrimitiveTypes.Int64},
	{Name: "byte_length", Type: arrow.PrimitiveTypes.Int64},
	{Name: "reason", Type: arrow.BinaryTypes.String},
}, nil)

// narrow leaves the rows that are still refused and says in the facts which.
func narrow(ctx context.Context, d Deps, run *pipeline.Run) error {
	var facts schemas.ReplayFacts
	var last int64
	err := d.InAccount(ctx, run.Account.ID, func(tx pgx.Tx) error {
		code := ""
		if run.Request.Replay != nil {
			code = run.Request.Replay.Code
		}
		rows, err := tx.Query(ctx, openRefusalsSQL, run.Account.ID, int64(run.ReplayOf), code)
		if err != nil {
			return pipeline.DatabaseError("read refused rows", err)
		}
		defer rows.Close()
		if err := run.Workset.Exec(ctx, "drop table if exists "+refusedTable); err != nil {
			return err
		}
		in := refusedRows{rows: rows, numbers: sha256.New()}
		if facts.Rows, err = run.Workset.Write(ctx, refusedTable, refusedSchema, in.batches); err != nil {
			return err
		}
		facts.SHA256, last = hex.EncodeToString(in.numbers.Sum(nil)), in.last
		return nil
	})
	if err != nil {
		return err
	}
	if err := run.Workset.Exec(ctx, narrowSQL); err != nil {
		return err
	}
	run.Facts.Replay, run.Facts.Records, run.Facts.LastRow = &facts, facts.Rows, last
	// What else stands in the file was counted by the import that read all of it.
	run.Facts.Blank, run.Facts.Skipped = 0, nil
	return nil
}

// refusedRows turns rows of Postgres into batches of the table refused.
type refusedRows struct {
	rows    pgx.Rows
	numbers hash.Hash // see schemas.ReplayFacts
	last    int64
}

// refusedBatch is how many rows are handed on at once.
const refusedBatch = 8192

func (r *refusedRows) batches(yield func(arrow.RecordBatch, error) bool) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, refusedSchema)
	defer b.Release()
	var numbers [5]int64
	var reason string
	into := []any{&numbers[0], &numbers[1], &numbers[2], &numbers[3], &numbers[4], &reason}
	for n := 0; ; {
		more := r.rows.Next()
		if more {
			if err := r.rows.Scan(into...); err != nil {
				yield(nil, pipeline.DatabaseError("read refused rows", err))
				return
			}
			for i, v := range numbers {
				b.Field(i).(*array.Int64Builder).Append(v)
			}
			b.Field(5).(*array.StringBuilder).Append(reason)
			r.count(numbers[0])
			n++
		}
		if n == refusedBatch || !more && n > 0 {
			batch := b.NewRecordBatch()
			ok := yield(batch, nil)
			batch.Release()
			if !ok {
				return
			}
			n = 0
		}
		if !more {
			if err := r.rows.Err(); err != nil {
				yield(nil, pipeline.DatabaseError("read refused rows", err))
			}
			return
		}
	}
}

// count adds a row's number to the hash.
func (r *refusedRows) count(row int64) {
	text := strconv.FormatInt(row, 10)
	if r.last > 0 {
		text = "," + text
	}
	r.numbers.Write([]byte(text)) // a hash takes everything
	r.last = row
}
