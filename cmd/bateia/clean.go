package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/parse"
)

// dialectFlags override what is found out about a file.
type dialectFlags struct {
	Delimiter string `help:"One or a few characters, tab or none; else it is found out." placeholder:"C"`
	Encoding  string `help:"Such as windows-1252; else it is found out." placeholder:"NAME"`
	Quote     string `help:"One character or none; else it is found out." placeholder:"C"`
	Escape    string `help:"Character before quotes inside of quotes, or none when they are doubled." placeholder:"C"`
	Comment   string `help:"What comment lines start with, or none to keep all lines." placeholder:"TEXT"`
	Header    string `help:"auto, yes (the table starts with its header), no (every line is data) or names (as no, and column_1, column_2 … are written above)." enum:"auto,yes,no,names" default:"auto"`
}

// options returns how a file is to be read.
func (f dialectFlags) options() parse.Options {
	o := parse.Options{Delimiter: f.Delimiter, Encoding: f.Encoding, Quote: f.Quote, Escape: f.Escape, Comment: f.Comment}
	switch f.Header {
	case "yes", "no":
		o.Header = f.Header
	case "names":
		o.Header, o.NameColumns = "no", true
	}
	return o
}

type cleanCommand struct {
	File   string `arg:"" help:"File to read, - for standard input." type:"path"`
	Output string `short:"o" help:"File to write (default: standard output)." placeholder:"FILE" type:"path"`
	Sheet  string `help:"Sheet of a workbook; else the first that holds a table." placeholder:"NAME"`
	dialectFlags
}

func (cleanCommand) Help() string {
	return `Writes UTF-8 with commas, header first, after RFC 4180, every row as wide as the header. Nothing is dropped but blank lines, comments and what stands above the header. Needs no database.

Rows with missing cells are filled up. Cells too many are joined where that makes the row fit its columns, else in the last column; which rows were touched is told on standard error.

A file packed by gzip, zstd or zip is unpacked, and of a workbook (.xlsx) one sheet is read.

Examples:

  bateia clean export.csv -o leads.csv
  bateia clean export.xlsx --sheet Leads -o leads.csv
  bateia clean export.csv | head
  curl … | bateia clean - -o leads.csv`
}

// Run rewrites a file.
func (c cleanCommand) Run(s *session) (err error) {
	in, size, err := c.open(s.in)
	if err != nil {
		return err
	}
	defer in.Close() // read only: nothing can be lost
	src, err := parse.Unpack(s.ctx, in, size, parse.UnpackOptions{Name: c.File, Sheet: c.Sheet})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	var out io.Writer = s.out.Out
	if c.Output != "" {
		if same(c.File, c.Output) {
			return usage(errors.New("the file to write is the file to read"))
		}
		f, err2 := newFile(c.Output)
		if err2 != nil {
			return err2
		}
		defer func() { err = f.end(err) }()
		out = f
	}
	o := c.options()
	if terminal.Width(s.out.Out) == 0 || c.Output != "" { // a bar would stand among the rows
		bar := terminal.NewProgress(s.out.Err, s.words, s.clock)
		defer bar.Close()
		o.Progress = func(n int64) {
			bar.Update(pipeline.Progress{Stage: schemas.StageParse, Bytes: n, TotalBytes: src.Size})
			if n == src.Size {
				bar.Close()
			}
		}
	}
	dialect, counts, err := parse.Clean(s.ctx, src, src.Size, src.Options(o), out)
	if err != nil {
		return err
	}
	c.tell(s, dialect, counts, src.Issues)
	return nil
}

// open opens the file, or a copy of standard input: a file is looked at in more
// than one place before it is read.
func (c cleanCommand) open(stdin io.Reader) (f *os.File, size int64, err error) {
	if c.File != "-" {
		return openLocal(c.File)
	}
	if f, err = os.CreateTemp("", "bateia-clean-"); err != nil {
		return nil, 0, fmt.Errorf("copy standard input: %w", err)
	}
	// Without a name it is gone with this process, however that ends.
	err = os.Remove(f.Name())
	if err == nil {
		size, err = io.Copy(f, stdin)
	}
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("copy standard input: %w", err)
	}
	return f, size, nil
}

// tell says what was read, what was repaired where, and what was left out.
func (c cleanCommand) tell(s *session, d schemas.Dialect, counts parse.Counts, issues []schemas.FileIssue) {
	w := s.words
	note := terminal.Output{Out: s.out.Err, Err: s.out.Err}
	note.Printf("%s\n", writtenAs(w, d))
	for _, issue := range issues {
		note.Printf("  %s: %s\n", issue.Code, schemas.Sentence(issue.Code, w.Locale, issue.Args()))
	}
	note.Printf("%s\n", w.Say("cleaned", "rows", counts.Records, "blank", counts.Blank))
	for _, code := range slices.Sorted(maps.Keys(counts.Defects)) {
		n := counts.Defects[code]
		rows := make([]string, len(n.SheetRows))
		for i, row := range n.SheetRows {
			rows[i] = w.Number(row)
		}
		text := strings.Join(rows, ", ")
		if n.Records > int64(len(rows)) {
			text += " …"
		}
		note.Printf("  %s: %s\n", code, w.Say("in_sheet_rows", "count", n.Records, "rows", text))
	}
	for _, text := range skippedTexts(w, counts.Skipped) {
		note.Printf("%s\n", text)
	}
}

// writtenAs says how a file is written.
func writtenAs(w terminal.Words, d schemas.Dialect) string {
	delimiter, key := delimiterName(w.Say("none"), d.Delimiter), "written_as"
	if d.HeaderLine == 0 {
		key = "written_bare"
	}
	text := w.Say(key, "encoding", d.Encoding, "delimiter", delimiter, "line", d.HeaderLine)
	if d.Sheet != "" {
		text = w.Say("written_sheet", "sheet", d.Sheet, "line", d.HeaderLine)
	}
	if d.Compression != "" {
		text += ", " + w.Say("written_packed", "compression", d.Compression)
	}
	return text
}

// skippedTexts says which lines were left out, a sentence for each kind, with the
// option that keeps them where there is one.
func skippedTexts(w terminal.Words, skipped []schemas.Skipped) []string {
	var out []string
	for _, kind := range []string{schemas.SkippedPreamble, schemas.SkippedComment, schemas.SkippedHeader, schemas.SkippedFooter} {
		lines, first := int64(0), int64(0)
		for _, s := range skipped {
			if s.Kind == kind {
				if lines += s.Lines; first == 0 {
					first = s.SheetRow
				}
			}
		}
		if lines > 0 {
			out = append(out, w.Say("skipped_"+kind, "count", lines, "row", first))
		}
	}
	return out
}

func openLocal(name string) (*os.File, int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, usage(fmt.Errorf("open file: %w", err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open file %s: not a regular file", name)
	}
	if err != nil {
		f.Close()
		return nil, 0, usage(err)
	}
	return f, info.Size(), nil
}

func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// outputFile is a file that appears whole or not at all.
type outputFile struct {
	*os.File
	path string
}

// newFile begins to write path, with the rights of a new file.
func newFile(path string) (*outputFile, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("write file: %w", err)
	}
	return &outputFile{f, path}, nil
}

// end moves the file into its place, unless err says that it is not whole.
func (f *outputFile) end(err error) error {
	if failed := f.Close(); err == nil {
		err = failed
	}
	if err == nil {
		// It holds people's data: nobody else needs to read it.
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		os.Remove(f.Name()) // the first error is the one to tell
	}
	return err
}
