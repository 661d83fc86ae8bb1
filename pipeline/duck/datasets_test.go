package duck_test

import (
	"bytes"
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
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
)

// sample makes batches of a dataset in which every third cell is null.
func sample(t testing.TB, d schemas.Dataset, batches, rows int) pipeline.Batches {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, d.Arrow())
	t.Cleanup(b.Release)
	return func(yield func(arrow.RecordBatch, error) bool) {
		for n := range batches {
			for r := range rows {
				for i, c := range d.Columns {
					at := n*rows + r + i
					switch f := b.Field(i).(type) {
					case *array.ListBuilder:
						f.Append(true)
						for k := range at % 3 {
							f.ValueBuilder().(*array.StringBuilder).Append(fmt.Sprint(c.Name, k))
						}
					case *array.StringBuilder:
						if at%3 == 0 {
							f.AppendNull()
						} else {
							f.Append(fmt.Sprintf("%s %d", c.Name, at))
						}
					case *array.Int64Builder:
						f.Append(int64(at))
					case *array.Float64Builder:
						f.Append(float64(at) / 4)
					case *array.BooleanBuilder:
						f.Append(at%2 == 0)
					case *array.TimestampBuilder:
						f.Append(arrow.Timestamp(at))
					}
				}
			}
			batch := b.NewRecordBatch()
			more := yield(batch, nil)
			batch.Release()
			if !more {
				return
			}
		}
	}
}

// Every dataset can be written, with all its rows in their order and its columns, the
// same bytes each time.
func TestWriteDatasetRows(t *testing.T) {
	t.Parallel()
	for _, d := range schemas.Datasets() {
		var files [2][]byte
		w := open(t)
		for i := range files {
			got, err := w.WriteDatasetRows(t.Context(), d, sample(t, d, 3, 1000))
			if err != nil {
				t.Fatalf("%s: %v", d.Name, err)
			}
			if files[i], err = os.ReadFile(got.Path); err != nil {
				t.Fatal(err)
			}
			if got.Rows != 3000 || got.Bytes != int64(len(files[i])) || filepath.Base(got.Path) != d.Name+".parquet" {
				t.Errorf("%s: %+v, the file has %d bytes", d.Name, got, len(files[i]))
			}
		}
		if !bytes.Equal(files[0], files[1]) {
			t.Errorf("%s: the same rows are other bytes", d.Name)
		}
		r, err := file.NewParquetReader(bytes.NewReader(files[0]))
		if err != nil {
			t.Fatal(err)
		}
		var want, names []string
		for i, c := range d.Columns {
			want = append(want, c.Name)
			names = append(names, r.MetaData().Schema.Root().Field(i).Name())
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%s: columns (-want +got):\n%s", d.Name, diff)
		}
		if err := w.Import(t.Context(), "back", d.Name+".parquet"); err != nil {
			t.Fatal(err)
		}
		// The rows came back in their order, each with what it had.
		if _, err := w.Write(t.Context(), "given", d.Arrow(), sample(t, d, 3, 1000)); err != nil {
			t.Fatal(err)
		}
		var differ int64
		const compare = `
select count(*)
  from (select row_number() over () as n, replace(b::varchar, '+00', '') as cells from back b) b
  full join (select row_number() over () as n, replace(g::varchar, '+00', '') as cells from given g) g using (n)
 where b.cells is distinct from g.cells`
		if _, err := w.Scan(t.Context(), compare, nil, &differ); err != nil || differ != 0 {
			t.Errorf("%s: %d rows came back as others, %v", d.Name, differ, err)
		}
		r.Close()
	}
}

// A dataset without rows has a file that tells its columns, and a source that fails
// leaves no table behind.
func TestWriteDatasetRowsWithoutAny(t *testing.T) {
	t.Parallel()
	d, _ := schemas.DatasetByName(schemas.DatasetRows)
	w := open(t)
	got, err := w.WriteDatasetRows(t.Context(), d, sample(t, d, 0, 0))
	if err != nil || got.Rows != 0 || got.Bytes == 0 {
		t.Errorf("without rows: %+v, %v", got, err)
	}
	broken := errors.New("broken")
	_, err = w.WriteDatasetRows(t.Context(), d, func(yield func(arrow.RecordBatch, error) bool) {
		for b := range sample(t, d, 1, 10) {
			yield(b, nil)
		}
		yield(nil, broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("a broken source ends in %v", err)
	}
	var tables int64
	if _, err := w.Scan(t.Context(), "select count(*) from duckdb_tables()", nil, &tables); err != nil || tables != 0 {
		t.Errorf("%d tables are left, %v", tables, err)
	}
}

func BenchmarkWriteDatasetRows(b *testing.B) {
	d, _ := schemas.DatasetByName(schemas.DatasetProspects)
	w := open(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.WriteDatasetRows(context.Background(), d, sample(b, d, 8, 32<<10)); err != nil {
			b.Fatal(err)
		}
	}
}

// Rows may be as wide as fields of an account can be: the engine holds few of them.
func TestWideRowsOfDatasets(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 200 MB")
	}
	d, _ := schemas.DatasetByName(schemas.DatasetProspects)
	w, err := duck.Open(t.Context(), t.TempDir(), duck.Options{MemoryLimit: "256MB"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	cells := make([]string, len(d.Columns))
	for i, c := range d.Columns {
		cells[i] = "null"
		if c.Name == "attributes" { // nothing that could be compressed
			cells[i] = strings.Repeat("md5((i * 7 + random())::varchar) || ", 46) + "''"
		}
	}
	got, err := w.WriteDataset(t.Context(), d, "select "+strings.Join(cells, ", ")+" from range(150000) r(i)")
	if err != nil || got.Rows != 150_000 {
		t.Errorf("%+v, %v", got, err)
	}
}
