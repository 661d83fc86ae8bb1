package identity

import (
	"net/url"
	"strings"
)

// appendPhoneText reads the cells that scan gave up on: letters, links, extensions, several numbers, other scripts.
func appendPhoneText(dst []Value, problems []Problem, text string, o *Options) ([]Value, []Problem) {
	if Blank(text) {
		return dst, problems
	}
	if len(text) > maxPhoneText {
		return dst, refuse(problems, CodePhoneTooLong)
	}
	s := strings.TrimSpace(strings.ToLower(plain(text)))
	s = strings.Trim(s, "\"'=") // spreadsheets guard digits as '55… and ="55…"
	s = cutDecimals(s)
	if isScientific(s) {
		return dst, refuse(problems, CodePhoneScientific)
	}
	if digits, ok := linkNumber(s); ok {
		s = digits
	}
	if parts := separateNumbers(s); parts != nil {
		return appendParts(dst, problems, parts, o)
	}
	v, ps, code := readPart(s, o)
	if code == "" {
		return append(dst, v...), append(problems, ps...)
	}
	if parts := gluedNumbers(s, o); parts != nil {
		return appendParts(dst, problems, parts, o)
	}
	return dst, refuse(problems, code)
}

// maxPhoneText bounds the work on one cell.
const maxPhoneText = 400

// appendParts reads the pieces of a cell with several numbers. A piece that lacks an area code takes the one of the
// piece before it: "51 3333-4444 / 3333-5555".
func appendParts(dst []Value, problems []Problem, parts []string, o *Options) ([]Value, []Problem) {
	first, firstProblem := len(dst), len(problems)
	own := *o
	var codes []string
	for _, part := range parts {
		v, ps, code := readPart(part, &own)
		if code != "" {
			codes = append(codes, code)
			continue
		}
		for i := range v {
			if !holds(dst[first:], v[i]) {
				dst = append(dst, v[i])
			}
			if area := areaOf(v[i]); area != "" && o.AreaCode == "" {
				own.AreaCode = area
			}
		}
		problems = append(problems, ps...)
	}
	switch found := len(dst) - first; {
	case found == 0:
		return dst, refuse(problems[:firstProblem], codes[0])
	case found+len(codes) > 1 && o.RejectMultiple:
		return dst[:first], refuse(problems[:firstProblem], CodeMultipleInCell)
	case found > 1:
		problems = warn(problems, CodeMultipleInCell)
	}
	for _, code := range codes {
		problems = warn(problems, code)
	}
	return dst, problems
}

func holds(values []Value, v Value) bool {
	for i := range values {
		if values[i].Canonical == v.Canonical {
			return true
		}
	}
	return false
}

// areaOf is the area code of a Brazilian number, the only plan whose area codes have one length.
func areaOf(v Value) string {
	if v.Country == "BR" && len(v.Canonical) >= 13 {
		return v.Canonical[3:5]
	}
	return ""
}

// readPart reads a text that holds one number. code is "" or why it was refused.
func readPart(s string, o *Options) (values []Value, problems []Problem, code string) {
	s, plus := cutScheme(s)
	s, extension := cutExtension(s)
	var d dialed
	if code := d.scanLoose(s); code != "" {
		return nil, nil, code
	}
	d.plus = d.plus || plus
	if d.zero {
		return nil, nil, CodePhoneInvalid
	}
	var n number
	if code := n.read(&d, o); code != "" {
		return nil, nil, code
	}
	values, problems = n.append(nil, nil, extension)
	return values, problems, ""
}

// scanLoose collects digits past labels, placeholders for the carrier (0xx51) and more punctuation than scan takes.
func (d *dialed) scanLoose(s string) string {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case isDigit(c):
			if d.n == maxDigits {
				return CodePhoneTooLong
			}
			d.digits[d.n] = c
			d.n++
			d.zero = c == '0' && (d.n == 1 || d.zero)
			i++
		case c == '+':
			// (+55), and a plus after a label; "+55 +51" is two numbers
			if d.n > 0 {
				return CodePhoneMalformed
			}
			d.plus = true
			i++
		case c >= 'a' && c <= 'z' || c >= 0x80:
			word := leadingWord(s[i:])
			if strings.Trim(word, "x") == "" && d.n == 1 && d.digits[0] == '0' {
				// 0xx51: the carrier's two digits
			} else if _, ok := phoneLabels[word]; !ok {
				return CodePhoneMalformed
			}
			i += len(word)
		case strings.IndexByte(" \t()-./,_*[]:'\"~|;<>\\=", c) >= 0:
			i++
		default:
			return CodePhoneMalformed
		}
	}
	if d.n == 0 {
		return CodePhoneMalformed
	}
	return ""
}

