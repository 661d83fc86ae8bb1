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
		derive := hmac.New(sha256.New, k.raw)
		fmt.Fprintf(derive, "bateia suppression 1 account %d", account)
		mac := hmac.New(sha256.New, derive.Sum(nil))
		out[i] = pipeline.Fingerprint{KeyID: int32(binary.BigEndian.Uint32(k.id[:])), Sum: func(key [16]byte) (sum [sha256.Size]byte) {
			mac.Reset()
			mac.Write(key[:])
			mac.Sum(sum[:0])
			return sum
		}}
	}
	return out
}
