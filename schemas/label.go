package schemas

import (
	"strings"

	"golang.org/x/text/cases"
)

// FoldLabel returns what makes two names of a list, tag or source the same:
// blanks trimmed and collapsed, case folded.
func FoldLabel(name string) string {
	return cases.Fold().String(strings.Join(strings.Fields(name), " "))
}
