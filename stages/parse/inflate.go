package parse

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/bateia/bateia/pipeline"
)

// zstdWindow is the largest window that is taken, and so about the memory that
// unpacking needs: what the zstd program itself takes without being asked.
const zstdWindow = 128 << 20

// gunzip unpacks all members of a gzip file. Zeros behind the last one are
// padding, as tapes and block devices leave it; anything else is damage.
func gunzip(src *bufio.Reader, w io.Writer) error {
	in := &watch{r: src, w: w}
	z, err := gzip.NewReader(in)
	for err == nil {
		z.Multistream(false)
		if _, err = z.WriteTo(in); err != nil {
			break
		}
		var more bool
		if more, err = skipZeros(in); err != nil || !more {
			break
		}
		err = z.Reset(in)
	}
	return in.meaning(err, "unpack gzip")
}

// errRubbish says that something else follows what is packed.
var errRubbish = errors.New("rubbish behind the packed data")

// skipZeros reads the padding behind a member and reports whether another
// member follows. Zeros between members are no padding.
func skipZeros(in *watch) (more bool, err error) {
	for padding := false; ; padding = true {
		c, err := in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, err
		case c == 0:
		case padding:
			return false, errRubbish
		default:
			return true, in.r.UnreadByte()
		}
	}
}

// unzstd unpacks all frames of a zstd file.
func unzstd(src io.Reader, w io.Writer) error {
	in := &watch{r: bufio.NewReaderSize(src, readAhead), w: w}
	// One goroutine: blocks that are unpacked ahead would each hold a window.
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecodeBuffersBelow(0))
	if err != nil {
		return in.meaning(err, "unpack zstd")
	}
	defer z.Close()
	_, err = io.Copy(in, z)
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return refusal(CodeBomb, "zstd window > "+sizeText(zstdWindow))
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return notCSV(formatArchive) // its dictionary is not in it
	}
	return in.meaning(err, "unpack zstd")
}

// watch stands on both sides of unpacking and remembers what went wrong with
// the file or the folder, so that everything else is known for damage of the
// content: unpackers have many errors, and few of them have names.
type watch struct {
	r      *bufio.Reader
	w      io.Writer
	failed error
}

func (s *watch) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	return n, s.note("read object", err)
}

// ReadByte lets gzip end exactly behind a member.
func (s *watch) ReadByte() (byte, error) {
	c, err := s.r.ReadByte()
	return c, s.note("read object", err)
}

func (s *watch) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	return n, s.note("write unpacked file", err)
}

func (s *watch) note(op string, err error) error {
	if err != nil && !errors.Is(err, io.EOF) && s.failed == nil {
		s.failed = fmt.Errorf("%s: %w", op, err)
	}
	return err
}

// meaning returns why unpacking ended: FILE_TRUNCATED for damage.
func (s *watch) meaning(err error, op string) error {
	if err == nil || s.failed != nil {
		return s.failed
	}
	e := pipeline.Reject(CodeTruncated, op)
	e.Err = err
	return e
}
