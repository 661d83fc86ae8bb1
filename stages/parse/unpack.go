package parse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

const (
	// bombGrace bytes may be unpacked whatever the ratio: an export with a line
	// of thirty delimiters for each of the 1,048,576 rows of a sheet packs a
	// thousand to one, and is no attack.
	bombGrace = 32 << 20
	// bombRatio is how many bytes one packed byte may become beyond that. Lists
	// of people pack three to thirty to one; deflate reaches 1032, zstd far more,
	// and only by repeating itself.
	bombRatio = 200
	// defaultUnpacked is what UnpackOptions.MaxBytes is when it is zero: the
	// default of accounts.
	defaultUnpacked = 5 << 30
)

// Compressions that Unpacked.Compression names.
const (
	compressionGzip = "gzip"
	compressionZstd = "zstd"
	compressionZip  = "zip"
)

// UnpackOptions say what may be unpacked, and where to.
type UnpackOptions struct {
	// Name is what people call the file. Content decides what it is; the name
	// only tells a workbook from one that somebody renamed to .csv.
	Name string
	// Dir is an existing folder for what is unpacked, "" the system's.
	Dir string
	// MaxBytes is the most text that a file may unpack to, default 5 GiB.
	MaxBytes int64
	// Sheet is the sheet of a workbook to read, "" the first that holds a table.
	Sheet string
}

// Unpacked is a file as it is read: itself, or what was packed in it. Open and
// Clean take it as source together with what Options returns. Byte offsets of
// the records count in the unpacked text.
type Unpacked struct {
	io.ReaderAt
	Size        int64               // of the text, in bytes
	Compression string              // gzip, zstd or zip, "" for a file that was not compressed
	Sheet       string              // of a workbook, "" for any other file
	Issues      []schemas.FileIssue // warnings about what a workbook holds and is not read

	workbook bool
	file     *os.File // nil when nothing was packed
}

// Unpack looks at the file of size bytes behind src, which stays open and is
// read by the result, too. When the content is gzip (also of several members),
// zstd or a zip of one file, it is unpacked to a file in o.Dir; a workbook
// (.xlsx, .xlsm) is written there as CSV, one record per sheet row. Everything
// else is left as it is, for Open to judge.
//
// It fails with a *pipeline.Error that refuses the file: FILE_TOO_LARGE when
// the text is longer than o.MaxBytes, FILE_BOMB for a text of suspicious length
// or archives in archives, FILE_TRUNCATED for what breaks off, fails its
// checksum or has rubbish behind it, FILE_NOT_CSV for archives of several files,
// encrypted ones and workbooks named as text, SHEET_UNKNOWN. Nothing that was
// unpacked in part is ever handed on. A file cut exactly between two gzip members
// or zstd frames is whole by itself; that cannot be seen. Other errors are those
// of src and of the folder. The caller closes the result.
func Unpack(ctx context.Context, src io.ReaderAt, size int64, o UnpackOptions) (*Unpacked, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultUnpacked
	}
	head, err := headOf(src, size)
	if err != nil {
		return nil, err
	}
	u := &Unpacked{ReaderAt: src, Size: size}
	kind := packing(head)
	if kind == compressionZip {
		// A workbook is a zip archive, too.
		a, err := openArchive(src, size, head)
		if err != nil {
			return nil, renamed(head, o.Name, err)
		}
		if a.workbook {
			return u, u.readWorkbook(ctx, a, o)
		}
	}
	if kind == "" {
		return u, refuseCompound(src, size, head)
	}
	if err := u.inflate(ctx, kind, head, o); err != nil {
		return nil, errors.Join(err, u.Close())
	}
	return u, nil
}

// inflate replaces what u reads by its unpacked content.
func (u *Unpacked) inflate(ctx context.Context, kind string, head []byte, o UnpackOptions) (err error) {
	inner := strings.TrimSuffix(o.Name, path.Ext(o.Name))
	out := newSink(ctx, o.MaxBytes, u.Size)
	var write func(w io.Writer) error
	src, size := u.ReaderAt, u.Size
	switch kind {
	case compressionGzip:
		write = func(w io.Writer) error { return gunzip(bufio.NewReaderSize(section(src, size), readAhead), w) }
	case compressionZstd:
		write = func(w io.Writer) error { return unzstd(section(src, size), w) }
	default:
		a, err := openArchive(src, size, head)
		if err != nil {
			return err
		}
		one, err := a.single()
		if err != nil {
			return err
		}
		inner = one.Name
		write = func(w io.Writer) error { return a.extract(one, w) }
	}
	if err := u.spill(o.Dir, out, write); err != nil {
		return err
	}
	u.Compression = kind
	if head, err = headOf(u, u.Size); err != nil {
		return err
	}
	if packing(head) != compressionZip {
		return refuseNested(head)
	}
	a, err := openArchive(u, u.Size, head)
	if err != nil {
		return renamed(head, inner, err)
	}
	if !a.workbook {
		return refuseNested(head)
	}
	o.Name = inner
	return u.readWorkbook(ctx, a, o)
}

