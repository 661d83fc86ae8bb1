package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/parse"
)

// dialectFlags override what is found out about a file.
type dialectFlags struct {
	Delimiter string `help:"One character, tab or none; else it is found out." placeholder:"C"`
	Encoding  string `help:"Such as windows-1252; else it is found out." placeholder:"NAME"`
}

type cleanCommand struct {
	File   string `arg:"" help:"File to read." type:"path"`
	Output string `short:"o" help:"File to write (default: standard output)." placeholder:"FILE" type:"path"`
	dialectFlags
}

func (cleanCommand) Help() string {
	return `Writes UTF-8 with commas, header first, after RFC 4180. Nothing is dropped but blank lines and what stands before the header. Needs no database.

Examples:

  bateia clean export.csv -o leads.csv
  bateia clean export.csv | head`
}

// Run rewrites a file.
func (c cleanCommand) Run(s *session) (err error) {
	in, size, err := openLocal(c.File)
	if err != nil {
		return err
	}
	defer in.Close() // read only: nothing can be lost
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
	o := parse.Options{Delimiter: c.Delimiter, Encoding: c.Encoding}
	dialect, counts, err := parse.Clean(s.ctx, in, size, o, out)
	if err != nil {
		return err
	}
	c.tell(s, dialect, counts)
	return nil
}

func (c cleanCommand) tell(s *session, d schemas.Dialect, counts parse.Counts) {
	w := s.words
	note := terminal.Output{Out: s.out.Err, Err: s.out.Err}
	note.Printf("%s\n", w.Say("written_as", "encoding", d.Encoding, "delimiter", delimiterName(w.Say("none"), d.Delimiter), "line", d.HeaderLine))
	note.Printf("%s\n", w.Say("cleaned", "rows", counts.Records, "blank", counts.Blank))
	for _, code := range slices.Sorted(maps.Keys(counts.Defects)) {
		note.Printf("  %s: %s\n", code, w.Say("rows", "count", counts.Defects[code]))
	}
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

// newFileWriter is a file that appears whole or not at all.
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
