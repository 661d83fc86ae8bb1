package parse

import (
	"bytes"
	"errors"
)

// How far repair looks for the end of a quoted cell with stray quotes, or for a
// line that fits, before it gives a record up as one line.
const (
	lookLines = 64
	lookBytes = 64 << 10
)

// How much text repair may look at ahead of records: so much for every byte that
// was read, saved up to a limit. It keeps reading linear on text that is broken
// all over.
const (
	lookPerByte = 8
	lineCost    = 64 // what a line costs whatever its length
	lookMost    = 8 << 20
)

// fits reports whether a record of n cells is as wide as the header allows.
func (r *Reader) fits(n int) bool {
	return r.width == 0 || (n >= r.least && n <= r.width)
}

// fitsWell reports whether a line by itself is a well-formed record that fits.
func (r *Reader) fitsWell(line []byte) bool {
	got := r.split(nil, line, asText)
	return !got.open && !got.loose && !got.bare && r.fits(got.cells) && len(bytes.TrimSpace(line)) > 0
}

// startsRecord reports whether a record starts with the line at bytes behind the
// window's position: one that is well-formed and fits, alone or together with the
// lines behind it.
func (r *Reader) startsRecord(at int, line []byte) (bool, error) {
	got := r.splitStrict(nil, line)
	switch {
	case got.loose || got.bare || len(bytes.TrimSpace(line)) == 0:
		return false, nil
	case !got.open:
		return r.fits(got.cells), nil
	}
	r.spent += lineCost
	text, err := r.ahead(at, lookBytes)
	if err != nil {
		return false, err
	}
	got = r.splitStrict(nil, text)
	r.spent += int64(got.end)
	return got.ended && !got.open && !got.loose && !got.bare && r.fits(got.cells), nil
}

// ahead returns most bytes of the text that starts at bytes behind the window's
// position, or less when there is less or it looked at too much already.
func (r *Reader) ahead(at, most int) ([]byte, error) {
	w := &r.win
	most = max(at, min(at+most, w.limit, at+int(max(0, lookMost-r.spent))))
	for !w.eof && len(w.text()) < most {
		if err := w.fill(); err != nil {
			return nil, err
		}
	}
	held := w.text()
	return held[min(at, len(held)):min(len(held), most)], nil
}

// recordInside returns where the first line starts, from at on and before end,
// that starts a record, else 0.
func (r *Reader) recordInside(at, end int) (int, error) {
	for range lookLines {
		line, after, ok, err := r.line(at, lookBytes)
		if err != nil {
			return 0, err
		}
		if !ok || at >= end || r.spent >= lookMost {
			return 0, nil
		}
		r.spent += lineCost + int64(len(line))
		if is, err := r.startsRecord(at, line); err != nil {
			return 0, err
		} else if is {
			return at, nil
		}
		at = after
	}
	return 0, nil
}

// line returns the physical line that starts at bytes behind the window's
// position, without its end, and where the next one starts. It reads more of
// the object when it must; ok is false when there is none, when the line is
// longer than most bytes, or when it ends behind the window's limit. What
// happens to be held beyond that is not looked at, so that the outcome does not
// depend on how much is read at once.
func (r *Reader) line(at, most int) (text []byte, next int, ok bool, err error) {
	w := &r.win
	for from := at; ; {
		held := w.text()
		end := -1
		if from <= len(held) {
			end = bytes.IndexByte(held[from:], '\n')
			if r.crEnds {
				if c := bytes.IndexByte(held[from:], '\r'); c >= 0 && (end < 0 || c < end) && (from+c+1 < len(held) || w.eof) {
					end = c
				}
			}
		}
		switch {
		case end >= 0:
			end += from
			next = end + 1
			if held[end] == '\r' && next < len(held) && held[next] == '\n' {
				next++
			}
			ok = next-at <= most && next <= w.limit
			return bytes.TrimRight(held[at:end], "\r"), next, ok, nil
		case w.eof:
			ok = at < len(held) && len(held)-at <= most && len(held) <= w.limit
			return bytes.TrimRight(held[min(at, len(held)):], "\r"), len(held), ok, nil
		case len(held)-at > most:
			return nil, 0, false, nil
		}
		from = max(at, len(held)-1)
		if err := w.fill(); errors.Is(err, errRecordTooLong) {
			return nil, 0, false, nil
		} else if err != nil {
			return nil, 0, false, err
		}
	}
}

