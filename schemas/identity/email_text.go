package identity

import (
	"strings"
	"unicode/utf8"
)

// maxEmailText bounds the work on one cell.
const maxEmailText = 4 << 10

// appendEmailText reads the cells that are not one plain address: mailto:, names and angle brackets, blanks inside,
// other scripts, several addresses.
func appendEmailText(dst []Value, problems []Problem, text string, o *Options) ([]Value, []Problem) {
	if len(text) > maxEmailText {
		return dst, refuse(problems, CodeEmailTooLong)
	}
	s := plainAddress(text)
	if strings.Count(s, "@") < 2 {
		return appendOne(dst, problems, s)
	}
	parts := splitAddresses(s)
	first, firstProblem := len(dst), len(problems)
	var codes []string
	for _, part := range parts {
		known, before := len(dst), len(problems)
		dst, problems = appendOne(dst, problems, part)
		if len(problems) > before && problems[before].Severity == Error {
			codes = append(codes, problems[before].Code)
			problems = problems[:before]
		}
		if len(dst) > known && holds(dst[first:known], dst[known]) {
			dst, problems = dst[:known], problems[:before]
		}
	}
	switch found := len(dst) - first; {
	case found == 0 && len(codes) > 0:
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

// splitAddresses divides a cell with several @ signs at separators that no unquoted address contains, then at slashes
// and bars, which are legal in a local part but never used.
func splitAddresses(s string) []string {
	var parts []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(";,\n\r", r) }) {
		if strings.Count(part, "@") < 2 {
			if strings.Contains(part, "@") {
				parts = append(parts, part)
			}
			continue
		}
		if strings.ContainsAny(part, "<>") {
			for piece := range strings.SplitAfterSeq(part, ">") {
				if strings.Contains(piece, "@") {
					parts = append(parts, piece)
				}
			}
			continue
		}
		for _, piece := range strings.FieldsFunc(tighten(part), func(r rune) bool { return strings.ContainsRune(" \t/|", r) }) {
			if strings.Contains(piece, "@") {
				parts = append(parts, piece)
			}
		}
	}
	return parts
}

// appendOne reads a text with one address.
func appendOne(dst []Value, problems []Problem, s string) ([]Value, []Problem) {
	address := bareAddress(s)
	var buf [maxEmail + 1]byte
	if n, at, letters := scanEmail(&buf, address); n > 0 {
		return appendAddress(dst, problems, buf[:n], at, letters)
	}
	local, domain, ok := strings.Cut(address, "@")
	if ok && !isASCII(domain) {
		ascii, err := idnaProfile.ToASCII(domain)
		if err == nil {
			address = local + "@" + ascii
			if n, at, letters := scanEmail(&buf, address); n > 0 {
				return appendAddress(dst, problems, buf[:n], at, letters)
			}
		}
	}
	if ok && (len(address) > maxEmail || len(local) > maxLocal || len(domain) > maxDomain) {
		return dst, refuse(problems, CodeEmailTooLong)
	}
	p := Problem{Code: CodeEmailInvalid, Severity: Error}
	if ok && !strings.Contains(domain, ".") {
		p.Suggestion = providerOf(domain)
	}
	return dst, append(problems, p)
}

// bareAddress takes away what people and mail programs put around an address: mailto:, a name with angle brackets,
// quotes or brackets on both sides, a comma or semicolon at the end, blanks beside @ and dots.
func bareAddress(s string) string {
	s = strings.Trim(s, " \t")
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		if end := strings.IndexByte(s[open:], '>'); end > 0 && strings.Trim(s[open+end+1:], " \t,;.") == "" {
			s = s[open+1 : open+end]
		}
	}
	for {
		before := s
		s = strings.Trim(s, " \t")
		s = strings.TrimRight(s, ",;:!")
		s = strings.TrimLeft(s, ",;:")
		if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
			s, _, _ = strings.Cut(s[7:], "?")
		}
		for _, pair := range []string{`""`, "''", "()", "[]", "<>"} {
			if len(s) > 2 && s[0] == pair[0] && s[len(s)-1] == pair[1] && strings.IndexByte(s[1:len(s)-1], pair[0]) < 0 {
				s = s[1 : len(s)-1]
			}
		}
		if s == before {
			return tighten(s)
		}
	}
}

// tighten drops blanks that stand beside an @ or a dot, where none can be meant.
func tighten(s string) string {
	if !strings.ContainsAny(s, " \t") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != ' ' && s[i] != '\t' {
			b.WriteByte(s[i])
			continue
		}
		end := i
		for end < len(s) && (s[end] == ' ' || s[end] == '\t') {
			end++
		}
		before := i > 0 && (s[i-1] == '@' || s[i-1] == '.')
		after := end < len(s) && (s[end] == '@' || s[end] == '.')
		if !before && !after {
			b.WriteByte(' ')
		}
		i = end - 1
	}
	return b.String()
}

// plainAddress resolves full-width forms and drops invisible marks, but keeps accents: they decide whether a domain is
// an international one, and make a local part wrong.
func plainAddress(text string) string {
	if isASCII(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case invisible(r):
		case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
			b.WriteByte(byte(r - 0xFF01 + '!'))
		case r == 0xA0, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x3000:
			b.WriteByte(' ')
		case r == '﹫':
			b.WriteByte('@')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// maskEmail keeps the first letter of the local part and the domain: a***@example.com.
func maskEmail(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" {
		return MaskText(address)
	}
	return local[:1] + "***@" + domain
}
