package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// sampleBytes is how much of an object decides over encoding and dialect. It
// takes a few milliseconds, whatever the size of the object.
const sampleBytes = 128 << 10

// Open finds out how the object of size bytes behind src is written and reads
// its header. It fails with a *pipeline.Error that refuses the file: FILE_EMPTY,
// FILE_NOT_CSV, FILE_ENCODING_UNKNOWN, FILE_HEADER_MISSING,
// FILE_HEADER_DUPLICATE, FILE_TRUNCATED; other errors are those of src.
func Open(src io.ReaderAt, size int64, o Options) (*Reader, error) {
	o = o.withDefaults()
	asked, err := o.asked()
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, pipeline.Reject(CodeEmpty, "read file")
	}
	sample := make([]byte, min(size, sampleBytes))
	if n, err := src.ReadAt(sample, 0); n < len(sample) {
		if err == nil || errors.Is(err, io.EOF) {
			return nil, pipeline.Reject(CodeTruncated, "read file")
		}
		return nil, fmt.Errorf("read object: %w", err)
	}
	g, text, err := readSample(sample, size, asked)
	if err != nil {
		return nil, err
	}
	r := &Reader{
		o: o, proved: g.proved, codec: newCodec(g.name),
		win: window{src: src, size: size, chunk: o.chunk, limit: o.MaxRecordBytes + endBytes, wide: wideEncodings[g.name]},
		at:  position{line: 1, sheetRow: 1},
	}
	whole := size <= sampleBytes
	sep, skip := sepLine(text)
	ends := lineEnds(text)
	crEnds := ends == "\r"
	delim, confidence := asked.delim, 1.0
	switch {
	case asked.delimOK:
	case skip > 0:
		delim = sep
	default:
		delim, confidence = guessDelimiter(text[skip:], whole, crEnds)
	}
	quote := byte('"')
	if asked.quoteOK {
		quote = asked.quote
	}
	r.syntax = newSyntax(delim, quote, asked.escape, crEnds)
	r.dialect = schemas.Dialect{Encoding: g.name, Delimiter: delim, LineEnd: ends, Confidence: confidence}
	if quote != 0 {
		r.dialect.Quote = string(rune(quote))
	}
	if err := r.start(g.bom, skip); err != nil {
		return nil, err
	}
	return r, nil
}

// readSample decides over the encoding and returns the sample as text that is a
// superset of ASCII.
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
		return g, nil, pipeline.Reject(CodeEncodingUnknown, "read file")
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

// start reads the byte order mark, the line sep= of length sep, and the header.
func (r *Reader) start(bom, sep int) error {
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
	for b.cells == 0 && r.headerCode == "" {
		r.dialect.HeaderLine = r.at.line
		if err := r.next(b); errors.Is(err, io.EOF) {
			return pipeline.Reject(CodeEmpty, "read header")
		} else if err != nil {
			return err
		}
	}
	return r.setHeader(b)
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

// setHeader keeps the record in b as the header and checks it.
func (r *Reader) setHeader(b *builder) error {
	if r.headerCode == CodeTooLong {
		return pipeline.Reject(CodeHeaderMissing, "read header")
	}
	seen := map[string]bool{}
	for i := range b.cells {
		name := strings.ReplaceAll(string(b.at(i)), "\x00", "")
		if bare := strings.TrimSpace(name); bare != "" {
			if r.o.UniqueHeader && seen[bare] {
				return pipeline.Reject(CodeHeaderDuplicate, "read header")
			}
			seen[bare] = true
			r.least = i + 1
		}
		r.header = append(r.header, name)
	}
	if r.least == 0 || looksLikeData(r.header) {
		return pipeline.Reject(CodeHeaderMissing, "read header")
	}
	r.width = len(r.header)
	return nil
}

// looksLikeData reports whether cells hold what no header has: an e-mail
// address, or a number long enough for a phone.
func looksLikeData(cells []string) bool {
	for _, c := range cells {
		if t := cellType([]byte(c)); t == typeEmail || (t == typeNumber && digits(c) >= 8) || t == typePhone || t == typeDate {
			return true
		}
	}
	return false
}

func digits(s string) (n int) {
	for _, c := range []byte(s) {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}
