package spreadsheet

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGuardMarksWhatSpreadsheetsAlter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why    string
		marked bool
		cells  []string
	}{
		{"formulas and what starts like one", true, []string{"=1+1", "=HYPERLINK(\"x\")", "+5551999999999", "-5", "@ana", "\t=1", "\r=1", " =1", "＝1+1", "#N/A"}},
		{"more than eleven digits", true, []string{"555199999999", "5551999999999", "12345678000195"}},
		{"leading zeros", true, []string{"007", "01234567", "00"}},
		{"blanks around digits", true, []string{" 12", "12 ", "\u00a012"}},
		{"exponents", true, []string{"1e5", "5,55E+12", "5.55e12", "1E-7"}},
		{"decimals, groups, money, shares", true, []string{"1.50", "10,00", "1.234,56", "R$ 10,00", "12,5%", "(1.234,56)", "1 234", ".5", "$5", "12 €"}},
		{"dates", true, []string{"1/2", "01/02/2024", "2024-01-02", "1-2", "51-9999", "02.01.24", "5-mar", "mar/24", "5 de março de 2024", "jan-24", "1 jan 2024", "2024-01-02 10:00", "2024-01-02T10:00:00Z"}},
		{"times and fractions", true, []string{"9:30", "09:30:15", "9:30 pm", "1 1/2"}},
		{"logical values", true, []string{"true", "FALSE", "Verdadeiro", "falso", "VERDADERO"}},
		{"a mark of their own before such a text", true, []string{"'007", "''=1"}},
		{"plain text", false, []string{"", " ", "Ana", "O'Brien", "'Ana", "ana@example.com", "Rua 5", "Sala 12", "7º andar", "a=1", "S/N"}},
		{"numbers that stay as they are", false, []string{"0", "7", "51", "51999999999"}},
		{"phones that no spreadsheet reads as a number", false, []string{"(51) 99999-9999", "51 99999-9999", "99999-1234"}},
		{"postal codes with their dash", false, []string{"90010-000"}},
	} {
		for _, cell := range tt.cells {
			if got := Guard(cell); (got != cell) != tt.marked {
				t.Errorf("%s: Guard(%q) = %q", tt.why, cell, got)
			}
		}
	}
}

// cells draws texts near everything the guard looks at.
func cells() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`'{0,3}[-+=@]?[0-9]{0,14}`),
		rapid.StringMatching(`'{0,2} ?[0-9]{1,4}[-/. ][0-9]{1,4}([-/.:][0-9]{1,4})?`),
		rapid.StringMatching(`'?[0-9]{1,3}([.,][0-9]{1,3}){0,2}([eE][+-]?[0-9]{1,2})?%?`),
		rapid.SampledFrom([]string{"true", "'true", "jan/24", "'", "''", "\xff", "'\xff"}),
	)
}

func TestUnguardTakesOffExactlyTheMark(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := cells().Draw(t, "cell")
		guarded := Guard(cell)
		if back := Unguard(guarded); back != cell {
			t.Errorf("Unguard(Guard(%q)) = Unguard(%q) = %q", cell, guarded, back)
		}
		if guarded != cell && guarded != mark+cell {
			t.Errorf("Guard(%q) = %q changes more than the mark", cell, guarded)
		}
		if strings.HasPrefix(guarded, "=") || strings.HasPrefix(guarded, "+") || strings.HasPrefix(guarded, "@") {
			t.Errorf("Guard(%q) = %q may run as a formula", cell, guarded)
		}
	})
}

func TestUnguardKeepsWhatPeopleTyped(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"007": "007", "'007": "007", "'Ana": "'Ana", "": "", "'": "'", "+5551999999999": "+5551999999999",
	} {
		if got := Unguard(cell); got != want {
			t.Errorf("Unguard(%q) = %q, want %q", cell, got, want)
		}
	}
}
