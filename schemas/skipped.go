package schemas

// What lines are that were skipped.
const (
	SkippedPreamble = "preamble" // above the header
	SkippedComment  = "comment"
	SkippedHeader   = "header" // the header once more, between records
	SkippedFooter   = "footer" // below the last record
)

// Skipped is a range of lines of a file that are no records and were left out.
// Blank lines are counted apart, and split no range of one kind.
type Skipped struct {
	Kind     string `json:"kind"`
	Lines    int64  `json:"lines"`
	Line     int64  `json:"line"`      // physical line of the first one, from 1
	SheetRow int64  `json:"sheet_row"` // of the first one, as a spreadsheet shows it
	Offset   int64  `json:"byte_offset"`
	Length   int64  `json:"byte_length"` // up to the end of the last one
}
