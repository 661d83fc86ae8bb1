package validate

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
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
		{"exponent beyond what is a number", "10E29", ',', ""},
		{"too many digits", strings.Repeat("9", 31), ',', ""},
		{"a fraction of fifteen digits", "0.123456789012345", ',', "0.123456789012345"},
		{"a longer fraction is rounded", "0.12345678901234567", ',', "0.123456789012346"},
		{"what binary made of 0.3", "0.30000000000000004", ',', "0.3"},
		{"what binary made of 1.1", "1.0999999999999999", ',', "1.1"},
		{"all nines", "-9.9999999999999999", ',', "-10"},
		{"a place on earth", "-30.034647123456789012", ',', "-30.0346471234568"},
		{"small and long", "0.00012345678901234567", ',', "0.000123456789012346"},
		{"more than fifteen in front", "1234567890123456.78", ',', "1234567890123457"},
		{"nines in front", "9999999999999999.9", ',', "10000000000000000"},
		{"whole numbers keep all", "12345678901234567890123", ',', "12345678901234567890123"},
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
				v.add(c, 0)
			}
			if got := v.decide(tt.country); got != tt.want {
				t.Errorf("decide = %q, want %q", got, tt.want)
			}
		})
	}
}
