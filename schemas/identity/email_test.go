package identity

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEmails(t *testing.T) {
	t.Parallel()
	invalid := []string{CodeEmailInvalid}
	const ana = "ana.souza@example.com"
	for _, tc := range []struct {
		name, text string
		want       []string
		codes      []string
	}{
		{"plain", ana, []string{ana}, nil},
		{"capitals", "Ana.Souza@EXAMPLE.com", []string{ana}, nil},
		{"blanks around", "  ana.souza@example.com\t", []string{ana}, nil},
		{"no-break blank", "\u00a0ana.souza@example.com\u00a0", []string{ana}, nil},
		{"blanks at the sign", "ana.souza @ example.com", []string{ana}, nil},
		{"blanks at a dot", "ana.souza@example. com", []string{ana}, nil},
		{"mailto", "mailto:ana.souza@example.com", []string{ana}, nil},
		{"mailto with subject", "MAILTO:ana.souza@example.com?subject=oi", []string{ana}, nil},
		{"name", "Ana Souza <ana.souza@example.com>", []string{ana}, nil},
		{"name in quotes", `"Souza, Ana" <ana.souza@example.com>`, []string{ana}, nil},
		{"angle brackets", "<ana.souza@example.com>", []string{ana}, nil},
		{"quotes", `"ana.souza@example.com"`, []string{ana}, nil},
		{"brackets", "(ana.souza@example.com)", []string{ana}, nil},
		{"semicolon at the end", "ana.souza@example.com;", []string{ana}, nil},
		{"comma and blank at the end", "ana.souza@example.com, ", []string{ana}, nil},
		{"full-width sign", "ana.souza＠example.com", []string{ana}, nil},
		{"full width", "ａｎａ.souza@example.com", []string{ana}, nil},
		{"zero-width blank", "ana.souza@exam\u200bple.com", []string{ana}, nil},
		{"plus and dots stay", "Ana.B.Souza+feira@gmail.com", []string{"ana.b.souza+feira@gmail.com"}, nil},
		{"international domain", "ana@açaí.com.br", []string{"ana@xn--aa-4iaz.com.br"}, nil},
		{"international domain in capitals", "ana@AÇAÍ.com.br", []string{"ana@xn--aa-4iaz.com.br"}, nil},
		{"international domain, encoded", "ana@xn--aa-4iaz.com.br", []string{"ana@xn--aa-4iaz.com.br"}, nil},
		{"two", "ana@example.com; bia@example.com", []string{"ana@example.com", "bia@example.com"}, []string{CodeMultipleInCell}},
		{"two with slash", "ana@example.com/bia@example.com", []string{"ana@example.com", "bia@example.com"}, []string{CodeMultipleInCell}},
		{"two with blank", "ana@example.com bia@example.com", []string{"ana@example.com", "bia@example.com"}, []string{CodeMultipleInCell}},
		{"two with line break", "ana@example.com\nbia@example.com", []string{"ana@example.com", "bia@example.com"}, []string{CodeMultipleInCell}},
		{"two with e", "ana@example.com e bia@example.com", []string{"ana@example.com", "bia@example.com"}, []string{CodeMultipleInCell}},
		{"two with names", "Ana <ana@example.com>, Bia <bia@example.com>", []string{"ana@example.com", "bia@example.com"}, []string{CodeMultipleInCell}},
		{"the same twice", "ana@example.com; ANA@example.com", []string{"ana@example.com"}, nil},
		{"one good, one bad", "ana@example.com; bia@", []string{"ana@example.com"}, invalid},
		{"blank", " ", nil, nil},
		{"none", "não tem", nil, nil},
		{"no sign", "ana.souza.example.com", nil, invalid},
		{"dot at the end", "ana@example.com.", nil, invalid},
		{"dot at the start", ".ana@example.com", nil, invalid},
		{"two dots", "ana..souza@example.com", nil, invalid},
		{"dot before the sign", "ana.@example.com", nil, invalid},
		{"accent in the local part", "joão@example.com", nil, invalid},
		{"blank in the local part", "ana souza@example.com", nil, invalid},
		{"quoted local part", `"ana souza"@example.com`, nil, invalid},
		{"comment", "ana(casa)@example.com", nil, invalid},
		{"address literal", "ana@[192.0.2.1]", nil, invalid},
		{"number for an ending", "ana@example.123", nil, invalid},
		{"underscore in the domain", "ana@exam_ple.com", nil, invalid},
		{"hyphen at the end of a label", "ana@example-.com", nil, invalid},
		{"no ending", "ana@gmail", nil, invalid},
		{"two signs", "ana@@example.com", nil, invalid},
		{"phone", "51987651234", nil, invalid},
		{"local part too long", strings.Repeat("a", 65) + "@example.com", nil, []string{CodeEmailTooLong}},
		{"longest local part", strings.Repeat("a", 64) + "@example.com", []string{strings.Repeat("a", 64) + "@example.com"}, nil},
		{"domain too long", "a@" + strings.Repeat("abcdefghi.", 26) + "com", nil, []string{CodeEmailTooLong}},
		{"placeholder", "naotem@gmail.com", nil, []string{CodePlaceholder}},
		{"placeholder with number", "teste123@gmail.com", nil, []string{CodePlaceholder}},
		{"placeholder domain", "ana@naotem.com.br", nil, []string{CodePlaceholder}},
		{"placeholder address", "a@a.com", nil, []string{CodePlaceholder}},
		{"no placeholder", "test@example.com", []string{"test@example.com"}, nil},
		{"placeholder beside an address", "naotem@gmail.com; ana@example.com", []string{"ana@example.com"}, []string{CodePlaceholder}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := outcomeOf(AppendEmail(nil, nil, tc.text, nil))
			if diff := cmp.Diff(outcome{tc.want, tc.codes}, got); diff != "" {
				t.Errorf("%q mismatch (-want +got):\n%s", tc.text, diff)
			}
			if len(tc.want) > 1 {
				got = outcomeOf(AppendEmail(nil, nil, tc.text, &Options{RejectMultiple: true}))
				if diff := cmp.Diff(outcome{nil, []string{CodeMultipleInCell}}, got); diff != "" {
					t.Errorf("%q with RejectMultiple mismatch (-want +got):\n%s", tc.text, diff)
				}
			}
		})
	}
}

