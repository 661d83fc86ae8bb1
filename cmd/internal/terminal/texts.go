package terminal

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/bateia/bateia/schemas"
)

//go:embed texts.yaml
var textsFile []byte

// texts holds the words by key and locale. The file is part of the program and
// a test reads it: one that cannot be read is a bug.
var texts = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	if err := yaml.Unmarshal(textsFile, &all); err != nil {
		panic("read texts: " + err.Error())
	}
	return all
})

// Words speaks one of the languages of schemas.Locales.
type Words struct{ Locale string }

// Say returns the text of a key, its placeholders filled from pairs of name and
// value: {name} with the value, numbers grouped as the language does, and
// {name:one|many} with the number and the word that fits.
func (w Words) Say(key string, pairs ...any) string {
	text, ok := texts()[key][schemas.Locale(w.Locale)]
	if !ok {
		return key
	}
	values := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, rest, _ := strings.Cut(after, "}")
		b.WriteString(w.value(name, values))
		text = rest
	}
}

func (w Words) value(placeholder string, values map[string]any) string {
	name, forms, several := strings.Cut(placeholder, ":")
	var n int64
	switch v := values[name].(type) {
	case int:
		n = int64(v)
	case int64:
		n = v
	case nil:
		return "{" + placeholder + "}"
	default:
		return fmt.Sprint(v)
	}
	if !several {
		return w.Number(n)
	}
	one, many, _ := strings.Cut(forms, "|")
	if n == 1 {
		return "1 " + one
	}
	return w.Number(n) + " " + many
}

// Number groups the digits: 1,234 in English, 1.234 elsewhere.
func (w Words) Number(n int64) string {
	mark := "."
	if schemas.Locale(w.Locale) == "en" {
		mark = ","
	}
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + mark + s[i:]
	}
	return sign + s
}

// Decimal writes a number with so many places.
func (w Words) Decimal(x float64, places int) string {
	s := strconv.FormatFloat(x, 'f', places, 64)
	if schemas.Locale(w.Locale) != "en" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// Size writes bytes for people: 1.5 MB.
func (w Words) Size(n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	x, i := float64(n), 0
	for x >= 1000 && i < len(units)-1 {
		x, i = x/1000, i+1
	}
	if i == 0 || x >= 100 {
		return w.Number(int64(x)) + " " + units[i]
	}
	return w.Decimal(x, 1) + " " + units[i]
}