// repair reads the record at the window's position that scan found odd.
func (r *Reader) repair(b *builder, m mark) error {
	line, next, ok, err := r.line(0, r.o.MaxRecordBytes)
	if err != nil {
		return err
	}
	if !ok {
		return r.tooLong(b, m)
	}
	if !r.crEnds {
		if end, err := r.loneCR(line, next); err != nil {
			return err
		} else if end > 0 {
			line, next = line[:end-1], end
		}
	}
	text, closed := r.split(nil, line, asText), r.split(nil, line, asEnd)
	switch {
	case !text.open && (r.fits(text.cells) || closed.open || !r.fits(closed.cells)):
		r.split(b, line, asText)
	case !closed.open && r.fits(closed.cells) && (!closed.bare || r.oneTooMany(line) < 0):
		r.split(b, line, asEnd)
	default:
		return r.open(b, m, next)
	}
	if r.isBlank(b, m, false) {
		b.reset(m)
		r.advance(b, blank, r.win.pos+next, 1, "")
		return nil
	}
	return r.take(b, m, r.win.pos+next, 1, "")
}

// loneCR decides whether the first carriage return inside a line ends it: when
// the pieces before and behind it are as wide as the header, or as each other
// while there is none yet. It returns where the next line starts, else 0.
func (r *Reader) loneCR(line []byte, next int) (end int, err error) {
	i := bytes.IndexByte(line, '\r')
	if i < 0 {
		return 0, nil
	}
	second := line[i+1:]
	if j := bytes.IndexByte(second, '\r'); j >= 0 {
		second = second[:j]
	}
	before, behind := r.split(nil, line[:i], asText), r.split(nil, second, asText)
	if before.open || behind.open {
		return 0, nil
	}
	if r.width == 0 && before.cells != behind.cells {
		return 0, nil
	}
	if r.fits(before.cells) && r.fits(behind.cells) {
		return i + 1, nil
	}
	return 0, nil
}

// open reads a record whose first line, up to next, leaves a quoted cell open.
// Either the quote was never closed, and the next line is a record of its own;
// or the cell goes on over further lines and has stray quotes in it.
func (r *Reader) open(b *builder, m mark, next int) error {
	line, _, ok, err := r.line(next, lookBytes)
	if err != nil {
		return err
	}
	if is, err := r.startsRecord(next, line); err != nil {
		return err
	} else if !ok || is {
		return r.unclosed(b, m, r.win.pos+next)
	}
	held, err := r.ahead(0, max(next, lookBytes))
	if err != nil {
		return err
	}
	end := lookBytes
	got := r.split(nil, held, asText)
	r.spent += int64(got.end)
	closed := !got.open && (got.end < len(held) || r.win.eof && len(held) == len(r.win.text())) && r.fits(got.cells)
	if closed {
		end = got.end
	}
	if at, err := r.recordInside(next, end); err != nil {
		return err
	} else if at > 0 {
		return r.unclosed(b, m, r.win.pos+at)
	}
	if closed {
		held = r.win.text()[:len(held)] // the window may have moved
		r.split(b, held, asText)
		return r.take(b, m, r.win.pos+got.end, r.countLines(held[:got.end]), "")
	}
	return r.unclosed(b, m, r.win.pos+next)
}

// triedQuotes is how many quotes of a line are tried as the one too many.
const triedQuotes = 8

// oneTooMany returns the number of the opening quote without which a single line
// fits the table, else -1.
func (r *Reader) oneTooMany(line []byte) int {
	if r.width < 2 || r.fits(r.split(nil, line, asText).cells) {
		return -1
	}
	for n := range triedQuotes {
		if got := r.splitPlain(nil, line, n); !got.open && got.end == len(line) && r.fits(got.cells) {
			return n
		}
	}
	return -1
}

// unclosed takes the lines up to end as one record whose quote is not closed.
func (r *Reader) unclosed(b *builder, m mark, end int) error {
	b.reset(m)
	text := r.win.buf[r.win.pos:end]
	if n := r.oneTooMany(text); n >= 0 {
		r.splitPlain(b, text, n)
		return r.take(b, m, end, 1, CodeUnclosedQuote)
	}
	how := asText
	if got := r.split(nil, text, asEnd); !got.open && got.end == len(text) {
		how = asEnd
	}
	got := r.split(b, bytes.TrimRight(text, "\r\n"), how)
	for got.end < len(bytes.TrimRight(text, "\r\n")) { // further lines outside of quotes
		text = text[got.end:]
		got = r.split(b, bytes.TrimRight(text, "\r\n"), how)
	}
	return r.take(b, m, end, r.countLines(r.win.buf[r.win.pos:end]), CodeUnclosedQuote)
}
