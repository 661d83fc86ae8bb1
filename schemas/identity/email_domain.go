package identity

import (
	"bytes"
	_ "embed"
	"math/bits"
	"strings"
)

var (
	//go:embed data/providers.txt
	providerFile string
	//go:embed data/domain_typos.txt
	typoFile string

	mailDomains = readMailDomains(providerFile, typoFile)
)

// mailDomainList is what is known about the domains of large mail providers.
type mailDomainList struct {
	known  map[string]struct{} // providers, and real domains that look like mistyped ones: never suspect
	typos  map[string]string   // wrong domain or ending → right one
	long   [24][]provider      // by length: providers long enough for a single edit to be a typing error
	listed [1 << 10]bool       // by listIndex: whether known or typos may have a domain
}

// provider is a mail provider whose domain people mistype.
type provider struct {
	domain  string
	letters uint32
}

// readMailDomains reads the two files. In data/providers.txt "~domain" is a real domain that looks like a typing error
// and "=domain" a provider too short to be guessed at; data/domain_typos.txt has "wrong right" lines.
func readMailDomains(providers, typos string) *mailDomainList {
	list := &mailDomainList{known: map[string]struct{}{}, typos: map[string]string{}}
	put := func(domain string) { list.listed[listIndex(letterBits([]byte(domain)), len(domain))] = true }
	for _, word := range words(providers) {
		domain := strings.TrimLeft(word, "~=")
		list.known[domain] = struct{}{}
		put(domain)
		if domain == word {
			p := provider{domain: domain, letters: letterBits([]byte(domain))}
			list.long[len(domain)] = append(list.long[len(domain)], p)
		}
	}
	for _, line := range words(typos) {
		if f := strings.Fields(line); len(f) == 2 {
			list.typos[f[0]] = f[1]
			put(f[0])
		}
	}
	return list
}

// suspectDomain returns the domain that was probably meant, "" when nothing is odd: a listed typing error, one edit
// (a letter missing, added, wrong, or two swapped) away from a large provider, or an ending that is no top-level domain.
func suspectDomain(domain []byte, letters uint32) string {
	list := mailDomains
	if length := len(domain); length < len(list.long) {
		for i := range list.long[length] {
			if p := &list.long[length][i]; p.letters == letters && p.domain == string(domain) {
				return ""
			}
		}
		if list.listed[listIndex(letters, length)] {
			if _, ok := list.known[string(domain)]; ok {
				return ""
			}
			if meant, ok := list.typos[string(domain)]; ok {
				return meant
			}
		}
		for _, providers := range list.long[max(length-1, 0):min(length+2, len(list.long))] {
			for i := range providers {
				p := &providers[i]
				if bits.OnesCount32(p.letters^letters) <= 2 && oneEdit(p.domain, domain) {
					return p.domain
				}
			}
		}
	}
	dot := bytes.LastIndexByte(domain, '.')
	if dot < 0 || string(domain[dot:]) == ".com" || string(domain[dot:]) == ".br" {
		return ""
	}
	if meant, ok := list.typos[string(domain[dot:])]; ok {
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

// listIndex hashes a domain by its letters and length.
func listIndex(mask uint32, length int) int {
	return int(mask*0x9E3779B1>>22) ^ length&31
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
		if _, ok := mailDomains.known[domain+ending]; ok && domain != "" {
			return domain + ending
		}
	}
	return ""
}
