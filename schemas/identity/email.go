package identity

import (
	"bytes"
	"strings"

	"golang.org/x/net/idna"
)

// ParseEmail reads one e-mail address, with the rules of ParsePhone for several, for blanks and for problems.
func ParseEmail(text string, o Options) (Value, *Problem) {
	return single(AppendEmail(nil, nil, text, &o))
}

// Limits of RFC 5321.
const (
	maxEmail  = 254
	maxLocal  = 64
	maxDomain = 253
	maxLabel  = 63
)

// AppendEmail appends every address in the cell to dst and every problem to problems. The canonical form is the
// address in lower case with an IDNA domain; dots and plus parts of the local part stay. A placeholder address is
// dropped with a warning.
func AppendEmail(dst []Value, problems []Problem, text string, o *Options) ([]Value, []Problem) {
	if o == nil {
		o = &defaultOptions
	}
	s := strings.Trim(text, " \t")
	var buf [maxEmail + 1]byte
	if n, at := scanEmail(buf[:], s); n > 0 {
		return appendAddress(dst, problems, buf[:n], at)
	}
	if Blank(text) {
		return dst, problems
	}
	return appendEmailText(dst, problems, text, o)
}

// scanEmail checks a plain ASCII address in one pass and writes its lower-case form. It returns length 0 for anything
// else, which is not yet a refusal.
func scanEmail(b []byte, s string) (n, at int) {
	if len(s) > maxEmail || len(s) < 3 {
		return 0, 0
	}
	at = -1
	label := 0 // length of the piece since the last dot or @
	letters := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		class := emailTable[c]
		switch {
		case class&emailLDH != 0:
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			label++
			letters = letters || class&emailLetter != 0
			if at >= 0 && (c == '-' && label == 1 || label > maxLabel) {
				return 0, 0
			}
		case c == '.':
			if label == 0 || s[i-1] == '-' && at >= 0 {
				return 0, 0
			}
			label, letters = 0, false
		case c == '@':
			if at >= 0 || label == 0 || i > maxLocal {
				return 0, 0
			}
			at, label, letters = i, 0, false
		case class&emailAtext != 0 && at < 0:
			label++
		default:
			return 0, 0
		}
		b[i] = c
	}
	if at < 0 || label == 0 || !letters || s[len(s)-1] == '-' || len(s)-at-1 > maxDomain {
		return 0, 0
	}
	if !plausibleDomain(b[at+1 : len(s)]) {
		return 0, 0
	}
	return len(s), at
}

// plausibleDomain asks for a dot, or a country's own two letters, some of which receive mail. Labels that are already
// in IDNA form are taken as they are: the address may be wrong, but not malformed.
func plausibleDomain(domain []byte) bool {
	return len(domain) == 2 || bytes.IndexByte(domain, '.') > 0
}

var idnaProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true),
	idna.BidiRule(), idna.ValidateLabels(true), idna.VerifyDNSLength(true))

// Classes of bytes in an address.
const (
	emailAtext  = 1 << iota // may stand in a local part
	emailLDH                // letter, digit, hyphen (and underscore in the local part only)
	emailLetter             // letter
)

var emailTable = func() (t [256]byte) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			t[c] = emailAtext | emailLDH | emailLetter
		case c >= '0' && c <= '9' || c == '-':
			t[c] = emailAtext | emailLDH
		case strings.IndexByte("!#$%&'*+/=?^_`{|}~", byte(c)) >= 0:
			t[c] = emailAtext
		}
	}
	return t
}()

// appendAddress finishes an address that is well formed.
func appendAddress(dst []Value, problems []Problem, address []byte, at int) ([]Value, []Problem) {
	local, domain := address[:at], address[at+1:]
	if placeholderEmail(address, at) {
		return dst, warn(problems, CodePlaceholder)
	}
	v := Value{Kind: Email, Canonical: intern(address), Strength: Joining}
	if roleAddress(local) {
		v.Strength = Shared
	}
	if meant := suspectDomain(domain); meant != "" {
		problems = append(problems, Problem{Code: CodeEmailSuspectDomain, Severity: Warning, Suggestion: meant})
	}
	return append(dst, v), problems
}
