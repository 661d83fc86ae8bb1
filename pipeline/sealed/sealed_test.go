package sealed

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bateia/bateia/pipeline"
)

func ring(t *testing.T, keys ...byte) *Ring {
	t.Helper()
	var list []string
	for _, b := range keys {
		list = append(list, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, keySize)))
	}
	r, err := ParseRing(strings.Join(list, ", "))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	const secret, id = "0123456789abcdef0123456789abcdef", "connection 7"
	sealed := ring(t, 1).Seal([]byte(secret), id)
	if bytes.Contains(sealed, []byte(secret)) || bytes.Equal(sealed, ring(t, 1).Seal([]byte(secret), id)) {
		t.Error("the sealed secret shows it, or is the same each time")
	}
	broken := bytes.Clone(sealed)
	broken[len(broken)-1] ^= 1
	for _, tt := range []struct {
		name      string
		ring      *Ring
		sealed    []byte
		belongsTo string
		old, ok   bool
	}{
		{"the same key", ring(t, 1), sealed, id, false, true},
		{"a new key in front", ring(t, 2, 1), sealed, id, true, true},
		{"another key", ring(t, 2), sealed, id, false, false},
		{"moved to another connection", ring(t, 1), sealed, "connection 8", false, false},
		{"changed", ring(t, 1), broken, id, false, false},
		{"cut off", ring(t, 1), sealed[:10], id, false, false},
		{"nothing", ring(t, 1), nil, id, false, false},
	} {
		got, old, err := tt.ring.Open(tt.sealed, tt.belongsTo)
		if tt.ok != (err == nil) || old != tt.old || tt.ok && string(got) != secret {
			t.Errorf("%s: %v, old %v", tt.name, err, old)
		}
		if err != nil && (pipeline.HintOf(err) == "" || strings.Contains(err.Error(), secret)) {
			t.Errorf("%s: %v has no hint, or shows the secret", tt.name, err)
		}
	}
	if _, _, err := ring(t, 2).Open(sealed, id); !errors.Is(err, ErrKey) {
		t.Errorf("another key: %v, want ErrKey", err)
	}
}

func TestParseRing(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xfb}, keySize)
	for _, text := range []string{hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw)} {
		if _, err := ParseRing(" " + text + " "); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "password", base64.StdEncoding.EncodeToString(raw[:16]), hex.EncodeToString(raw) + ","} {
		if _, err := ParseRing(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Processes that start at once on a new folder share one key.
func TestOneKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "secret.key")
	rings := make([]*Ring, 8)
	var wg sync.WaitGroup
	for i := range rings {
		wg.Go(func() {
			var err error
			if rings[i], err = OpenFile(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sealed := rings[0].Seal([]byte("x"), "y")
	for i, r := range rings {
		if _, _, err := r.Open(sealed, "y"); err != nil {
			t.Errorf("process %d has another key: %v", i, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
}
