package validate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// text returns a text in NFC without blanks around it and without characters
// that nobody can see. With lines the line breaks inside stay; without, every
// run of blanks and breaks inside becomes one blank.
func (s *scratch) text(text string, lines bool) string {
	text = trimBlanks(text)
	if plainText(text) {
		return text
	}
	start := len(s.buf)
	blanks, breaks := 0, 0
	for i, r := range text {
		switch {
		case r == '\n':
			breaks++
		case r == '\r':
			if !strings.HasPrefix(text[i+1:], "\n") {
				breaks++
			}
		case unicode.IsSpace(r):
			blanks++
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd"), unseen(r):
		default:
			if len(s.buf) > start {
				switch {
				case lines && breaks > 0:
					for range min(breaks, 2) {
						s.buf = append(s.buf, '\n')
					}
				case lines:
					for range blanks {
						s.buf = append(s.buf, ' ')
					}
				case blanks+breaks > 0:
					s.buf = append(s.buf, ' ')
				}
			}
			blanks, breaks = 0, 0
			s.buf = utf8.AppendRune(s.buf, r)
		}
	}
	// Last, because what was dropped may have stood before a combining mark.
	clean := s.since(start)
	if !norm.NFC.IsNormalString(clean) {
		return norm.NFC.String(clean) // apart: appended to buf it would combine with what stands there
	}
	return clean
}

// trimBlanks is strings.TrimSpace, and the byte order mark that tools leave in
// front of a first cell.
func trimBlanks(text string) string {
	if text == "" {
		return text
	}
	if first, last := text[0], text[len(text)-1]; first > ' ' && first < utf8.RuneSelf && last > ' ' && last < utf8.RuneSelf {
		return text
	}
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unseen(r) })
}

// plainText reports whether a trimmed text needs no change: printable ASCII,
// or precomposed Latin letters, with single blanks.
func plainText(text string) bool {
	blank := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == ' ':
			if blank {
				return false
			}
			blank = true
			continue
		case c < ' ' || c == 0x7f:
			return false
		case c >= utf8.RuneSelf:
			// U+00C0 to U+017F are precomposed letters: in NFC as they stand.
			if c < 0xc3 || c > 0xc5 || i+1 == len(text) || text[i+1]&0xc0 != 0x80 {
				return false
			}
			i++
			if i+1 < len(text) && text[i+1] >= 0xcc && text[i+1] <= 0xcd {
				return false // a combining mark follows
			}
		case i+1 < len(text) && (text[i+1] == 0xcc || text[i+1] == 0xcd):
			return false
		}
		blank = false
	}
	return true
}

// unseen reports whether a rune is invisible and means nothing in a cell:
// controls, zero-width blanks, direction marks. The joiner stays, it holds
// emoji together.
func unseen(r rune) bool {
	switch {
	case r < ' ' && r != '\t' && r != '\n' && r != '\r', r >= 0x7f && r < 0xa0 && r != 0x85,
		r == 0xad, r == 0x200b, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e,
		r == 0x2060, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

// longerThan reports whether text has more than n runes.
func longerThan(text string, n int) bool {
	return len(text) > n && utf8.RuneCountInString(text) > n
}

// cut returns the first n runes of text.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	count := 0
	for i := range text {
		if count == n {
			return text[:i]
		}
		count++
	}
	return text
}
