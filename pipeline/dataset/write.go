package dataset

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// groupRows is how many rows one row group has at least, but for the last: large
// enough to be read in one go, small enough to be skipped.
const groupRows = 256 << 10

// Written is a file that was written.
type Written struct {
	Rows  int64
	Bytes int64
}

// WriteFile writes a dataset's batches, which have its schema, to a new file at
// path. Without a row there is no file.
func WriteFile(ctx context.Context, path string, d schemas.Dataset, batches pipeline.Batches) (w Written, err error) {
	var f *fileWriter
	defer func() {
		if f != nil && err != nil {
			f.out.Close() // the first error is the one to tell
			os.Remove(path)
		}
	}()
	for b, err := range batches {
		if err != nil {
			return w, err
		}
		if err := ctx.Err(); err != nil {
			return w, err
		}
		if f == nil {
			if f, err = create(path, d); err != nil {
				return w, err
			}
		}
		if err := f.write(b); err != nil {
			return w, fmt.Errorf("write dataset %s: %w", d.Name, err)
		}
		w.Rows += b.NumRows()
	}
	if f == nil {
		return w, nil
	}
	if w.Bytes, err = f.close(); err != nil {
		return w, fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	return w, nil
}

// WriteEmpty writes a file without rows: it tells the columns.
func WriteEmpty(path string, d schemas.Dataset) error {
	f, err := create(path, d)
	if err != nil {
		return err
	}
	if _, err := f.close(); err != nil {
		return fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	return nil
}

// fileWriter writes one file: columns of a row group are filled batch by batch.
type fileWriter struct {
	out     *os.File
	buffer  *bufio.Writer
	w       *file.Writer
	group   file.BufferedRowGroupWriter
	columns []columnWriter
	rows    int64 // in the group
}

func create(path string, d schemas.Dataset) (*fileWriter, error) {
	root, err := parquetSchema(d)
	if err != nil {
		return nil, fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	f := &fileWriter{out: out, buffer: bufio.NewWriterSize(out, 1<<20)}
	f.w = file.NewParquetWriter(f.buffer, root, file.WithWriterProps(properties(d)))
	for range d.Columns {
		f.columns = append(f.columns, columnWriter{})
	}
	return f, nil
}

// properties chooses how columns are laid out. Plain values under zstd take half
// the time of dictionaries where values hardly repeat, and are as small; the sums
// of texts would name people in the footer.
func properties(d schemas.Dataset) *parquet.WriterProperties {
	options := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_6), parquet.WithCreatedBy("bateia"), parquet.WithRootName(d.Name),
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithDictionaryDefault(false), parquet.WithStats(false),
	}
	for _, c := range d.Columns {
		path := c.Name
		if c.Type == schemas.DatasetTexts {
			path += ".list.element"
		}
		if c.Few {
			options = append(options, parquet.WithDictionaryFor(path, true))
		} else if c.Type == schemas.DatasetInteger {
			options = append(options, parquet.WithEncodingFor(path, parquet.Encodings.DeltaBinaryPacked))
		}
		if c.Type != schemas.DatasetText && c.Type != schemas.DatasetTexts {
			options = append(options, parquet.WithStatsFor(path, true))
		}
	}
	return parquet.NewWriterProperties(options...)
}

func parquetSchema(d schemas.Dataset) (*schema.GroupNode, error) {
	fields := make(schema.FieldList, 0, len(d.Columns))
	for _, c := range d.Columns {
		node, err := parquetNode(c)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		fields = append(fields, node)
	}
	return schema.NewGroupNode(d.Name, parquet.Repetitions.Required, fields, -1)
}

func parquetNode(c schemas.DatasetColumn) (schema.Node, error) {
	optional := parquet.Repetitions.Optional
	text := schema.StringLogicalType{}
	switch c.Type {
	case schemas.DatasetInteger:
		return schema.NewInt64Node(c.Name, optional, -1), nil
	case schemas.DatasetDouble:
		return schema.NewFloat64Node(c.Name, optional, -1), nil
	case schemas.DatasetBoolean:
		return schema.NewBooleanNode(c.Name, optional, -1), nil
	case schemas.DatasetMoment:
		return schema.NewPrimitiveNodeLogical(c.Name, optional, schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), parquet.Types.Int64, 0, -1)
	case schemas.DatasetTexts:
		element, err := schema.NewPrimitiveNodeLogical("element", parquet.Repetitions.Required, text, parquet.Types.ByteArray, 0, -1)
		if err != nil {
			return nil, err
		}
		list, err := schema.NewGroupNode("list", parquet.Repetitions.Repeated, schema.FieldList{element}, -1)
		if err != nil {
			return nil, err
		}
		return schema.NewGroupNodeLogical(c.Name, parquet.Repetitions.Required, schema.FieldList{list}, schema.NewListLogicalType(), -1)
	}
	return schema.NewPrimitiveNodeLogical(c.Name, optional, text, parquet.Types.ByteArray, 0, -1)
}

