package identity

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// checkReading holds for every cell whatever is in it: no value with an error, canonical forms that read as themselves,
// formatted forms that read back, masks and shapes that are valid text.
func checkReading(t *testing.T, text string, values []Value, problems []Problem, again func(string, string) (Value, *Problem)) {
	t.Helper()
	for _, p := range problems {
		if p.Severity == Error && len(values) > 0 {
			t.Fatalf("%q: a value beside the error %s", text, p.Code)
		}
		if p.Code == "" || p.Severity == 0 {
			t.Fatalf("%q: empty problem %+v", text, p)
		}
	}
	for _, v := range values {
		if v.Canonical == "" || v.Strength == 0 || v.Kind == 0 {
			t.Fatalf("%q: incomplete value %+v", text, v)
		}
		bare := v
		bare.Extension = ""
		if got, p := again(v.Canonical, v.Country); got != bare {
			t.Fatalf("%q: canonical %+v read as %+v %+v", text, v, got, p)
		}
		if got, p := again(v.Format(), v.Country); got != v {
			t.Fatalf("%q: %+v formatted %q, read as %+v %+v", text, v, v.Format(), got, p)
		}
		if restored, ok := Restore(v.Kind, v.Canonical); !ok || restored != bare {
			t.Fatalf("%q: %+v restored as %+v", text, bare, restored)
		}
		// A value of asterisks may look like its own mask, by accident.
		if mask := v.Mask(); !utf8.ValidString(mask) || !strings.Contains(v.Canonical, "*") && (mask == v.Canonical || mask == v.Format()) {
			t.Fatalf("%q: mask %q", text, mask)
		}
	}
	if !utf8.ValidString(Shape(text)) || !utf8.ValidString(MaskText(text)) {
		t.Fatalf("%q: shape or mask is no text", text)
	}
	if folded := FoldName(text); FoldName(folded) != folded {
		t.Fatalf("%q: folded %q, folded again %q", text, folded, FoldName(folded))
	}
	if Blank(text) && len(values) > 0 {
		t.Fatalf("%q: blank, and has values", text)
	}
}

func FuzzPhone(f *testing.F) {
	for _, text := range []string{
		"51987651234", "+55 (51) 98765-1234", "0 15 51 8765-1234", "011 15-2345-6789", "+52 1 55 1234 5678", "https://wa.me/5551987651234",
		"51 98765-1234 / 3333-1234", "(51) 3333-1234 ramal 12", "5,55E+12", "0800 123 4567", "4004-1234", "５１９８７６５１２３４", "tel:1;phone-context=+55",
		"+44 7911 123456", "٥١٩٨٧٦٥١٢٣٤", "0xx51987651234", "5551987651234.0", "",
	} {
		f.Add(text, "BR", "51")
		f.Add(text, "AR", "")
	}
	f.Fuzz(func(t *testing.T, text, country, area string) {
		values, problems := AppendPhone(nil, nil, text, &Options{Country: country, DefaultAreaCode: area})
		checkReading(t, text, values, problems, func(s, _ string) (Value, *Problem) {
			v, p := ParsePhone(s, Options{})
			if p != nil && p.Code == CodePlaceholder {
				p = nil
			}
			return v, p
		})
	})
}

func FuzzEmail(f *testing.F) {
	for _, text := range []string{
		"ana@example.com", "Ana <ana@example.com>; bia@example.com", "mailto:a@b.co?x", "ana@açaí.com", "ana＠example.com", "a@b@c", "naotem@x.com",
		"ana @ example . com", "xn--a@xn--b.c", `"a b"@c.de`, "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, problems := AppendEmail(nil, nil, text, nil)
		checkReading(t, text, values, problems, func(s, _ string) (Value, *Problem) { return ParseEmail(s, Options{}) })
	})
}

func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		"529.982.247-25", "12.ABC.345/01DE-35", "9012345690", "AR:20-05536168-2", "CPF: 52998224725", "1234567890", "V-11470283-4", "GODE561231GR8",
		"80028061-0", "900.123.456-8", "171430710-3", "00000000000", "US:AB", "",
	} {
		for _, country := range []string{"BR", "AR", "CL", "CO", "EC", "MX", "PE", "PY", "UY", "VE", "US"} {
			f.Add(text, country)
		}
	}
	f.Fuzz(func(t *testing.T, text, country string) {
		values, problems := AppendDocument(nil, nil, text, &Options{Country: country})
		checkReading(t, text, values, problems, func(s, _ string) (Value, *Problem) { return ParseDocument(s, Options{}) })
	})
}

func FuzzHandle(f *testing.F) {
	for _, text := range []string{"@ana.souza", "https://instagram.com/ana/", "t.me/ana_souza", "123456", "a:b", ""} {
		f.Add(text, "omie")
	}
	f.Fuzz(func(t *testing.T, text, system string) {
		values, problems := AppendInstagram(nil, nil, text, nil)
		checkReading(t, text, values, problems, func(s, _ string) (Value, *Problem) { return ParseInstagram(s, Options{}) })
		values, problems = AppendTelegram(nil, nil, text, nil)
		checkReading(t, text, values, problems, func(s, _ string) (Value, *Problem) { return ParseTelegram(s, Options{}) })
		for _, v := range first(AppendExternal(nil, nil, text, system, nil)) {
			if restored, ok := Restore(External, v.Canonical); !ok || restored != v {
				t.Fatalf("%q: %+v restored as %+v", text, v, restored)
			}
		}
	})
}

func first(values []Value, _ []Problem) []Value { return values }
