package parse

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/bateia/bateia/pipeline"
)

// directoryMost is how much of a zip archive is read to list its files: about
// ninety thousand of them. A list without a limit would be held in memory whole.
const directoryMost = 4 << 20

// archive is a zip archive.
type archive struct {
	size     int64
	files    []*zip.File
	workbook bool // it is an .xlsx or .xlsm
	limit    *limitedAt
}

// openArchive lists the files of a zip archive and refuses those that are a
// document of a known kind. head is its start.
func openArchive(src io.ReaderAt, size int64, head []byte) (*archive, error) {
	a := &archive{size: size, limit: &limitedAt{src: src, left: directoryMost}}
	z, err := zip.NewReader(a.limit, size)
	switch {
	case errors.Is(err, errManyFiles):
		return nil, notCSV(formatZipFiles)
	case a.limit.failed != nil:
		return nil, fmt.Errorf("read object: %w", a.limit.failed)
	case errors.Is(err, zip.ErrInsecurePath): // names are never used as paths
	case err != nil:
		// The list stands at the end: without it the file breaks off, unless its
		// start says that it is something else altogether.
		if known := zipDocument(string(head)); known != "" && known != formatWorkbook {
			return nil, notCSV(known)
		}
		e := pipeline.Reject(CodeTruncated, "open zip archive")
		e.Err = err
		return nil, e
	}
	a.limit.left = 0
	a.files = z.File
	return a, a.identify()
}

// identify tells documents that are zip archives from archives of files.
func (a *archive) identify() error {
	for _, f := range a.files {
		switch name := strings.ToLower(partName(f.Name)); {
		case name == "xl/workbook.bin":
			return notCSV("xlsb")
		case name == "[content_types].xml":
			a.workbook = true
		case name == "mimetype":
			if kind, err := a.head(f, 128); err == nil && strings.HasPrefix(kind, "application/vnd.oasis.opendocument") {
				return notCSV(zipDocument("mimetype" + kind))
			}
		case strings.HasPrefix(name, "index/") && strings.HasSuffix(name, ".iwa"), name == "index.zip":
			return notCSV("numbers")
		case strings.HasPrefix(name, "word/"), strings.HasPrefix(name, "ppt/"), strings.HasPrefix(name, "visio/"):
			return notCSV("word")
		}
	}
	return nil
}

// head returns the first n bytes of a file of the archive.
func (a *archive) head(f *zip.File, n int64) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close() // read only
	b, err := io.ReadAll(io.LimitReader(r, n))
	return string(b), err
}

// single returns the one file of an archive. What archivers add does not count.
func (a *archive) single() (*zip.File, error) {
	var found []*zip.File
	for _, f := range a.files {
		name := partName(f.Name)
		if strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") || path.Base(name) == ".DS_Store" {
			continue
		}
		found = append(found, f)
	}
	switch len(found) {
	case 0:
		return nil, pipeline.Reject(CodeEmpty, "open zip archive")
	case 1:
	default:
		return nil, refusalOf(CodeNotCSV, reason{detail: formatZipFiles, count: int64(len(found))})
	}
	f := found[0]
	if f.Flags&1 != 0 {
		return nil, notCSV("zip_protected")
	}
	if f.Method != zip.Store && f.Method != zip.Deflate {
		return nil, notCSV(formatArchive) // by a method that few programs know
	}
	return f, nil
}

// extract unpacks one file of the archive and checks its length and checksum.
func (a *archive) extract(f *zip.File, w io.Writer) error {
	r, err := f.Open()
	if err != nil {
		return a.damage(err, "open file of zip archive")
	}
	defer r.Close() // read only
	in := &watch{r: bufio.NewReaderSize(r, readAhead), w: w}
	_, err = io.Copy(onlyWriter{in}, r)
	if err != nil && a.limit.failed != nil {
		return fmt.Errorf("read object: %w", a.limit.failed)
	}
	return in.meaning(err, "unpack zip archive")
}

// damage is FILE_TRUNCATED, or the failure of the source.
func (a *archive) damage(err error, op string) error {
	if a.limit.failed != nil {
		return fmt.Errorf("read object: %w", a.limit.failed)
	}
	e := pipeline.Reject(CodeTruncated, op)
	e.Err = err
	return e
}

type onlyWriter struct{ io.Writer }

// limitedAt reads src, at first no more than some bytes of it, and remembers
// when that failed.
type limitedAt struct {
	src    io.ReaderAt
	left   int64 // 0 is no limit
	failed error
}

var errManyFiles = errors.New("too many files")

func (l *limitedAt) ReadAt(p []byte, at int64) (int, error) {
	if l.left > 0 {
		if l.left -= int64(len(p)); l.left <= 0 {
			l.left = 1
			return 0, errManyFiles
		}
	}
	if at < 0 {
		return 0, io.ErrUnexpectedEOF // an archive that lies about where it begins
	}
	n, err := l.src.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		l.failed = err
	}
	return n, err
}

// partName is the name of a file in an archive as the format wants it: some
// programs write backslashes.
func partName(name string) string { return strings.ReplaceAll(name, `\`, "/") }

// zipDocument recognizes a document by the start of its archive, "" for none.
func zipDocument(head string) string {
	for _, f := range zips {
		if strings.Contains(head, f.magic) {
			return f.name
		}
	}
	return ""
}

// compoundMagic starts what Office wrote before 2007, and every Office document
// with a password.
const compoundMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// refuseCompound refuses a workbook with a password and says so. Other compound
// files are Open's to refuse.
func refuseCompound(src io.ReaderAt, size int64, head []byte) error {
	if !bytes.HasPrefix(head, []byte(compoundMagic)) || len(head) < 76 {
		return nil
	}
	// The directory starts in a sector that the header names; sectors are 512 or
	// 4096 bytes long and counted from behind the header.
	shift := binary.LittleEndian.Uint16(head[30:])
	at := (int64(binary.LittleEndian.Uint32(head[48:])) + 1) << min(shift, 12)
	var parts []byte
	for _, from := range []int64{0, at} {
		part := make([]byte, 64<<10)
		n, err := src.ReadAt(part, min(from, size))
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read object: %w", err)
		}
		parts = append(parts, part[:n]...)
	}
	const stream = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"
	if bytes.Contains(parts, []byte(stream)) {
		return notCSV(formatProtected)
	}
	return nil
}

// refuseNested refuses archives within archives: nobody packs a list twice, and
// each level multiplies what a small file may become.
func refuseNested(head []byte) error {
	for _, f := range formats {
		if f.name == formatArchive && bytes.HasPrefix(head, []byte(f.magic)) {
			return refusal(CodeBomb, "nested")
		}
	}
	if packing(head) != "" {
		return refusal(CodeBomb, "nested")
	}
	return nil
}
