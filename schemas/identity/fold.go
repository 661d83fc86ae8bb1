package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FoldName returns a name as it is compared: lower case, without accents, punctuation dropped, one blank between words.
// "José  da Silva." and "JOSE DA SILVA" fold to "jose da silva". Apostrophes join ("D'Ávila" is "davila"), all other
// punctuation separates ("Ana-Maria" is "ana maria"). It is "" when the text has neither letter nor digit.
func FoldName(name string) string {
	var stack [128]byte
	b := stack[:0]
	blank := false
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= utf8.RuneSelf {
			letters := latinLetter(name[i:])
			if letters == "" {
				return foldRunes(name)
			}
			if blank && len(b) > 0 {
				b = append(b, ' ')
			}
			blank = false
			b = append(b, letters...)
			i++
			continue
		}
		switch class := foldTable[c]; class {
		case foldDrop:
		case foldBlank:
			blank = true
		default:
			if blank && len(b) > 0 {
				b = append(b, ' ')
			}
			blank = false
			b = append(b, class)
		}
	}
	return intern(b)
}

// latin holds what foldRunes makes of each letter from U+00C0 to U+017F, the accented letters of western alphabets; ""
// for what is no letter there. A mark that combines with such a letter is a rune of its own and goes to foldRunes.
var latin = func() (t [0x180 - 0xc0]string) {
	for i := range t {
		t[i] = foldRunes(string(rune(0xc0 + i)))
	}
	return t
}()

// latinLetter returns what the two bytes at the start of text fold to when they are a letter of latin, else "".
func latinLetter(text string) string {
	if len(text) < 2 || text[0] < 0xc3 || text[0] > 0xc5 || text[1]&0xc0 != 0x80 {
		return ""
	}
	return latin[(int(text[0]&0x1f)<<6|int(text[1]&0x3f))-0xc0]
}

// foldTable gives for each ASCII byte what FoldName makes of it: itself in lower case, or one of the two marks.
const (
	foldDrop  = 0
	foldBlank = 1
)

var foldTable = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			t[c] = byte(c)
		case c >= 'A' && c <= 'Z':
			t[c] = byte(c) + 'a' - 'A'
		case c == '\'' || c == '`':
			t[c] = foldDrop
		default:
			t[c] = foldBlank
		}
	}
	return t
}()

// foldRunes is FoldName for text beyond ASCII. Letters of two-letter spellings become what people type without them:
// ß is ss, æ is ae, ø is o.
func foldRunes(name string) string {
	var stack [128]byte
	b := stack[:0]
	blank := false
	put := func(s string) {
		if blank && len(b) > 0 {
			b = append(b, ' ')
		}
		blank = false
		b = append(b, s...)
	}
	var buf [utf8.UTFMax]byte
	for _, r := range decompose(name) {
		switch {
		case r < utf8.RuneSelf:
			switch class := foldTable[r]; class {
			case foldDrop:
			case foldBlank:
				blank = true
			default:
				buf[0] = class
				put(string(buf[:1]))
			}
		case unicode.Is(unicode.Mn, r), invisible(r):
		case r == '’', r == '‘', r == '´', r == 'ʼ':
		case r == 'ß':
			put("ss")
		case r == 'æ', r == 'Æ':
			put("ae")
		case r == 'œ', r == 'Œ':
			put("oe")
		case r == 'ø', r == 'Ø':
			put("o")
		case r == 'đ', r == 'Đ', r == 'ð', r == 'Ð':
			put("d")
		case r == 'ł', r == 'Ł':
			put("l")
		case r == 'ı':
			put("i")
		case r == utf8.RuneError:
			blank = true
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mc, r):
			n := utf8.EncodeRune(buf[:], unicode.ToLower(r))
			put(string(buf[:n]))
		default:
			blank = true
		}
	}
	return intern(b)
}

// decompose splits accents from letters and compatibility forms (full width, ligatures) into plain ones. Bytes that are
// no text become U+FFFD.
func decompose(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if norm.NFKD.IsNormalString(s) {
		return s
	}
	return norm.NFKD.String(s)
}

// invisible reports marks that programs leave between characters: zero-width blanks, direction marks, soft hyphens,
// variation selectors.
func invisible(r rune) bool {
	switch {
	case r == 0xAD, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069,
		r == 0xFEFF, r >= 0xFE00 && r <= 0xFE0F, r == 0x20E3:
		return true
	}
	return false
}

// plain is the form in which cells that are not simple ASCII are read: compatibility forms resolved (full-width digits
// and ＠), accents taken off, every blank a space and every dash a hyphen, invisible marks and pictures dropped.
func plain(text string) string {
	ascii := true
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range decompose(text) {
		switch {
		case r == utf8.RuneError:
			b.WriteRune(r)
		case invisible(r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.So, r), unicode.Is(unicode.Sk, r) && r != '^' && r != '`':
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case unicode.Is(unicode.Pd, r), r == '−':
			b.WriteByte('-')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsDigit(r):
			b.WriteByte('0' + byte(digitValue(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// digitValue is the value of a decimal digit of any script: they stand in runs of ten, each from zero.
func digitValue(r rune) int {
	n := 0
	for n < 9 && unicode.IsDigit(r-1-rune(n)) {
		n++
	}
	return n % 10
}
