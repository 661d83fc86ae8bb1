package validate

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas/identity"
)

func TestFoldIsFoldName(t *testing.T) {
	t.Parallel()
	var s scratch
	for r := rune(0x20); r < 0x250; r++ {
		for _, text := range []string{string(r), "a" + string(r) + " b", string(r) + "\u0301", "ã" + string(r)} {
			if got, want := s.fold(text), identity.FoldName(text); got != want {
				t.Errorf("fold(%q) = %q, FoldName gives %q", text, got, want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("aZ 9-'çÃõéß.\u0301ŁøŒñ’ı你\u200b"))).Draw(t, "text")
		s.reset()
		if got, want := s.fold(text), identity.FoldName(text); got != want {
			t.Errorf("fold(%q) = %q, FoldName gives %q", text, got, want)
		}
		if got, want := s.isBlank(text), identity.Blank(text); got != want {
			t.Errorf("isBlank(%q) = %v, Blank gives %v", text, got, want)
		}
	})
}
