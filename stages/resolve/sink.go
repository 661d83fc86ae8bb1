package resolve

import (
	"context"
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
)

// sink collects rows of a workset table and writes them batch by batch.
type sink struct {
	run    *pipeline.Run
	table  string
	schema *arrow.Schema
	b      *array.RecordBuilder
	rows   int
}

func newSink(run *pipeline.Run, table string, schema *arrow.Schema) *sink {
	return &sink{run: run, table: table, schema: schema, b: array.NewRecordBuilder(memory.DefaultAllocator, schema)}
}

func (s *sink) close() { s.b.Release() }

func (s *sink) key(k [16]byte) {
	s.b.Field(0).(*array.Int64Builder).Append(int64(binary.BigEndian.Uint64(k[:8])))
	s.b.Field(1).(*array.Int64Builder).Append(int64(binary.BigEndian.Uint64(k[8:])))
}

func (s *sink) text(i int, v string) { s.b.Field(i).(*array.StringBuilder).Append(v) }

func (s *sink) nullable(i int, v string, valid bool) {
	if !valid {
		s.b.Field(i).AppendNull()
		return
	}
	s.text(i, v)
}

func (s *sink) ints(i int, values []int64) {
	l := s.b.Field(i).(*array.ListBuilder)
	l.Append(true)
	l.ValueBuilder().(*array.Int64Builder).AppendValues(values, nil)
}

// full counts a row that is complete and writes the batch when it is large.
func (s *sink) full(ctx context.Context) error {
	if s.rows++; s.rows < 50_000 {
		return nil
	}
	return s.flush(ctx)
}

// flush writes what is collected; it makes the table when there was nothing.
func (s *sink) flush(ctx context.Context) error {
	batch := s.b.NewRecordBatch()
	defer batch.Release()
	s.rows = 0
	_, err := s.run.Workset.Write(ctx, s.table, s.schema, func(yield func(arrow.RecordBatch, error) bool) {
		if batch.NumRows() > 0 {
			yield(batch, nil)
		}
	})
	return err
}
