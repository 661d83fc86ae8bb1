package validate

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
)

var testNow = time.Date(2025, 6, 15, 12, 0, 0, 0, time.UTC)

// setup returns a run of an account in Brazil whose workset holds the lines as
// records; see recordBatches.
func setup(t testing.TB, header string, lines []string) (*pipeline.Run, *duck.Workset) {
	t.Helper()
	ctx := context.Background()
	w, err := duck.Open(ctx, t.TempDir(), duck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.Write(ctx, schemas.TableRecords, schemas.Records, recordBatches(lines)); err != nil {
		t.Fatal(err)
	}
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

// recordBatches yields lines as records whose cells are parted by ";". A line
// "!CODE cells" is a record with that defect.
func recordBatches(lines []string) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
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
				code, line, _ = strings.Cut(code, " ")
				b.Field(5).(*array.StringBuilder).Append(code)
			} else {
				b.Field(5).AppendNull()
			}
			for cell := range strings.SplitSeq(line, ";") {
				cells.ValueBuilder().(*array.StringBuilder).Append(cell)
			}
			if (i+1)%2048 == 0 || i+1 == len(lines) {
				batch := b.NewRecordBatch()
				ok := yield(batch, nil)
				batch.Release()
				if !ok {
					return
				}
			}
		}
	}
}

// texts returns the rows of a query as column → text, null columns left out.
func texts(t testing.TB, w pipeline.Workset, query string) []map[string]string {
	t.Helper()
	out := []map[string]string{}
	for b, err := range w.Read(context.Background(), query) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(b.NumRows()) {
			row := map[string]string{}
			for c, f := range b.Schema().Fields() {
				if !b.Column(c).IsNull(i) {
					row[f.Name] = strings.Clone(b.Column(c).ValueStr(i)) // the batch goes
				}
			}
			out = append(out, row)
		}
	}
	return out
}

// number returns what a query for one number answers.
func number(t testing.TB, w pipeline.Workset, query string) (n int64) {
	t.Helper()
	if _, err := w.Scan(context.Background(), query, nil, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// brokenWorkset fails when a table is written.
type brokenWorkset struct {
	pipeline.Workset
	table string
}

func (w brokenWorkset) Write(ctx context.Context, table string, schema *arrow.Schema, batches pipeline.Batches) (int64, error) {
	if table == w.table {
		return 0, fmt.Errorf("write table %s: disk full", table)
	}
	return w.Workset.Write(ctx, table, schema, batches)
}
