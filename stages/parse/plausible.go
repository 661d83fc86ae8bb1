package parse

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Letters above ASCII of Portuguese and Spanish and the names in them, and the
// signs that stand in lists of contacts.
const (
	lowerLetters = "áàâãäéèêëíìîïóòôõöúùûüçñ"
	upperLetters = "ÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑ"
	foreign      = "æøåýÿþðßšžœÆØÅÝŸÞÐŠŽŒ" // of names from elsewhere: possible, but no evidence
	signs        = "ºª°€£§–—‘’“”•…¿¡®©´«»·²³½¼\u00a0"
)

// charClass is what a character is to plausible.
type charClass uint8

const (
	classOther charClass = iota // does not occur in text of these languages
	classLower
	classUpper
	classDigit
	classSign
	classForeign
	classNone // ASCII that is no letter or digit, or no character at all
)

// classes of the characters of one encoding.
type classes [256]charClass

// singleBytes are the single-byte encodings told apart, the likelier ones first,
// with the classes of their characters.
var singleBytes = sync.OnceValue(func() (all []namedClasses) {
	for _, name := range []string{cp1252Name, latin9Name, macRomanName, cp850Name} {
		all = append(all, namedClasses{name, classify(newCodec(name))})
	}
	return all
})

type namedClasses struct {
	name string
	classes
}

// classify fills the table of an encoding.
func classify(table *codec) (c classes) {
	for i := range c {
		r := rune(i)
		if i >= utf8.RuneSelf {
			r, _ = utf8.DecodeRuneInString(table[i-utf8.RuneSelf])
		}
		switch {
		case r < utf8.RuneSelf && unicode.IsLower(r), strings.ContainsRune(lowerLetters, r):
			c[i] = classLower
		case r < utf8.RuneSelf && unicode.IsUpper(r), strings.ContainsRune(upperLetters, r):
			c[i] = classUpper
		case r >= '0' && r <= '9':
			c[i] = classDigit
		case r < utf8.RuneSelf:
			c[i] = classNone
		case strings.ContainsRune(foreign, r):
			c[i] = classForeign
		case strings.ContainsRune(signs, r):
			c[i] = classSign
		}
	}
	return c
}

// plausible counts the bytes above 0x7F that make sense where they stand, and
// those that do not: an accented letter continues a word in its case, a sign
// does not stand inside one, and words do not consist of accented letters only.
func (c *classes) plausible(text []byte) (good, bad int) {
	run := 0
	for i, b := range text {
		if b < utf8.RuneSelf {
			run = 0
			continue
		}
		run++
		before, behind := classNone, classNone
		if i > 0 {
			before = c[text[i-1]]
		}
		if i+1 < len(text) {
			behind = c[text[i+1]]
		}
		switch class := c[b]; {
		case class == classOther:
			bad++
		case class == classForeign:
			if run > 2 || !isLetter(before) || !isLetter(behind) {
				bad++
			}
		case class == classSign:
			if isLetter(before) && isLetter(behind) && b != 0x92 { // d’Ávila in Windows-1252
				bad++
			}
		case run > 2:
			bad++
		case class == classLower && before == classUpper && behind == classUpper,
			class == classUpper && before == classLower:
			bad++
		case isLetter(before) || isLetter(behind):
			good++
		}
	}
	return good, bad
}

func isLetter(c charClass) bool { return c == classLower || c == classUpper }

// guessSingleByte returns the single-byte encoding in which text makes most
// sense, and ok false when it makes sense in none. The name of the commonest is
// taken unless another is better and that one has something wrong.
func guessSingleByte(text []byte) (name string, ok bool) {
	best, bestBad, most, high := "", 0, 0, 0
	noEuro, control := true, false
	for _, b := range text {
		if b >= utf8.RuneSelf {
			high++
			control = control || b < 0xA0
			noEuro = noEuro && b != 0xA4
		}
	}
	all := singleBytes()
	for i := range all {
		s := &all[i]
		if s.name == latin9Name && (control || noEuro) {
			continue // then the two are the same but for letters of other languages
		}
		good, bad := s.plausible(text)
		if score := good - 2*bad; best == "" || (score > most && bestBad > 0 && bad*8 <= good) {
			best, most, bestBad = s.name, score, bad
		}
	}
	return best, bestBad*4 <= high
}
