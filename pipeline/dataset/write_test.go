package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/bateia/bateia/pipeline"
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

// Every dataset can be written, with all its rows, the same bytes each time.
func TestWriteFile(t *testing.T) {
	t.Parallel()
	for _, d := range schemas.Datasets() {
		var files [2][]byte
		for i := range files {
			path := filepath.Join(t.TempDir(), "x.parquet")
			w, err := WriteFile(t.Context(), path, d, sample(t, d, 3, 1000))
			if err != nil {
				t.Fatalf("%s: %v", d.Name, err)
			}
			if files[i], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
			if w.Rows != 3000 || w.Bytes != int64(len(files[i])) {
				t.Errorf("%s: %+v, the file has %d bytes", d.Name, w, len(files[i]))
			}
		}
		if !bytes.Equal(files[0], files[1]) {
			t.Errorf("%s: the same rows are other bytes", d.Name)
		}
		r, err := file.NewParquetReader(bytes.NewReader(files[0]))
		if err != nil {
			t.Fatal(err)
		}
		if r.NumRows() != 3000 || r.MetaData().Schema.NumColumns() != len(d.Columns) {
			t.Errorf("%s: read back %d rows of %d columns", d.Name, r.NumRows(), r.MetaData().Schema.NumColumns())
		}
	}
}

// Without rows there is no file, and a failure leaves none.
func TestWriteFileLeavesNothing(t *testing.T) {
	t.Parallel()
	d, _ := schemas.DatasetByName(schemas.DatasetRows)
	path := filepath.Join(t.TempDir(), "x.parquet")
	if w, err := WriteFile(t.Context(), path, d, sample(t, d, 0, 0)); err != nil || w != (Written{}) {
		t.Errorf("without rows: %+v, %v", w, err)
	}
	broken := errors.New("broken")
	_, err := WriteFile(t.Context(), path, d, func(yield func(arrow.RecordBatch, error) bool) {
		for b := range sample(t, d, 1, 10) {
			yield(b, nil)
		}
		yield(nil, broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("a broken source ends in %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
}

func BenchmarkWriteFile(b *testing.B) {
	d, _ := schemas.DatasetByName(schemas.DatasetProspects)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := WriteFile(context.Background(), filepath.Join(b.TempDir(), "x.parquet"), d, sample(b, d, 8, 32<<10)); err != nil {
			b.Fatal(err)
		}
	}
}
