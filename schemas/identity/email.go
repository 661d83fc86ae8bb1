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
	if n, at, letters := scanEmail(&buf, s); n > 0 {
		return appendAddress(dst, problems, buf[:n], at, letters)
	}
	if Blank(text) {
		return dst, problems
	}
	return appendEmailText(dst, problems, text, o)
}

// scanEmail checks a plain ASCII address in one pass and writes its lower-case form. letters is the set of letters in
// the domain, for suspectDomain. Length 0 stands for anything else, which is not yet a refusal.
func scanEmail(b *[maxEmail + 1]byte, s string) (n, at int, letters uint32) {
	if len(s) > maxEmail || len(s) < 3 {
		return 0, 0, 0
	}
	for at < len(s) && emailTable[s[at]]&emailAtext != 0 {
		b[at] = lower(s[at])
		at++
	}
	// The local part may go on behind a dot; most have none.
	for at < len(s) && s[at] == '.' && at > 0 && s[at-1] != '.' {
		b[at] = '.'
		at++
		for at < len(s) && emailTable[s[at]]&emailAtext != 0 {
			b[at] = lower(s[at])
			at++
		}
	}
	if at == 0 || at == len(s) || s[at] != '@' || s[at-1] == '.' || at > maxLocal || len(s)-at-1 > maxDomain {
		return 0, 0, 0
	}
	b[at] = '@'
	start, wordy := at+1, false // where the label starts, and whether it has a letter
	for i := start; i < len(s); i++ {
		c := lower(s[i])
		b[i] = c
		switch class := emailTable[c]; {
		case class&emailLetter != 0:
			letters |= 1 << (c - 'a')
			wordy = true
		case class&emailLDH != 0:
			if c == '-' && i == start {
				return 0, 0, 0
			}
		case c == '.':
			if i == start || i-start > maxLabel || s[i-1] == '-' {
				return 0, 0, 0
			}
			start, wordy = i+1, false
		default:
			return 0, 0, 0
		}
	}
	if !wordy || len(s)-start > maxLabel || s[len(s)-1] == '-' || !plausibleDomain(b[at+1:len(s)]) {
		return 0, 0, 0
	}
	return len(s), at, letters
}

func lower(c byte) byte {
	if c-'A' < 26 {
		c |= 0x20
	}
	return c
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
func appendAddress(dst []Value, problems []Problem, address []byte, at int, letters uint32) ([]Value, []Problem) {
	lead := leadHash(address)
	if placeholderEmail(address, at, lead) {
		return dst, warn(problems, CodePlaceholder)
	}
	strength := Joining
	if roleAddress(address[:at], lead) {
		strength = Shared
	}
	if meant := suspectDomain(address[at+1:], letters); meant != "" {
		problems = append(problems, Problem{Code: CodeEmailSuspectDomain, Severity: Warning, Suggestion: meant})
	}
	return append(dst, Value{Kind: Email, Canonical: intern(address), Strength: strength}), problems
}
