package spreadsheet

import (
	"bufio"
	"io"
	"strings"
)

// CSV writes one table as CSV for people: UTF-8 with BOM, CRLF, every cell guarded
// (see Guard).
type CSV struct {
	out       *bufio.Writer
	delimiter byte
}

// NewCSV writes the header. The delimiter is one byte.
func NewCSV(w io.Writer, header []string, delimiter byte) (*CSV, error) {
	c := &CSV{out: bufio.NewWriterSize(w, 64<<10), delimiter: delimiter}
	if _, err := c.out.WriteString("\ufeff"); err != nil {
		return nil, err
	}
	return c, c.Add(header)
}

// Add guards and writes one row. encoding/csv is no help here: with CRLF it rewrites
// the line breaks inside cells too.
func (c *CSV) Add(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			c.out.WriteByte(c.delimiter)
		}
		cell = Guard(cell)
		if !c.quoted(cell) {
			c.out.WriteString(cell)
			continue
		}
		c.out.WriteByte('"')
		c.out.WriteString(strings.ReplaceAll(cell, `"`, `""`))
		c.out.WriteByte('"')
	}
	_, err := c.out.WriteString("\r\n") // bufio keeps the first error
	return err
}

// Close writes what is still in memory; it does not close the writer below.
func (c *CSV) Close() error { return c.out.Flush() }

func (c *CSV) quoted(cell string) bool {
	if cell == "" {
		return false
	}
	// Readers guess the delimiter, so every usual one is quoted; so are blanks at
	// the ends, which some of them drop.
	return strings.ContainsAny(cell, "\",;\t|\r\n") || strings.IndexByte(cell, c.delimiter) >= 0 ||
		cell[0] == ' ' || cell[len(cell)-1] == ' '
}
