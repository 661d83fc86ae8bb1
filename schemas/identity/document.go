package identity

import (
	"bytes"
	"strings"
)

// Doc constants are the values of Value.Sub for documents.
const (
	DocCPF   = "cpf"   // Brazil, person
	DocCNPJ  = "cnpj"  // Brazil, company
	DocCUIT  = "cuit"  // Argentina, CUIT and CUIL: one number space
	DocDNI   = "dni"   // Argentina and Peru, person
	DocRUT   = "rut"   // Chile, and companies of Uruguay
	DocCI    = "ci"    // Uruguay, Ecuador, Venezuela: identity card
	DocNIT   = "nit"   // Colombia, tax number; of a person it is the card's number
	DocCC    = "cc"    // Colombia, identity card
	DocRFC   = "rfc"   // Mexico, tax number
	DocCURP  = "curp"  // Mexico, person
	DocRUC   = "ruc"   // Peru, Ecuador, Paraguay
	DocRIF   = "rif"   // Venezuela, tax number
	DocOther = "other" // any other country, unchecked
)

// ParseDocument reads one document number, with the rules of ParsePhone for blanks and problems.
func ParseDocument(text string, o Options) (Value, *Problem) {
	return single(AppendDocument(nil, nil, text, &o))
}

// AppendDocument appends the document in the cell to dst and its problems to problems. It is read by the rules of
// Options.Country, or of the country that the cell names in front: "AR:20-12345678-6".
//
// The canonical form has no punctuation. Brazil's CPF and CNPJ stand alone, those of all other countries behind the
// country's code, since one row of digits may be good in several: "52998224725", "AR:20123456786". Numbers whose check
// digit people write or leave out (NIT, the RUC of Paraguay, the card of Venezuela) have one canonical form for both.
func AppendDocument(dst []Value, problems []Problem, text string, o *Options) ([]Value, []Problem) {
	if o == nil {
		o = &defaultOptions
	}
	if o.Country == "" || o.Country == "BR" {
		var b [14]byte
		switch n := scanBrazil(&b, text); {
		case n == 11 && validCPF(b[:11]) && !placeholderCPF(b[:11]):
			return append(dst, Value{Kind: Document, Canonical: intern(b[:11]), Strength: Joining, Country: "BR", Sub: DocCPF}), problems
		case n == 14 && validCNPJ(&b):
			return append(dst, Value{Kind: Document, Canonical: intern(b[:]), Strength: Joining, Country: "BR", Sub: DocCNPJ}), problems
		}
	}
	var d document
	if !d.scan(text) {
		if Blank(text) {
			return dst, problems
		}
		if text = plain(text); !d.scan(text) {
			return dst, refuse(problems, CodeDocumentInvalid)
		}
	}
	country := o.country()
	switch {
	case d.country != "":
		country = d.country
	case d.label != "":
		country = d.labelCountry(country)
	}
	if d.figures == 0 || d.zeros {
		if Blank(text) {
			return dst, problems
		}
		return dst, refuse(problems, CodeDocumentInvalid)
	}
	return d.append(dst, problems, country)
}

// maxDocument is the longest number that is read.
const maxDocument = 24

// enye stands for Ñ, which companies' RFCs may hold, so that a character stays one byte while a number is checked.
const enye = '#'

// document is what a cell holds: letters and digits in upper case, and where a hyphen stood before the last of them.
type document struct {
	buf      [maxDocument]byte
	n        int
	figures  int    // how many of them are digits
	zeros    bool   // nothing but zeros
	restored bool   // a leading zero was put back
	hyphen   int    // how many characters follow the last hyphen; 0 without one
	label    string // the name of the document in front, lower case
	country  string // the country in front, as in our own canonical form
}

// scan reads letters and digits past the separators that documents are written with. It reports false for any other
// character.
func (d *document) scan(text string) bool {
	*d = document{zeros: true}
	text = d.takeLabel(text)
	hyphen := -1
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case isDigit(c):
			d.figures++
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 'A' && c <= 'Z' || c == '&':
		case c == '-':
			hyphen = d.n
			continue
		case c == '.' || c == '/' || c == ' ' || c == '\t' || c == '\'' || c == '"' || c == ',':
			continue
		case c == 0xE2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2] >= 0x90 && text[i+2] <= 0x95: // ‐ ‑ ‒ – — ―
			hyphen = d.n
			i += 2
			continue
		case c == 0xC3 && i+1 < len(text) && (text[i+1] == 0x91 || text[i+1] == 0xB1): // Ñ ñ
			c = enye
			i++
		case c == 0xC2 && i+1 < len(text) && text[i+1] == 0xA0: // no-break space
			i++
			continue
		default:
			return false
		}
		if d.n == maxDocument {
			return false
		}
		d.buf[d.n] = c
		d.n++
		if c != '0' && c != '&' {
			d.zeros = false
		}
	}
	if hyphen > 0 {
		d.hyphen = d.n - hyphen
	}
	return true
}

