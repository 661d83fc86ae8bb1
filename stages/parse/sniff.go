package parse

import (
	"bytes"
	"math"

	"github.com/bateia/bateia/schemas"
)

// layout is what a sample says about a file.
type layout struct {
	syntax
	delimiter  string
	confidence float64
	header     int    // where in the sample the header starts
	headerMore int    // further rows of the header below its first one
	noHeader   bool   // the table starts with data
	width      int    // cells of most records
	comment    []byte // prefix of the lines that are comments, nil when there are none
	evidence   schemas.DialectEvidence
}

// layout decides over the sample of an object behind a line sep= of length skip.
// Options overrule it.
func (o Options) layout(text []byte, skip int, whole, crEnds bool, asked asked) (layout, error) {
	text = text[skip:]
	from := 0
	if o.HeaderLine > 0 {
		lines := o.HeaderLine - 1
		if skip > 0 {
			lines--
		}
		if from = lineStart(text, lines, crEnds); from < 0 {
			return layout{}, badOption("header_line", "Give a line near the start of the file, counted from 1.")
		}
	}
	l := sniff(text[from:], whole, crEnds, asked)
	switch {
	case o.HeaderLine > 0:
		l.noHeader, l.header, l.headerMore = false, from, 0
	case o.Header == "yes":
		l.noHeader, l.headerMore = false, 0
	case o.Header == "no":
		l.noHeader, l.header, l.headerMore = true, 0, 0
	}
	if l.headerMore > 0 && !l.noHeader {
		l.evidence.HeaderRows = 1 + l.headerMore
	}
	return l, nil
}

// lineStart returns where a physical line starts behind so many others, -1 when
// there are not so many.
func lineStart(text []byte, lines int64, crEnds bool) int {
	end := byte('\n')
	if crEnds {
		end = '\r'
	}
	at := 0
	for ; lines > 0; lines-- {
		i := bytes.IndexByte(text[at:], end)
		if i < 0 {
			return -1
		}
		if at += i + 1; at == len(text) {
			return -1
		}
	}
	return at
}

// delimiters are the candidates and how much more a table needs to show when a
// character is common in running text or in values.
var delimiters = []struct {
	text  string
	prior float64
}{
	{",", 1}, {";", 1}, {"\t", 1}, {"|", 1}, {"||", 1}, {"::", 0.7}, {"^", 0.95}, {"~", 0.95}, {":", 0.5}, {" ", 0.35},
	{"\x1e", 0.9}, {"\x1f", 0.9}, {"!", 0.5}, {"?", 0.5}, {"#", 0.5}, {"*", 0.5}, {"+", 0.5}, {"&", 0.5}, {"=", 0.4},
}

// sniff decides over the syntax of a sample: every delimiter, quote and escape
// that occurs is tried, and the one wins by which most records have one shape
// with as many cells as possible that look like values of one kind.
func sniff(text []byte, whole, crEnds bool, asked asked) layout {
	best, second := candidate{score: -1}, candidate{score: -1}
	for _, s := range candidates(text, crEnds, asked) {
		c := try(s, text, whole, asked.parts)
		if c.score > best.score {
			if !bytes.Equal(c.delims, best.delims) {
				second = best
			}
			best = c
		} else if c.score > second.score && !bytes.Equal(c.delims, best.delims) {
			second = c
		}
	}
	l := layout{syntax: best.syntax, delimiter: string(best.delims), confidence: 1}
	if best.score > 0 && second.score > 0 {
		l.confidence = math.Round(100*best.score/(best.score+second.score)) / 100
	}
	l.width = best.width
	l.evidence = schemas.DialectEvidence{
		Records: int64(best.tally.body), Shaped: int64(best.tally.same), RunnerUp: string(second.delims),
		Typed: math.Round(100*best.tally.typed/float64(max(1, best.tally.filled))) / 100,
	}
	best.table(&l, text, asked.keep)
	return l
}

// candidate is one syntax and what it makes of the sample.
type candidate struct {
	syntax
	sample
	tally tally // of the rows from the first of the table's width on
	width int   // cells of most records
	first int   // index of the first row of that width
	score float64
}

// possible is a syntax to try.
type possible struct {
	syntax
	prior float64
	weak  bool // needs more than two records of one shape
}

// candidates lists what may be the syntax of text.
func candidates(text []byte, crEnds bool, asked asked) []possible {
	quotes := []byte{'"'}
	switch {
	case asked.quoteOK:
		quotes = []byte{asked.quote}
	case usesSingleQuotes(text):
		quotes = append(quotes, '\'')
	}
	var out []possible
	add := func(delim string, prior float64) {
		weak := prior <= 0.5
		for _, q := range quotes {
			if delim != "" && delim[0] == q {
				continue
			}
			if q == '\'' {
				prior *= 0.98
			}
			switch {
			case asked.escapeOK:
				out = append(out, possible{newSyntax(delim, q, asked.escape, crEnds), prior, weak})
			default:
				out = append(out, possible{newSyntax(delim, q, 0, crEnds), prior, weak})
				if q != 0 && bytes.Contains(text, []byte{'\\', q}) {
					out = append(out, possible{newSyntax(delim, q, '\\', crEnds), 0.98 * prior, weak})
				}
			}
		}
	}
	if asked.delimOK {
		add(asked.delim, 1)
		return out
	}
	add("", 1)
	for _, d := range delimiters {
		n := bytes.Count(text, []byte(d.text))
		if n == 0 || (d.text == "|" && bytes.Count(text, []byte("||"))*2 == n) {
			continue // it only occurs doubled: that is the delimiter
		}
		add(d.text, d.prior)
		// Quotes behind a blank open a cell only when the blank is part of the
		// delimiter.
		if wide := d.text + " "; d.text != " " && bytes.Contains(text, []byte(wide+`"`)) {
			add(wide, d.prior)
		}
	}
	return out
}

