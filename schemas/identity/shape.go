package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// shapeRunes bounds Shape.
const shapeRunes = 40

// Shape shows how a value is built without showing the value: digits become 9, letters a or A, everything else stays,
// control characters become ?. "51-9999" has the shape "99-9999". Longer texts end in … after 40 characters.
func Shape(text string) string {
	var b strings.Builder
	b.Grow(min(len(text), shapeRunes+4))
	n := 0
	for _, r := range text {
		if n == shapeRunes {
			b.WriteRune('…')
			break
		}
		n++
		switch {
		case unicode.IsDigit(r), unicode.IsNumber(r):
			b.WriteByte('9')
		case unicode.IsUpper(r), unicode.IsTitle(r):
			b.WriteByte('A')
		case unicode.IsLetter(r):
			b.WriteByte('a')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsControl(r), r == utf8.RuneError, !unicode.IsGraphic(r):
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// maskRunes bounds MaskText.
const maskRunes = 60

// MaskText hides a text of unknown kind, such as a refused cell: of eight or more letters and digits the first and the
// last two stay, of four to seven the first one, of fewer none; the rest becomes *. Punctuation and blanks stay, which
// is what tells a cell that was cut short from one with a letter too much.
func MaskText(text string) string {
	total := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
			total++
		}
	}
	head, tail := 0, 0
	switch {
	case total >= 8:
		head, tail = 2, 2
	case total >= 4:
		head = 1
	}
	var b strings.Builder
	written, seen := 0, 0
	for _, r := range text {
		if written == maskRunes {
			b.WriteRune('…')
			break
		}
		written++
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			seen++
			if seen <= head || seen > total-tail {
				b.WriteRune(r)
			} else {
				b.WriteByte('*')
			}
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsControl(r), r == utf8.RuneError, !unicode.IsGraphic(r):
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
