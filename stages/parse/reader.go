package parse

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Reader reads the records of one object. It is used by one goroutine.
type Reader struct {
	o       Options
	win     window
	dialect schemas.Dialect
	header  []string
	// headerCode is the defect of the header.
	headerCode string

	syntax
	comment       []byte // prefix of comment lines
	commentAsked  bool   // it holds whatever such a line looks like
	width         int    // cells of the header; 0 while it is read
	least         int    // cells up to the last one of the header that has a name
	codec         *codec
	proved        bool // the encoding is not only a guess about a file of ASCII
	encodingAsked bool // by the options

	first   int64    // offset behind the header
	columns *columns // what was learned of them, see learn
	learned bool
	alone   bool // single records are read: nothing can be learned

	at        position // of the next line; row is the number of records so far
	spent     int64    // text that repair looked at beyond what reading earned, see ahead
	blank     int64
	skipped   skipped
	used      bool
	scratch   []byte
	neighbors [][]byte
}

// position is where a record or line stands, see [schemas.Records].
type position struct {
	row, line, sheetRow, offset, length int64
}

// kind is what a piece of the object is.
type kind uint8

const (
	record   kind = iota
	blank         // a blank line
	preamble      // a byte order mark, a line sep=, lines above the header
	comment       // a line that is a comment
	footing       // a line behind the last record
	heading       // the header
)

// Dialect returns how the file is written. The encoding of a file that starts
// with nothing but ASCII is settled only when other characters were read.
func (r *Reader) Dialect() schemas.Dialect { return r.dialect }

// Header returns the header's cells as they stand in the file, without byte
// order mark, quotes and NUL bytes.
func (r *Reader) Header() []string { return r.header }

// Records returns how many records were read.
func (r *Reader) Records() int64 { return r.at.row }

// Blank returns how many blank lines were read.
func (r *Reader) Blank() int64 { return r.blank }

// Skipped returns which lines read so far were no records, blank ones and the
// header aside, in the order of the file.
func (r *Reader) Skipped() []schemas.Skipped { return r.skipped.list }

// BytesRead returns how many bytes of the object were read as records and
// lines.
func (r *Reader) BytesRead() int64 { return r.at.offset }

// Line returns the physical line that is read next, from 1.
func (r *Reader) Line() int64 { return r.at.line }

// Batches streams the records as batches of [schemas.Records] with buffers
// from mem. It can be used once. The last element is an error when reading
// failed, and FILE_NO_DATA_ROWS when there were no records at all. What is read
// from a batch is a view of its memory, which the next one may use: copy what is
// kept, or retain the batch.
func (r *Reader) Batches(ctx context.Context, mem memory.Allocator) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		if r.used {
			yield(nil, errors.New("read records: asked for twice"))
			return
		}
		r.used, r.first = true, r.at.offset
		pool := &recycler{mem: mem}
		defer pool.close()
		sizes := r.firstSizes()
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			batch, err := r.batch(pool, &sizes)
			if errors.Is(err, io.EOF) {
				if r.at.row == 0 {
					yield(nil, pipeline.Reject(CodeNoDataRows, "read records"))
				}
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			more := yield(batch, nil)
			batch.Release()
			if !more {
				return
			}
		}
	}
}

// sizes are what the last batch needed, with an eighth to spare.
type sizes struct{ text, cells int }

func (r *Reader) firstSizes() sizes {
	n := int(min(r.win.size, int64(r.o.BatchRows)*128, int64(r.o.BatchBytes)))
	return sizes{text: n + n/8, cells: n / 8}
}

// batch reads the next batch, or io.EOF when no record is left.
func (r *Reader) batch(mem memory.Allocator, s *sizes) (arrow.RecordBatch, error) {
	b := newBuilder(mem, int(min(int64(r.o.BatchRows), r.win.size)), s.text, s.cells)
	var err error
	for b.rows < r.o.BatchRows && b.n < r.o.BatchBytes && err == nil {
		err = r.next(b)
	}
	if err != nil && !(errors.Is(err, io.EOF) && b.rows > 0) {
		b.release()
		return nil, err
	}
	*s = sizes{text: b.n + b.n/8, cells: b.cells + b.cells/8}
	return b.batch(), nil
}

