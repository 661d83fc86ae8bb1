package duck_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
)

var schema = arrow.NewSchema([]arrow.Field{
	{Name: "n", Type: arrow.PrimitiveTypes.Int64},
	{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "cells", Type: arrow.ListOf(arrow.BinaryTypes.String)},
}, nil)

// batches yields rows numbered from 0, size in a batch; every third s is null.
func batches(rows, size int) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for at := 0; at < rows; at += size {
			b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
			for i := at; i < min(at+size, rows); i++ {
				b.Field(0).(*array.Int64Builder).Append(int64(i))
				if i%3 == 0 {
					b.Field(1).AppendNull()
				} else {
					b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("value %d", i))
				}
				list := b.Field(2).(*array.ListBuilder)
				list.Append(true)
				for c := range i % 4 {
					list.ValueBuilder().(*array.StringBuilder).Append(fmt.Sprintf("cell %d of %d", c, i))
				}
			}
			batch := b.NewRecordBatch()
			b.Release()
			ok := yield(batch, nil)
			batch.Release()
			if !ok {
				return
			}
		}
	}
}

func open(t testing.TB) *duck.Workset {
	t.Helper()
	w, err := duck.Open(context.Background(), t.TempDir(), duck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func TestWriteAndReadBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t)
	const rows = 300_001
	n, err := w.Write(ctx, "t", schema, batches(rows, 1000))
	if err != nil || n != rows {
		t.Fatalf("Write = %d, %v; want %d rows", n, err, rows)
	}
	seen := make([]bool, rows)
	for b, err := range w.Read(ctx, "select n, s, cells from t where n >= ? order by n", 0) {
		if err != nil {
			t.Fatal(err)
		}
		ns, ss, cells := b.Column(0).(*array.Int64), b.Column(1).(*array.String), b.Column(2).(*array.List)
		values := cells.ListValues().(*array.String)
		for i := range int(b.NumRows()) {
			n := int(ns.Value(i))
			seen[n] = true
			if got, want := ss.IsNull(i), n%3 == 0; got != want {
				t.Fatalf("row %d: null = %v, want %v", n, got, want)
			}
			if !ss.IsNull(i) && ss.Value(i) != fmt.Sprintf("value %d", n) {
				t.Fatalf("row %d: s = %q", n, ss.Value(i))
			}
			lo, hi := cells.ValueOffsets(i)
			if int(hi-lo) != n%4 {
				t.Fatalf("row %d: %d cells, want %d", n, hi-lo, n%4)
			}
			for c := lo; c < hi; c++ {
				if want := fmt.Sprintf("cell %d of %d", c-lo, n); values.Value(int(c)) != want {
					t.Fatalf("row %d: cell %q, want %q", n, values.Value(int(c)), want)
				}
			}
		}
	}
	for n, ok := range seen {
		if !ok {
			t.Fatalf("row %d is missing", n)
		}
	}
}

func TestWriteWhileReading(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t)
	if _, err := w.Write(ctx, "a", schema, batches(10_000, 1000)); err != nil {
		t.Fatal(err)
	}
	for b, err := range w.Read(ctx, "select n, s, cells from a order by n") {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(ctx, "b", b.Schema(), func(yield func(arrow.RecordBatch, error) bool) { yield(b, nil) }); err != nil {
			t.Fatal(err)
		}
	}
	var n, sum int64
	if _, err := w.Scan(ctx, "select count(*), sum(n) from b", nil, &n, &sum); err != nil {
		t.Fatal(err)
	}
	if n != 10_000 || sum != 10_000*9_999/2 {
		t.Errorf("copied %d rows with sum %d", n, sum)
	}
}

func TestFailedWriteLeavesNoRows(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t)
	broken := errors.New("broken source")
	_, err := w.Write(ctx, "t", schema, func(yield func(arrow.RecordBatch, error) bool) {
		for b, err := range batches(500_000, 50_000) {
			if !yield(b, err) {
				return
			}
		}
		yield(nil, broken)
	})
	if !errors.Is(err, broken) {
		t.Fatalf("Write = %v, want the source's error", err)
	}
	var n int64
	if _, err := w.Scan(ctx, "select count(*) from t", nil, &n); err != nil || n != 0 {
		t.Errorf("%d rows left, %v", n, err)
	}
}

func TestEngineIsLockedIn(t *testing.T) {
	t.Parallel()
	w := open(t)
	outside := filepath.Join(t.TempDir(), "outside.csv")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"create table x as select * from read_csv('" + outside + "')",
		"copy (select 1) to '" + outside + "'",
		"set enable_external_access = true",
		"install httpfs",
		"attach '" + outside + ".db'",
	} {
		if err := w.Exec(context.Background(), statement); err == nil {
			t.Errorf("%s: succeeded", statement)
		}
	}
}

func TestParquetRoundTrip(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t)
	if _, err := w.Write(ctx, "t", schema, batches(5000, 500)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Export(ctx, "select * from t", "t.parquet"); err != nil {
		t.Fatal(err)
	}
	if err := w.Import(ctx, "back", "t.parquet"); err != nil {
		t.Fatal(err)
	}
	var differing int64
	if _, err := w.Scan(ctx, "select count(*) from ((select * from t except all select * from back) union all (select * from back except all select * from t))", nil, &differing); err != nil || differing != 0 {
		t.Errorf("%d rows differ, %v", differing, err)
	}
}

func TestErrorsCarryNoValues(t *testing.T) {
	t.Parallel()
	w := open(t)
	const canary = "5551987654321"
	for _, statement := range []string{
		"create table x as select 'x" + canary + "'::integer as n",
		"create table y as select cast('" + canary + "' as tinyint)",
		"select error('" + canary + "')",
	} {
		err := w.Exec(context.Background(), statement)
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: error %v", statement, err)
		}
	}
}
