package validate

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// memoryWorkset is a workset that understands the three statements of this
// stage. The records stand in it as batches; the engine's own behavior is
// tested in pipeline/duck.
type memoryWorkset struct {
	records []arrow.RecordBatch

	mu      sync.Mutex
	written map[string][]arrow.RecordBatch
	failOn  string // table whose Write fails
}

func (w *memoryWorkset) Write(ctx context.Context, table string, schema *arrow.Schema, batches pipeline.Batches) (rows int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if table == w.failOn {
		return 0, fmt.Errorf("write table %s: disk full", table)
	}
	if w.written == nil {
		w.written = map[string][]arrow.RecordBatch{}
	}
	if _, made := w.written[table]; !made {
		w.written[table] = nil
	}
	for b, err := range batches {
		if err != nil {
			return rows, err
		}
		if !b.Schema().Equal(schema) {
			return rows, fmt.Errorf("write table %s: batch of another schema", table)
		}
		b.Retain()
		w.written[table] = append(w.written[table], b)
		rows += b.NumRows()
	}
	return rows, ctx.Err()
}

func (w *memoryWorkset) Read(ctx context.Context, query string, args ...any) pipeline.Batches {
	switch query {
	case blocksSQL:
		return w.blocks()
	case recordsSQL, cellsSQL:
		return w.span(query, args[0].(int64), args[1].(int64))
	}
	return func(yield func(arrow.RecordBatch, error) bool) { yield(nil, fmt.Errorf("unknown statement")) }
}

func (w *memoryWorkset) blocks() pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		schema := arrow.NewSchema([]arrow.Field{
			{Name: "block", Type: arrow.PrimitiveTypes.Int64}, {Name: "rows", Type: arrow.PrimitiveTypes.Int64}, {Name: "bytes", Type: arrow.PrimitiveTypes.Int64},
		}, nil)
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer b.Release()
		last := int64(-1)
		var rows, bytes int64
		end := func() {
			if rows > 0 {
				for i, n := range []int64{last, rows, bytes} {
					b.Field(i).(*array.Int64Builder).Append(n)
				}
			}
			rows, bytes = 0, 0
		}
		for _, r := range w.records {
			for i := range int(r.NumRows()) {
				if block := (r.Column(0).(*array.Int64).Value(i) - 1) / blockRows; block != last {
					end()
					last = block
				}
				rows++
				bytes += r.Column(4).(*array.Int64).Value(i)
			}
		}
		end()
		batch := b.NewRecordBatch()
		defer batch.Release()
		yield(batch, nil)
	}
}

func (w *memoryWorkset) span(query string, from, to int64) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for _, r := range w.records {
			rows := r.Column(0).(*array.Int64)
			lo, hi := int64(0), r.NumRows()
			for lo < hi && rows.Value(int(lo)) < from {
				lo++
			}
			for hi > lo && rows.Value(int(hi-1)) >= to {
				hi--
			}
			if lo == hi {
				continue
			}
			part := r.NewSlice(lo, hi)
			if query == cellsSQL {
				whole := part
				part = array.NewRecordBatch(arrow.NewSchema([]arrow.Field{schemas.Records.Field(6)}, nil), []arrow.Array{whole.Column(6)}, whole.NumRows())
				whole.Release()
			}
			ok := yield(part, nil)
			part.Release()
			if !ok {
				return
			}
		}
	}
}

func (w *memoryWorkset) Exec(context.Context, string, ...any) error { return nil }

func (w *memoryWorkset) Scan(context.Context, string, []any, ...any) (bool, error) { return false, nil }

// recordBatches returns lines as batches of records; cells are parted by ";".
// A line "!CODE" is a record with that defect.
func recordBatches(lines []string, size int) []arrow.RecordBatch {
	var out []arrow.RecordBatch
	b := array.NewRecordBuilder(memory.DefaultAllocator, schemas.Records)
	defer b.Release()
	offset := int64(0)
	for i, line := range lines {
		n := int64(len(line)) + 1
		for at, v := range []int64{int64(i) + 1, int64(i) + 2, int64(i) + 2, offset, n} {
			b.Field(at).(*array.Int64Builder).Append(v)
		}
		offset += n
		cells := b.Field(6).(*array.ListBuilder)
		cells.Append(true)
		if code, defect := strings.CutPrefix(line, "!"); defect {
			b.Field(5).(*array.StringBuilder).Append(code)
			line = ""
		} else {
			b.Field(5).AppendNull()
		}
		for cell := range strings.SplitSeq(line, ";") {
			cells.ValueBuilder().(*array.StringBuilder).Append(cell)
		}
		if (i+1)%size == 0 {
			out = append(out, b.NewRecordBatch())
		}
	}
	if last := b.NewRecordBatch(); last.NumRows() > 0 {
		out = append(out, last)
	}
	return out
}

var testNow = time.Date(2025, 6, 15, 12, 0, 0, 0, time.UTC)

// newRun returns a run over a header and lines.
func newRun(header string, lines []string) (*pipeline.Run, *memoryWorkset) {
	w := &memoryWorkset{records: recordBatches(lines, 2048)}
	return &pipeline.Run{
		Workset: w,
		Account: schemas.Account{Slug: "default", Country: "BR", Locale: "pt-BR", Timezone: "America/Sao_Paulo"},
		Source:  schemas.Source{Kind: "upload", Name: "feira"},
		Request: schemas.Request{Unattended: true},
		Facts:   schemas.Facts{Header: strings.Split(header, ";"), Records: int64(len(lines))},
		Now:     testNow,
		Log:     slog.New(slog.DiscardHandler),
	}, w
}

// texts returns every row of a table as column → text, null columns left out.
func (w *memoryWorkset) texts(t testing.TB, table string) []map[string]string {
	t.Helper()
	batches, ok := w.written[table]
	if !ok {
		t.Fatalf("table %s was not written", table)
	}
	out := []map[string]string{}
	for _, b := range batches {
		for i := range int(b.NumRows()) {
			row := map[string]string{}
			for c, f := range b.Schema().Fields() {
				if !b.Column(c).IsNull(i) {
					row[f.Name] = b.Column(c).ValueStr(i)
				}
			}
			out = append(out, row)
		}
	}
	return out
}

// cellsOf returns the cells of every record of a batch.
func cellsOf(batch arrow.RecordBatch) []Cells {
	lists := batch.Column(6).(*array.List)
	texts := lists.ListValues().(*array.String)
	out := make([]Cells, batch.NumRows())
	for i := range out {
		lo, hi := lists.ValueOffsets(i)
		out[i] = Cells{column: texts, lo: int(lo), n: int(hi - lo)}
	}
	return out
}
