package schemas

// Dialect is how a file is written.
type Dialect struct {
	Encoding  string `json:"encoding"`         // IANA name in lower case: utf-8, windows-1252, utf-16le …
	Delimiter string `json:"delimiter"`        // one or a few characters, or "" for a file of one column
	Quote     string `json:"quote"`            // one character, or "" when no cell is quoted
	Escape    string `json:"escape,omitempty"` // character before quotes inside of quotes, or "" when they are doubled
	// Evidence is why, nil in what earlier versions stored.
	Evidence *DialectEvidence `json:"evidence,omitempty"`

	HeaderLine int64   `json:"header_line"`        // physical line of the header, from 1; 0 when there is none
	LineEnd    string  `json:"line_end,omitempty"` // "\n", "\r\n", "\r" or "mixed"
	Confidence float64 `json:"confidence,omitempty"`
	// Compression is gzip, zstd or zip for a file that was unpacked, Sheet the
	// sheet of a workbook, whose encoding is xlsx. Of both, byte offsets count in
	// the unpacked text.
	Compression string `json:"compression,omitempty"`
	Sheet       string `json:"sheet,omitempty"`
}

// DialectEvidence is what a dialect was chosen by: how well a sample of the
// records, from the start, the middle and the end of the file, fits it.
type DialectEvidence struct {
	Source     string  `json:"source"`                // of the delimiter: sample, sep_line or option
	Records    int64   `json:"records"`               // looked at
	Shaped     int64   `json:"shaped"`                // of them with as many cells as the table has columns
	Typed      float64 `json:"typed"`                 // share of the filled cells that look like one value, 0 to 1
	RunnerUp   string  `json:"runner_up,omitempty"`   // delimiter that came second
	HeaderRows int     `json:"header_rows,omitempty"` // rows that the names were joined from, when more than one
	// HeaderMended says that the header had a cell too many or too few, and how
	// to read it as wide as the records was beyond doubt.
	HeaderMended bool `json:"header_mended,omitempty"`
}

// Column is one column of the file and what became of it.
type Column struct {
	Position   int     `json:"position"` // from 0
	Name       string  `json:"name"`     // header as it stands in the file
	Field      string  `json:"field"`    // standard field, "extra.<name>", or "" when not imported
	Type       string  `json:"type,omitempty"`
	Confidence float64 `json:"confidence"`
	Reason     string  `json:"reason"` // header, option, mapping, extra, ignored, ambiguous, empty …
	Filled     int64   `json:"filled"` // non-blank cells
	Valid      int64   `json:"valid"`  // cells that were loaded
	Imported   bool    `json:"imported"`
	// Distinct is how many values its field has in the rows that are loaded; null for
	// extra fields and those that share another one's place, such as phone2.
	Distinct *int64 `json:"distinct,omitempty"`
}

// FileIssue is an issue on the file as a whole. Count is the number of rows or
// columns it speaks of, Names the columns; it never carries a cell's value.
type FileIssue struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Count    int64    `json:"count,omitempty"`
	Names    []string `json:"names,omitempty"`
	Detail   string   `json:"detail,omitempty"`
}

// Facts is what the stages learn about an import beside the workset tables.
// It is stored with the import and in the plan's manifest.
type Facts struct {
	Dialect  Dialect     `json:"dialect"`
	Header   []string    `json:"header"`
	Columns  []Column    `json:"columns"`
	Issues   []FileIssue `json:"issues"`
	Fields   []string    `json:"fields"` // standard scalar fields filled, in catalogue order: the f_ columns of rows
	HasExtra bool        `json:"has_extra"`
	Records  int64       `json:"records"`
	// LastRow is the number of the last row when rows are not numbered from 1 to
	// Records, as those of a replay are not. Zero means Records.
	LastRow int64          `json:"last_row,omitempty"`
	Blank   int64          `json:"blank"`
	Bytes   int64          `json:"bytes"`
	Skipped []Skipped      `json:"skipped,omitempty"` // lines that are no records, in the order of the file
	SHA256  string         `json:"sha256"`            // of the object, hexadecimal
	Ledger  Ledger         `json:"ledger"`
	Counts  ProspectCounts `json:"prospects"`
	Leads   int64          `json:"leads,omitempty"` // rows that are stored as leads
	// Resolved counts rows that imports refused before, and that this one took by
	// their bateia_row.
	Resolved int64        `json:"resolved,omitempty"`
	Effect   *Effect      `json:"effect,omitempty"` // of a decision, and of the undo within a redo
	Sync     *SyncFacts   `json:"sync,omitempty"`   // of a sync
	Replay   *ReplayFacts `json:"replay,omitempty"` // of a replay
	// ByCode counts the rows that carry each code, file issues included (with
	// their own count, at least one). Resolve fills it.
	ByCode []IssueCount `json:"by_code,omitempty"`
}

// MaxRow is a number that no row is above.
func (f Facts) MaxRow() int64 { return max(f.Records, f.LastRow) }

// IssueCount is how many rows carry a code.
type IssueCount struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Rows     int64    `json:"rows"`
}

// StageTime is how long one stage took over how much.
type StageTime struct {
	Name    string  `json:"name"`
	Attempt int     `json:"attempt,omitempty"`
	Seconds float64 `json:"seconds"`
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes"`
}
