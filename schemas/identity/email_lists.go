package identity

import (
	_ "embed"
	"math/bits"
	"strings"
)

var (
	//go:embed data/roles.txt
	roleFile string
	//go:embed data/placeholder_emails.txt
	placeholderFile string
	//go:embed data/providers.txt
	providerFile string
	//go:embed data/domain_typos.txt
	typoFile string

	roleWords         = wordSet(roleFile)
	placeholderEmails = wordSet(placeholderFile)
	providers         = readProviders(providerFile)
	typos             = readTypos(typoFile)
)

// roleAddress reports a local part that names a function and not a person: every word of it is a role, a number or a
// short code, and the first is a role: vendas, vendas2, vendas.rs, nfe-financeiro.
func roleAddress(local []byte) bool {
	if _, ok := roleWords[string(local)]; ok {
		return true
	}
	if !startsRole[local[0]] {
		return false
	}
	first := true
	for start := 0; start <= len(local); {
		end := start
		for end < len(local) && local[end] != '.' && local[end] != '-' && local[end] != '_' && local[end] != '+' {
			end++
		}
		word := local[start:end]
		for len(word) > 0 && isDigit(word[len(word)-1]) {
			word = word[:len(word)-1]
		}
		_, role := roleWords[string(word)]
		if !role && (first || len(word) > 3) {
			return false
		}
		first = false
		start = end + 1
	}
	return true
}

// startsRole spares most addresses the search for words.
var startsRole = func() (t [256]bool) {
	for w := range roleWords {
		t[w[0]] = true
	}
	return t
}()

// placeholderEmail reports an address that says "there is none". Entries of the file are local parts, or whole
// addresses, or @domains; digits at the end of a local part do not count (teste1).
func placeholderEmail(local, domain []byte) bool {
	if !startsPlaceholder[local[0]] && !startsPlaceholder['@'] {
		return false
	}
	if startsPlaceholder[local[0]] {
		if _, ok := placeholderEmails[string(local)]; ok {
			return true
		}
		end := len(local)
		for end > 0 && isDigit(local[end-1]) {
			end--
		}
		if _, ok := placeholderEmails[string(local[:end])]; ok {
			return true
		}
		var b [maxEmail + 1]byte
		n := copy(b[:], local)
		b[n] = '@'
		n += 1 + copy(b[n+1:], domain)
		if _, ok := placeholderEmails[string(b[:n])]; ok {
			return true
		}
	}
	if !startsPlaceholderDomain[domain[0]] {
		return false
	}
	var b [maxEmail + 1]byte
	b[0] = '@'
	n := 1 + copy(b[1:], domain)
	_, ok := placeholderEmails[string(b[:n])]
	return ok
}

var startsPlaceholder, startsPlaceholderDomain = func() (first, domain [256]bool) {
	for w := range placeholderEmails {
		first[w[0]] = true
		if w[0] == '@' {
			domain[w[1]] = true
		}
	}
	return first, domain
}()

// provider is a large mail provider whose domain people mistype.
type provider struct {
	domain string
	bits   uint32
}

// neighbors are the domains one edit away from a provider's that exist on their own.
type providerList struct {
	known map[string]struct{} // providers and their neighbors: never suspect
	long  []provider          // long enough for an edit to be a typing error
}

// readProviders reads data/providers.txt: a provider per line; "~domain" lines are real domains that look like typing
// errors; "=domain" lines are providers too short to be guessed at.
func readProviders(file string) providerList {
	list := providerList{known: map[string]struct{}{}}
	for word := range wordSet(file) {
		domain := strings.TrimLeft(word, "~=")
		list.known[domain] = struct{}{}
		if domain == word {
			list.long = append(list.long, provider{domain: domain, bits: letterBits([]byte(domain))})
		}
	}
	return list
}

// readTypos reads data/domain_typos.txt: "wrong right" per line.
func readTypos(file string) map[string]string {
	m := map[string]string{}
	for line := range wordSet(file) {
		if f := strings.Fields(line); len(f) == 2 {
			m[f[0]] = f[1]
		}
	}
	return m
}

// suspectDomain returns the domain that was probably meant, "" when nothing is odd: a listed typing error, one edit
// (a letter missing, added, wrong, or two swapped) away from a large provider, or an ending that is no top-level domain.
func suspectDomain(domain []byte) string {
	if _, ok := providers.known[string(domain)]; ok {
		return ""
	}
	if meant, ok := typos[string(domain)]; ok {
		return meant
	}
	mask := letterBits(domain)
	for i := range providers.long {
		p := &providers.long[i]
		if d := len(p.domain) - len(domain); d > 1 || d < -1 || bits.OnesCount32(p.bits^mask) > 2 {
			continue
		}
		if oneEdit(p.domain, domain) {
			return p.domain
		}
	}
	dot := len(domain) - 1
	for dot > 0 && domain[dot] != '.' {
		dot--
	}
	if meant, ok := typos[string(domain[dot:])]; ok {
		return string(domain[:dot]) + meant
	}
	return ""
}

// letterBits is the set of letters in a domain; one edit changes at most two of them.
func letterBits(domain []byte) (set uint32) {
	for _, c := range domain {
		if c >= 'a' && c <= 'z' {
			set |= 1 << (c - 'a')
		}
	}
	return set
}

// oneEdit reports whether one insertion, deletion, substitution or swap of neighbors turns a into b.
func oneEdit(a string, b []byte) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	switch len(a) - len(b) {
	case 1:
		return a[i+1:] == string(b[i:])
	case -1:
		return a[i:] == string(b[i+1:])
	case 0:
		if i >= len(a) {
			return false
		}
		if a[i+1:] == string(b[i+1:]) {
			return true
		}
		return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == string(b[i+2:])
	}
	return false
}

// providerOf guesses the provider behind a domain without an ending: gmail, hotmail.
func providerOf(domain string) string {
	domain = strings.ToLower(strings.Trim(domain, " ."))
	for _, ending := range []string{".com", ".com.br"} {
		if _, ok := providers.known[domain+ending]; ok && domain != "" {
			return domain + ending
		}
	}
	return ""
}
