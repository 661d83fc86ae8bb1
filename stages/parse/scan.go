package parse

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// verdict is what scan found.
type verdict uint8

const (
	whole verdict = iota // a well-formed record
	short                // the window ends inside the record
	odd                  // the record is not well-formed
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// found is the result of a scan: the record is window text up to end.
type found struct {
	end    int
	quoted bool // some cell was quoted
}

// scan reads one record from the window into b. It copies eight bytes at a
// time and looks in them for the delimiter and for control characters, the line
// ends among them: what lies behind the first one found is copied in vain and
// overwritten by the next cell. Quoted cells go by bytes.IndexByte.
//
// The caller sets b back when the verdict is not whole.
func (r *Reader) scan(b *builder) (found, verdict) {
	w := &r.win
	stop, eof, crEnds := w.end, w.eof, r.crEnds
	buf := w.buf[:stop+slack]
	buf[stop] = '\n' // every search ends there at the latest
	delim, quote := r.delim, int(r.quote)
	if r.quote == 0 {
		quote = -1
	}
	pattern := ones * uint64(delim)
	dst, n := b.text, b.n
	off, cells := b.off, b.cells
	quoted := false

	i := w.pos
	for {
		if int(buf[i]) == quote {
			quoted = true
			b.n = n
			next, v := r.scanQuoted(b, buf[:stop], i+1)
			if v != whole {
				return found{}, v
			}
			i, dst, n = next, b.text, b.n
			if c := buf[i]; c != delim && c != '\n' && c != '\r' {
				return found{}, odd
			}
		}
		// The rest of the cell, nothing when it was quoted.
		for {
			if n+slack > len(dst) {
				b.n = n
				b.room(len(dst))
				dst = b.text
			}
			word := binary.LittleEndian.Uint64(buf[i:])
			binary.LittleEndian.PutUint64(dst[n:], word)
			x := word ^ pattern
			hit := ((x-ones)&^x | (word-0x20*ones)&^word) & highs
			if hit == 0 {
				i += 8
				n += 8
				continue
			}
			k := bits.TrailingZeros64(hit) >> 3
			i += k
			n += k
			c := buf[i]
			if c == '\n' { // before the delimiter, which is \n when there is none
				if i == stop && !eof {
					return found{}, short
				}
				b.n, b.cells = n, cells
				b.endCell()
				return found{min(i+1, stop), quoted}, whole
			}
			if c == delim {
				break
			}
			if c == '\r' {
				end, v := carriageReturn(buf[:stop], i, eof, crEnds)
				if v == whole {
					b.n, b.cells = n, cells
					b.endCell()
				}
				return found{end, quoted}, v
			}
			// Another control character is text.
			i++
			n++
		}
		if cells+1 >= len(off) {
			b.growCells()
			off = b.off
		}
		cells++
		off[cells] = int32(n)
		i++
	}
}

// scanAny is scan for a delimiter of several characters or with an escape.
func (r *Reader) scanAny(b *builder) (found, verdict) {
	w := &r.win
	text := w.text()
	got := r.splitStrict(b, text)
	switch {
	case got.loose:
		return found{}, odd
	case !w.eof && (!got.ended || (got.end == len(text) && text[got.end-1] == '\r')):
		return found{}, short
	case got.open:
		return found{}, odd
	}
	return found{w.pos + got.end, got.quoted}, whole
}

// endBytes is how much behind a record may be needed to see that it ends there.
const endBytes = 2

// scanWithin is scan on no more text than the longest record has, whatever the
// window holds, so that the outcome does not depend on how much is read at once.
func (r *Reader) scanWithin(b *builder) (found, verdict) {
	w, scan := &r.win, r.scan
	if !r.plain() {
		scan = r.scanAny
	}
	if w.end-w.pos <= w.limit {
		return scan(b)
	}
	end, eof, limit := w.end, w.eof, w.pos+w.limit
	next := w.buf[limit]
	w.end, w.eof = limit, false
	f, v := scan(b)
	w.buf[limit] = next
	w.end, w.eof = end, eof
	return f, v
}

// scanQuoted reads a quoted cell whose text starts at i, and returns where it
// ended: behind the closing quote.
func (r *Reader) scanQuoted(b *builder, buf []byte, i int) (int, verdict) {
	for {
		j := bytes.IndexByte(buf[i:], r.quote)
		if j < 0 {
			if r.win.eof {
				return 0, odd
			}
			return 0, short
		}
		b.room(j + 1)
		b.n += copy(b.text[b.n:], buf[i:i+j])
		i += j + 1
		if i >= len(buf) {
			if r.win.eof {
				return i, whole
			}
			return 0, short
		}
		if buf[i] != r.quote {
			return i, whole
		}
		b.text[b.n] = r.quote
		b.n++
		i++
	}
}

// carriageReturn decides what a carriage return at i is: any number of them
// before a line feed are part of one line end, as are those before the end of
// the object; another one ends the line only in a file without line feeds.
func carriageReturn(buf []byte, i int, eof, crEnds bool) (end int, v verdict) {
	j := i + 1
	if crEnds {
		if j < len(buf) && buf[j] == '\n' {
			return j + 1, whole
		}
		if j == len(buf) && !eof {
			return 0, short
		}
		return j, whole
	}
	for j < len(buf) && buf[j] == '\r' {
		j++
	}
	switch {
	case j < len(buf) && buf[j] == '\n':
		return j + 1, whole
	case j < len(buf):
		return 0, odd
	case eof:
		return j, whole
	}
	return 0, short
}
