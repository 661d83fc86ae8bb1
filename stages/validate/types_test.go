package validate

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas"
)

func TestBoolean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SIM": "true", "Não": "false", "NAO": "false", "S": "true", "N": "false", "SÍ": "true", "si": "true", "NO": "false",
		"V": "true", "F": "false", "VERDADEIRO": "true", "FALSO": "false", "VERDADERO": "true", "X": "true", "x ": "true",
		"1": "true", "0": "false", "true": "true", "FALSE": "false", "Yes": "true", "no": "false", "✓": "true", "✗": "false",
		"talvez": "", "2": "", "simples": "", "PJ": "",
	} {
		var s scratch
		for range 2 { // the second answer is a remembered one
			if got, ok := s.boolean(text, false); got != want || ok != (want != "") {
				t.Errorf("boolean(%q) = %q, %v; want %q", text, got, ok, want)
			}
		}
	}
	for text, want := range map[string]string{
		"PJ": "true", "J": "true", "Pessoa Jurídica": "true", "pessoa física": "false", "F": "false", "sim": "true", "Estrangeiro": "",
	} {
		var s scratch
		if got, ok := s.boolean(text, true); got != want || ok != (want != "") {
			t.Errorf("is_company %q = %q, %v; want %q", text, got, ok, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	var s scratch
	for _, tt := range []struct{ name, kind, text, country, want string }{
		{"CEP", "postal", "90010-000", "BR", "90010000"},
		{"CEP with dot", "postal", "90.010-000", "BR", "90010000"},
		{"CEP that lost its zero", "postal", "1310100", "BR", "01310100"},
		{"CEP that lost its zero, with dash", "postal", "1310-100", "BR", "01310100"},
		{"CEP as a decimal number", "postal", "1310100.0", "BR", "01310100"},
		{"short CEP stays", "postal", "90010", "BR", "90010"},
		{"Portuguese code in a Brazilian list", "postal", "1000-205", "PT", "1000-205"},
		{"Argentine code", "postal", "c1425dkf", "AR", "C1425DKF"},
		{"letters in Brazil", "postal", "sw1a 1aa", "BR", "SW1A 1AA"},
		{"code", "state", "rs", "BR", "RS"},
		{"name", "state", "Rio Grande do Sul", "BR", "RS"},
		{"name without accents", "state", "SAO PAULO", "BR", "SP"},
		{"code and name", "state", "SP - São Paulo", "BR", "SP"},
		{"name and code", "state", "São Paulo (SP)", "BR", "SP"},
		{"name and code of another", "state", "São Paulo (RJ)", "BR", "São Paulo (RJ)"},
		{"ISO", "state", "BR-MG", "BR", "MG"},
		{"spelled out", "state", "Estado do Rio de Janeiro", "BR", "RJ"},
		{"number of the statistics office", "state", "35", "BR", "SP"},
		{"unknown stays", "state", "Baden", "BR", "Baden"},
		{"Argentine", "state", "CORDOBA", "AR", "Córdoba"},
		{"Argentine capital", "state", "CABA", "AR", "Ciudad Autónoma de Buenos Aires"},
		{"Mexican short", "state", "Jal.", "MX", "Jalisco"},
		{"Brazilian code in Mexico", "state", "RS", "MX", "RS"},
		{"country elsewhere", "state", "Antofagasta", "CL", "Antofagasta"},
		{"Portuguese", "country", "Brasil", "", "BR"},
		{"English", "country", "Brazil", "", "BR"},
		{"code of two", "country", "br", "", "BR"},
		{"code of three", "country", "ARG", "", "AR"},
		{"dotted", "country", "EE.UU.", "", "US"},
		{"accents lost", "country", "MEXICO", "", "MX"},
		{"unknown stays", "country", "Nárnia", "", "Nárnia"},
	} {
		t.Run(tt.kind+" "+tt.name, func(t *testing.T) {
			s.reset()
			got := map[string]func() string{
				"postal":  func() string { return s.postal(tt.text, tt.country) },
				"state":   func() string { return s.state(tt.text, tt.country) },
				"country": func() string { return s.country(tt.text) },
			}[tt.kind]()
			if got != tt.want {
				t.Errorf("%s(%q, %s) = %q, want %q", tt.kind, tt.text, tt.country, got, tt.want)
			}
		})
	}
	for text, want := range map[string]string{"+55": "BR", "55": "BR", "0054": "AR", "Argentina": "AR", "BR": "BR", "1": "US", "999": "", "x": ""} {
		if got := s.phoneCountry(text); got != want {
			t.Errorf("phoneCountry(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		lines      bool
		want       string
	}{
		{"nothing to do", "Ana Silva", false, "Ana Silva"},
		{"blanks around", "  Ana\t", false, "Ana"},
		{"blanks inside", "Ana   da  Silva", false, "Ana da Silva"},
		{"no-break blank", "Ana\u00a0Silva", false, "Ana Silva"},
		{"decomposed accents", "Joa\u0303o", false, "João"},
		{"decomposed after a precomposed letter", "e\u0301é", false, "éé"},
		{"line break in a name", "Ana\r\nSilva", false, "Ana Silva"},
		{"line breaks in notes", "um\r\ndois\rtrês\n\n\n\nquatro  cinco", true, "um\ndois\ntrês\n\nquatro  cinco"},
		{"control characters", "A\x00na\x07", false, "Ana"},
		{"zero-width blank", "\u200bAna\u200b Silva\ufeff", false, "Ana Silva"},
		{"direction marks", "\u202aAna\u202c", false, "Ana"},
		{"emoji held together", "👩\u200d💻 Ana", false, "👩\u200d💻 Ana"},
		{"undecodable byte", "An\xffa", false, "Ana"},
		{"replacement character stays", "Jo\ufffdo", false, "Jo\ufffdo"},
		{"only invisible", "\u200b \x00", false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s scratch
			if got := s.text(tt.text, tt.lines); got != tt.want {
				t.Errorf("text(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestTextIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		lines := rapid.Bool().Draw(t, "lines")
		var s scratch
		once := s.text(text, lines)
		if again := s.text(once, lines); again != once {
			t.Errorf("text(%q) = %q, read again %q", text, once, again)
		}
		if !utf8.ValidString(once) || strings.TrimSpace(once) != once || strings.ContainsRune(once, 0) || !norm.NFC.IsNormalString(once) {
			t.Errorf("text(%q) = %q is not clean", text, once)
		}
	})
}

func TestJSONStringIsJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\xff", `a"b\c`, "\n\t\x01"})).Draw(t, "text")
		var back string
		if err := json.Unmarshal(appendJSONString(nil, text), &back); err != nil || back != strings.ToValidUTF8(text, "\ufffd") {
			t.Errorf("%q became %q, %v", text, back, err)
		}
	})
}

func TestTags(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"commas", "quente, feira 2024,VIP", []string{"quente", "feira 2024", "VIP"}},
		{"semicolons", "a;b; ;c", []string{"a", "b", "c"}},
		{"repeated in another case", "VIP;vip;Víp", []string{"VIP"}},
		{"Google's groups", "* myContacts ::: Clientes", []string{"Clientes"}},
		{"hash signs", "#vip #x", []string{"vip #x"}},
		{"blank spellings", "n/a, -", nil},
		{"empty", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s scratch
			if got := s.appendTags(nil, tt.text); strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("appendTags(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestFormatsOfMappings(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]dateOrder{
		"dd/mm/yyyy": orderDMY, "DD-MM-YY": orderDMY, "mm/dd/yyyy": orderMDY, "yyyy-mm-dd": orderYMD, "d/m/y": orderDMY,
		"dd/mm/aaaa": orderDMY, "yyyymmdd": orderYMD, "yyyy": 0, "x": 0, "dd/mm": 0,
	} {
		if got, ok := parseDateFormat(format); got != want || ok != (want != 0) {
			t.Errorf("parseDateFormat(%q) = %s, %v; want %s", format, got, ok, want)
		}
	}
	if _, ok := parseNumberFormat("1.234,56"); !ok {
		t.Error("1.234,56 is no format of numbers")
	}
	if _, _, ok := resolveTarget(schemas.ColumnTarget{Field: "birthday", Format: "never"}); ok {
		t.Error("a date format that does not exist was taken")
	}
}
