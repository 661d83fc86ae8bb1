// Package parse reads the file of an import, whatever it looks like, into
// records with their positions.
//
// Open looks at a sample of the object to find its encoding and dialect and
// reads the header. Batches then streams the records as Arrow batches of
// [schemas.Records] in one pass over the bytes:
//
//	window   a part of the object in memory, decoded when it is UTF-16 or UTF-32
//	scan     the fast path: one well-formed record, cells copied straight into
//	         the batch while their ends are looked for, eight bytes at a time
//	repair   the slow path: a record that is not well-formed, tried line by line
//	builder  the Arrow buffers of the batch being filled
//
// A record that is broken as such is data, not an error: it is handed on with
// one of the codes ROW_* as its defect, and reading goes on with the next line
// that fits the shape of the table. Every byte of the object belongs to a
// record, to the header, to a blank line, or to a line above, below or between
// that is none; FuzzLoss holds this.
//
// # How a file is found out
//
// The encoding: byte order mark, zero bytes of UTF-16 and UTF-32, valid UTF-8,
// else the single-byte encoding in which the accents make sense in Portuguese or
// Spanish (plausible.go). When the samples are ASCII the first record with other
// characters decides. Records in another encoding than their file are decoded in
// theirs when that is beyond doubt, else they get ROW_ENCODING. Text is
// normalized to NFC.
//
// The delimiter, quote and escape: every candidate is tried on samples from the
// start, the middle and the end of the object (parts.go), and the one wins by
// which the records have one shape and the cells look like values (sniff.go).
// Lines that are one value as such, a date, a time or a web address, are not
// taken apart. What a dialect was chosen by stands in it as its evidence; options
// overrule every part of it.
//
// The header is the first row of known names, else the first one that is as wide
// as the table (table.go). Whether it is one is told by the columns below it: text
// above values is a name, a value among its like is data (header.go). A table that
// starts with data is refused with FILE_HEADER_MISSING. Names in several rows are
// joined; a header with a cell too many or too few is read as wide as the records
// when only one way to do so is left (mend.go).
//
// # Packed files and workbooks
//
// Unpack comes first: gzip, zstd and zip are unpacked to scratch, and one sheet of
// a workbook is written there as CSV, one record per sheet row, so that
// everything else is as for a plain file, with positions in the unpacked text.
//
//	unpack   what a file is by its content, limits on what it becomes
//	inflate  gzip and zstd; archive  zip, documents that are zip archives
//	workbook the sheets and formats of an .xlsx; sheetxml, xmllex  its rows
//	sheetvalue  the text of a cell by its type and number format
//
// A date is written as yyyy-mm-dd, with its time when the format shows one and it
// is not midnight; a number with a point and without exponent, to 15 digits as
// spreadsheets count, integers digit for digit, and with leading zeros where the
// format is a code such as 000\.000\.000\-00; a percentage is the number (0.15).
// Of merged cells the first has the value, hidden rows and columns are read, and
// formulas have the value they gave last. Cells with an error such as #N/A, and
// formulas without a value, are blank and counted in CELLS_WITHOUT_VALUE: as text
// they would become names. All rows are as wide as the widest, as spreadsheet
// programs save them.
//
// # What counts as what
//
// A line that is empty or holds only blanks is a blank line, and so is one of
// nothing but delimiters: spreadsheets write such lines for rows without
// content. They are counted and are no records. A quoted empty cell is content.
//
// Lines above the header, comments, the header once more in the middle, and
// totals and remarks below the last record are no records either. They count for
// line and sheet_row. A line like sep=; does not count for sheet_row, because
// spreadsheets do not show it.
//
// A quote opens a quoted cell only as the cell's first character; anywhere else
// it is text. A quoted cell ends at a quote that is followed by the delimiter or
// the end of the line, perhaps behind blanks. When another character follows,
// the record is tried as one line with the quote read as text, then with the
// quote as the end of the quoting, and the first reading that has as many cells
// as the header wins. A quote that is never closed, or closed by one of another
// record, gives ROW_UNCLOSED_QUOTE for its line alone when the next line is a
// record by itself.
//
// A carriage return alone ends a line when the file has no line feeds, or when
// the pieces on both sides of it are as wide as the header; else it is text.
//
// More cells than the header has are harmless when they are empty; so are
// missing cells under header cells without a name. Else the columns are asked
// (columns.go): what their cells look like is learned from the records that fit,
// once, when the first one does not. Too many cells are joined when there is one
// way only in which every cell looks like its column, and a record that lacks its
// last cells is taken when the others do and the missing ones may be empty: both
// get ROW_REPAIRED, a warning. What else there is gets ROW_TOO_MANY_CELLS or
// ROW_TOO_FEW_CELLS, or with [Keep] is joined in the column of running text, or
// the last one, and taken.
//
// How far repair looks ahead is paid for by what was read, so that reading takes
// linear time on files that are broken all over.
package parse
