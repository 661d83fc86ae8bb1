package identity

import "strings"

// ParsePhone reads one phone number. Of several in the cell it returns the first, with the first warning as problem;
// an error comes with the zero Value. A blank cell gives the zero Value and no problem.
func ParsePhone(text string, o Options) (Value, *Problem) {
	return single(AppendPhone(nil, nil, text, &o))
}

// single folds the answer of an Append function into one value and one problem: an error, else the first warning.
func single(values []Value, problems []Problem) (Value, *Problem) {
	var v Value
	if len(values) > 0 {
		v = values[0]
	}
	for i := range problems {
		if problems[i].Severity == Error {
			return Value{}, &problems[i]
		}
	}
	if len(problems) > 0 {
		return v, &problems[0]
	}
	return v, nil
}

// AppendPhone appends every phone number in the cell to dst and every problem to problems, so that a caller can reuse
// both. A blank cell appends nothing. The canonical form is E.164.
func AppendPhone(dst []Value, problems []Problem, text string, o *Options) ([]Value, []Problem) {
	if o == nil {
		o = &defaultOptions
	}
	var d dialed
	if !d.scan(text) {
		return appendPhoneText(dst, problems, text, o)
	}
	if d.zero {
		return dst, problems
	}
	if d.n == 8 && isDate(text) {
		return dst, refuse(problems, CodePhoneMalformed)
	}
	var n number
	code := n.read(&d, o)
	if code != "" {
		if d.slash || d.n > 15 { // perhaps several numbers
			return appendPhoneText(dst, problems, text, o)
		}
		return dst, refuse(problems, code)
	}
	return n.append(dst, problems, "")
}

// isDate reports 25/12/2024, 25-12-2024 and 2024-12-25, whose eight digits would make a local number.
func isDate(text string) bool {
	text = strings.TrimSpace(text)
	if len(text) != 10 {
		return false
	}
	first, second := 2, 5
	if !isDigit(text[2]) && !isDigit(text[5]) {
	} else if first, second = 4, 7; isDigit(text[4]) || isDigit(text[7]) {
		return false
	}
	sign := text[first]
	if sign != text[second] || sign != '/' && sign != '-' && sign != '.' {
		return false
	}
	year := text[6:8]
	if first == 4 {
		year = text[:2]
	}
	return year == "19" || year == "20"
}

// dialed is what can be dialed of a cell: its digits, and whether they start with a plus sign.
type dialed struct {
	digits [maxDigits]byte
	n      int
	plus   bool
	zero   bool // nothing but zeros: a filled mask, no number
	slash  bool // a slash stands between digits
}

// maxDigits is one more than any reading can use: 00, a carrier code, a calling code and a national number.
const maxDigits = 24

// scan collects the digits of a cell that holds nothing but digits and the usual punctuation. It reports false for
// every other cell, also for an empty one.
func (d *dialed) scan(text string) bool {
	var dots, afterDot, other int
	slash := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c-'0' <= 9 {
			if d.n == maxDigits {
				return false
			}
			d.digits[d.n] = c
			d.n++
			if c != '0' {
				d.zero = false
			} else if d.n == 1 {
				d.zero = true
			}
			afterDot++
			continue
		}
		switch c {
		case '/':
			if slash == 0 {
				slash = d.n
			}
			other++
		case ' ', '-', '(', ')', '\t':
			other++
		case '.':
			dots++
			afterDot = 0
		case '+':
			if d.n > 0 || d.plus {
				return false
			}
			d.plus = true
		case 0xC2: // no-break space
			if i+1 >= len(text) || text[i+1] != 0xA0 {
				return false
			}
			i++
			other++
		default:
			return false
		}
	}
	d.slash = slash > 0 && slash < d.n
	if d.n == 0 || slash >= shortestNumber && d.n-slash >= shortestNumber {
		return false
	}
	// A spreadsheet that took the number for one: 5551999999999.0
	if dots == 1 && other == 0 && (afterDot == 1 || afterDot == 2) && d.n-afterDot >= 7 {
		tail := d.digits[d.n-afterDot : d.n]
		if tail[0] == '0' && tail[len(tail)-1] == '0' {
			d.n -= afterDot
		}
	}
	return true
}

// append finishes a number that was read.
func (n *number) append(dst []Value, problems []Problem, extension string) ([]Value, []Problem) {
	dst = append(dst, Value{Extension: extension})
	placeholder := n.set(&dst[len(dst)-1])
	if n.areaAssumed {
		problems = warn(problems, CodePhoneAreaAssumed)
	}
	if n.ninthAdded {
		problems = warn(problems, CodePhoneNinthDigitAdded)
	}
	if placeholder {
		problems = warn(problems, CodePlaceholder)
	}
	return dst, problems
}
