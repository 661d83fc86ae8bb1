package validate

import (
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/bateia/bateia/schemas/identity"
)

// latin holds what the letters U+00C0 to U+017F are without their accents, ""
// for those that have no such form.
var latin = sync.OnceValue(func() *[0x180 - 0xc0]string {
	var table [0x180 - 0xc0]string
	for r := rune(0xc0); r < 0x180; r++ {
		base := ""
		for _, d := range norm.NFKD.String(string(r)) {
			if d < 0x80 {
				base += string(d)
			}
		}
		switch r {
		case 'ß':
			base = "ss"
		case 'æ', 'Æ':
			base = "ae"
		case 'œ', 'Œ':
			base = "oe"
		case 'ø', 'Ø':
			base = "o"
		case 'đ', 'Đ', 'ð', 'Ð':
			base = "d"
		case 'ł', 'Ł':
			base = "l"
		case 'ı':
			base = "i"
		}
		// Only where folding either form gives the same.
		if base != "" && identity.FoldName(base) == identity.FoldName(string(r)) {
			table[r-0xc0] = base
		}
	}
	return &table
})

// plain returns text with the letters of western alphabets in ASCII when that
// is all it takes, else text itself: folding the result gives what folding text
// gives, many times faster.
func (s *scratch) plain(text string) string {
	at := 0
	for at < len(text) && text[at] < 0x80 {
		at++
	}
	if at == len(text) {
		return text
	}
	table := latin()
	start := len(s.buf)
	s.buf = append(s.buf, text[:at]...)
	for at < len(text) {
		c := text[at]
		if c < 0x80 {
			s.buf = append(s.buf, c)
			at++
			continue
		}
		if c < 0xc3 || c > 0xc5 || at+1 == len(text) || text[at+1]&0xc0 != 0x80 {
			s.buf = s.buf[:start]
			return text
		}
		base := table[int(c&0x1f)<<6|int(text[at+1]&0x3f)-0xc0]
		if base == "" || at+2 < len(text) && text[at+2] >= 0xcc && text[at+2] <= 0xcd {
			s.buf = s.buf[:start]
			return text
		}
		s.buf = append(s.buf, base...)
		at += 2
	}
	return s.since(start)
}

// fold is identity.FoldName.
func (s *scratch) fold(text string) string { return identity.FoldName(s.plain(text)) }

// isBlank is identity.Blank for a cell of text.
func (s *scratch) isBlank(text string) bool { return identity.Blank(s.plain(text)) }
