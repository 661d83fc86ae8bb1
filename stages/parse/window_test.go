package parse

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCheckUTF8AgreesWithTheStandardLibrary(t *testing.T) {
	t.Parallel()
	pieces := []string{"a", "abcdefgh", "ã", "ç", "é", "€", "😀", "\xC3", "\xA3", "\xC0\xAF", "\xC1", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\x00", "\u07FF", "\u0080"}
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 20).Draw(t, "pieces") {
			text = append(text, p...)
		}
		ascii, valid := checkUTF8(text)
		if want := utf8.Valid(text); valid != want {
			t.Errorf("valid %v, want %v: %q", valid, want, text)
		}
		if want := isASCII(text); valid && ascii != want {
			t.Errorf("ascii %v, want %v: %q", ascii, want, text)
		}
	})
}
