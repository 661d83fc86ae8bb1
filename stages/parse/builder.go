package parse

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/schemas"
)

// builder holds the buffers of one batch while it is filled. It writes them by
// hand because Arrow's builders cost a call, a bitmap and two checks a cell,
// which is more than finding the cell's end. Every batch gets new buffers: one
// that was handed out is never written again.
type builder struct {
	mem memory.Allocator

	textBuf, offBuf *memory.Buffer
	text            []byte  // text[:n] are the cells one after the other
	n               int     // at least slack bytes are free behind it
	off             []int32 // cell i is text[off[i]:off[i+1]]
	cells           int

	rowBuf  [5]*memory.Buffer // row, line, sheet_row, byte_offset, byte_length
	rowCol  [5][]int64
	listBuf *memory.Buffer
	list    []int32 // record i has the cells list[i]:list[i+1]
	rows    int
	defects []defect
}

// defect is the code of the record at an index of the batch.
type defect struct {
	index int
	code  string
}

// mark is a place in a builder to which it can be set back.
type mark struct{ n, cells int }

// newBuilder allocates for rows records, textSize bytes and cells cells; only
// the first is a limit.
func newBuilder(mem memory.Allocator, rows, textSize, cells int) *builder {
	b := &builder{mem: mem}
	b.textBuf, b.offBuf, b.listBuf = memory.NewResizableBuffer(mem), memory.NewResizableBuffer(mem), memory.NewResizableBuffer(mem)
	b.textBuf.Resize(textSize + slack)
	b.text = b.textBuf.Bytes()
	b.offBuf.Resize(4 * (cells + 1))
	b.off = arrow.Int32Traits.CastFromBytes(b.offBuf.Bytes())
	b.off[0] = 0
	b.listBuf.Resize(4 * (rows + 1))
	b.list = arrow.Int32Traits.CastFromBytes(b.listBuf.Bytes())
	b.list[0] = 0
	for i := range b.rowBuf {
		b.rowBuf[i] = memory.NewResizableBuffer(mem)
		b.rowBuf[i].Resize(8 * rows)
		b.rowCol[i] = arrow.Int64Traits.CastFromBytes(b.rowBuf[i].Bytes())
	}
	return b
}

// release gives the buffers back; a batch made of them keeps its own hold.
func (b *builder) release() {
	for _, buf := range append(b.rowBuf[:], b.textBuf, b.offBuf, b.listBuf) {
		buf.Release()
	}
}

func (b *builder) mark() mark { return mark{b.n, b.cells} }

func (b *builder) reset(m mark) { b.n, b.cells = m.n, m.cells }

// room makes sure that n bytes and slack fit behind the text.
func (b *builder) room(n int) {
	if need := b.n + n + slack; need > len(b.text) {
		b.textBuf.Resize(max(need, 2*len(b.text)))
		b.text = b.textBuf.Bytes()
	}
}

// endCell ends a cell at the end of the text.
func (b *builder) endCell() {
	b.cells++
	if b.cells >= len(b.off) {
		b.growCells()
	}
	b.off[b.cells] = int32(b.n)
}

func (b *builder) growCells() {
	b.offBuf.Resize(4 * 2 * len(b.off))
	b.off = arrow.Int32Traits.CastFromBytes(b.offBuf.Bytes())
}

// at returns cell i of the batch.
func (b *builder) at(i int) []byte { return b.text[b.off[i]:b.off[i+1]] }

// endRow ends a record with the cells since the last one.
func (b *builder) endRow(p position, code string) {
	i := b.rows
	b.rowCol[0][i], b.rowCol[1][i], b.rowCol[2][i] = p.row, p.line, p.sheetRow
	b.rowCol[3][i], b.rowCol[4][i] = p.offset, p.length
	if code != "" {
		b.defects = append(b.defects, defect{i, code})
	}
	b.rows++
	b.list[b.rows] = int32(b.cells)
}

// batch makes the record batch of what was added. The builder is used up.
func (b *builder) batch() arrow.RecordBatch {
	defer b.release()
	b.textBuf.ResizeNoShrink(b.n)
	b.offBuf.ResizeNoShrink(4 * (b.cells + 1))
	b.listBuf.ResizeNoShrink(4 * (b.rows + 1))
	cols := make([]arrow.Array, 0, 7)
	for _, buf := range b.rowBuf {
		buf.ResizeNoShrink(8 * b.rows)
		data := array.NewData(arrow.PrimitiveTypes.Int64, b.rows, []*memory.Buffer{nil, buf}, nil, 0, 0)
		cols = append(cols, array.NewInt64Data(data))
		data.Release()
	}
	cols = append(cols, b.defectColumn())

	text := array.NewData(arrow.BinaryTypes.String, b.cells, []*memory.Buffer{nil, b.offBuf, b.textBuf}, nil, 0, 0)
	list := array.NewData(schemas.Records.Field(6).Type, b.rows, []*memory.Buffer{nil, b.listBuf}, []arrow.ArrayData{text}, 0, 0)
	cols = append(cols, array.NewListData(list))
	text.Release()
	list.Release()

	rec := array.NewRecordBatch(schemas.Records, cols, int64(b.rows))
	for _, c := range cols {
		c.Release()
	}
	return rec
}

func (b *builder) defectColumn() arrow.Array {
	sb := array.NewStringBuilder(b.mem)
	defer sb.Release()
	sb.Reserve(b.rows)
	at := 0
	for _, d := range b.defects {
		sb.AppendNulls(d.index - at)
		sb.Append(d.code)
		at = d.index + 1
	}
	sb.AppendNulls(b.rows - at)
	return sb.NewStringArray()
}
