package parse

import "bytes"

// formatter writes records.
type formatter struct {
	delim byte
	width int // every record has at least so many cells
	cells int
	line  []byte
}

// cell appends a cell, in quotes when it would be read as something else
// without them.
func (f *formatter) cell(c []byte) {
	if f.cells > 0 {
		f.line = append(f.line, f.delim)
	}
	f.cells++
	if !f.needsQuotes(c) {
		f.line = append(f.line, c...)
		return
	}
	f.line = append(f.line, '"')
	for _, ch := range c {
		if ch == '"' {
			f.line = append(f.line, '"')
		}
		f.line = append(f.line, ch)
	}
	f.line = append(f.line, '"')
}

func (f *formatter) needsQuotes(c []byte) bool {
	if len(c) == 0 {
		return f.width == 1 // else the line would be blank
	}
	if c[0] == ' ' || c[0] == '\t' || c[len(c)-1] == ' ' || c[len(c)-1] == '\t' {
		return true
	}
	if bytes.HasPrefix(c, []byte("\uFEFF")) {
		return true // at the start of a file it would be its mark
	}
	// A line of nothing but NUL would be blank, and one of Ctrl-Z the end of the file.
	for _, ch := range c {
		if ch == f.delim || ch == '"' || ch == '\n' || ch == '\r' || ch == 0 || ch == 0x1a {
			return true
		}
	}
	return false
}

// end pads the record, ends its line and returns it, valid until the next cell.
func (f *formatter) end() []byte {
	for f.cells < f.width {
		f.cell(nil)
	}
	line := append(f.line, '\r', '\n')
	f.line, f.cells = line[:0], 0
	return line
}
