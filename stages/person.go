package stages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/erase"
	"github.com/bateia/bateia/stages/parse"
)

// FindPerson reads a file as an import does and looks for a person in its records
// and between them. A file that an import would refuse is looked through line by
// line.
func FindPerson(ctx context.Context, f pipeline.SearchFile, p schemas.Person) (pipeline.Search, error) {
	var out pipeline.Search
	file, err := os.Open(f.Path)
	if err != nil {
		return out, fmt.Errorf("open file: %w", err)
	}
	defer file.Close() // read only: nothing can be lost
	info, err := file.Stat()
	if err != nil {
		return out, fmt.Errorf("stat file: %w", err)
	}
	area := f.Options.DefaultAreaCode
	if area == "" {
		area = f.AreaCode
	}
	s := &search{matcher: erase.New(p, area), src: file, size: info.Size()}
	err = s.file(ctx, f, file, &out)
	out.Stretches, out.Dialect = s.found, s.dialect
	return out, err
}

// file looks through the text of a file, and through the other sheets of a workbook.
func (s *search) file(ctx context.Context, f pipeline.SearchFile, file *os.File, out *pipeline.Search) error {
	const unlimited = 1 << 50 // its length was judged when it was imported
	o := parse.UnpackOptions{Name: f.Name, Dir: f.Dir, MaxBytes: unlimited, Sheet: f.Options.Sheet}
	text, err := parse.Unpack(ctx, file, s.size, o)
	if _, refused := parse.Refusal(err); refused {
		out.Unread = opaque(file)
		return s.lines(ctx, 0, s.size)
	}
	if err != nil {
		return err
	}
	defer text.Close() // a folder that stays on scratch is found by purge
	size := s.size
	out.Packed = text.Compression != "" || text.Sheet != ""
	if err := s.text(ctx, text, f, out, file); err != nil {
		return err
	}
	if text.Sheet == "" {
		return nil
	}
	// A sheet that no workbook has is refused with the names of those that it has.
	o.Sheet = "\x00"
	_, err = parse.Unpack(ctx, file, size, o)
	issue, _ := parse.Refusal(err)
	for _, name := range issue.Names {
		if name == text.Sheet {
			continue
		}
		o.Sheet = name
		sheet, err := parse.Unpack(ctx, file, size, o)
		if _, refused := parse.Refusal(err); refused {
			continue
		}
		if err != nil {
			return err
		}
		s.src, s.size = sheet, sheet.Size
		if err := errors.Join(s.lines(ctx, 0, sheet.Size), sheet.Close()); err != nil {
			return err
		}
	}
	return nil
}

// text looks through a text record by record, or, when an import would refuse it,
// line by line.
func (s *search) text(ctx context.Context, text *parse.Unpacked, f pipeline.SearchFile, out *pipeline.Search, file *os.File) error {
	s.src, s.size = text, text.Size
	r, err := parse.Open(text, text.Size, text.Options(parse.OptionsOf(f.Options)))
	if _, refused := parse.Refusal(err); refused {
		out.Unread = !out.Packed && opaque(file)
		return s.lines(ctx, 0, s.size)
	}
	if err != nil {
		return err
	}
	s.dialect = r.Dialect()
	return s.records(ctx, r)
}

// opaque reports whether a file is none that can be looked into: an archive of several
// files, an old workbook, a document.
func opaque(file *os.File) bool {
	var start [512]byte
	n, err := file.ReadAt(start[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return true
	}
	for _, magic := range []string{"PK\x03\x04", "\x1f\x8b", "\x28\xb5\x2f\xfd", "\xd0\xcf\x11\xe0", "%PDF"} {
		if bytes.HasPrefix(start[:n], []byte(magic)) {
			return true
		}
	}
	return false
}

// Redact overwrites stretches of a plain file that lies at path, in place.
func Redact(path string, d schemas.Dialect, stretches []pipeline.Stretch) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, s := range stretches {
		b := make([]byte, s.Length)
		n, err := f.ReadAt(b, s.Offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read file: %w", err)
		}
		erase.Redact(b[:n], d)
		if _, err := f.WriteAt(b[:n], s.Offset); err != nil {
			return fmt.Errorf("overwrite row: %w", err)
		}
	}
	return nil
}