// labels are the names that may stand in front of a number.
var documentLabels = map[string]string{
	"cpf": "BR", "cnpj": "BR", "cpf/cnpj": "BR", "cnpj/cpf": "BR", "cuit": "AR", "cuil": "AR", "dni": "", "rut": "", "run": "CL",
	"nit": "CO", "cc": "CO", "rfc": "MX", "curp": "MX", "ruc": "", "rif": "VE", "ci": "", "ie": "",
}

// takeLabel splits "CNPJ: 12.345…" and "AR:20…" into the words before and the number.
func (d *document) takeLabel(text string) string {
	end := 0
	for end < len(text) && (text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z' || text[end] == '/' && end > 0 || text[end] == '.' && end > 0) {
		end++
	}
	if end < 2 || end == len(text) || end > 9 {
		return text
	}
	if end == 2 && text[2] == ':' && text[0] <= 'Z' && text[1] <= 'Z' {
		d.country = text[:2]
		return text[3:]
	}
	word := strings.ToLower(strings.ReplaceAll(text[:end], ".", ""))
	if _, ok := documentLabels[word]; !ok || text[end] != ':' && text[end] != ' ' && !isDigit(text[end]) && text[end] != '-' {
		return text
	}
	d.label = word
	return strings.TrimLeft(text[end:], ": ")
}

// labelCountry is the country of the label, the account's when several countries use the word.
func (d *document) labelCountry(home string) string {
	if country := documentLabels[d.label]; country != "" {
		return country
	}
	return home
}

// append decides by country.
func (d *document) append(dst []Value, problems []Problem, country string) ([]Value, []Problem) {
	if country == "BR" {
		return d.appendBrazil(dst, problems)
	}
	sub, known := d.check(country)
	if !known && isCountry(country) && d.n >= 4 {
		sub = DocOther
	}
	if sub == "" {
		return dst, refuse(problems, CodeDocumentInvalid)
	}
	if sub != DocRFC && bytes.IndexByte(d.buf[:d.n], enye) >= 0 {
		return dst, refuse(problems, CodeDocumentInvalid)
	}
	var b [2*maxDocument + 3]byte
	canonical := append(b[:0], country...)
	canonical = append(canonical, ':')
	for _, c := range d.buf[:d.n] {
		if c == enye {
			canonical = append(canonical, "Ñ"...)
		} else {
			canonical = append(canonical, c)
		}
	}
	if d.restored {
		problems = warn(problems, CodeDocumentZeros)
	}
	v := Value{Kind: Document, Canonical: intern(canonical), Strength: Joining, Sub: sub}
	v.Country = v.Canonical[:2]
	if d.placeholder(country) {
		v.Strength = Shared
		problems = warn(problems, CodePlaceholder)
	}
	return append(dst, v), problems
}

func isCountry(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

// placeholder reports numbers that are right and belong to nobody: Mexico's RFC for the public at large and for
// foreigners, and rows of one digit that a country does not refuse.
func (d *document) placeholder(country string) bool {
	s := d.buf[:d.n]
	if country == "MX" && (string(s) == "XAXX010101000" || string(s) == "XEXX010101000") {
		return true
	}
	return d.n >= 6 && repeated(s[:d.n-1])
}

func repeated(s []byte) bool {
	for _, c := range s {
		if c != s[0] {
			return false
		}
	}
	return true
}

// digits reports whether the document has only digits, between lo and hi of them.
func (d *document) digits(lo, hi int) bool {
	if d.n < lo || d.n > hi {
		return false
	}
	for _, c := range d.buf[:d.n] {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// trimZeros drops leading zeros, which people write or leave out of cards.
func (d *document) trimZeros() {
	k := 0
	for k < d.n-1 && d.buf[k] == '0' {
		k++
	}
	d.n = copy(d.buf[:], d.buf[k:d.n])
}
