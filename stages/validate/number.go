package validate

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDigits bounds a number: longer runs of digits are codes, not amounts.
const maxDigits = 30

// exactDigits is how many digits a number with a fraction keeps, as spreadsheets keep
// them: what computes with it may hold it in binary, which has no more. Whole numbers
// keep all.
const exactDigits = 15

// significant is the place of the first digit that is not zero.
func significant(digits []byte) int {
	for i, d := range digits {
		if d != '0' {
			return i
		}
	}
	return len(digits)
}

// roundUp adds one to the last digit when the one behind it says so, and reports
// whether that carried beyond the first.
func roundUp(digits []byte, behind byte) (carried bool) {
	if behind < '5' {
		return false
	}
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] < '9' {
			digits[i]++
			return false
		}
		digits[i] = '0'
	}
	return true
}

// number appends nothing or the canonical form of a number, [-]1234.56 without
// needless zeros and with at most exactDigits digits in all where there is a fraction,
// and reports whether text is one. decimal is the mark that an
// ambiguous 1.234 or 1,234 is read with.
//
// Read are signs in front or behind, brackets for a negative amount, currency
// signs and codes, a percent sign (12 % is 12), groups of three digits parted
// by dot, comma, blank or apostrophe, and exponents (1,5E+03).
func (s *scratch) number(text string, decimal byte) (string, bool) {
	n, ok := splitNumber(text)
	if !ok {
		return "", false
	}
	start := len(s.buf)
	if ok = n.append(s, decimal); !ok {
		s.buf = s.buf[:start]
		return "", false
	}
	return s.since(start), true
}

// numeral is a number taken apart: digits and marks, without sign and
// currency.
type numeral struct {
	body     string // digits and marks, digits at both ends
	negative bool
	exponent int
	marks    int  // how many marks there are
	last     byte // the last mark, '\'' and ' ' for all their kinds, 0 for none
	lastAt   int  // position of the last mark in body
	after    int  // digits after the last mark
	mixed    bool // more than one kind of mark
}

// splitNumber takes off everything around the digits.
func splitNumber(text string) (n numeral, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > 4*maxDigits {
		return n, false
	}
	signs := 0
	text = trimAround(text, &n.negative, &signs)
	if inner, bracket := strings.CutPrefix(text, "("); bracket {
		if text, ok = strings.CutSuffix(inner, ")"); !ok {
			return n, false
		}
		n.negative = true
		signs++
		text = trimAround(text, &n.negative, &signs)
	}
	if signs > 1 {
		return n, false
	}
	if text, n.exponent, ok = cutExponent(text); !ok || text == "" {
		return n, false
	}
	n.body = text
	return n, n.scan()
}

// currencies are the codes and words that stand around amounts.
var currencies = []string{
	"r$", "us$", "u$s", "ar$", "mx$", "s/", "bs", "brl", "usd", "eur", "ars", "mxn", "clp", "cop", "pen", "uyu", "pyg", "gbp", "reais", "real",
}

// trimAround removes signs, currency and percent in any order from both ends.
func trimAround(text string, negative *bool, signs *int) string {
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Sc, r):
			text = text[size:]
			continue
		case r == '-' || r == '−' || r == '+':
			*negative = *negative || r != '+'
			*signs++
			text = text[size:]
			continue
		}
		r, size = utf8.DecodeLastRuneInString(text)
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Sc, r), r == '%':
			text = text[:len(text)-size]
			continue
		case r == '-' || r == '−':
			*negative = true
			*signs++
			text = text[:len(text)-size]
			continue
		}
		rest := trimCurrency(text)
		if rest == text {
			return text
		}
		text = rest
	}
	return text
}

func trimCurrency(text string) string {
	for _, c := range currencies {
		if len(text) > len(c) && strings.EqualFold(text[:len(c)], c) {
			return text[len(c):]
		}
		if at := len(text) - len(c); at > 0 && strings.EqualFold(text[at:], c) {
			return text[:at]
		}
	}
	return text
}

// cutExponent reads the E+03 that spreadsheets write.
func cutExponent(text string) (mantissa string, exponent int, ok bool) {
	at := strings.IndexAny(text, "eE")
	if at < 0 {
		return text, 0, true
	}
	digits := text[at+1:]
	sign := 1
	switch {
	case strings.HasPrefix(digits, "+"):
		digits = digits[1:]
	case strings.HasPrefix(digits, "-"):
		digits, sign = digits[1:], -1
	}
	if digits == "" || len(digits) > 2 {
		return "", 0, false
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return "", 0, false
		}
		exponent = 10*exponent + int(c-'0')
	}
	return text[:at], sign * exponent, exponent <= maxDigits
}

// markAt returns the mark at body[i:] and its length in bytes, 0 for none.
func markAt(body string, i int) (mark byte, size int) {
	switch c := body[i]; c {
	case '.', ',', ' ', '\'':
		return c, 1
	}
	switch r, size := utf8.DecodeRuneInString(body[i:]); r {
	case '’', '‘', '´', '`':
		return '\'', size
	case 0xa0, 0x202f, 0x2009:
		return ' ', size
	}
	return 0, 0
}

