package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// Output is where a command writes: results to Out, everything else to Err.
type Output struct {
	Out  io.Writer
	Err  io.Writer
	JSON bool // Out carries JSON documents only, one a line
}

// Document writes one JSON document on one line.
func (o Output) Document(v any) error {
	enc := json.NewEncoder(o.Out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// Printf writes for people, to Out, or to Err when Out is for JSON.
func (o Output) Printf(format string, args ...any) {
	w := o.Out
	if o.JSON {
		w = o.Err
	}
	// A closed pipe ends the program by signal; nothing else can be done here.
	_, _ = fmt.Fprintf(w, format, args...)
}

// Notef writes a remark to Err.
func (o Output) Notef(format string, args ...any) {
	_, _ = fmt.Fprintf(o.Err, format+"\n", args...)
}

// Width returns the columns of the terminal behind w, 0 when it is none.
func Width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	if size.Col == 0 {
		return 80
	}
	return int(size.Col)
}

// Table writes rows in columns. A heading that begins with > is set right; no
// heading at all is not written.
func (o Output) Table(heading []string, rows [][]string) {
	right := make([]bool, len(heading))
	head := make([]string, len(heading))
	for i, h := range heading {
		head[i], right[i] = strings.CutPrefix(h, ">")
	}
	widths := make([]int, len(head))
	all := rows
	if strings.Join(head, "") != "" {
		all = append([][]string{head}, rows...)
	}
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(Plain(cell)))
		}
	}
	for _, row := range all {
		var line strings.Builder
		for i, cell := range row {
			cell = Plain(cell)
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if right[i] {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		o.Printf("%s\n", strings.TrimRight(line.String(), " "))
	}
}

// Plain makes a text from a file safe for a terminal: control characters, which
// could move the cursor or change its title, become spaces.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}
