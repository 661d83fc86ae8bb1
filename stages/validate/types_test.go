package validate

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		decimal    byte
		want       string // "" for no number
	}{
		{"Brazilian", "1.234,56", ',', "1234.56"},
		{"Brazilian where the column says point", "1.234,56", '.', "1234.56"},
		{"English", "1,234.56", ',', "1234.56"},
		{"reais", "R$ 1.234,56", ',', "1234.56"},
		{"reais without blank", "R$1.234,56", ',', "1234.56"},
		{"no-break blank after the currency", "R$\u00a01.234,56", ',', "1234.56"},
		{"currency behind", "1.234,56 BRL", ',', "1234.56"},
		{"euro", "€ 12,5", ',', "12.5"},
		{"Mexican pesos", "MX$ 1,234", '.', "1234"},
		{"brackets for a debt", "(1.234,56)", ',', "-1234.56"},
		{"brackets and currency", "R$ (1.234,56)", ',', "-1234.56"},
		{"currency in brackets", "(R$ 5)", ',', "-5"},
		{"minus and brackets", "-(5)", ',', ""},
		{"open bracket", "(5", ',', ""},
		{"percent", "12 %", ',', "12"},
		{"percent with decimals", "12,5%", ',', "12.5"},
		{"minus", "-1,5", ',', "-1.5"},
		{"typographic minus", "−1,5", ',', "-1.5"},
		{"minus behind", "1,5-", ',', "-1.5"},
		{"minus before the currency", "-R$ 10", ',', "-10"},
		{"two signs", "--5", ',', ""},
		{"plus", "+1.62", ',', "1.62"},
		{"open, column with comma", "1.234", ',', "1234"},
		{"open, column with point", "1.234", '.', "1.234"},
		{"open comma, column with comma", "1,234", ',', "1.234"},
		{"open comma, column with point", "1,234", '.', "1234"},
		{"not open: zero in front", "0.125", ',', "0.125"},
		{"not open: four digits in front", "1234.567", ',', "1234.567"},
		{"not open: two decimals", "1.23", ',', "1.23"},
		{"not open: two groups", "1.234.567", '.', "1234567"},
		{"groups of wrong size", "12.34.56", ',', ""},
		{"Indian groups", "1,23,456", ',', ""},
		{"decimal mark twice", "1,5,6", ',', ""},
		{"blank groups", "1 234 567,89", ',', "1234567.89"},
		{"narrow blank groups", "1\u202f234,5", ',', "1234.5"},
		{"apostrophe groups", "1'234'567,89", ',', "1234567.89"},
		{"typographic apostrophe", "1’234.5", ',', "1234.5"},
		{"apostrophe as decimal mark", "1.234.567'89", ',', "1234567.89"},
		{"leading zeros", "007", ',', "7"},
		{"trailing zeros", "12,50", ',', "12.5"},
		{"only zeros behind", "12,00", ',', "12"},
		{"zero", "0", ',', "0"},
		{"minus zero", "-0,00", ',', "0"},
		{"starts with the mark", ",5", ',', "0.5"},
		{"ends with the mark", "5,", ',', "5"},
		{"spreadsheet's exponent", "1,5E+03", ',', "1500"},
		{"negative exponent", "25E-4", ',', "0.0025"},
		{"exponent without digits", "1E", ',', ""},
		{"huge exponent", "1E99", ',', ""},
		{"too many digits", strings.Repeat("9", 31), ',', ""},
		{"phone", "51 99999-1234", ',', ""},
		{"date", "12/05/2024", ',', ""},
		{"word", "doze", ',', ""},
		{"only a currency", "R$", ',', ""},
		{"only a mark", ".", ',', ""},
		{"empty", "", ',', ""},
		{"blank", "  ", ',', ""},
		{"unit", "12 kg", ',', ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s scratch
			got, ok := s.number(tt.text, tt.decimal)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("number(%q, %q) = %q, %v; want %q", tt.text, tt.decimal, got, ok, tt.want)
			}
		})
	}
}

func TestNumbersOfOdoo(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../shared/corpora/importers/odoo/cases.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("../shared/corpora is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var corpus struct {
		Numbers []struct{ Input, Expect string } `json:"numbers"`
	}
	if err := json.Unmarshal(raw, &corpus); err != nil {
		t.Fatal(err)
	}
	if len(corpus.Numbers) == 0 {
		t.Fatal("no numbers in the corpus")
	}
	var s scratch
	for _, c := range corpus.Numbers {
		want := strings.TrimPrefix(c.Expect, "+")
		if got, ok := s.number(c.Input, '.'); !ok || got != want {
			t.Errorf("number(%q) = %q, %v; want %q", c.Input, got, ok, want)
		}
	}
}

func TestNumberReadsItsOwnForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[-+(R$ ]{0,4}[0-9]{1,3}([.,' ][0-9]{3}){0,3}([.,][0-9]{0,4})?(E[-+]?[0-9]{1,2})?[%) ]{0,2}`).Draw(t, "text")
		var s scratch
		got, ok := s.number(text, ',')
		if !ok {
			return
		}
		if strings.HasSuffix(got, ".") || strings.HasPrefix(got, ".") || strings.Contains(got, ".") && strings.HasSuffix(got, "0") {
			t.Fatalf("number(%q) = %q is not canonical", text, got)
		}
		// An open 1.234 is read by the column; with the point it is what it says.
		if again, ok := s.number(got, '.'); !ok || again != got {
			t.Fatalf("number(%q) = %q, read again %q, %v", text, got, again, ok)
		}
	})
}

func TestNumberVotes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		country string
		cells   []string
		want    byte
	}{
		{"only open ones in Brazil", "BR", []string{"1.234", "5.678"}, ','},
		{"only open ones in Mexico", "MX", []string{"1.234", "5.678"}, '.'},
		{"point as decimal mark in Brazil", "BR", []string{"1.234", "5.6", "0.5"}, '.'},
		{"comma as decimal mark in Mexico", "MX", []string{"1.234", "5,6"}, ','},
		{"groups speak for the other mark", "MX", []string{"1.234.567", "1.234"}, ','},
		{"both kinds, more commas", "BR", []string{"1,5", "2,5", "1.5"}, ','},
		{"no numbers", "AR", []string{"x", ""}, ','},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var v numberVotes
			for _, c := range tt.cells {
				v.add(c)
			}
			if got := v.decide(tt.country); got != tt.want {
				t.Errorf("decide = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		order      dateOrder
		past       bool
		want       string
	}{
		{"Brazilian", "05/03/1990", orderDMY, true, "1990-03-05"},
		{"English", "05/03/1990", orderMDY, true, "1990-05-03"},
		{"ISO", "1990-03-05", orderDMY, true, "1990-03-05"},
		{"ISO in a column with months first", "1990-03-05", orderMDY, true, "1990-03-05"},
		{"single digits", "5/3/1990", orderDMY, true, "1990-03-05"},
		{"dashes", "05-03-1990", orderDMY, true, "1990-03-05"},
		{"dots", "05.03.1990", orderDMY, true, "1990-03-05"},
		{"blanks between", "05 / 03 / 1990", orderDMY, true, "1990-03-05"},
		{"time behind", "05/03/1990 10:30:00", orderDMY, true, "1990-03-05"},
		{"ISO time and zone", "1990-03-05T10:30:00-03:00", orderDMY, true, "1990-03-05"},
		{"ISO in Zulu time", "1990-03-05T00:00:00.000Z", orderDMY, true, "1990-03-05"},
		{"time of a spreadsheet", "1990-03-05 00:00:00", orderDMY, true, "1990-03-05"},
		{"time after month by name", "5 mar 1990 10:30", orderDMY, true, "1990-03-05"},
		{"two-digit birth year of this century", "05/03/24", orderDMY, true, "2024-03-05"},
		{"two-digit birth year that would lie ahead", "05/03/26", orderDMY, true, "1926-03-05"},
		{"two-digit birth day that would lie ahead", "16/06/25", orderDMY, true, "1925-06-16"},
		{"two-digit birth day of today", "15/06/25", orderDMY, true, "2025-06-15"},
		{"two-digit year of no birthday", "05/03/26", orderDMY, false, "2026-03-05"},
		{"two-digit year of no birthday, last century", "05/03/85", orderDMY, false, "1985-03-05"},
		{"two-digit year in front", "85-03-12", orderDMY, true, "1985-03-12"},
		{"birthday ahead", "05/03/2030", orderDMY, true, ""},
		{"appointment ahead", "05/03/2030", orderDMY, false, "2030-03-05"},
		{"eight digits, day first", "05031990", orderDMY, true, "1990-03-05"},
		{"eight digits, year first", "19900305", orderDMY, true, "1990-03-05"},
		{"days of a spreadsheet", "32937", orderDMY, true, "1990-03-05"},
		{"days and hours of a spreadsheet", "32937.5", orderDMY, true, "1990-03-05"},
		{"month by name", "5 de março de 1990", orderDMY, true, "1990-03-05"},
		{"month by name without accent", "5 de marco de 1990", orderDMY, true, "1990-03-05"},
		{"month in capitals", "5 DE MARÇO DE 1990", orderDMY, true, "1990-03-05"},
		{"first of a month", "1º de maio de 1990", orderDMY, true, "1990-05-01"},
		{"month short", "05/mar/1990", orderDMY, true, "1990-03-05"},
		{"month short with dot", "05 mar. 1990", orderDMY, true, "1990-03-05"},
		{"month short, two-digit year", "5-mar-90", orderDMY, true, "1990-03-05"},
		{"Spanish", "5 de septiembre del 1990", orderDMY, true, "1990-09-05"},
		{"English, month first", "March 5, 1990", orderDMY, true, "1990-03-05"},
		{"English ordinal", "March 5th, 1990", orderDMY, true, "1990-03-05"},
		{"weekday in front", "segunda-feira, 5 de março de 1990", orderDMY, true, "1990-03-05"},
		{"Japanese", "1990年10月12日", orderDMY, true, "1990-10-12"},
		{"leap day", "29/02/2024", orderDMY, true, "2024-02-29"},
		{"no leap day", "29/02/2023", orderDMY, true, ""},
		{"no leap day in 1900", "29/02/1900", orderDMY, true, ""},
		{"thirty-first of April", "31/04/1990", orderDMY, true, ""},
		{"day beyond any month", "32/01/1990", orderDMY, true, ""},
		{"month first in a column with days first", "12/25/1990", orderDMY, true, ""},
		{"day first in a column with months first", "25/12/1990", orderMDY, true, ""},
		{"no year", "05/03", orderDMY, true, ""},
		{"only a year", "1990", orderDMY, true, ""},
		{"month and year", "03/1990", orderDMY, true, ""},
		{"three-digit year", "05/03/199", orderDMY, true, ""},
		{"long ago", "05/03/1690", orderDMY, true, ""},
		{"phone", "51999991234", orderDMY, true, ""},
		{"decimal number", "12,50", orderDMY, true, ""},
		{"address of a computer", "10.20.30.40", orderDMY, true, ""},
		{"word", "ontem", orderDMY, true, ""},
		{"two months", "mar abr 1990", orderDMY, true, ""},
		{"sentence", "nasceu 5 de março de 1990", orderDMY, true, ""},
		{"question mark", "05/03/1990?", orderDMY, true, ""},
		{"empty", "", orderDMY, true, ""},
		{"very long", strings.Repeat("1", 200), orderDMY, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s scratch
			got, ok := s.date(tt.text, tt.order, tt.past, testNow)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("date(%q, %s) = %q, %v; want %q", tt.text, tt.order, got, ok, tt.want)
			}
		})
	}
}

func TestDateReadsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	formats := []struct {
		layout string
		order  dateOrder
	}{
		{"02/01/2006", orderDMY}, {"2/1/2006", orderDMY}, {"01/02/2006", orderMDY}, {"2006-01-02", orderDMY}, {"2006/1/2", orderMDY},
		{"02.01.2006 15:04", orderDMY}, {"2006-01-02T15:04:05Z07:00", orderMDY}, {"Jan 2, 2006", orderDMY}, {"2-Jan-2006", orderMDY},
		{"Monday, 2 January 2006", orderDMY}, {"20060102", orderDMY},
	}
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1900, 1, 1, 13, 5, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 45_000).Draw(t, "day"))
		f := rapid.SampledFrom(formats).Draw(t, "format")
		var s scratch
		got, ok := s.date(day.Format(f.layout), f.order, false, testNow)
		if want := day.Format(time.DateOnly); !ok || got != want {
			t.Errorf("date(%q, %s) = %q, %v; want %q", day.Format(f.layout), f.order, got, ok, want)
		}
	})
}

func TestDateVotes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		country string
		cells   []string
		want    dateOrder
	}{
		{"open in Brazil", "BR", []string{"05/03/1990", "06/07/1991"}, orderDMY},
		{"open in the United States", "US", []string{"05/03/1990"}, orderMDY},
		{"one day above twelve", "US", []string{"05/03/1990", "25/03/1990"}, orderDMY},
		{"one month behind in Brazil", "BR", []string{"05/03/1990", "03/25/1990"}, orderMDY},
		{"more days first than months first", "US", []string{"25/03/1990", "26/03/1990", "03/25/1990"}, orderDMY},
		{"ISO says nothing", "US", []string{"1990-03-25"}, orderMDY},
		{"names say nothing", "US", []string{"25 de março de 1990"}, orderMDY},
		{"two-digit years in front", "BR", []string{"85-03-12", "90-05-25"}, orderYMD},
		{"impossible dates say nothing", "BR", []string{"45/45/1990"}, orderDMY},
		{"nothing", "BR", nil, orderDMY},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var v dateVotes
			for _, c := range tt.cells {
				v.add(c)
			}
			if got := v.decide(tt.country); got != tt.want {
				t.Errorf("decide = %s, want %s", got, tt.want)
			}
		})
	}
}

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
		{"Google's groups", "* myContacts ::: Clientes", []string{"myContacts", "Clientes"}},
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
