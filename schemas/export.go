package schemas

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
)

// ColumnExport is the column of an exported file that names the export. With it only
// cells that were edited since count when the file comes back.
const ColumnExport = "bateia_export"

// exportPrefix makes the id of an export look like no number.
const exportPrefix = "ex"

// ExportName writes the id of an export as in ColumnExport: "ex" and 14 hexadecimal
// digits.
func ExportName(id ImportID) string { return exportPrefix + id.String() }

// ParseExportName reads what ExportName writes, in any case and with blanks around.
func ParseExportName(s string) (ImportID, error) {
	digits, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(s)), exportPrefix)
	if !ok {
		return 0, errors.New("an export is ex and 14 hexadecimal digits")
	}
	return ParseImportID(digits)
}

// ExportKey is the object that keeps what an export gave out.
func ExportKey(id ImportID) string { return "exports/" + ExportName(id) + ".parquet" }

// ExportColumns are the fields whose cells an export gives out: those of prospects in
// the order of the catalogue, then tags.
func ExportColumns() []string {
	var out []string
	for _, f := range ProspectColumns() {
		out = append(out, f.Name)
	}
	return append(out, "tags")
}

// GivenHash is how an export remembers a cell: the first 60 bits of the SHA-256 of its
// salt and the text. Blank cells have none.
func GivenHash(salt, text string) int64 {
	sum := sha256.Sum256([]byte(salt + text))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 4)
}
