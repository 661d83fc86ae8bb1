package sealed

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"
)

func TestFingerprints(t *testing.T) {
	t.Parallel()
	older, err := ParseRing(strings.Repeat("ab", 32))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := ParseRing(strings.Repeat("cd", 32) + "," + strings.Repeat("ab", 32))
	if err != nil {
		t.Fatal(err)
	}
	key := [16]byte{1, 2, 3}
	standard := hmac.New(sha256.New, ring.keys[0].accountKey(7))
	standard.Write(key[:])
	if got := ring.Fingerprints(7)[0].Sum(key); [32]byte(standard.Sum(nil)) != got {
		t.Errorf("%x is not the HMAC of the key", got)
	}
	was, is := older.Fingerprints(1)[0], ring.Fingerprints(1)
	if len(is) != 2 || is[1].KeyID != was.KeyID || is[1].Sum(key) != was.Sum(key) {
		t.Error("an older key does not recognize what it made")
	}
	if is[0].KeyID == was.KeyID || is[0].Sum(key) == was.Sum(key) {
		t.Error("two keys make the same hash")
	}
	if older.Fingerprints(2)[0].Sum(key) == was.Sum(key) {
		t.Error("two accounts have a hash in common")
	}
	if was.Sum(key) == was.Sum([16]byte{1, 2, 4}) {
		t.Error("the hash is not that of the key")
	}
}

// BenchmarkFingerprint is what an account that erased somebody pays for each key of
// an import.
func BenchmarkFingerprint(b *testing.B) {
	ring, err := ParseRing(strings.Repeat("ab", 32))
	if err != nil {
		b.Fatal(err)
	}
	f := ring.Fingerprints(1)[0]
	b.ReportAllocs()
	var key [16]byte
	for b.Loop() {
		key[0]++
		f.Sum(key)
	}
}
