package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
)

// Open finds out how the object of size bytes behind src is written and reads
// its header. It fails with a *pipeline.Error that refuses the file: FILE_EMPTY,
// FILE_NOT_CSV, FILE_ENCODING_UNKNOWN, FILE_HEADER_MISSING,
// FILE_HEADER_DUPLICATE, FILE_TRUNCATED; other errors are those of src.
func Open(src io.ReaderAt, size int64, o Options) (*Reader, error) {
	o = o.withDefaults()
	d, err := detect(src, size, o)
	if err != nil {
		return nil, err
	}
	g := d.guess
	r := &Reader{
		o: o, proved: g.proved, encodingAsked: o.Encoding != "", codec: newCodec(g.name),
		win: window{src: src, size: size, chunk: o.chunk, limit: o.MaxRecordBytes + endBytes, wide: wideEncodings[g.name]},
		at:  position{line: 1, sheetRow: 1}, dialect: d.dialect,
	}
	r.syntax, r.comment = d.syntax, d.comment
	if o.Comment != "" {
		if r.comment, r.commentAsked = []byte(o.Comment), true; o.Comment == "none" {
			r.comment = nil
		}
	}
	if err := r.start(g.bom, d.sep, d.layout); err != nil {
		return nil, err
	}
	return r, nil
}

// readSample decides over the encoding and returns the sample as text that is a
// superset of ASCII, also with FILE_ENCODING_UNKNOWN.
func readSample(sample []byte, size int64, asked asked) (g guess, text []byte, err error) {
	if err := refuseForeign(sample); err != nil {
		return g, nil, err
	}
	whole := int64(len(sample)) == size
	g, ok := guessEncoding(sample, whole)
	if asked.encodedOK {
		if g.name != asked.encoding {
			g.bom = 0
		}
		g.name, g.proved, ok = asked.encoding, true, true
	}
	if g.name == "" || wideEncodings[g.name] == nil {
		if err := refuseBinary(sample); err != nil {
			return g, nil, err
		}
	}
	if !ok {
		return g, sample, pipeline.Reject(CodeEncodingUnknown, "read file")
	}
	text = sample[g.bom:]
	if d := wideEncodings[g.name]; d != nil {
		decoded := make([]byte, d.maxText(len(text)))
		_, n := d.decode(decoded, text, whole)
		text = decoded[:n]
		if err := refuseBinary(text); err != nil {
			return g, nil, err
		}
	}
	return g, text, refuseText(text)
}

// sepLine recognizes a first line like sep=; by which a file tells Excel its
// delimiter. skip is its length with the line end, 0 when there is none.
func sepLine(text []byte) (delim string, skip int) {
	if len(text) < 5 {
		return "", 0
	}
	rest := text
	quoted := rest[0] == '"'
	if quoted {
		rest = rest[1:]
	}
	if len(rest) < 5 || !strings.EqualFold(string(rest[:4]), "sep=") || rest[4] >= 0x80 {
		return "", 0
	}
	delim, rest = string(rest[4:5]), rest[5:]
	if quoted {
		var ok bool
		if rest, ok = bytes.CutPrefix(rest, []byte(`"`)); !ok {
			return "", 0
		}
	}
	if delim == "\n" || delim == "\r" || delim == `"` {
		return "", 0
	}
	switch trimmed := bytes.TrimLeft(rest, "\r"); {
	case bytes.HasPrefix(trimmed, []byte("\n")):
		return delim, len(text) - len(trimmed) + 1
	case len(trimmed) < len(rest):
		return delim, len(text) - len(rest) + 1
	case len(rest) == 0:
		return delim, len(text)
	}
	return "", 0
}

