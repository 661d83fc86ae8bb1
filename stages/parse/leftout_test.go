package parse

const (
	whyComment  = "a file of nothing but comments: FILE_EMPTY"
	whySkip     = "lines cannot be skipped by number"
	whyPreview  = "reading a part is the caller's business"
	whyTyping   = "cells stay text here: validate reads types"
	whyRenamed  = "names that stand twice stay as they are: who maps them tells them apart"
	whyNoHeader = "asks for records without their header"
	whyBOM      = "the byte order mark is no part of the first name"
	whyTrim     = "blanks before a cell are part of it: validate trims"
	whyCR       = "carriage returns before a line feed are part of the line end; alone they end a line when the shape says so"
	whyUnclosed = "the record with the unclosed quote ends with its line instead of taking the next ones in"
	whyEscape   = "a backslash before an ordinary character stays: paths are full of it"
	whyControl  = "no control character but tab can be a delimiter or quote"
	whyForeign  = "a delimiter is ASCII"
	whyNull     = "unquoted cells are text, never null"
	whyBlank    = "nothing but empty cells: FILE_EMPTY"
	whyQuotes   = "quotes inside a quoted cell stay in it"
	whySpaces   = "a line of nothing but blanks is a blank line"
	whySurplus  = "cells beyond the header are joined to the last one"
	whyShape    = "two readings fit and the sample has one line to tell them apart"
)

// Cases of other projects that are not run, and why.
var papaparseLeftOut = map[string]string{
	"Skip First N number of lines , with header and 2 rows":            whySkip,
	"Skip First N number of lines , with header false":                 whySkip,
	"Skip first 2 lines , with custom newline character":               whySkip,
	"Fast mode with preview":                                           whyPreview,
	"Preview 2 rows":                                                   whyPreview,
	"Preview with header row":                                          whyPreview,
	"Dynamic typing converts numeric literals and maintains precision": whyTyping,
	"Dynamic typing can be applied to `__parsed_extra`":                whyTyping,
	"Dynamic typing converts empty values into NULL":                   whyTyping,
	"Simple duplicated header names":                                   whyRenamed,
	"Duplicate header names with __proto__ field":                      whyRenamed,
	"Header row only":                                                  whyNoHeader,
	"UTF-8 BOM encoded input with header produces column key stripped from invisible BOM character": whyBOM,
	"Mixed slash n and slash r should choose first as precident":                                    whyCR,
	"Bad delimiter (\\n)":        whyControl,
	"Input is just empty fields": whyBlank,
	"Quoted field has invalid trailing quote after delimiter with a valid closer": whyUnclosed,
	"Quoted field has invalid trailing quote after delimiter":                     whyUnclosed,
	"Quoted field has invalid trailing quote after new line":                      whyUnclosed,
	"Row with too many fields":                                                    whySurplus,
	"Preview should count rows, not lines":                                        whySurplus,
	"Using reserved regex character | as quote character":                         whyShape,
}

var goLeftOut = map[string]string{
	"BadComma1": whyControl, "BadComma3": whyControl,
	"NonASCIICommaConfusion": whyForeign, "NonASCIICommaAndComment": whyForeign,
	"MultiFieldCRCRLFCRCR": whyCR, "FieldCRCRLFCRCR": whyCR, "FieldCRCRLFCR": whyCR, "FieldCRCRLF": whyCR,
	"FieldCR": whyCR, "BareCR": whyCR,
	"BinaryBlobField":       "bytes without a meaning in UTF-8 make a file of Windows-1252",
	"TrailingCommaSpaceEOL": whyTrim, "TrailingCommaSpaceEOF": whyTrim, "TrimQuote": whyTrim, "TrimSpace": whyTrim,
}

var cpythonLeftOut = map[string]string{
	"TestDialectExcel.test_quote_and_quote:751": whyQuotes,
	"Test_Csv.test_read_space_delimiter:480":    whyTrim,
	"Test_Csv.test_read_space_delimiter:477":    whySpaces,
	"Test_Csv.test_read_skipinitialspace:472":   whyNull,
	"Test_Csv.test_read_skipinitialspace:469":   whyNull,
	"Test_Csv.test_read_skipinitialspace:463":   whyTrim,
	"Test_Csv.test_read_quoting:459":            whyTyping,
	"Test_Csv.test_read_quoting:457":            whyTyping,
	"Test_Csv.test_read_quoting:456":            whyControl,
	"Test_Csv.test_read_quoting:452":            whyTyping,
	"Test_Csv.test_read_quoting:437":            whyTyping,
	"Test_Csv.test_read_quoting:443":            whyNull,
	"Test_Csv.test_read_quoting:435":            whyNull,
	"Test_Csv.test_read_quoting:433":            whyTyping,
	"Test_Csv.test_read_escape:421":             whyEscape,
	"Test_Csv.test_read_escape:418":             whyEscape,
	"Test_Csv.test_read_escape:415":             whyEscape,
	"Test_Csv.test_read_nul:406":                whyEscape,
	"Test_Csv.test_read_delimiter:412":          whyControl,
}
