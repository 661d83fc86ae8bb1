package report

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/bateia/bateia/schemas"
)

//go:embed words.yaml
var wordsFile []byte

// words holds the texts by key and locale. The file is part of the program and
// a test reads all of it: one that cannot be read is a bug.
var words = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	if err := yaml.Unmarshal(wordsFile, &all); err != nil {
		panic("read words of the result: " + err.Error())
	}
	return all
})

// speaker says words in one locale.
type speaker string

// speak returns the speaker of the supported locale that fits best.
func speak(locale string) speaker { return speaker(schemas.Locale(locale)) }

// say returns the text of a key, with the {placeholders} filled from pairs of
// name and value: a string stands as it is, an int64 is written with the
// locale's digit groups, and with the noun that fits in {name:one|many}.
func (s speaker) say(key string, pairs ...any) string {
	text := words()[key][string(s)]
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		placeholder, rest, _ := strings.Cut(after, "}")
		name, nouns, _ := strings.Cut(placeholder, ":")
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				b.WriteString(s.value(pairs[i+1], nouns))
			}
		}
		text = rest
	}
}

// noun returns the text of a key one|many that fits n, without the count.
func (s speaker) noun(key string, n int64) string {
	one, many, _ := strings.Cut(words()[key][string(s)], "|")
	if n == 1 {
		return one
	}
	return many
}

func (s speaker) value(v any, nouns string) string {
	n, counted := v.(int64)
	if !counted {
		text, _ := v.(string)
		return text
	}
	one, many, _ := strings.Cut(nouns, "|")
	switch {
	case nouns == "":
		return s.count(n)
	case n == 1:
		return "1 " + one
	}
	return s.count(n) + " " + many
}

// count writes 1234567 as 1,234,567 in English and as 1.234.567 elsewhere.
func (s speaker) count(n int64) string {
	mark := "."
	if s == "en" {
		mark = ","
	}
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return digits
}