// start reads the byte order mark, the line sep= of length sep, what stands
// above the header, and the header.
func (r *Reader) start(bom, sep int, l layout) error {
	w := &r.win
	w.next = int64(bom)
	if bom > 0 {
		r.piece(preamble, int64(bom))
	}
	w.eof = w.next == w.size
	w.buf = make([]byte, slack)
	for !w.eof && len(w.text()) < sep {
		if err := w.fill(); err != nil {
			return err
		}
	}
	if sep > 0 {
		r.piece(preamble, w.rawLen(w.text()[:sep]))
		w.pos += sep
		r.at.line++ // a spreadsheet does not show this line
	}
	b := newBuilder(memory.DefaultAllocator, 1, 4<<10, 64)
	defer b.release()
	if err := r.skipPreamble(b, l.header); err != nil {
		return err
	}
	if l.noHeader && r.o.nameColumns {
		for i := range l.width {
			r.header = append(r.header, fmt.Sprintf("column_%d", i+1))
		}
		r.width, r.least = l.width, l.width
		return nil
	}
	var line []byte
	for b.cells == 0 && r.headerCode == "" {
		if l.sureWidth() > 0 {
			text, _, _, err := r.line(0, r.o.MaxRecordBytes)
			if err != nil {
				return err
			}
			line = bytes.Clone(text)
		}
		r.dialect.HeaderLine = r.at.line
		if err := r.next(b); errors.Is(err, io.EOF) {
			return pipeline.Reject(CodeEmpty, "read header")
		} else if err != nil {
			return err
		}
	}
	if l.noHeader {
		return pipeline.Reject(CodeHeaderMissing, "read header")
	}
	names := cellTexts(b, 0)
	if width := l.sureWidth(); width > 0 && r.at.line == r.dialect.HeaderLine+1 {
		names, r.dialect.Evidence.HeaderMended = r.mendHeader(line, names, width)
	}
	for range l.headerMore {
		from := b.cells
		if err := r.next(b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		names = joinNames(names, cellTexts(b, from))
	}
	return r.setHeader(names)
}

// cellTexts returns the cells of a builder from one of them on, without NUL
// bytes.
func cellTexts(b *builder, from int) (out []string) {
	for i := from; i < b.cells; i++ {
		out = append(out, strings.ReplaceAll(string(b.at(i)), "\x00", ""))
	}
	return out
}

// joinNames puts the names of a second row of the header behind those of the
// first.
func joinNames(names, more []string) []string {
	for i, m := range more {
		switch {
		case i >= len(names):
			names = append(names, m)
		case strings.TrimSpace(names[i]) == "":
			names[i] = m
		case strings.TrimSpace(m) != "":
			names[i] = strings.TrimSpace(names[i]) + " " + strings.TrimSpace(m)
		}
	}
	return names
}

// skipPreamble passes over the lines above the header, which starts n bytes
// from here.
func (r *Reader) skipPreamble(b *builder, n int) error {
	for n > 0 {
		line, next, ok, err := r.line(0, r.o.MaxRecordBytes)
		if err != nil {
			return err
		}
		if !ok || next > n {
			return nil
		}
		k := preamble
		if len(bytes.TrimSpace(line)) == 0 {
			k = blank
		}
		r.advance(b, k, r.win.pos+next, 1, "")
		n -= next
	}
	return nil
}

// piece passes over bytes before the first line.
func (r *Reader) piece(k kind, length int64) {
	if r.o.trace != nil {
		p := r.at
		p.length = length
		r.o.trace(k, p)
	}
	r.at.offset += length
}

// setHeader keeps the names as the header and checks them.
func (r *Reader) setHeader(names []string) error {
	if r.headerCode == CodeTooLong {
		return pipeline.Reject(CodeHeaderMissing, "read header")
	}
	seen := map[string]bool{}
	for i, name := range names {
		if bare := strings.TrimSpace(name); bare != "" {
			if r.o.UniqueHeader && seen[bare] {
				return pipeline.Reject(CodeHeaderDuplicate, "read header")
			}
			seen[bare] = true
			r.least = i + 1
		}
		r.header = append(r.header, name)
	}
	if r.least == 0 {
		return pipeline.Reject(CodeHeaderMissing, "read header")
	}
	r.width = len(r.header)
	return nil
}
