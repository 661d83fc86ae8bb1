package identity

import "crypto/sha256"

// Key is the key under which a joining value is stored and compared: the first 16 bytes of
//
//	SHA-256( digit ":" canonical )
//
// where digit is the Kind as one decimal digit. SQL computes the same with sha256(kind::text || ':' || canonical).
func Key(kind Kind, canonical string) [16]byte {
	return sum(kind, canonical, false, "")
}

// SharedKey is the key of a shared value. Its first 8 bytes are those of Key, so that everything stored under one value is
// found by a range of the key, whatever the names; its last 8 bytes are the first 8 of
//
//	SHA-256( digit ":" canonical 0x1f foldedName )
//
// with foldedName from FoldName, empty when there is no name. In SQL: sha256(kind::text || ':' || canonical ||
// chr(31) || folded_name). No canonical form contains 0x1f, so the two sorts of key never meet.
func SharedKey(kind Kind, canonical, foldedName string) [16]byte {
	key := sum(kind, canonical, false, "")
	named := sum(kind, canonical, true, foldedName)
	copy(key[8:], named[:8])
	return key
}

func sum(kind Kind, canonical string, shared bool, foldedName string) [16]byte {
	var stack [320]byte // the longest e-mail and a long name; a longer one moves to the heap
	b := append(stack[:0], '0'+byte(kind), ':')
	b = append(b, canonical...)
	if shared {
		b = append(b, 0x1f)
		b = append(b, foldedName...)
	}
	h := sha256.Sum256(b)
	return [16]byte(h[:16])
}

// AppendKeys appends every key under which a value joins others: one for most values, and for an Argentine mobile a
// second one. Argentina gives a subscriber number to one line; the 9 of +54 9 only says how to route the call, and
// people leave it out. So a mobile also carries the shared key of its spelling without 9: the two spellings join when
// the names are the same, or both missing, and never by themselves, since without the 9 nobody can say that it is not a
// company's landline.
func (v Value) AppendKeys(dst [][16]byte, foldedName string) [][16]byte {
	if v.Strength == Shared {
		return append(dst, SharedKey(v.Kind, v.Canonical, foldedName))
	}
	dst = append(dst, Key(v.Kind, v.Canonical))
	if twin := v.Twin(); twin != "" {
		dst = append(dst, SharedKey(v.Kind, twin, foldedName))
	}
	return dst
}

// Twin returns the other canonical form of an Argentine mobile, the one without the 9 after the country code, and ""
// for every other value.
func (v Value) Twin() string {
	const prefix = "+549"
	if v.Kind != Phone || len(v.Canonical) != len("+5491123456789") || v.Canonical[:len(prefix)] != prefix {
		return ""
	}
	return "+54" + v.Canonical[len(prefix):]
}