func leadingWord(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= 0x80) {
			return s[:i]
		}
	}
	return s
}

// cutDecimals drops the ,0 or ,00 of a spreadsheet that took the number for one and writes decimal commas; scan does
// the same for points.
func cutDecimals(s string) string {
	head, tail, ok := strings.Cut(s, ",")
	if ok && (tail == "0" || tail == "00") && len(head) >= shortestNumber && isAllDigits(strings.TrimPrefix(head, "+")) {
		return head
	}
	return s
}

// isScientific reports 5,55E+12: the digits that a spreadsheet dropped cannot be brought back.
func isScientific(s string) bool {
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok || mantissa == "" || exponent == "" {
		return false
	}
	exponent = strings.TrimLeft(exponent, "+-")
	if exponent == "" || len(exponent) > 3 || strings.Trim(exponent, "0123456789") != "" {
		return false
	}
	mantissa = strings.TrimLeft(mantissa, "+-")
	return mantissa != "" && isDigit(mantissa[0]) && strings.Trim(mantissa, "0123456789.,") == ""
}

// linkNumber takes the number out of links and addresses that hold one: wa.me/55…, whatsapp://send?phone=55…,
// 55…@s.whatsapp.net. Such numbers always start with a calling code.
func linkNumber(s string) (string, bool) {
	if strings.Contains(s, "%") {
		if decoded, err := url.PathUnescape(s); err == nil {
			s = decoded
		}
	}
	rest := s
	switch at := strings.LastIndexByte(s, '@'); {
	case at > 0 && (s[at:] == "@s.whatsapp.net" || s[at:] == "@c.us" || s[at:] == "@whatsapp.com"):
		rest, _, _ = strings.Cut(s[:at], ":")
	case strings.Contains(s, "wa.me/"):
		_, rest, _ = strings.Cut(s, "wa.me/")
		rest, _, _ = strings.Cut(rest, "?")
		rest = strings.Trim(rest, "/ ")
	case strings.Contains(s, "phone="):
		_, rest, _ = strings.Cut(s, "phone=")
		rest, _, _ = strings.Cut(rest, "&")
	default:
		return s, false
	}
	rest = strings.TrimLeft(strings.TrimSpace(rest), "+")
	if rest == "" || strings.Trim(rest, "0123456789 -()") != "" {
		return s, false
	}
	if strings.HasPrefix(rest, "0") {
		return rest, true
	}
	return "+" + rest, true
}

// cutScheme drops tel:, whatsapp: and the like. A plus sign may follow; without one the number is read as written.
func cutScheme(s string) (rest string, plus bool) {
	s = strings.TrimSpace(s)
	for _, scheme := range []string{"tel:", "whatsapp:", "callto:", "sms:", "smsto:", "phone:", "fax:"} {
		if rest, ok := strings.CutPrefix(s, scheme); ok {
			rest = strings.TrimLeft(rest, "/ ")
			if before, after, ok := strings.Cut(rest, ";phone-context="); ok && strings.HasPrefix(after, "+") {
				return after + before, false
			}
			return rest, false
		}
	}
	return s, false
}

// extensionWords introduce an extension, the longer before those they start with.
var extensionWords = []string{
	";ext=", "extensao", "extension", "interno", "ramal", "anexo", "ext", "rml", "ram", "int", "anx", "rl", "r", "x", "#",
}

// cutExtension takes "ramal 12" and its relatives off the end: one to six digits behind a word, behind a number.
func cutExtension(s string) (number, extension string) {
	end := strings.TrimRight(s, " ).]")
	start := len(end)
	for start > 0 && isDigit(end[start-1]) {
		start--
	}
	extension = end[start:]
	if extension == "" || len(extension) > 6 {
		return s, ""
	}
	before := strings.TrimRight(end[:start], " .:-")
	for _, word := range extensionWords {
		head, ok := strings.CutSuffix(before, word)
		if !ok {
			continue
		}
		if word[0] >= 'a' && head != "" && head[len(head)-1] >= 'a' && head[len(head)-1] <= 'z' {
			continue // the end of another word
		}
		if digits := countDigits(head); digits < 7 {
			continue
		}
		return strings.TrimRight(head, " -,;/(["), extension
	}
	return s, ""
}

func countDigits(s string) (n int) {
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}
