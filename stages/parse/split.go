package parse

import "bytes"

// syntax is how the text of a file is split. Its one-byte form is what scan is
// made for: delim alone, no escape.
type syntax struct {
	delim  byte   // the first byte of the delimiter, '\n' in a file of one column
	delims []byte // the whole delimiter
	quote  byte   // 0 when cells are not quoted
	escape byte   // 0 when quotes in cells are doubled
	crEnds bool   // a carriage return alone ends a line
}

// newSyntax returns the syntax of a delimiter, "" for one column, and a quote.
func newSyntax(delim string, quote, escape byte, crEnds bool) syntax {
	s := syntax{delim: '\n', quote: quote, escape: escape, crEnds: crEnds}
	if delim != "" {
		s.delim, s.delims = delim[0], []byte(delim)
	}
	return s
}

// plain reports whether scan can read the syntax.
func (d *syntax) plain() bool { return len(d.delims) < 2 && d.escape == 0 }

// manner is how a quote inside a quoted cell is read when neither a quote, nor
// the delimiter, nor the end of the line follows it.
type manner uint8

const (
	asText manner = iota // it is text, and the cell goes on quoted
	asEnd                // it ends the quoting, and the cell goes on unquoted
)

// reading is what came of splitting a piece of text.
type reading struct {
	cells  int
	end    int  // behind the text read and its line end
	ended  bool // a line end was read
	quoted bool // some cell was quoted
	open   bool // the text ended inside a quoted cell
	from   int  // where that cell's text starts
	loose  bool // a quoted cell held a lone quote
	bare   bool // unquoted text held a quote
}

// splitter reads one record into a builder, or only counts when that is nil.
type splitter struct {
	*syntax
	b      *builder
	text   []byte
	how    manner
	got    reading
	done   bool
	strict bool // stop at what is not well-formed
	// opened counts the quotes that opened a cell; the one numbered plain is
	// read as text instead.
	opened, plain int
}

// split reads one record from the start of text, and into b when it is not nil.
// It ends at the first line end outside of quotes. It is what scan is for every
// syntax and for text that is not well-formed.
func (d *syntax) split(b *builder, text []byte, how manner) reading {
	s := splitter{syntax: d, b: b, text: text, how: how, plain: -1}
	return s.run()
}

// splitStrict is split that stops at the first quote that is not well-formed: what
// is behind it may be the rest of the object.
func (d *syntax) splitStrict(b *builder, text []byte) reading {
	s := splitter{syntax: d, b: b, text: text, plain: -1, strict: true}
	return s.run()
}

// splitPlain is split with the n-th quote that opens a cell read as text.
func (d *syntax) splitPlain(b *builder, text []byte, n int) reading {
	s := splitter{syntax: d, b: b, text: text, plain: n}
	return s.run()
}

func (s *splitter) run() reading {
	d, b, text := s.syntax, s.b, s.text
	for i := 0; !s.done; {
		s.got.cells++
		if d.quote != 0 && i < len(text) && text[i] == d.quote && s.opens() {
			s.got.quoted, s.got.from = true, i+1
			i = s.quotedCell(i + 1)
		}
		if !s.got.open && !s.done {
			i = s.plainCell(i)
		}
		if b != nil {
			b.endCell()
		}
		s.got.end = i
	}
	return s.got
}

// opens counts a quote at the start of a cell and reports whether it opens it.
func (s *splitter) opens() bool {
	s.opened++
	return s.opened-1 != s.plain
}

func (s *splitter) add(piece []byte) {
	if s.b != nil {
		s.b.room(len(piece))
		s.b.n += copy(s.b.text[s.b.n:], piece)
	}
}

// quotedCell reads the quoted part of a cell whose text starts at i and returns
// where it ended.
func (s *splitter) quotedCell(i int) int {
	text := s.text
	for {
		j := bytes.IndexByte(text[i:], s.quote)
		if s.escape != 0 {
			if e := bytes.IndexByte(text[i:], s.escape); e >= 0 && (e < j || j < 0) {
				s.add(text[i : i+e])
				i += e
				if s.escapes(text, i) {
					i++
				}
				s.add(text[i:min(i+1, len(text))])
				i = min(i+1, len(text))
				continue
			}
		}
		if j < 0 {
			s.add(text[i:])
			s.got.open, s.done = true, true
			return len(text)
		}
		s.add(text[i : i+j])
		i += j + 1
		if i < len(text) && text[i] == s.quote {
			s.add(text[i : i+1])
			i++
			continue
		}
		if i == len(text) || text[i] == '\n' || text[i] == '\r' || s.delimAt(text, i) > 0 {
			return i
		}
		if end := s.blanks(i); end > 0 {
			return end
		}
		s.got.loose = true
		if s.strict {
			s.done = true
			return i
		}
		if s.how == asEnd {
			return i
		}
		s.add(text[i-1 : i])
	}
}

// blanks returns where the delimiter or line end stands behind nothing but
// blanks from i, else 0: behind a closing quote they mean nothing.
func (s *splitter) blanks(i int) int {
	for j := i; ; j++ {
		switch {
		case j == len(s.text), s.text[j] == '\n', s.text[j] == '\r', s.delimAt(s.text, j) > 0:
			return j
		case s.text[j] != ' ' && s.text[j] != '\t':
			return 0
		}
	}
}

// plainCell reads the unquoted part of a cell from i and the delimiter or line
// end behind it, and returns where the next one starts.
func (s *splitter) plainCell(i int) (next int) {
	text := s.text
	for j := i; ; j++ {
		if j == len(text) || text[j] == '\n' || (s.crEnds && text[j] == '\r') {
			s.add(bytes.TrimRight(text[i:j], "\r"))
			s.done = true
			if j == len(text) {
				return j
			}
			s.got.ended = true
			if text[j] == '\r' && j+1 < len(text) && text[j+1] == '\n' {
				j++
			}
			return j + 1
		}
		if s.quote != 0 && text[j] == s.quote {
			s.got.bare = true
		}
		if s.escape != 0 && s.escapes(text, j) {
			s.add(text[i:j])
			j++
			i = j
			continue
		}
		if n := s.delimAt(text, j); n > 0 {
			s.add(text[i:j])
			return j + n
		}
	}
}

// escapes reports whether the byte at i is an escape and takes the meaning from
// the one behind it. Before an ordinary character it is text: paths are full of
// it.
func (d *syntax) escapes(text []byte, i int) bool {
	if text[i] != d.escape || i+1 >= len(text) {
		return false
	}
	c := text[i+1]
	return c == d.escape || c == d.quote || d.delimAt(text, i+1) > 0
}

// delimAt returns the length of the delimiter that starts at i, else 0.
func (d *syntax) delimAt(text []byte, i int) int {
	if text[i] == d.delim && (len(d.delims) < 2 || bytes.HasPrefix(text[i:], d.delims)) {
		return len(d.delims)
	}
	return 0
}