// scan finds the marks and checks that nothing but digits stands between them.
func (n *numeral) scan() bool {
	digits, gap := 0, true
	for i := 0; i < len(n.body); {
		if c := n.body[i]; c >= '0' && c <= '9' {
			digits++
			n.after++
			gap = false
			i++
			continue
		}
		mark, size := markAt(n.body, i)
		if mark == 0 || gap && (i > 0 || mark != '.' && mark != ',') {
			return false
		}
		n.mixed = n.mixed || n.marks > 0 && mark != n.last
		n.marks++
		n.last, n.lastAt, n.after = mark, i, 0
		gap = true
		i += size
	}
	return digits > 0 && digits <= maxDigits && (n.after > 0 || n.last == '.' || n.last == ',')
}

// decimalMark tells whether the last mark is a decimal one, and whether only
// the column can tell: 1.234 and 1,234.
func (n *numeral) decimalMark() (isDecimal, open bool) {
	switch {
	case n.marks == 0:
		return false, false
	case n.mixed:
		// 1.234,56 and 1'234'567,89: the last kind parts the decimals when it
		// stands there once.
		return strings.Count(n.body[:n.lastAt], n.body[n.lastAt:n.lastAt+1]) == 0 && n.last != ' ', false
	case n.marks > 1 || n.last == ' ' || n.last == '\'':
		return false, false
	case n.after != 3 || n.lastAt > 3 || n.lastAt == 0 || n.body[0] == '0':
		return true, false
	}
	return false, true
}

// append writes the canonical form, or returns false when the groups are not
// of three digits.
func (n *numeral) append(s *scratch, decimal byte) bool {
	isDecimal, open := n.decimalMark()
	if open {
		isDecimal = n.last == decimal
	}
	whole, fraction := n.body, ""
	if isDecimal {
		_, size := markAt(n.body, n.lastAt)
		whole, fraction = n.body[:n.lastAt], n.body[n.lastAt+size:]
	}
	if !groupsOfThree(whole) {
		return false
	}
	if n.negative {
		s.buf = append(s.buf, '-')
	}
	start := len(s.buf)
	point := 0
	for i := 0; i < len(whole); i++ {
		if c := whole[i]; c >= '0' && c <= '9' {
			s.buf = append(s.buf, c)
			point++
		}
	}
	s.buf = append(s.buf, fraction...)
	return n.place(s, start, point+n.exponent)
}

// place puts the point behind the first point digits of those in buf[start:]
// and removes needless zeros. Minus zero becomes zero. It returns false when
// an exponent leads to more digits than a number may have.
func (n *numeral) place(s *scratch, start, point int) bool {
	if point > maxDigits || point < -maxDigits {
		return false
	}
	var stack [4 * maxDigits]byte
	digits := append(stack[:0], s.buf[start:]...)
	for point <= 0 {
		digits = append(digits[:1], digits...)
		digits[0] = '0'
		point++
	}
	for len(digits) < point {
		digits = append(digits, '0')
	}
	first := 0
	for first < point-1 && digits[first] == '0' {
		first++
	}
	last := len(digits)
	for last > point && digits[last-1] == '0' {
		last--
	}
	if last-first > maxDigits {
		return false
	}
	if cut := max(point, significant(digits)+exactDigits); last > cut {
		if roundUp(digits[:cut], digits[cut]) {
			digits = append([]byte{'1'}, digits...)
			point, cut, first = point+1, cut+1, 0
		}
		for last = cut; last > point && digits[last-1] == '0'; {
			last--
		}
		first = min(first, significant(digits), point-1)
	}
	s.buf = s.buf[:start]
	s.buf = append(s.buf, digits[first:point]...)
	if last > point {
		s.buf = append(s.buf, '.')
		s.buf = append(s.buf, digits[point:last]...)
	}
	if n.negative && len(s.buf) == start+1 && s.buf[start] == '0' {
		s.buf = append(s.buf[:start-1], '0')
	}
	return true
}

// groupsOfThree reports whether the marks in a whole number part groups of
// three digits.
func groupsOfThree(whole string) bool {
	run, marked := 0, false
	for i := 0; i < len(whole); {
		if c := whole[i]; c >= '0' && c <= '9' {
			run++
			i++
			continue
		}
		if run > 3 || run == 0 || marked && run != 3 {
			return false
		}
		_, size := markAt(whole, i)
		marked, run = true, 0
		i += size
	}
	return !marked || run == 3
}

// parseNumberFormat reads the format of a mapping: the decimal mark, or an
// example that shows it.
func parseNumberFormat(format string) (decimal byte, ok bool) {
	switch strings.ToLower(strings.TrimSpace(format)) {
	case ",", "comma", "1.234,56", "1234,56", "0,00":
		return ',', true
	case ".", "dot", "point", "1,234.56", "1234.56", "0.00":
		return '.', true
	}
	return 0, false
}