func TestEmailSuggestions(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]string{
		"gmail.com": "", "gmial.com": "gmail.com", "gmai.com": "gmail.com", "gmaill.com": "gmail.com", "gnail.com": "gmail.com",
		"gmail.con": "gmail.com", "gmail.co": "gmail.com", "gmail.com.br": "gmail.com", "mail.com": "", "email.com": "",
		"hotmail.con": "hotmail.com", "hotmal.com": "hotmail.com", "hotmial.com": "hotmail.com", "hotmail.com.br": "", "hotmail.fr": "",
		"outlok.com": "outlook.com", "outlook.com.br": "", "yaho.com.br": "yahoo.com.br", "yahoo.com.br": "", "yahoo.cl": "",
		"iclould.com": "icloud.com", "uol.com": "uol.com.br", "uol.com.br": "", "bol.com.br": "", "live.com": "", "live.con": "live.com",
		"empresa.com.br": "", "empresa.con": "empresa.com", "empresa.combr": "empresa.com.br", "empresa.co": "", "serra.com.br": "",
		"terra.com.br": "", "example.org": "",
	} {
		values, problems := AppendEmail(nil, nil, "ana@"+domain, nil)
		if len(values) != 1 {
			t.Errorf("%s: refused %+v", domain, problems)
			continue
		}
		got := ""
		if len(problems) > 0 {
			got = problems[0].Suggestion
			if problems[0].Code != CodeEmailSuspectDomain || problems[0].Severity != Warning {
				t.Errorf("%s: got %+v", domain, problems[0])
			}
		}
		if got != want {
			t.Errorf("%s: suggested %q, want %q", domain, got, want)
		}
	}
	if _, p := ParseEmail("ana@gmail", Options{}); p == nil || p.Suggestion != "gmail.com" {
		t.Errorf("got %+v, want the provider as suggestion", p)
	}
}

func TestEmailRoles(t *testing.T) {
	t.Parallel()
	for local, want := range map[string]Strength{
		"contato": Shared, "vendas": Shared, "financeiro": Shared, "fiscal": Shared, "nfe": Shared, "sac": Shared, "info": Shared,
		"ventas": Shared, "contacto": Shared, "vendas2": Shared, "vendas.rs": Shared, "vendas_01": Shared, "nfe-financeiro": Shared,
		"contas.a.pagar": Shared, "no-reply": Shared, "ana": Joining, "ana.vendas": Joining, "vendas.ana.souza": Joining,
		"contatosilva": Joining, "marcos": Joining, "sacha": Joining, "infante": Joining,
	} {
		v, _ := ParseEmail(local+"@example.com", Options{})
		if v.Strength != want {
			t.Errorf("%s@: got %v, want %v", local, v.Strength, want)
		}
	}
}
