package identity

import (
	_ "embed"
	"strings"
)

// number is a phone number that exists in some plan.
type number struct {
	plan        *plan // nil when the library decided
	region      string
	line        lineType
	national    [16]byte
	n           int
	e164        string // only when the library decided
	ninthAdded  bool
	areaAssumed bool
}

// try makes the digits the number when the plan has them.
func (n *number) try(p *plan, national []byte) bool {
	if len(national) > len(n.national) {
		return false
	}
	label := p.label(national)
	if label == 0 {
		return false
	}
	n.plan = p
	n.region = p.regions[label/16]
	n.line = lineType(label % 16)
	n.n = copy(n.national[:], national)
	return true
}

// tryJoined is try for a number that is put together from two pieces.
func (n *number) tryJoined(p *plan, head, tail []byte) bool {
	var b [16]byte
	if len(head)+len(tail) > len(b) {
		return false
	}
	k := copy(b[:], head)
	k += copy(b[k:], tail)
	return n.try(p, b[:k])
}

// set fills in the identity and reports whether it is a placeholder.
func (n *number) set(v *Value) (placeholder bool) {
	v.Kind, v.Country = Phone, n.region
	v.Sub, v.Strength = n.describe()
	if n.plan == nil {
		v.Canonical = n.e164
	} else {
		var b [24]byte
		e164 := append(b[:0], '+')
		e164 = append(e164, n.plan.code...)
		e164 = append(e164, n.national[:n.n]...)
		v.Canonical = intern(e164)
	}
	if placeholder = n.placeholder(); placeholder {
		v.Strength = Shared
	}
	return placeholder
}

// describe turns the plan's line type into ours. Where a plan does not tell mobiles from landlines (Mexico, the North
// American countries) a number joins: nearly all numbers on a list of people are mobiles there, and a switchboard shows
// itself by its many names.
func (n *number) describe() (sub string, strength Strength) {
	switch n.line {
	case lineMobile:
		return LineMobile, Joining
	case lineFixed:
		return LineLandline, Shared
	case lineFixedOrMobile:
		if n.region == "CL" {
			// Portability merged the patterns of Chile, the first digit still tells: 9 is a mobile.
			if n.national[0] == '9' {
				return LineMobile, Joining
			}
			return LineLandline, Shared
		}
		return LineOther, Joining
	case lineTollFree, lineSharedCost:
		return LineTollFree, Shared
	}
	return LineOther, Shared
}

// placeholder reports whether every digit of the subscriber is the same, as in 99999-9999, or the number is in
// data/placeholder_phones.txt. Brazil's ninth digit does not count as the subscriber's: 98888-8888 is 8888-8888 with it.
func (n *number) placeholder() bool {
	digits := n.national[:n.n]
	need := 7
	switch n.region {
	case "BR", "CL", "PE", "ES", "PT":
		need = 8
	}
	if len(digits) < need {
		return false
	}
	last := digits[len(digits)-1]
	for _, c := range digits[len(digits)-need:] {
		if c != last {
			return n.plan != nil && len(digits) >= 10 && placeholderPhones[n.plan.code] == string(digits[len(digits)-8:])
		}
	}
	return true
}

// placeholderPhones is the listed ending by calling code.
var placeholderPhones = func() map[string]string {
	m := map[string]string{}
	for _, line := range words(placeholderPhoneFile) {
		if code, ending, ok := strings.Cut(line, " "); ok {
			m[code] = ending
		}
	}
	return m
}()

//go:embed data/placeholder_phones.txt
var placeholderPhoneFile string
