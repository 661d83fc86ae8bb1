package parse

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/bateia/bateia/pipeline"
)

// slack is how many bytes may be read, but mean nothing, after the text of a
// window: scan loads eight at a time.
const slack = 8

// errRecordTooLong says that a window would grow beyond its limit.
var errRecordTooLong = errors.New("record too long")

// window is the part of the object that is in memory. Its text is ASCII or a
// superset of it: the object's own bytes, or UTF-8 made of UTF-16 or UTF-32.
type window struct {
	src   io.ReaderAt
	size  int64
	next  int64 // offset in the object of the next byte to read
	chunk int
	limit int          // text that must be held before fill gives up
	wide  *wideDecoder // nil when the text is the object's own bytes

	buf      []byte // slack bytes longer than it may be filled
	pos, end int    // buf[pos:end] is the text not yet read
	eof      bool   // nothing follows end

	checked int // text before it was looked at
	high    int // text before it may hold other than ASCII
	suspect int // text before it may hold what is not valid UTF-8
	nul     int // text before it may hold NUL bytes
	marks   int // text before it may hold combining marks
	raw     []byte
}

// fill slides the text not yet read to the front and reads more behind it. It
// fails with errRecordTooLong when limit bytes are held already.
func (w *window) fill() error {
	have := w.end - w.pos
	if have >= w.limit {
		return errRecordTooLong
	}
	if w.eof {
		return io.EOF
	}
	// Twice what is held, so that a long record is scanned a few times only.
	want := max(w.chunk, have, 8)
	need := have + want
	if w.wide != nil {
		need = have + w.wide.maxText(want)
	}
	if small := 4 * w.chunk; len(w.buf) < need+slack || (len(w.buf) > 4*small && need < small) {
		grown := make([]byte, need+slack)
		copy(grown, w.buf[w.pos:w.end])
		w.buf = grown
	} else {
		copy(w.buf, w.buf[w.pos:w.end])
	}
	w.checked = max(0, w.checked-w.pos)
	w.high = max(0, w.high-w.pos)
	w.suspect = max(0, w.suspect-w.pos)
	w.nul = max(0, w.nul-w.pos)
	w.marks = max(0, w.marks-w.pos)
	w.pos, w.end = 0, have
	if err := w.read(want); err != nil {
		return err
	}
	w.check()
	return nil
}

// read appends up to want bytes of the object.
func (w *window) read(want int) error {
	n := int(min(int64(want), w.size-w.next))
	dst := w.buf[w.end : w.end+n]
	if w.wide != nil {
		if cap(w.raw) < n {
			w.raw = make([]byte, n)
		}
		dst = w.raw[:n]
	}
	if got, err := w.src.ReadAt(dst, w.next); got < n {
		if err == nil || errors.Is(err, io.EOF) {
			e := pipeline.Reject(CodeTruncated, "read object")
			e.Err = fmt.Errorf("%d bytes of %d", w.next+int64(got), w.size)
			return e
		}
		return fmt.Errorf("read object at %d: %w", w.next, err)
	}
	w.eof = w.next+int64(n) == w.size
	if w.wide == nil {
		w.next += int64(n)
		w.end += n
		return nil
	}
	used, text := w.wide.decode(w.buf[w.end:], dst, w.eof)
	w.next += int64(used)
	w.end += text
	return nil
}

// check notes how far the new text may be invalid or hold NUL bytes. Whole
// windows are checked at once because that costs a tenth of doing it by record.
func (w *window) check() {
	fresh := w.buf[w.checked:w.end]
	if bytes.IndexByte(fresh, 0) >= 0 {
		w.nul = w.end
	}
	if !w.eof {
		fresh = fresh[:len(fresh)-partialRune(fresh)]
	}
	ascii, valid := checkUTF8(fresh)
	if !ascii && mayCombine(fresh) {
		w.marks = w.end
	}
	if !ascii || len(fresh) < w.end-w.checked {
		w.high = w.end
	}
	w.checked += len(fresh)
	if !valid {
		w.suspect = w.checked
	}
}

// mayCombine reports whether text may hold combining marks, U+0300 to U+036F.
func mayCombine(text []byte) bool {
	return bytes.IndexByte(text, 0xCC) >= 0 || bytes.IndexByte(text, 0xCD) >= 0
}

// isASCII reports whether b has no byte above 0x7F.
func isASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&highs != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// checkUTF8 is utf8.Valid for text of Latin letters. It looks at eight bytes at
// once without a branch for each letter of two bytes, which is twice as fast;
// longer sequences and invalid ones it leaves to the standard library.
func checkUTF8(b []byte) (ascii, valid bool) {
	var any, open uint64 // open: the last byte was a lead
	for i := 0; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		high := w & highs
		any |= high
		lead := high & (w << 1)
		// Of two bytes: 110xxxxx, and not C0 or C1, which encode ASCII.
		two := lead &^ (w << 2) & (w&(0x1E*ones) + 0x7E*ones)
		if lead != two || high&^lead != two<<8|open {
			if open != 0 {
				i--
			}
			return false, utf8.Valid(b[i:])
		}
		open = two >> 63 << 7
	}
	rest := b[len(b)&^7:]
	if open != 0 {
		rest = b[len(b)&^7-1:]
	}
	return any == 0 && isASCII(rest), utf8.Valid(rest)
}

// partialRune returns how many bytes at the end of b start a rune that may go
// on behind it.
func partialRune(b []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(b)); n++ {
		c := b[len(b)-n]
		if utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// text returns what is held and not yet read.
func (w *window) text() []byte { return w.buf[w.pos:w.end] }

// rawLen returns how many bytes of the object a piece of text stands for.
func (w *window) rawLen(text []byte) int64 {
	if w.wide == nil {
		return int64(len(text))
	}
	return w.wide.rawLen(text)
}
