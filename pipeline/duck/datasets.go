package duck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Written is a Parquet file in a workset's folder.
type Written struct {
	Path  string
	Rows  int64
	Bytes int64
}

// WriteDataset writes what a query gives as the file of a dataset, under the
// dataset's name. The query's columns are those of the dataset, in its order; a null
// list is an empty one.
func (w *Workset) WriteDataset(ctx context.Context, d schemas.Dataset, query string) (Written, error) {
	columns, values := make([]string, len(d.Columns)), make([]string, len(d.Columns))
	for i, c := range d.Columns {
		columns[i] = ident(c.Name)
		values[i] = columns[i] + "::" + string(c.Type)
		if c.Type == schemas.DatasetTexts {
			values[i] = "coalesce(" + values[i] + ", [])"
		}
		values[i] += " as " + columns[i]
	}
	path, rows, err := w.export(ctx, fmt.Sprintf("select %s from (%s) q(%s)", strings.Join(values, ", "), query, strings.Join(columns, ", ")), d.Name+".parquet")
	if err != nil {
		return Written{}, fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Written{}, fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	return Written{path, rows, info.Size()}, nil
}

// WriteDatasetRows writes batches, which have the dataset's schema, as its file.
func (w *Workset) WriteDatasetRows(ctx context.Context, d schemas.Dataset, batches pipeline.Batches) (Written, error) {
	return w.WriteDatasetWith(ctx, d, batches, func(rows string) string { return "select * from " + rows })
}

// WriteDatasetWith writes what a query gives, as WriteDataset does, which query makes of
// the name of the batches: a view that can be read once. They have the dataset's schema,
// are pulled on a goroutine of their own, and lie in no table.
func (w *Workset) WriteDatasetWith(ctx context.Context, d schemas.Dataset, batches pipeline.Batches, query func(rows string) string) (Written, error) {
	source := feed(d.Arrow(), batches)
	defer source.stop()
	a, err := duckdb.NewArrowFromConn(w.writer)
	if err != nil {
		return Written{}, wrap("write dataset "+d.Name, err)
	}
	view := fmt.Sprintf("arrow_view_%d", w.views.Add(1))
	release, err := a.RegisterView(source, view)
	if err != nil {
		return Written{}, wrap("write dataset "+d.Name, err)
	}
	defer release()
	out, err := w.WriteDataset(ctx, d, query(view))
	if failed := source.Err(); failed != nil {
		err = fmt.Errorf("write dataset %s: %w", d.Name, failed) // and not the engine's words for it
	}
	return out, errors.Join(err, w.Exec(context.WithoutCancel(ctx), "drop view "+view))
}

// feeder hands batches to the engine, which asks for them on threads of its own.
type feeder struct {
	schema  *arrow.Schema
	batches chan arrow.RecordBatch
	done    chan struct{} // closed when no more are wanted
	failed  error         // read after batches is closed
	ended   bool
	batch   arrow.RecordBatch
}

var _ array.RecordReader = (*feeder)(nil)

func feed(schema *arrow.Schema, batches pipeline.Batches) *feeder {
	f := &feeder{schema: schema, batches: make(chan arrow.RecordBatch), done: make(chan struct{})}
	go func() {
		defer close(f.batches)
		for b, err := range batches {
			if err != nil {
				f.failed = err
				return
			}
			b.Retain()
			select {
			case f.batches <- b:
			case <-f.done:
				b.Release()
				return
			}
		}
	}()
	return f
}

// stop ends the source and waits until it has.
func (f *feeder) stop() {
	close(f.done)
	for b := range f.batches {
		b.Release()
	}
	f.drop()
}

func (f *feeder) drop() {
	if f.batch != nil {
		f.batch.Release()
		f.batch = nil
	}
}

// Next waits for a batch, which is good until the next call.
func (f *feeder) Next() bool {
	f.drop()
	batch, more := <-f.batches
	f.batch, f.ended = batch, !more
	return more
}

// Err is why there are no more batches.
func (f *feeder) Err() error {
	if f.ended {
		return f.failed
	}
	return nil
}

func (f *feeder) Schema() *arrow.Schema          { return f.schema }
func (f *feeder) RecordBatch() arrow.RecordBatch { return f.batch }
func (f *feeder) Record() arrow.RecordBatch      { return f.batch }

// Retain and Release do nothing: stop ends a feeder.
func (f *feeder) Retain()  {}
func (f *feeder) Release() {}
