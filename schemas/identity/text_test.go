package identity

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestBlank(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "\t\n", "-", "--", "—", "...", "?", "n/a", "N/A", "na", "N.A.", "#N/A", "#N/D", "null", "NULL", "(null)", "NaN", "none",
		"não", "NÃO TEM", "nao tem", "Não informado", "NÃO INFORMADA", "não possui", "sem telefone", "Sem e-mail", "s/n", "S/N", "0", "00", "000",
		"0,00", "(00) 00000-0000", "nenhum", "ninguno", "No tiene", "sin correo", "SIN TELÉFONO", "desconhecido", "undefined", "x x", "\u200b", "０",
	} {
		want := text != "x x"
		if text == "０" {
			want = false // a digit of another script is read by its parser
		}
		if Blank(text) != want {
			t.Errorf("%q: got %v, want %v", text, !want, want)
		}
	}
	for _, text := range []string{"Ana", "Noé", "1", "10", "0800", "nada@example.com", "Nadia", "sinval", "naná", "semi", "x"} {
		if Blank(text) {
			t.Errorf("%q: taken for blank", text)
		}
	}
}

func TestFoldName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"José  da Silva.": "jose da silva", "JOSE DA SILVA": "jose da silva", "  José\tda\u00a0Silva ": "jose da silva",
		"Jose\u0301 da Silva": "jose da silva", "D'Ávila": "davila", "D’Ávila": "davila", "Ana-Maria": "ana maria", "Ñuñez": "nunez",
		"Müller & Cia. Ltda": "muller cia ltda", "Straße": "strasse", "Ærø": "aero", "ＡＮＡ": "ana", "3M do Brasil": "3m do brasil",
		"Ana 😀": "ana", "李小龍": "李小龍", "Ирина": "ирина", "...": "", "": "", "\xff": "", "Ana\xffBia": "ana bia",
	} {
		if got := FoldName(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// The letters that are folded by a table fold as they do among letters that are not.
func TestFoldNameByTable(t *testing.T) {
	t.Parallel()
	for r := rune(0x20); r < 0x250; r++ {
		for _, text := range []string{string(r), "a" + string(r) + " b", "ã" + string(r), string(r) + "\u0301"} {
			if got, want := FoldName(text), foldRunes(text); got != want {
				t.Errorf("%q: got %q, foldRunes gives %q", text, got, want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("aZ 9-'çÃõéß.\u0301ŁøŒñ’ı你\u200b"))).Draw(t, "text")
		if got, want := FoldName(text), foldRunes(text); got != want {
			t.Errorf("%q: got %q, foldRunes gives %q", text, got, want)
		}
	})
}

func TestShape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"51-9999": "99-9999", "(51) 98765-1234": "(99) 99999-9999", "Ana@x.com": "Aaa@a.aaa", "5,55E+12": "9,99A+99", "joão": "aaaa",
		"": "", "a\x00b\nc": "a?a a", "李": "a", "\xff": "?", strings.Repeat("9", 50): strings.Repeat("9", 40) + "…",
	} {
		if got := Shape(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestMaskText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"51-9999": "5*-****", "(51) 98765-1234": "(51) *****-**34", "123": "***", "": "", "ana@x.com": "a**@*.***", "ana@xy.com": "an*@**.*om", "João": "J***",
		strings.Repeat("9", 100): "99" + strings.Repeat("*", 58) + "…",
	} {
		if got := MaskText(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestMaskHides: no mask shows more than half of a value's letters and digits.
func TestMaskHides(t *testing.T) {
	t.Parallel()
	for _, v := range []Value{
		{Kind: Phone, Canonical: "+5551987651234", Country: "BR", Sub: LineMobile},
		{Kind: Phone, Canonical: "+5491123456789", Country: "AR", Sub: LineMobile},
		{Kind: Document, Canonical: "52998224725", Sub: DocCPF},
		{Kind: Document, Canonical: "12ABC34501DE35", Sub: DocCNPJ},
		{Kind: Document, Canonical: "AR:20055361682", Sub: DocCUIT},
		{Kind: External, Canonical: "omie:1234567", Sub: "omie"},
		{Kind: Instagram, Canonical: "ana.souza"},
		{Kind: Telegram, Canonical: "123456789"},
		{Kind: Email, Canonical: "ana.souza@example.com"},
	} {
		mask, logged := v.Mask(), v.LogValue().String()
		if strings.Contains(mask, v.Canonical) || strings.Contains(logged, v.Canonical) {
			t.Errorf("%v: mask %q, logged %q", v.Kind, mask, logged)
		}
		if hidden := strings.Count(mask, "*"); hidden < 3 {
			t.Errorf("%v: only %d characters hidden in %q", v.Kind, hidden, mask)
		}
		if !utf8.ValidString(mask) {
			t.Errorf("%v: broken mask %q", v.Kind, mask)
		}
	}
}