// readWorkbook replaces the workbook that u reads by the text of one sheet.
func (u *Unpacked) readWorkbook(ctx context.Context, a *archive, o UnpackOptions) error {
	if namedText(o.Name) {
		return notCSV(formatWorkbook)
	}
	packed := u.file
	book, err := openWorkbook(ctx, a, o)
	if err != nil {
		return err
	}
	defer book.close()
	if err := u.spillSheet(ctx, book, o); err != nil {
		return err
	}
	if packed != nil {
		return discard(packed)
	}
	return nil
}

// spill writes to a new file in dir, which u reads from now on.
func (u *Unpacked) spill(dir string, out *sink, write func(io.Writer) error) error {
	f, err := os.CreateTemp(dir, "unpacked-")
	if err != nil {
		return fmt.Errorf("create unpacked file: %w", err)
	}
	out.w = bufio.NewWriterSize(f, readAhead)
	err = write(out)
	if err == nil {
		err = out.w.Flush()
	}
	if err != nil {
		return errors.Join(scratchError(err), discard(f))
	}
	u.ReaderAt, u.Size, u.file = f, out.n, f
	return nil
}

// Options returns o with what is known of the text: a sheet was written by this
// package and needs no finding out.
func (u *Unpacked) Options(o Options) Options {
	o.unpacked = u
	if u.workbook {
		o.Delimiter, o.Quote, o.Escape, o.Comment, o.Encoding = ",", `"`, "none", "none", utf8Name
	}
	return o
}

// isSheet reports whether the text was a sheet of a workbook.
func (u *Unpacked) isSheet() bool { return u != nil && u.workbook }

// describe adds to a dialect what unpacking found out.
func (u *Unpacked) describe(d *schemas.Dialect) {
	if u == nil {
		return
	}
	d.Compression, d.Sheet = u.Compression, u.Sheet
	if u.workbook {
		d.Encoding = workbookName
	}
}

// Close removes what was unpacked.
func (u *Unpacked) Close() error {
	if u == nil || u.file == nil {
		return nil
	}
	f := u.file
	u.file = nil
	return discard(f)
}

func discard(f *os.File) error { return errors.Join(f.Close(), os.Remove(f.Name())) }

// readAhead is how much is read and written at once.
const readAhead = 128 << 10

func section(src io.ReaderAt, size int64) *io.SectionReader { return io.NewSectionReader(src, 0, size) }

// headOf returns the first bytes of a file.
func headOf(src io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(size, 4<<10))
	if n, err := src.ReadAt(head, 0); n < len(head) {
		if err == nil || errors.Is(err, io.EOF) {
			return nil, pipeline.Reject(CodeTruncated, "read file")
		}
		return nil, fmt.Errorf("read object: %w", err)
	}
	return head, nil
}

// packing tells by its first bytes how a file is packed, "" for not at all.
func packing(head []byte) string {
	has := func(magic string) bool { return strings.HasPrefix(string(head[:min(len(head), 8)]), magic) }
	switch {
	case has("\x1F\x8B"):
		return compressionGzip
	case has("\x28\xB5\x2F\xFD"), len(head) >= 4 && head[0]&0xF0 == 0x50 && string(head[1:4]) == "\x2A\x4D\x18":
		return compressionZstd // the second is a frame to skip, which parallel packers write first
	case has("PK\x03\x04"), has("PK\x05\x06"):
		return compressionZip
	}
	return ""
}

// namedText reports whether a name says that the file is text.
func namedText(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".txt", ".tsv", ".tab":
		return true
	}
	return false
}

// renamed returns the refusal of a workbook that is named as text instead of
// err, which says that it cannot be opened.
func renamed(head []byte, name string, err error) error {
	if pipeline.CodeOf(err) == CodeTruncated && namedText(name) && zipDocument(string(head)) == formatWorkbook {
		return notCSV(formatWorkbook)
	}
	return err
}

// sink counts what is unpacked and stops when it is too much.
type sink struct {
	ctx       context.Context
	w         *bufio.Writer
	n         int64
	max, size int64 // most bytes, and bytes of the packed file
}

func newSink(ctx context.Context, most, packed int64) *sink {
	return &sink{ctx: ctx, max: most, size: packed}
}

// Write implements io.Writer.
func (s *sink) Write(p []byte) (int, error) {
	if err := s.grow(len(p)); err != nil {
		return 0, err
	}
	return s.w.Write(p)
}

// grow counts n more bytes.
func (s *sink) grow(n int) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	s.n += int64(n)
	bomb := s.n > bombRatio*s.size
	switch {
	case s.n > s.max && !bomb:
		return refusal(CodeTooLarge, "> "+sizeText(s.max))
	case s.n > s.max, bomb && s.n > bombGrace:
		return refusal(CodeBomb, fmt.Sprintf("%s → > %s", sizeText(s.size), sizeText(s.n)))
	}
	return nil
}

// scratchError tells a full disk, which passes, from everything else.
func scratchError(err error) error {
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return &pipeline.Error{
		Op: "make room for the unpacked file", Kind: pipeline.KindTransient, Err: err,
		Hint: "Free space in the scratch folder, or name a larger one with BATEIA_SCRATCH_DIR.",
	}
}

// sizeText writes a size in binary units.
func sizeText(n int64) string {
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if one := float64(int64(1) << (30 - 10*i)); float64(n) >= one {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/one), ".0") + " " + unit
		}
	}
	return fmt.Sprintf("%d B", n)
}
