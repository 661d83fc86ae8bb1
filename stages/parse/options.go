package parse

import (
	"fmt"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Codes that this package gives to a record as its defect or to a file.
const (
	CodeTooFewCells   = "ROW_TOO_FEW_CELLS"
	CodeTooManyCells  = "ROW_TOO_MANY_CELLS"
	CodeUnclosedQuote = "ROW_UNCLOSED_QUOTE"
	CodeTooLong       = "ROW_TOO_LONG"
	CodeRepaired      = schemas.CodeRepaired
	CodeEncoding      = "ROW_ENCODING"

	CodeEmpty           = "FILE_EMPTY"
	CodeNoDataRows      = "FILE_NO_DATA_ROWS"
	CodeHeaderMissing   = "FILE_HEADER_MISSING"
	CodeHeaderDuplicate = "FILE_HEADER_DUPLICATE"
	CodeEncodingUnknown = "FILE_ENCODING_UNKNOWN"
	CodeNotCSV          = "FILE_NOT_CSV"
	CodeTruncated       = "FILE_TRUNCATED"
	CodeTooLarge        = "FILE_TOO_LARGE"
	CodeBomb            = "FILE_BOMB"
	CodeSheetUnknown    = "SHEET_UNKNOWN"
	CodeSheetsLeft      = "SHEETS_NOT_IMPORTED"
	CodeValueless       = "CELLS_WITHOUT_VALUE"
)

// Keep is the value of Options.OnError that takes ragged rows as they are.
const Keep = "keep"

// Options say how a file is read. Zero means: find out, or default.
type Options struct {
	// Delimiter overrides detection: one or a few ASCII characters, "tab" or
	// `\t`, or "none" for a file of one column.
	Delimiter string
	// Quote overrides detection: one character, or "none". Escape does too: the
	// character that takes the meaning from a quote or delimiter behind it, or
	// "none" when quotes are doubled.
	Quote, Escape string
	// Comment overrides detection: the prefix of lines that are comments, or
	// "none".
	Comment string
	// Encoding overrides detection: an IANA name of an encoding that this
	// package knows (see Dialect), in any case.
	Encoding string
	// OnError is reject_row (default), where a record with too few or too many
	// cells gets a defect unless it can be read in one way only, or keep, where
	// every one is loaded and lines of nothing but delimiters are records too.
	OnError string
	// Header overrides detection: "yes" when the table starts with its header,
	// one row, whatever that looks like, "no" when every line is data.
	Header string
	// HeaderLine overrides detection: the physical line of the header, from 1,
	// near the start of the file. The lines above it are no part of the table.
	HeaderLine int64
	// UniqueHeader refuses a file in which two columns have the same name. It
	// is off by default: a name that stands twice hurts only when it is mapped.
	UniqueHeader bool
	// MaxRecordBytes is the longest record that is held in memory, default
	// 65 MiB: a cell of 64 MiB and the rest of its record. A longer one gets
	// ROW_TOO_LONG and no cells.
	MaxRecordBytes int
	// BatchRows and BatchBytes end a batch, defaults 8192 records (four of
	// DuckDB's vectors) and 16 MiB of text.
	BatchRows  int
	BatchBytes int

	// NameColumns makes Clean write column_1, column_2 and so on above a table
	// that has no header. Without it such a table is written without one: it is
	// data all over.
	NameColumns bool
	// Progress is told by Clean now and then how many bytes of the object were
	// read, when it is not nil.
	Progress func(bytes int64)

	// unpacked is what the object was unpacked from, nil for nothing. Its method
	// Options sets it.
	unpacked *Unpacked
	// nameColumns makes names up for a table that has no header. Clean sets it.
	nameColumns bool
	// chunk is how much is read at once, default 256 KiB: it stays in the
	// second-level cache while it is scanned. Tests make it tiny.
	chunk int
	// trace is told of every piece of the object in order. Tests set it.
	trace func(k kind, p position)
}

// OptionsOf returns how the file of an import is to be read.
func OptionsOf(o schemas.Options) Options {
	return Options{
		Delimiter: o.Delimiter, Quote: o.Quote, Escape: o.Escape, Comment: o.Comment, Encoding: o.Encoding,
		Header: o.Header, HeaderLine: o.HeaderLine, OnError: o.OnError,
	}
}

func (o Options) withDefaults() Options {
	if o.MaxRecordBytes <= 0 {
		o.MaxRecordBytes = 65 << 20
	}
	// Offsets of an Arrow string column are 32 bits wide, and a batch holds at
	// most BatchBytes and one more record, which may grow threefold in UTF-8.
	o.MaxRecordBytes = min(o.MaxRecordBytes, 512<<20)
	if o.BatchRows <= 0 {
		o.BatchRows = 8192
	}
	if o.BatchBytes <= 0 {
		o.BatchBytes = 16 << 20
	}
	o.BatchBytes = min(o.BatchBytes, 256<<20)
	if o.chunk <= 0 {
		o.chunk = 256 << 10
	}
	return o
}

// asked are the parts of the syntax that the options give.
type asked struct {
	delim               string
	quote, escape       byte
	delimOK, quoteOK    bool
	escapeOK, encodedOK bool
	encoding            string
	keep                bool     // all lines of names are wanted
	parts               [][]byte // text from further behind in the object
}

// asked reads the options that override detection.
func (o Options) asked() (a asked, err error) {
	a.keep = o.OnError == Keep
	switch strings.ToLower(o.Delimiter) {
	case "":
	case "none":
		a.delimOK = true
	case "tab", `\t`:
		a.delim, a.delimOK = "\t", true
	default:
		a.delim, a.delimOK = o.Delimiter, true
		if !usableDelimiter(a.delim) {
			return a, badOption("delimiter", `Give one or a few ASCII characters such as ";", or "tab", or "none" for a file of one column.`)
		}
	}
	if a.quote, a.quoteOK, err = oneByte("quote", o.Quote); err != nil {
		return a, err
	}
	if a.escape, a.escapeOK, err = oneByte("escape", o.Escape); err != nil {
		return a, err
	}
	if a.delimOK && a.delim != "" && (a.quote == a.delim[0] || a.escape == a.delim[0]) {
		return a, badOption("quote", "Quote and escape must differ from the delimiter.")
	}
	if o.Encoding != "" {
		if a.encoding, a.encodedOK = canonicalEncoding(o.Encoding); !a.encodedOK {
			e := pipeline.Reject(CodeEncodingUnknown, "read options")
			e.Err = fmt.Errorf("encoding %q", o.Encoding)
			return a, e
		}
	}
	return a, nil
}

// usableDelimiter reports whether d can stand between cells.
func usableDelimiter(d string) bool {
	return len(d) <= 8 && isASCII([]byte(d)) && !strings.ContainsAny(d, "\"\r\n\x00")
}

func oneByte(name, value string) (c byte, ok bool, err error) {
	switch {
	case value == "":
		return 0, false, nil
	case value == "none":
		return 0, true, nil
	case len(value) == 1 && value[0] > ' ' && value[0] < 0x7F:
		return value[0], true, nil
	}
	return 0, false, badOption(name, `Give one ASCII character, or "none".`)
}

func badOption(name, hint string) error {
	return &pipeline.Error{
		Op: "read options", Kind: pipeline.KindPermanent,
		Err: fmt.Errorf("%s cannot be used", name), Hint: hint,
	}
}
