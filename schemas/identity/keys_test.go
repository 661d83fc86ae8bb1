package identity

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"unsafe"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	want := sha256.Sum256([]byte("1:+5551987651234"))
	if got := Key(Phone, "+5551987651234"); got != [16]byte(want[:16]) {
		t.Errorf("joining key: got %x", got)
	}
	plain, named := sha256.Sum256([]byte("2:contato@example.com")), sha256.Sum256([]byte("2:contato@example.com\x1fjose da silva"))
	if got := SharedKey(Email, "contato@example.com", "jose da silva"); got != [16]byte(append(plain[:8:8], named[:8]...)) {
		t.Errorf("shared key: got %x", got)
	}
	if Key(Phone, "+555133331234") == SharedKey(Phone, "+555133331234", "") {
		t.Error("a shared value without a name has the joining key")
	}
	long := strings.Repeat("a", 500)
	want = sha256.Sum256([]byte("4:" + long))
	if got := Key(External, long); got != [16]byte(want[:16]) {
		t.Errorf("long key: got %x", got)
	}
}

func TestAppendKeys(t *testing.T) {
	t.Parallel()
	keys := func(text, name string) map[[16]byte]bool {
		v, _ := ParsePhone(text, Options{Country: "AR"})
		set := map[[16]byte]bool{}
		for _, k := range v.AppendKeys(nil, name) {
			set[k] = true
		}
		return set
	}
	joins := func(a, b map[[16]byte]bool) bool {
		for k := range a {
			if b[k] {
				return true
			}
		}
		return false
	}
	const with9, without9, landline = "+54 9 11 2345-6789", "+54 11 2345-6789", "+54 11 4321-5678"
	for _, tc := range []struct {
		name, a, nameA, b, nameB string
		want                     bool
	}{
		{"mobile, other names", with9, "ana", with9, "bia", true},
		{"mobile without 9, same name", with9, "ana", without9, "ana", true},
		{"mobile without 9, both nameless", with9, "", without9, "", true},
		{"mobile without 9, other names", with9, "ana", without9, "bia", false},
		{"landline, same name", landline, "ana", landline, "ana", true},
		{"landline, other names", landline, "ana", landline, "bia", false},
	} {
		if got := joins(keys(tc.a, tc.nameA), keys(tc.b, tc.nameB)); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	var values []Value
	var problems []Problem
	o := &Options{}
	for name, f := range map[string]func(){
		"phone":    func() { values, problems = AppendPhone(values[:0], problems[:0], "+55 (51) 98765-1234", o) },
		"old":      func() { values, problems = AppendPhone(values[:0], problems[:0], "(51) 8765-1234", o) },
		"short":    func() { values, problems = AppendPhone(values[:0], problems[:0], "51-9999", o) },
		"abroad":   func() { values, problems = AppendPhone(values[:0], problems[:0], "+54 9 11 2345-6789", o) },
		"email":    func() { values, problems = AppendEmail(values[:0], problems[:0], "Ana.Souza@Example.com", o) },
		"document": func() { values, problems = AppendDocument(values[:0], problems[:0], "54.550.752/0001-55", o) },
		"cuit":     func() { values, problems = AppendDocument(values[:0], problems[:0], "AR:20-05536168-2", o) },
		"key":      func() { _ = Key(Phone, "+5551987651234") },
		"shared":   func() { _ = SharedKey(Phone, "+555133331234", "jose da silva") },
		"fold":     func() { _ = FoldName("Jose da Silva") },
	} {
		if n := testing.AllocsPerRun(1000, f); n >= 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestValuesDoNotShareTheCell: a caller may overwrite the buffer that a cell was read from.
func TestValuesDoNotShareTheCell(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"ana@example.com", "+5551987651234", "+4915112345678", "52998224725", "AR:20055361682", "US:AB123456", "anasouza",
	} {
		buffer := []byte(text)
		cell := unsafe.String(&buffer[0], len(buffer))
		values, _ := AppendEmail(nil, nil, cell, nil)
		values, _ = AppendPhone(values, nil, cell, nil)
		values, _ = AppendDocument(values, nil, cell, nil)
		values, _ = AppendInstagram(values, nil, cell, nil)
		values, _ = AppendTelegram(values, nil, cell, nil)
		values, _ = AppendExternal(values, nil, cell, "omie", nil)
		if len(values) < 2 {
			t.Errorf("%s: only %d readings", text, len(values))
		}
		before := fmt.Sprint(values)
		for i := range buffer {
			buffer[i] = '!'
		}
		if after := fmt.Sprint(values); after != before {
			t.Errorf("the values changed with the cell: %s", after)
		}
	}
}
