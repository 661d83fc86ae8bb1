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
// short code, and the first is a role: vendas, vendas2, vendas.rs, nfe-financeiro. lead is its leadHash.
func roleAddress(local []byte, lead uint32) bool {
	if !roleGate.has(lead) {
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
		word := trimDigits(local[start:end])
		if !in(roleWords, word) && (first || len(word) > 3) {
			return false
		}
		first = false
		start = end + 1
	}
	return true
}

// placeholderEmail reports an address that says "there is none". Entries of the file are local parts, or whole
// addresses, or @domains; digits at the end of a local part do not count (teste1). lead is the leadHash of the address.
func placeholderEmail(address []byte, at int, lead uint32) bool {
	if placeholderGate.has(lead) {
		if in(placeholderEmails, address[:at]) || in(placeholderEmails, trimDigits(address[:at])) || in(placeholderEmails, address) {
			return true
		}
	}
	return placeholderDomainGate.has(leadHash(address[at+1:])) && in(placeholderEmails, address[at:])
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

// gate is a set of hashes that spares most addresses the search in a list.
type gate [128]uint64

// leadHash is a hash of the letters that s starts with (FNV-1a).
func leadHash(s []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range s {
		if c-'a' >= 26 {
			break
		}
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

func (g *gate) put(h uint32)      { g[h>>6%128] |= 1 << (h % 64) }
func (g *gate) has(h uint32) bool { return g[h>>6%128]&(1<<(h%64)) != 0 }

var (
	roleGate                               = gateOf(roleWords)
	placeholderGate, placeholderDomainGate = placeholderGates()
)

func gateOf(words map[string]struct{}) *gate {
	g := new(gate)
	for w := range words {
		g.put(leadHash([]byte(w)))
	}
	return g
}

func placeholderGates() (address, domain *gate) {
	address, domain = new(gate), new(gate)
	for w := range placeholderEmails {
		if w[0] == '@' {
			domain.put(leadHash([]byte(w[1:])))
		} else {
			address.put(leadHash([]byte(w)))
		}
	}
	return address, domain
}
