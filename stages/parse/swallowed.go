package parse

import "bytes"

// swallowed looks for records inside a well-formed one of more than one line
// and of n cells, which ends at end: the trace of a quote that was not closed
// and met another one by chance. It returns where the first line that is a
// record of its own starts, or 0. Two things give it away: the record does not
// fit but one of its lines does; or allLinesFit.
func (r *Reader) swallowed(end, n int) int {
	if r.width < 2 {
		return 0
	}
	text := r.win.buf[r.win.pos:end]
	first := r.lineLen(text)
	if first == len(text) {
		return 0
	}
	if r.fits(n) {
		if r.width >= 3 && r.allLinesFit(text) {
			return r.win.pos + first
		}
		return 0
	}
	for at := first; at < len(text); {
		next := at + r.lineLen(text[at:])
		if r.fitsWell(bytes.TrimRight(text[at:next], "\r\n")) {
			return r.win.pos + at
		}
		at = next
	}
	return 0
}

// lineLen returns the length of the first physical line of text.
func (r *Reader) lineLen(text []byte) int {
	end := "\n"
	if r.crEnds {
		end = "\r\n"
	}
	i := bytes.IndexAny(text, end)
	switch {
	case i < 0:
		return len(text)
	case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
		return i + 2
	}
	return i + 1
}

// allLinesFit reports whether every physical line of a well-formed record is a
// record by itself when the quote that the first one leaves open is read as
// text, and nothing looks like running text, in which a blank follows a
// delimiter.
func (r *Reader) allLinesFit(text []byte) bool {
	for first := true; len(text) > 0; first = false {
		n := r.lineLen(text)
		line := bytes.TrimRight(text[:n], "\r\n")
		text = text[n:]
		got := r.split(nil, line, asText)
		cells := got.cells
		if got.open != first {
			return false
		}
		if first {
			cells += bytes.Count(line[got.from:], r.delims)
		}
		if cells != r.width || bytes.Contains(line, append(r.delims[:len(r.delims):len(r.delims)], ' ')) {
			return false
		}
	}
	return true
}
