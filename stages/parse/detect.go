package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// sampleBytes is how much of the start of an object decides over encoding and
// dialect, see also readParts.
const sampleBytes = 128 << 10

// detected is what the samples of an object say about it.
type detected struct {
	layout
	guess   guess
	sep     int // length of the line sep=
	dialect schemas.Dialect
	text    []byte // the sample
}

// detect finds out how the object of size bytes behind src is written. It fails
// with a *pipeline.Error that refuses the file; of FILE_ENCODING_UNKNOWN all but
// the encoding is found out nevertheless.
func detect(src io.ReaderAt, size int64, o Options) (d detected, err error) {
	asked, err := o.asked()
	if err != nil {
		return d, err
	}
	if size == 0 {
		return d, pipeline.Reject(CodeEmpty, "read file")
	}
	sample := make([]byte, min(size, sampleBytes))
	if n, err := src.ReadAt(sample, 0); n < len(sample) {
		if err == nil || errors.Is(err, io.EOF) {
			return d, pipeline.Reject(CodeTruncated, "read file")
		}
		return d, fmt.Errorf("read object: %w", err)
	}
	g, text, refused := readSample(sample, size, asked)
	if refused != nil && pipeline.CodeOf(refused) != CodeEncodingUnknown {
		return d, refused
	}
	if refused != nil {
		g.name = "" // the guess made no sense
	}
	parts, err := readParts(src, size)
	if err != nil {
		return d, err
	}
	if !g.proved {
		g = lookFurther(parts, g)
	}
	sep, skip := sepLine(text)
	if o.unpacked.isSheet() {
		skip = 0 // a cell of a sheet says nothing about the file
	}
	ends := lineEnds(text)
	crEnds := ends == "\r"
	asked.parts = g.texts(parts, crEnds)
	source := "sample"
	if asked.delimOK {
		source = "option"
	} else if skip > 0 {
		asked.delim, asked.delimOK, source = sep, true, "sep_line"
	}
	l, err := o.layout(text, skip, size <= sampleBytes, crEnds, asked)
	if err != nil {
		return d, err
	}
	l.evidence.Source = source
	d = detected{layout: l, guess: g, sep: skip, text: text}
	d.dialect = schemas.Dialect{Encoding: g.name, Delimiter: l.delimiter, LineEnd: ends, Confidence: l.confidence, Evidence: &d.evidence}
	if l.escape != 0 {
		d.dialect.Escape = string(rune(l.escape))
	}
	if l.quote != 0 {
		d.dialect.Quote = string(rune(l.quote))
	}
	o.unpacked.describe(&d.dialect)
	return d, refused
}

// Sniff returns how the object of size bytes behind src is written, also when
// Open refuses it for what it holds: for a header that is missing, or an encoding
// that is unknown, which is "" then. Other errors are those of Open.
func Sniff(src io.ReaderAt, size int64, o Options) (schemas.Dialect, error) {
	d, err := detect(src, size, o.withDefaults())
	if err != nil && pipeline.CodeOf(err) != CodeEncodingUnknown {
		return schemas.Dialect{}, err
	}
	if !d.noHeader {
		above := d.text[:d.sep+d.header]
		d.dialect.HeaderLine = int64(1 + max(bytes.Count(above, []byte{'\n'}), bytes.Count(above, []byte{'\r'})))
	}
	return d.dialect, nil
}
