package sealed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/bateia/bateia/pipeline"
)

// Fingerprints returns keyed hashes for an account: HMAC-SHA-256 under a key that
// is derived from each key of the ring and the account, so that neither two accounts
// nor two installations have a hash in common. The first one is that of the newest
// key. Those of the others recognize what was hashed before; a hash cannot be made
// anew without its value, so an old key stays in the ring as long as its hashes
// are to count.
func (r *Ring) Fingerprints(account int32) []pipeline.Fingerprint {
	out := make([]pipeline.Fingerprint, len(r.keys))
	for i, k := range r.keys {
		out[i] = pipeline.Fingerprint{KeyID: int32(binary.BigEndian.Uint32(k.id[:])), Sum: newMAC(k.accountKey(account)).sum}
	}
	return out
}

func (k key) accountKey(account int32) []byte {
	derive := hmac.New(sha256.New, k.raw)
	fmt.Fprintf(derive, "bateia suppression 1 account %d", account)
	return derive.Sum(nil)
}

// mac is HMAC-SHA-256 of short messages without a look at the heap: an import of a
// million rows hashes some three million keys, for which package hmac takes four
// times as long.
type mac struct{ inner, outer [sha256.BlockSize]byte }

func newMAC(secret []byte) *mac { // of at most a block
	var m mac
	copy(m.inner[:], secret)
	copy(m.outer[:], secret)
	for i := range m.inner {
		m.inner[i] ^= 0x36
		m.outer[i] ^= 0x5c
	}
	return &m
}

func (m *mac) sum(key [16]byte) [sha256.Size]byte {
	var in [sha256.BlockSize + len(key)]byte
	copy(in[:], m.inner[:])
	copy(in[sha256.BlockSize:], key[:])
	digest := sha256.Sum256(in[:])
	var out [sha256.BlockSize + sha256.Size]byte
	copy(out[:], m.outer[:])
	copy(out[sha256.BlockSize:], digest[:])
	return sha256.Sum256(out[:])
}