// next reads one record into b, or one blank line.
func (r *Reader) next(b *builder) error {
	w, m := &r.win, b.mark()
	for {
		if w.pos == w.end && w.eof {
			return io.EOF
		}
		if len(r.comment) > 0 {
			if is, err := r.passComment(b); err != nil {
				return err
			} else if is {
				return nil
			}
		}
		f, v := r.scanWithin(b)
		switch v {
		case short:
			b.reset(m)
			if err := w.fill(); errors.Is(err, errRecordTooLong) {
				return r.tooLong(b, m)
			} else if err != nil {
				return err
			}
		case odd:
			b.reset(m)
			return r.repair(b, m)
		default:
			if r.isBlank(b, m, f.quoted) {
				b.reset(m)
				r.advance(b, blank, f.end, 1, "")
				return nil
			}
			lines := int64(1)
			if f.quoted {
				if lines = r.countLines(w.buf[w.pos:f.end]); lines > 1 {
					if end := r.swallowed(f.end, b.cells-m.cells); end > 0 {
						return r.unclosed(b, m, end)
					}
				}
			}
			return r.take(b, m, f.end, lines, "")
		}
	}
}

// passComment passes over the next line when it is a comment: it starts with the
// prefix and, when that was only found out, has no delimiter.
func (r *Reader) passComment(b *builder) (bool, error) {
	w := &r.win
	for !w.eof && w.end-w.pos < len(r.comment) {
		if err := w.fill(); err != nil {
			return false, err
		}
	}
	if !bytes.HasPrefix(w.text(), r.comment) {
		return false, nil
	}
	line, next, ok, err := r.line(0, r.o.MaxRecordBytes)
	if err != nil || !ok {
		return false, err
	}
	if !r.commentAsked && bytes.Contains(line, r.delims) {
		return false, nil
	}
	r.advance(b, comment, w.pos+next, 1, "")
	return true, nil
}

// take ends the record that stands in b behind m and in the window up to end,
// unless it turns out to be none.
func (r *Reader) take(b *builder, m mark, end int, lines int64, code string) error {
	w := &r.win
	if w.pos < w.high || w.pos < w.nul {
		if c := r.decode(b, m, w.buf[w.pos:end]); code == "" {
			code = c
		}
	}
	if r.width == 0 {
		r.advance(b, heading, end, lines, code)
		return nil
	}
	if length := end - w.pos; w.size-r.at.offset <= footerBytes {
		if is, err := r.footer(b, m, end); is || err != nil {
			return err
		}
		end = w.pos + length // the window may have moved
	}
	if r.repeatsHeader(b, m) {
		b.reset(m)
		r.advance(b, heading, end, lines, "")
		return nil
	}
	if b.cells-m.cells != r.width {
		c, err := r.ragged(b, m, code)
		if err != nil {
			return err
		}
		code = c
	}
	r.advance(b, record, end, lines, code)
	return nil
}

// advance moves over what ends at end and, when it is a record, ends its row.
func (r *Reader) advance(b *builder, k kind, end int, lines int64, code string) {
	w := &r.win
	r.pass(b, k, w.rawLen(w.buf[w.pos:end]), lines, code)
	w.pos = end
}

// pass counts a piece of length bytes of the object.
func (r *Reader) pass(b *builder, k kind, length, lines int64, code string) {
	p := r.at
	p.length = length
	switch k {
	case heading:
		if r.width == 0 {
			r.headerCode = code
		}
	case record:
		p.row++
		r.at.row++
		b.endRow(p, code)
	case blank:
		r.blank++
	default:
		r.skipped.add(k, p, lines)
	}
	if k == heading && r.width > 0 {
		r.skipped.add(k, p, lines)
	}
	if r.o.trace != nil {
		r.o.trace(k, p)
	}
	r.spent = max(0, r.spent-lookPerByte*length)
	r.at.offset += length
	r.at.line += lines
	r.at.sheetRow++
}

// isBlank reports whether the cells behind m are no record: a line of nothing
// but blanks, or of nothing but blanks and delimiters. NUL bytes and the end of
// file character of DOS fill the end of some files.
func (r *Reader) isBlank(b *builder, m mark, quoted bool) bool {
	if quoted || (b.cells-m.cells > 1 && r.width > 0 && r.o.OnError == Keep) {
		return false
	}
	for _, c := range b.text[m.n:b.n] {
		if c != ' ' && c != '\t' && c != 0 && c != 0x1A {
			return false
		}
	}
	return true
}

// countLines returns how many physical lines text is, a last one without its
// end included.
func (r *Reader) countLines(text []byte) int64 {
	n := bytes.Count(text, []byte{'\n'})
	last := len(text) > 0 && text[len(text)-1] != '\n'
	if r.crEnds {
		n += bytes.Count(text, []byte{'\r'}) - bytes.Count(text, []byte("\r\n"))
		last = last && text[len(text)-1] != '\r'
	}
	if last {
		n++
	}
	return int64(n)
}
