package schemas

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ImportID names an import: 44 bits of milliseconds since 1970 and 12 bits of
// a sequence, so that ids are ordered in time, fit a bigint and are drawn by
// Postgres (function new_import_id). It is written as 14 hexadecimal digits.
type ImportID int64

// String returns the 14 hexadecimal digits.
func (id ImportID) String() string { return fmt.Sprintf("%014x", int64(id)) }

// ParseImportID reads the 14 hexadecimal digits of an import id.
func ParseImportID(s string) (ImportID, error) {
	if len(s) != 14 {
		return 0, errors.New("an import id has 14 hexadecimal digits")
	}
	n, err := strconv.ParseInt(s, 16, 64)
	if err != nil {
		return 0, errors.New("an import id has 14 hexadecimal digits")
	}
	return ImportID(n), nil
}

// PrefixRange returns the lowest and highest import id that start with the
// hexadecimal digits of prefix (1 to 14 of them).
func PrefixRange(prefix string) (lo, hi ImportID, err error) {
	prefix = strings.ToLower(prefix)
	if prefix == "" || len(prefix) > 14 {
		return 0, 0, errors.New("an import id has up to 14 hexadecimal digits")
	}
	n, err := strconv.ParseInt(prefix, 16, 64)
	if err != nil {
		return 0, 0, errors.New("an import id has up to 14 hexadecimal digits")
	}
	shift := 4 * (14 - len(prefix))
	return ImportID(n << shift), ImportID(n<<shift | (1<<shift - 1)), nil
}

// ProspectID returns the id of the prospect that row of the import founds:
// "ba", 14 hexadecimal digits of the import, 8 of the row. It is ordered in
// time, never looks like a number, and is the same when a plan is made again.
func ProspectID(id ImportID, row int64) string {
	return fmt.Sprintf("ba%014x%08x", int64(id), row)
}

// ParseProspectID splits a prospect id into the import and row that founded it.
func ParseProspectID(s string) (ImportID, int64, error) {
	if len(s) != 24 || !strings.HasPrefix(s, "ba") {
		return 0, 0, errors.New("a prospect id is ba and 22 hexadecimal digits")
	}
	id, err := strconv.ParseInt(s[2:16], 16, 64)
	if err != nil {
		return 0, 0, errors.New("a prospect id is ba and 22 hexadecimal digits")
	}
	row, err := strconv.ParseInt(s[16:], 16, 64)
	if err != nil {
		return 0, 0, errors.New("a prospect id is ba and 22 hexadecimal digits")
	}
	return ImportID(id), row, nil
}

// LeadID names the lead that row of the import stated: the import's id, a
// colon and the row, as in the feedback file's bateia_row.
func LeadID(id ImportID, row int64) string { return fmt.Sprintf("%s:%d", id, row) }
