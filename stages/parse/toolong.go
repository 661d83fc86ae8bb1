package parse

import "errors"

// tooLong reads over a record that does not fit into the window. When a quote
// was opened and a line fits the table, the record ends there: its quote was not
// closed. Else it ends with its line, and none of its text is kept.
func (r *Reader) tooLong(b *builder, m mark) error {
	b.reset(m)
	w := &r.win
	if _, next, ok, err := r.line(0, r.o.MaxRecordBytes); err != nil {
		return err
	} else if ok {
		// The first line is short: try the lines behind it, within reach.
		at := next
		for range lookLines {
			line, after, ok, err := r.line(at, lookBytes)
			if err != nil {
				return err
			}
			if !ok || at > lookBytes {
				break
			}
			if r.fitsWell(line) {
				return r.unclosed(b, m, w.pos+at)
			}
			at = after
		}
	}
	s := skipper{r: r, start: true}
	if err := s.run(); err != nil {
		return err
	}
	k := record
	if r.width == 0 {
		k = heading
	}
	r.pass(b, k, s.length, s.lines, CodeTooLong)
	return nil
}

// skipper reads over one record of any length in bounded memory.
type skipper struct {
	r             *Reader
	length, lines int64
	start, quoted bool // at the start of a cell; inside quotes
	partial       bool // in a line that is not counted yet
}

// run reads up to the end of the record: its line end, or the end of the first of
// its lines behind which one fits the table.
func (s *skipper) run() error {
	r, w := s.r, &s.r.win
	for {
		held := w.text()
		n, ended := s.step(held)
		s.length += w.rawLen(held[:n])
		w.pos += n
		if ended && !s.quoted {
			return nil
		}
		if ended {
			line, _, ok, err := r.line(0, lookBytes)
			if err != nil {
				return err
			}
			if ok && r.fitsWell(line) {
				return nil
			}
			continue
		}
		if w.eof && w.pos == w.end {
			if s.partial {
				s.lines++
			}
			return nil
		}
		if err := w.fill(); err != nil && !errors.Is(err, errRecordTooLong) {
			return err
		}
	}
}

// step reads up to and with the next line end, or as far as it can see. A quote
// or carriage return needs the byte behind it, unless nothing follows.
func (s *skipper) step(text []byte) (n int, lineEnd bool) {
	r := s.r
	last := len(text)
	if !r.win.eof {
		last -= max(1, len(r.delims)) // kept for the byte before it
	}
	for n < last {
		c, follows := text[n], byte('\n')
		if n+1 < len(text) {
			follows = text[n+1]
		}
		n++
		s.partial = true
		switch {
		case r.quote != 0 && c == r.quote && s.quoted:
			if follows == r.quote {
				n++
			} else if follows == '\n' || follows == '\r' || n == len(text) || r.delimAt(text, n) > 0 {
				s.quoted = false
			}
			s.start = false
		case r.escape != 0 && r.escapes(text, n-1):
			n++
			s.start = false
		case r.quote != 0 && c == r.quote && s.start:
			s.quoted, s.start = true, false
		case c == '\n', c == '\r' && r.crEnds:
			if c == '\r' && follows == '\n' && n < len(text) {
				n++
			}
			s.lines++
			s.partial = false
			return n, true
		default:
			s.start = false
			if d := r.delimAt(text, n-1); d > 0 && !s.quoted {
				n += d - 1
				s.start = true
			}
		}
	}
	return n, false
}
