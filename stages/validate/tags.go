package validate

import (
	"slices"
	"strings"

	"github.com/bateia/bateia/schemas/identity"
)

// tagMarks part the tags of one cell.
const tagMarks = ",;|\n"

// appendTags appends the tags in a cell that dst does not hold yet, compared by
// their folded names. Google parts values with " ::: " and stars its own
// groups; the one that holds every contact says nothing.
func (s *scratch) appendTags(dst []string, text string) []string {
	text = strings.ReplaceAll(text, ":::", "\n")
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(tagMarks, r) }) {
		tag := s.text(strings.TrimPrefix(trimBlanks(part), "* "), false)
		tag = strings.TrimPrefix(tag, "#")
		if tag == "" || tag == "myContacts" || identity.Blank(tag) {
			continue
		}
		same := func(other string) bool { return other == tag || identity.FoldName(other) == identity.FoldName(tag) }
		if !slices.ContainsFunc(dst, same) {
			dst = append(dst, tag)
		}
	}
	return dst
}
