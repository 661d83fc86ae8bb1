// Package sealed keeps secrets in a database: AES-256-GCM under a key that is
// elsewhere. What a secret belongs to is part of the seal, so that a sealed secret
// moved to another row cannot be opened.
package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bateia/bateia/pipeline"
)

const (
	version   = 1
	keySize   = 32
	idSize    = 4
	nonceSize = 12
)

// Ring is the keys that open secrets. The first one seals; the others are of
// before, until everything is sealed anew.
type Ring struct {
	keys []key
}

type key struct {
	id   [idSize]byte // start of the SHA-256 of the key: says which one sealed
	aead cipher.AEAD
	raw  []byte
}

// ParseRing reads keys as BATEIA_SECRET_KEY has them: 32 bytes each, in base64 or
// hexadecimal, the newest first, separated by commas. Errors are of kind permanent
// and repeat nothing of a key.
func ParseRing(text string) (*Ring, error) {
	var r Ring
	for part := range strings.SplitSeq(text, ",") {
		raw, err := decode(strings.TrimSpace(part))
		if err != nil {
			return nil, &pipeline.Error{Op: "read secret key", Kind: pipeline.KindPermanent, Err: err,
				Hint: "Set BATEIA_SECRET_KEY to 32 random bytes in base64, e.g. from: openssl rand -base64 32"}
		}
		block, err := aes.NewCipher(raw)
		if err != nil {
			return nil, fmt.Errorf("make cipher: %w", err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("make cipher: %w", err)
		}
		sum := sha256.Sum256(raw)
		r.keys = append(r.keys, key{[idSize]byte(sum[:idSize]), aead, raw})
	}
	return &r, nil
}

func decode(text string) ([]byte, error) {
	for _, read := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if raw, err := read(text); err == nil && len(raw) == keySize {
			return raw, nil
		}
	}
	return nil, errors.New("a key is not 32 bytes in base64 or hexadecimal")
}

// OpenFile reads the keys of a file, and makes one with a new key, that only its
// owner can read, when there is none.
func OpenFile(path string) (*Ring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		text, err = create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	return ParseRing(strings.Join(strings.Fields(string(text)), ","))
}

// create makes the file whole or not at all: of two processes that make it at
// once, both use the one that came first.
func create(path string) ([]byte, error) {
	raw := make([]byte, keySize)
	rand.Read(raw) // never fails
	text := []byte(base64.StdEncoding.EncodeToString(raw) + "\n")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(text)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// Seal returns the secret under the first key, bound to what it belongs to.
func (r *Ring) Seal(secret []byte, belongsTo string) []byte {
	k := r.keys[0]
	nonce := make([]byte, nonceSize)
	rand.Read(nonce) // never fails
	out := append([]byte{version}, k.id[:]...)
	out = append(out, nonce...)
	return k.aead.Seal(out, nonce, secret, []byte(belongsTo))
}

// ErrKey is the error of a secret that none of the keys opens.
var ErrKey = errors.New("none of the keys opens it")

// Open returns the secret. old says that another key than the first one sealed it:
// it is to be sealed anew. The error is of kind permanent.
func (r *Ring) Open(sealed []byte, belongsTo string) (secret []byte, old bool, err error) {
	refuse := func(err error) ([]byte, bool, error) {
		return nil, false, &pipeline.Error{Op: "open secret", Kind: pipeline.KindPermanent, Err: err,
			Hint: "Give BATEIA_SECRET_KEY the key that sealed it, behind the new one, or connect again."}
	}
	if len(sealed) < 1+idSize+nonceSize || sealed[0] != version {
		return refuse(errors.New("it is cut off or of another version"))
	}
	id, rest := sealed[1:1+idSize], sealed[1+idSize:]
	for i, k := range r.keys {
		if string(k.id[:]) != string(id) {
			continue
		}
		secret, err := k.aead.Open(nil, rest[:nonceSize], rest[nonceSize:], []byte(belongsTo))
		if err != nil {
			return refuse(errors.New("it was changed, or belongs to something else"))
		}
		return secret, i > 0, nil
	}
	return refuse(ErrKey)
}