// usesSingleQuotes reports whether single quotes stand around whole cells
// somewhere, rather than in names like D'Ávila only.
func usesSingleQuotes(text []byte) bool {
	pairs := 0
	for i, c := range text {
		if c != '\'' {
			continue
		}
		before := i == 0 || !isWord(text[i-1])
		behind := i+1 == len(text) || !isWord(text[i+1])
		if before != behind {
			pairs++
		}
		if pairs >= 4 {
			return true
		}
	}
	return false
}

func isWord(c byte) bool {
	return c >= 0x80 || c == '\'' || (c >= '0' && c <= '9') || (c|0x20 >= 'a' && c|0x20 <= 'z')
}

// tally is what the rows of a sample add up to.
type tally struct {
	body, same, filled int
	broken, loose      int
	typed              float64
}

func (t *tally) add(rows []sampleRow, width int) {
	for _, r := range rows {
		if r.hash && r.width != width {
			continue
		}
		t.body++
		if r.broken {
			t.broken++
		} else if r.loose {
			t.loose++
		}
		if r.width == width {
			t.same++
		}
		t.filled += r.filled
		t.typed += r.typed
	}
}

// try splits the sample by one syntax and scores what comes out. The score
// follows the idea of van den Burg, Nazábal and Sutton (Wrangling messy CSV files
// by detecting row and type patterns, 2019), a pattern score times a type score,
// with the table uniformity of García (2024) in place of their pattern score:
// one frequent row pattern counts, not the number of patterns. The width of the
// table is that of the start of the object; parts from further behind count for
// how well the rows keep to it.
func try(s possible, text []byte, whole bool, parts [][]byte) candidate {
	c := candidate{syntax: s.syntax, sample: takeSample(&s.syntax, text, whole, sampleRows)}
	if len(c.rows) == 0 {
		return c
	}
	c.findWidth()
	t := &c.tally
	t.add(c.rows[c.first:], c.width)
	for _, p := range parts {
		further := takeSample(&s.syntax, p, false, partRows)
		t.add(further.rows, c.width)
	}
	share := float64(t.same) / float64(t.body)
	gain := c.loneGain(text)
	if c.width > 1 {
		gain = 1 - 1/float64(c.width)
	}
	if s.weak && (t.body < 3 || share < 0.8) {
		return c
	}
	c.score = share * share * gain * (0.01 + t.typed/float64(max(1, t.filled)))
	c.score *= 1 - (0.5*float64(t.broken)+0.1*float64(t.loose))/float64(t.body)
	c.score *= c.doubt() * s.prior
	for _, row := range []int{0, c.first} {
		if n := c.recognized(text, row); n >= 2 && n*2 >= c.rows[row].filled {
			c.score *= 1.2 // names of fields do not fall apart like this by chance
			break
		}
	}
	return c
}

// loneGain is what one column is worth: little, because text that is not split
// always is one, unless the lines are values as such, which other delimiters
// would tear apart.
func (c *candidate) loneGain(text []byte) float64 {
	if c.width > 1 || len(c.delims) > 0 {
		return 0.05
	}
	whole, commas := 0, 0
	for i, r := range c.rows {
		line, _, _ := bytes.Cut(text[r.start:], []byte{'\n'})
		line = bytes.TrimSpace(line)
		switch {
		case isWhole(line):
			whole++
		case isCommaNumber(line) && i > 0:
			commas++
		}
	}
	switch rest := len(c.rows) - whole; {
	case whole > 0 && rest <= 1+len(c.rows)/10:
		return 0.6
	case commas > 1 && len(c.rows)-commas == 1:
		return 0.9 // a name and amounts below it
	}
	return 0.05
}

// findWidth finds the most frequent number of cells and where it starts.
func (c *candidate) findWidth() {
	count := map[int]int{}
	for _, r := range c.rows {
		if !r.hash {
			count[r.width]++
		}
	}
	if len(count) == 0 { // nothing but lines with #
		for _, r := range c.rows {
			count[r.width]++
		}
	}
	// Of equally frequent ones the first row's counts, unless it has one cell as
	// a title has: then the widest.
	c.width = c.rows[0].width
	for _, r := range c.rows {
		if n := count[r.width]; n > count[c.width] || (n == count[c.width] && c.rows[0].width == 1 && r.width > c.width) {
			c.width = r.width
		}
	}
	for c.rows[c.first].width != c.width {
		c.first++
	}
}

// doubt lowers the score of what may be running text: rows of fewer cells come
// first, or a blank follows the delimiter as it does in a sentence.
func (c *candidate) doubt() float64 {
	if c.width < 2 {
		return 1
	}
	before := 0
	for _, r := range c.rows[:c.first] {
		if !r.hash {
			before++
		}
	}
	f := 1.0
	if c.hollow*10 > c.odd*9 && len(c.delims) == 1 && (c.delim == '|' || c.delim == ':') {
		f = 0.2 // the delimiter is the doubled one
	}
	prose := c.seps > 0 && c.spaced*10 > c.seps*8
	if before > 0 {
		f *= math.Pow(0.85, float64(min(before, 4)))
		if after := len(c.rows) - c.first; after < 2*before {
			f *= 0.5
		}
		if prose {
			f *= 0.1
		}
	}
	if c.seps == 0 { // all of them between quoted cells: no doubt
		return f
	}
	if c.delim == ' ' && c.quoted == 0 && c.width < 3 {
		f *= 0.3
	}
	return f
}
