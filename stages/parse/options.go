package parse

import (
	"fmt"
	"strings"

	"github.com/bateia/bateia/pipeline"
)

// Codes that this package gives to a record as its defect or to a file.
const (
	CodeTooFewCells   = "ROW_TOO_FEW_CELLS"
	CodeTooManyCells  = "ROW_TOO_MANY_CELLS"
	CodeUnclosedQuote = "ROW_UNCLOSED_QUOTE"
	CodeTooLong       = "ROW_TOO_LONG"
	CodeEncoding      = "ROW_ENCODING"

	CodeEmpty           = "FILE_EMPTY"
	CodeNoDataRows      = "FILE_NO_DATA_ROWS"
	CodeHeaderMissing   = "FILE_HEADER_MISSING"
	CodeHeaderDuplicate = "FILE_HEADER_DUPLICATE"
	CodeEncodingUnknown = "FILE_ENCODING_UNKNOWN"
	CodeNotCSV          = "FILE_NOT_CSV"
	CodeTruncated       = "FILE_TRUNCATED"
)

// Keep is the value of Options.OnError that takes ragged rows as they are.
const Keep = "keep"

// Options say how a file is read. Zero means: find out, or default.
type Options struct {
	// Delimiter overrides detection: one ASCII character, "tab" or `\t`, or
	// "none" for a file of one column.
	Delimiter string
	// Encoding overrides detection: an IANA name of an encoding that this
	// package knows (see Dialect), in any case.
	Encoding string
	// OnError is reject_row (default), where a record with too few or too many
	// cells gets a defect, or keep, where it is taken as it is and lines of
	// nothing but delimiters are records too.
	OnError string
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

	// chunk is how much is read at once, default 256 KiB: it stays in the
	// second-level cache while it is scanned. Tests make it tiny.
	chunk int
	// trace is told of every piece of the object in order. Tests set it.
	trace func(k kind, p position)
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

// delimiter returns the delimiter that was asked for; known is false when it
// has to be found.
func (o Options) delimiter() (d string, known bool, err error) {
	switch strings.ToLower(o.Delimiter) {
	case "":
		return "", false, nil
	case "none":
		return "", true, nil
	case "tab", `\t`:
		return "\t", true, nil
	}
	if len(o.Delimiter) != 1 || o.Delimiter[0] >= 0x80 || strings.ContainsAny(o.Delimiter, "\"\r\n\x00") {
		return "", false, &pipeline.Error{
			Op: "read options", Kind: pipeline.KindPermanent,
			Err:  fmt.Errorf("delimiter %q is not one ASCII character", o.Delimiter),
			Hint: `Give one character such as ";", or "tab", or "none" for a file of one column.`,
		}
	}
	return o.Delimiter, true, nil
}
