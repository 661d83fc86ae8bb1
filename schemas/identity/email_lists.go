package identity

import _ "embed"

var (
	//go:embed data/roles.txt
	roleFile string
	//go:embed data/placeholder_emails.txt
	placeholderFile string

	roleWords         = wordSet(roleFile)
	placeholderEmails = wordSet(placeholderFile)
)

// roleAddress reports a local part that names a function and not a person: every word of it is a role, a number or a
// short code, and the first is a role: vendas, vendas2, vendas.rs, nfe-financeiro.
func roleAddress(local []byte) bool {
	if !startsRole.has(local) {
		return false
	}
	if in(roleWords, local) {
		return true
	}
	first := true
	for start := 0; start <= len(local); {
		end := start
		for end < len(local) && local[end] != '.' && local[end] != '-' && local[end] != '_' && local[end] != '+' {
			end++
		}
		word := local[start:end]
		word = trimDigits(word)
		if !in(roleWords, word) && (first || len(word) > 3) {
			return false
		}
		first = false
		start = end + 1
	}
	return true
}

// starts is a set of beginnings, of three characters, which spares most addresses the search in a list.
type starts [1 << 15 / 64]uint64

func startsOf(words map[string]struct{}) *starts {
	t := new(starts)
	for w := range words {
		switch len(w) {
		case 0, 1:
		case 2:
			for third := range byte(32) {
				t.put(startIndex(w[0], w[1], third))
			}
		default:
			t.put(startIndex(w[0], w[1], w[2]))
		}
	}
	return t
}

func (t *starts) put(i int) { t[i/64] |= 1 << (i % 64) }

func startIndex(a, b, c byte) int { return int(a&31)<<10 | int(b&31)<<5 | int(c&31) }

// has reports whether an entry of two or more characters may start like s.
func (t *starts) has(s []byte) bool {
	i := 0
	switch len(s) {
	case 0, 1:
		return false
	case 2:
		i = startIndex(s[0], s[1], 0)
	default:
		i = startIndex(s[0], s[1], s[2])
	}
	return t[i/64]&(1<<(i%64)) != 0
}

var (
	startsRole        = startsOf(roleWords)
	startsPlaceholder = startsOf(placeholderEmails)
)

// placeholderEmail reports an address that says "there is none". Entries of the file are local parts, or whole
// addresses, or @domains; digits at the end of a local part do not count (teste1).
func placeholderEmail(address []byte, at int) bool {
	if startsPlaceholder.has(address) {
		if in(placeholderEmails, address[:at]) || in(placeholderEmails, trimDigits(address[:at])) || in(placeholderEmails, address) {
			return true
		}
	}
	return startsPlaceholder.has(address[at:]) && in(placeholderEmails, address[at:])
}

func in(words map[string]struct{}, s []byte) bool {
	_, ok := words[string(s)]
	return ok
}

func trimDigits(s []byte) []byte {
	for len(s) > 0 && isDigit(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
