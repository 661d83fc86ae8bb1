package parse

import (
	"bytes"
	"unicode/utf8"
)

// valueType is what a cell of a sample looks like.
type valueType uint8

const (
	typeEmpty valueType = iota
	typeNumber
	typeDate
	typePhone
	typeEmail
	typeText
	typeMixed // holds what separates cells rather than what stands in one
)

// cellType looks at the characters of a cell only: it is asked for every cell of
// a sample under every candidate.
func cellType(c []byte) valueType {
	c = bytes.TrimSpace(c)
	if len(c) == 0 {
		return typeEmpty
	}
	if bytes.HasPrefix(c, []byte("http")) && bytes.Contains(c, []byte("://")) {
		return typeText
	}
	var digits, letters, points, slashes, ats, marks, other, blanks, commas int
	for i, ch := range c {
		switch {
		case ch >= '0' && ch <= '9':
			digits++
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch >= utf8.RuneSelf:
			letters++
		case ch == '.':
			points++
		case ch == ',':
			commas++
		case ch == '/' || ch == '-' || ch == ':':
			slashes++
		case ch == '@':
			ats++
		case ch == ' ':
			blanks++
		case ch == '(' || ch == ')' || ch == '+' || ch == '$' || ch == '%' || ch == '#':
			marks++
		case ch == ';' && i+1 < len(c) && c[i+1] == ' ':
			other++ // running text
		case ch == ';' || ch == '\t' || ch == '|' || ch == '"':
			return typeMixed
		default:
			other++
		}
	}
	switch {
	case ats == 1 && letters > 0 && points > 0 && blanks+commas+marks == 0 && c[0] != '@':
		return typeEmail
	case digits == 0 || letters > 0 || other > 0:
		if commas > 2 && blanks == 0 {
			return typeMixed
		}
		return typeText
	case isDate(c):
		return typeDate
	case digits >= 8 && commas == 0 && points == 0 && (marks > 0 || (slashes > 0 && bytes.IndexByte(c, '-') > 0 && digits >= 10)):
		return typePhone
	case commas > 1 && points == 0 && !grouped(c, ',') || blanks > 0 && commas > 0 && marks == 0:
		return typeMixed
	}
	return typeNumber
}

// isDate recognizes dd/mm/yyyy, yyyy-mm-dd and their kin, with or without a time.
func isDate(c []byte) bool {
	day, _, _ := bytes.Cut(bytes.ReplaceAll(c, []byte{'T'}, []byte{' '}), []byte{' '})
	for _, sep := range []string{"/", "-", "."} {
		parts := bytes.Split(day, []byte(sep))
		if len(parts) != 3 {
			continue
		}
		sum := 0
		for _, p := range parts {
			if len(p) != 1 && len(p) != 2 && len(p) != 4 {
				return false
			}
			for _, d := range p {
				if d < '0' || d > '9' {
					return false
				}
			}
			sum += len(p)
		}
		return sum >= 4 && sum <= 8 && (len(parts[0]) == 4 || len(parts[2]) != 1)
	}
	return false
}

// grouped reports whether every part behind a mark has three digits.
func grouped(c []byte, mark byte) bool {
	parts := bytes.Split(c, []byte{mark})
	for _, p := range parts[1:] {
		if len(p) < 3 {
			return false
		}
	}
	return true
}

// isWhole recognizes lines that are one value although they hold what could be a
// delimiter: a date, a time, both of them, a web address, an e-mail address.
func isWhole(c []byte) bool {
	if bytes.HasPrefix(c, []byte("http")) && bytes.Contains(c, []byte("://")) {
		return bytes.IndexByte(c, ' ') < 0
	}
	day, clock, both := bytes.Cut(bytes.ReplaceAll(c, []byte{'T'}, []byte{' '}), []byte{' '})
	switch {
	case len(c) == 0:
		return false
	case both:
		return isDate(day) && isTime(clock)
	}
	return isDate(c) || isTime(c) || cellType(c) == typeEmail
}

// isTime recognizes hh:mm and hh:mm:ss, with a fraction and a zone behind.
func isTime(c []byte) bool {
	c = bytes.TrimSuffix(c, []byte{'Z'})
	if i := bytes.LastIndexAny(c, "+-"); i > 0 && isTime(c[i+1:]) {
		c = c[:i]
	}
	parts := bytes.Split(c, []byte{':'})
	if len(parts) < 2 || len(parts) > 3 {
		return false
	}
	for i, p := range parts {
		if i == 2 {
			var fraction []byte
			p, fraction, _ = bytes.Cut(p, []byte{'.'})
			if digits(fraction) != len(fraction) {
				return false
			}
		}
		if len(p) == 0 || len(p) > 2 || i > 0 && len(p) != 2 || digits(p) != len(p) {
			return false
		}
	}
	return true
}

// isCommaNumber recognizes a number with a decimal comma and two digits behind.
func isCommaNumber(c []byte) bool {
	before, behind, ok := bytes.Cut(c, []byte{','})
	return ok && len(before) > 0 && len(behind) == 2 && digits(before) == len(before) && digits(behind) == 2
}
