package report

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bateia/bateia/schemas"
)

var placeholder = regexp.MustCompile(`\{([a-z]+)(:[^}]*)?\}`)

func TestEveryWordHasThreeTexts(t *testing.T) {
	t.Parallel()
	for key, texts := range words() {
		if len(texts) != len(schemas.Locales) {
			t.Errorf("%s has %d texts, want %d", key, len(texts), len(schemas.Locales))
		}
		var want []string
		for i, locale := range schemas.Locales {
			text := texts[locale]
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no text in %s", key, locale)
			}
			if strings.HasPrefix(key, "rows.") && key != "rows.done" && key != "rows.plan" && strings.Count(text, "|") != 1 {
				t.Errorf("%s in %s is %q, want one|many", key, locale, text)
			}
			var names []string
			for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
				names = append(names, m[1])
			}
			slices.Sort(names)
			if i == 0 {
				want = names
			} else if !slices.Equal(names, want) {
				t.Errorf("%s in %s has the placeholders %v, in %s %v", key, locale, names, schemas.Locales[0], want)
			}
		}
	}
}

// A key that the code names without a text would be silence in the result, and a
// text that no code names is dead.
func TestWordsAndCodeAgree(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("text.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := os.ReadFile("report.go")
	if err != nil {
		t.Fatal(err)
	}
	source = append(source, more...)
	for key := range words() {
		group, last, _ := strings.Cut(key, ".")
		quotedKey := strings.Contains(string(source), `"`+key+`"`)
		composed := strings.Contains(string(source), `"`+group+`."+`) && (strings.Contains(string(source), `"`+last+`"`) || group == "title" || group == "causes")
		if !quotedKey && !composed {
			t.Errorf("no code says %q", key)
		}
	}
	for _, m := range regexp.MustCompile(`(?:say|step|section|noun)\("([a-z_.]+[a-z])"`).FindAllStringSubmatch(string(source), -1) {
		if words()[m[1]] == nil {
			t.Errorf("the code says %q, which has no text", m[1])
		}
	}
	for _, s := range []schemas.State{schemas.Applied, schemas.Ready, schemas.Rejected, schemas.Failed, schemas.Canceled} {
		if words()["title."+string(s)] == nil {
			t.Errorf("state %s has no title", s)
		}
	}
}

func TestSayPicksTheNoun(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		locale, want string
		n            int64
	}{
		{"pt-BR", "1 linha", 1},
		{"pt-BR", "0 linhas", 0},
		{"es", "1.234.567 filas", 1234567},
		{"en", "1,000 rows", 1000},
		{"en", "999 rows", 999},
		{"fr", "2 rows", 2}, // an unknown language is answered in English
	} {
		if got := speak(tt.locale).say("cause", "n", tt.n); got != tt.want {
			t.Errorf("say in %s = %q, want %q", tt.locale, got, tt.want)
		}
	}
}
