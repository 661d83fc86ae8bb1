package parse

import "bytes"

// swallowed looks for records inside a well-formed one of more than one line
// and of n cells, which ends at end: the trace of a quote that was not closed
// and met another one by chance. It returns where the first line that is a
// record of its own starts, or 0. A record that fits is never doubted, whatever
// its cells hold: what was written well is read as it was written.
func (r *Reader) swallowed(end, n int) int {
	if r.width < 2 || r.fits(n) {
		return 0
	}
	text := r.win.buf[r.win.pos:end]
	first := r.lineLen(text)
	if first == len(text) {
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
