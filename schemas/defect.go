package schemas

import (
	"strconv"
	"strings"
)

// CodeRepaired is the warning on a record with too few or too many cells that
// could be read in one way only, and is loaded.
const CodeRepaired = "ROW_REPAIRED"

// Repaired returns what stands as defect in the table records for a record that
// was repaired at a column, counted from 0: where cells were joined, or the first
// one that was missing.
func Repaired(column int) string { return CodeRepaired + ":" + strconv.Itoa(column) }

// SplitDefect returns the code of a defect and the column it speaks of, -1 for
// the record as a whole.
func SplitDefect(defect string) (code string, column int) {
	code, at, found := strings.Cut(defect, ":")
	if !found {
		return code, -1
	}
	n, err := strconv.Atoi(at)
	if err != nil || n < 0 {
		return code, -1
	}
	return code, n
}