// SaysPerson returns what reports whether a text that is no file, such as a file's
// name, speaks of a person. It is used by one goroutine.
func SaysPerson(p schemas.Person) func(text string) bool {
	m := erase.New(p, "")
	return func(text string) bool { return m.Line(text) != erase.None }
}

// search looks through one text.
type search struct {
	matcher *erase.Matcher
	src     io.ReaderAt
	size    int64
	dialect schemas.Dialect
	found   []pipeline.Stretch
}

// records looks through the records of a reader, and through what lies between
// them.
func (s *search) records(ctx context.Context, r *parse.Reader) error {
	end := int64(0)
	for b, err := range r.Batches(ctx, memory.DefaultAllocator) {
		if _, refused := parse.Refusal(err); refused {
			break // nothing but a header
		}
		if err != nil {
			return err
		}
		if end, err = s.batch(ctx, b, end); err != nil {
			return err
		}
	}
	return s.lines(ctx, end, s.size)
}

func (s *search) batch(ctx context.Context, b arrow.RecordBatch, end int64) (int64, error) {
	integers := func(i int) *array.Int64 { return b.Column(i).(*array.Int64) }
	row, offset, length := integers(0), integers(3), integers(4)
	list := b.Column(6).(*array.List)
	texts := list.ListValues().(*array.String)
	var cells []string
	for i := range int(b.NumRows()) {
		if at := offset.Value(i); at > end {
			if err := s.lines(ctx, end, at); err != nil {
				return end, err
			}
		}
		lo, hi := list.ValueOffsets(i)
		cells = cells[:0]
		for n := lo; n < hi; n++ {
			cells = append(cells, texts.Value(int(n)))
		}
		if match := s.matcher.Cells(cells); match != erase.None {
			s.found = append(s.found, pipeline.Stretch{Row: row.Value(i), Offset: offset.Value(i), Length: length.Value(i), NameOnly: match == erase.Name})
		}
		end = offset.Value(i) + length.Value(i)
	}
	return end, nil
}

// lineChunk is how much is read at once of what is no record.
const lineChunk = 1 << 20

// lines looks through a part of the text that holds no records, line by line. A line
// longer than lineChunk is looked through in parts.
func (s *search) lines(ctx context.Context, from, to int64) error {
	encoding := s.dialect.Encoding
	for from < to {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk := make([]byte, min(lineChunk, to-from))
		n, err := s.src.ReadAt(chunk, from)
		if n == 0 && err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read text: %w", err)
		}
		if n == 0 {
			return nil
		}
		chunk = chunk[:n]
		if encoding == "" {
			encoding = erase.Guess(chunk)
			s.dialect.Encoding = encoding
		}
		if end := bytes.LastIndexByte(chunk, '\n'); end >= 0 && from+int64(n) < to {
			chunk = chunk[:end+1]
			// The other bytes of a wide line feed.
			for len(chunk)%4 != 0 && encoding != "utf-8" && len(chunk) < n {
				chunk = chunk[:len(chunk)+1]
			}
		}
		s.chunk(chunk, from, encoding)
		from += int64(len(chunk))
	}
	return nil
}

func (s *search) chunk(chunk []byte, from int64, encoding string) {
	for at := 0; at < len(chunk); {
		end := len(chunk)
		if i := bytes.IndexByte(chunk[at:], '\n'); i >= 0 {
			end = at + i + 1
			for end < len(chunk) && chunk[end] == 0 {
				end++
			}
		}
		if match := s.matcher.Line(erase.Text(chunk[at:end], encoding)); match != erase.None {
			s.found = append(s.found, pipeline.Stretch{Offset: from + int64(at), Length: int64(end - at), NameOnly: match == erase.Name})
		}
		at = end
	}
}