func (f *fileWriter) write(b arrow.RecordBatch) error {
	if f.group == nil {
		group, err := f.w.AppendBufferedRowGroupChecked()
		if err != nil {
			return err
		}
		f.group = group
	}
	for i := range f.columns {
		chunk, err := f.group.Column(i)
		if err != nil {
			return err
		}
		if err := f.columns[i].write(chunk, b.Column(i)); err != nil {
			return err
		}
	}
	if f.rows += b.NumRows(); f.rows >= groupRows {
		return f.endGroup()
	}
	return nil
}

func (f *fileWriter) endGroup() error {
	err := f.group.Close()
	f.group, f.rows = nil, 0
	return err
}

// close ends the file and returns its size.
func (f *fileWriter) close() (int64, error) {
	if f.group != nil {
		if err := f.endGroup(); err != nil {
			return 0, err
		}
	}
	if err := f.w.Close(); err != nil {
		return 0, err
	}
	if err := f.buffer.Flush(); err != nil {
		return 0, err
	}
	info, err := f.out.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), f.out.Close()
}

// columnWriter writes a column, with memory that it uses again.
type columnWriter struct {
	defined, repeated []int16
	texts             []parquet.ByteArray
	integers          []int64
	doubles           []float64
	booleans          []bool
}

func (w *columnWriter) write(chunk file.ColumnChunkWriter, column arrow.Array) error {
	var err error
	switch c := chunk.(type) {
	case *file.ByteArrayColumnChunkWriter:
		if list, ok := column.(*array.List); ok {
			err = w.writeLists(c, list)
			break
		}
		a, ok := column.(*array.String)
		if !ok {
			return unexpected(column)
		}
		w.texts = w.texts[:0]
		w.levels(a, func(i int) { w.texts = append(w.texts, textAt(a, i)) })
		_, err = c.WriteBatch(w.texts, w.defined, nil)
	case *file.Int64ColumnChunkWriter:
		var at func(i int) int64
		switch a := column.(type) {
		case *array.Int64:
			at = a.Value
		case *array.Timestamp:
			at = func(i int) int64 { return int64(a.Value(i)) }
		default:
			return unexpected(column)
		}
		w.integers = w.integers[:0]
		w.levels(column, func(i int) { w.integers = append(w.integers, at(i)) })
		_, err = c.WriteBatch(w.integers, w.defined, nil)
	case *file.Float64ColumnChunkWriter:
		a, ok := column.(*array.Float64)
		if !ok {
			return unexpected(column)
		}
		w.doubles = w.doubles[:0]
		w.levels(a, func(i int) { w.doubles = append(w.doubles, a.Value(i)) })
		_, err = c.WriteBatch(w.doubles, w.defined, nil)
	case *file.BooleanColumnChunkWriter:
		a, ok := column.(*array.Boolean)
		if !ok {
			return unexpected(column)
		}
		w.booleans = w.booleans[:0]
		w.levels(a, func(i int) { w.booleans = append(w.booleans, a.Value(i)) })
		_, err = c.WriteBatch(w.booleans, w.defined, nil)
	default:
		return unexpected(column)
	}
	return err
}

func unexpected(column arrow.Array) error { return fmt.Errorf("no way to write %s", column.DataType()) }

// levels notes which values there are and takes them.
func (w *columnWriter) levels(column arrow.Array, take func(i int)) {
	w.defined = w.defined[:0]
	for i := range column.Len() {
		if column.IsNull(i) {
			w.defined = append(w.defined, 0)
			continue
		}
		w.defined = append(w.defined, 1)
		take(i)
	}
}

// textAt is a value as it lies in the batch.
func textAt(a *array.String, i int) parquet.ByteArray {
	from := a.ValueOffset(i) - a.ValueOffset(0)
	return a.ValueBytes()[from : from+a.ValueLen(i)]
}

func (w *columnWriter) writeLists(c *file.ByteArrayColumnChunkWriter, list *array.List) error {
	values, ok := list.ListValues().(*array.String)
	if !ok {
		return unexpected(list)
	}
	w.texts, w.defined, w.repeated = w.texts[:0], w.defined[:0], w.repeated[:0]
	for i := range list.Len() {
		from, to := list.ValueOffsets(i)
		if from == to {
			w.defined, w.repeated = append(w.defined, 0), append(w.repeated, 0)
			continue
		}
		for n := from; n < to; n++ {
			again := int16(1)
			if n == from {
				again = 0
			}
			w.defined, w.repeated = append(w.defined, 1), append(w.repeated, again)
			w.texts = append(w.texts, textAt(values, int(n)))
		}
	}
	_, err := c.WriteBatch(w.texts, w.defined, w.repeated)
	return err
}

// WriteTexts writes rows of a dataset that has texts only.
func WriteTexts(path string, d schemas.Dataset, rows [][]string) error {
	b := array.NewRecordBuilder(memory.DefaultAllocator, d.Arrow())
	defer b.Release()
	for _, row := range rows {
		for i, text := range row {
			b.Field(i).(*array.StringBuilder).Append(text)
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	_, err := WriteFile(context.Background(), path, d, func(yield func(arrow.RecordBatch, error) bool) { yield(batch, nil) })
	return err
}
