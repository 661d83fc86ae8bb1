package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/schemas"
)

// Decoder splits single records of an object into cells as reading the whole of
// it did. It is used by one goroutine.
type Decoder struct{ r Reader }

// NewDecoder returns a decoder for records of an object of which dialect and
// header are known; of a packed one they are those of its text, see Unpack. The
// error is that of an encoding or delimiter that this package does not know.
func NewDecoder(d schemas.Dialect, header []string) (*Decoder, error) {
	encoding := d.Encoding
	if encoding == workbookName {
		encoding = utf8Name // as Unpack writes a sheet
	}
	name, known := canonicalEncoding(encoding)
	if !known {
		return nil, fmt.Errorf("decode records: encoding %q is not known", d.Encoding)
	}
	if d.Delimiter != "" && !usableDelimiter(d.Delimiter) {
		return nil, fmt.Errorf("decode records: delimiter %q is not known", d.Delimiter)
	}
	var quote, escape byte
	if d.Quote != "" {
		quote = d.Quote[0]
	}
	if d.Escape != "" {
		escape = d.Escape[0]
	}
	o := Options{OnError: Keep}.withDefaults()
	r := Reader{
		o: o, alone: true, syntax: newSyntax(d.Delimiter, quote, escape, d.LineEnd == "\r"),
		proved: true, codec: newCodec(name), width: len(header), dialect: d,
	}
	for i, h := range header {
		if strings.TrimSpace(h) != "" {
			r.least = i + 1
		}
	}
	r.win.wide = wideEncodings[name]
	return &Decoder{r}, nil
}

// Cells returns the cells of one record, given as its bytes in the object, with
// or without the line end. A record that is broken has the cells that could be
// told apart.
func (d *Decoder) Cells(record []byte) ([]string, error) {
	r := d.r
	r.at = position{line: 1, sheetRow: 1}
	r.win = window{src: bytes.NewReader(record), size: int64(len(record)), chunk: len(record) + slack,
		limit: r.o.MaxRecordBytes, wide: r.win.wide, buf: make([]byte, slack), eof: len(record) == 0}
	b := newBuilder(memory.DefaultAllocator, 1, len(record), 2*r.width)
	defer b.release()
	for b.rows == 0 {
		if err := r.next(b); errors.Is(err, io.EOF) {
			return nil, nil
		} else if err != nil {
			return nil, fmt.Errorf("decode record: %w", err)
		}
	}
	cells := make([]string, b.list[1]-b.list[0])
	for i := range cells {
		cells[i] = string(b.at(int(b.list[0]) + i))
	}
	return cells, nil
}

// Text returns a record, given as its bytes in the object, as text without the
// line end. What means nothing in the encoding becomes U+FFFD.
func (d *Decoder) Text(record []byte) string {
	var text string
	switch wide, codec := d.r.win.wide, d.r.codec; {
	case wide != nil:
		decoded := make([]byte, wide.maxText(len(record)))
		_, n := wide.decode(decoded, record, true)
		text = string(decoded[:n])
	case codec != nil && !latinUTF8(record):
		var b strings.Builder
		for _, c := range record {
			if c < utf8.RuneSelf {
				b.WriteByte(c)
			} else {
				b.WriteString(codec[c-utf8.RuneSelf])
			}
		}
		text = b.String()
	default:
		text = string(record)
	}
	return strings.TrimRight(strings.ToValidUTF8(text, "\ufffd"), "\r\n")
}
