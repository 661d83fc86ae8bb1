package identity

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	invalid := []string{CodeDocumentInvalid}
	for _, tc := range []struct {
		name, country, text string
		want, sub           string
		codes               []string
	}{
		{"CPF", "BR", "529.982.247-25", "52998224725", DocCPF, nil},
		{"CPF digits", "BR", "52998224725", "52998224725", DocCPF, nil},
		{"CPF with label", "BR", "CPF: 529.982.247-25", "52998224725", DocCPF, nil},
		{"CPF with label and dots", "BR", "C.P.F. 529.982.247-25", "52998224725", DocCPF, nil},
		{"CPF in full width", "BR", "５２９９８２２４７２５", "52998224725", DocCPF, nil},
		{"CPF lost one zero", "BR", "9012345690", "", "", invalid},
		{"CPF zero restored", "BR", "1234567709", "01234567709", DocCPF, []string{CodeDocumentZeros}},
		{"CPF of one digit", "BR", "111.111.111-11", "", "", invalid},
		{"CPF wrong", "BR", "529.982.247-26", "", "", invalid},
		{"CPF of a form", "BR", "123.456.789-09", "12345678909", DocCPF, []string{CodePlaceholder}},
		{"CPF of a form without its zero", "BR", "1234567890", "", "", invalid},
		{"CNPJ", "BR", "54.550.752/0001-55", "54550752000155", DocCNPJ, nil},
		{"CNPJ with letters", "BR", "12.abc.345/01de-35", "12ABC34501DE35", DocCNPJ, nil},
		{"CNPJ with letters and no-break blank", "BR", "12.ABC.345/01DE-35\u00a0", "12ABC34501DE35", DocCNPJ, nil},
		{"CNPJ zero restored", "BR", "1838723000127", "01838723000127", DocCNPJ, []string{CodeDocumentZeros}},
		{"CNPJ with label", "BR", "CNPJ 54.550.752/0001-55", "54550752000155", DocCNPJ, nil},
		{"CNPJ with letter in check digits", "BR", "12ABC34501DE3A", "", "", invalid},
		{"empty mask", "BR", "000.000.000-00", "", "", nil},
		{"blank", "BR", "n/a", "", "", nil},
		{"exempt", "BR", "ISENTO", "", "", nil},
		{"other sign", "BR", "529_982_247_25", "", "", invalid},
		{"CUIT", "AR", "20-05536168-2", "AR:20055361682", DocCUIT, nil},
		{"CUIT wrong", "AR", "20-05536168-3", "", "", invalid},
		{"CUIT of no prefix", "AR", "21-05536168-2", "", "", invalid},
		{"CUIT named in Brazil", "BR", "CUIT 20-05536168-2", "AR:20055361682", DocCUIT, nil},
		{"country in front", "BR", "AR:20-05536168-2", "AR:20055361682", DocCUIT, nil},
		{"DNI", "AR", "20.123.456", "AR:20123456", DocDNI, nil},
		{"DNI with label", "AR", "DNI 20.123.456", "AR:20123456", DocDNI, nil},
		{"RUT Chile", "CL", "76.086.428-5", "CL:760864285", DocRUT, nil},
		{"RUT Chile K", "CL", "10.000.013-k", "CL:10000013K", DocRUT, nil},
		{"RUT Chile wrong", "CL", "12.531.909-3", "", "", invalid},
		{"RUT Chile with zero", "CL", "012.531.909-2", "CL:125319092", DocRUT, nil},
		{"NIT", "CO", "900.123.456-8", "CO:900123456", DocNIT, nil},
		{"NIT without check digit", "CO", "900123456", "CO:900123456", DocNIT, nil},
		{"NIT without hyphen", "CO", "9001234568", "CO:900123456", DocNIT, nil},
		{"NIT wrong", "CO", "900.123.456-7", "", "", invalid},
		{"NIT of a person", "CO", "213.123.432-1", "CO:213123432", DocCC, nil},
		{"cedula", "CO", "1.012.345.678", "CO:1012345678", DocCC, nil},
		{"RFC of a person", "MX", "GODE561231GR8", "MX:GODE561231GR8", DocRFC, nil},
		{"RFC with hyphens", "MX", "gode-561231-gr8", "MX:GODE561231GR8", DocRFC, nil},
		{"RFC of a company", "MX", "MAB-930714-8T4", "MX:MAB9307148T4", DocRFC, nil},
		{"RFC of a company with Ñ", "MX", "ÑAB-930714-8TA", "MX:ÑAB9307148TA", DocRFC, nil},
		{"RFC of a person with ñ", "MX", "muñe561231gr1", "MX:MUÑE561231GR1", DocRFC, nil},
		{"RFC with Ñ, wrong", "MX", "ÑAB9307148T1", "", "", invalid},
		{"Ñ elsewhere", "BR", "12.ABÑ.345/01DE-35", "", "", invalid},
		{"Ñ in a passport", "US", "ABÑ12345", "", "", invalid},
		{"RFC wrong", "MX", "MAB-930714-8T3", "", "", invalid},
		{"RFC with no such month", "MX", "MAB-931714-8T4", "", "", invalid},
		{"RFC of the public at large", "MX", "XAXX010101000", "MX:XAXX010101000", DocRFC, []string{CodePlaceholder}},
		{"CURP", "MX", "BOXW310820HNERXN09", "MX:BOXW310820HNERXN09", DocCURP, nil},
		{"CURP wrong", "MX", "BOXW310820HNERXN08", "", "", invalid},
		{"RUC Peru", "PE", "20512333797", "PE:20512333797", DocRUC, nil},
		{"RUC Peru wrong", "PE", "20512333798", "", "", invalid},
		{"DNI Peru keeps its zero", "PE", "01234567", "PE:01234567", DocDNI, nil},
		{"RUC Ecuador, company", "EC", "1792060346-001", "EC:1792060346001", DocRUC, nil},
		{"RUC Ecuador wrong", "EC", "1763154690001", "", "", invalid},
		{"card Ecuador", "EC", "171430710-3", "EC:1714307103", DocCI, nil},
		{"card Ecuador wrong", "EC", "1714307104", "", "", invalid},
		{"RUC Ecuador, person", "EC", "1714307103001", "EC:1714307103001", DocRUC, nil},
		{"card Ecuador lost its zero", "EC", "912345675", "EC:0912345675", DocCI, []string{CodeDocumentZeros}},
		{"RUC Paraguay", "PY", "80028061-0", "PY:80028061", DocRUC, nil},
		{"RUC Paraguay without check digit", "PY", "80028061", "PY:80028061", DocRUC, nil},
		{"RUC Paraguay without hyphen", "PY", "800280610", "PY:80028061", DocRUC, nil},
		{"RUC Paraguay wrong", "PY", "80028061-1", "", "", invalid},
		{"RUC Paraguay of a person", "PY", "9991603-7", "PY:9991603", DocCI, nil},
		{"RUT Uruguay", "UY", "21-100342-001-7", "UY:211003420017", DocRUT, nil},
		{"RUT Uruguay wrong", "UY", "210303670014", "", "", invalid},
		{"card Uruguay", "UY", "1.234.567-2", "UY:12345672", DocCI, nil},
		{"card Uruguay wrong", "UY", "1.234.567-3", "", "", invalid},
		{"RIF of a person", "VE", "V-11470283-4", "VE:V11470283", DocCI, nil},
		{"RIF wrong", "VE", "V-11470283-3", "", "", invalid},
		{"card Venezuela", "VE", "V-11.470.283", "VE:V11470283", DocCI, nil},
		{"RIF of a company", "VE", "J-07013380-5", "VE:J070133805", DocRIF, nil},
		{"other country", "US", "12-3456789", "US:123456789", DocOther, nil},
		{"other country, too short", "US", "12", "", "", invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			values, problems := AppendDocument(nil, nil, tc.text, &Options{Country: tc.country})
			want := outcome{Codes: tc.codes}
			if tc.want != "" {
				want.Values = []string{tc.want}
			}
			if diff := cmp.Diff(want, outcomeOf(values, problems)); diff != "" {
				t.Fatalf("%q mismatch (-want +got):\n%s", tc.text, diff)
			}
			for _, v := range values {
				if v.Sub != tc.sub {
					t.Errorf("%q: got sub %q, want %q", tc.text, v.Sub, tc.sub)
				}
				if again, p := ParseDocument(v.Format(), Options{Country: "BR"}); again != v {
					t.Errorf("%q: formatted %q, read again as %+v %+v, want %+v", tc.text, v.Format(), again, p, v)
				}
			}
		})
	}
}

// TestCPFThatLooksLikeAPhone: digits that are good as both are what their column says.
// What is read is read the same again from its canonical and its formatted form.
func TestDocumentsReadBack(t *testing.T) {
	t.Parallel()
	for _, country := range []string{"AR", "BO", "BR", "CL", "CO", "EC", "MX", "PE", "PY", "US", "UY", "VE"} {
		t.Run(country, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			for range 40 * *numbersPerPlan {
				text := []byte{}
				if r.IntN(4) == 0 {
					text = append(text, "VEJPGCKX"[r.IntN(8)])
				}
				for range 4 + r.IntN(11) {
					text = append(text, byte('0'+r.IntN(10)*r.IntN(2)))
				}
				if r.IntN(3) == 0 {
					text = append(text[:len(text)-1], '-', text[len(text)-1])
				}
				for _, v := range first(AppendDocument(nil, nil, string(text), &Options{Country: country})) {
					for _, form := range []string{v.Canonical, v.Format()} {
						if again, p := ParseDocument(form, Options{}); again != v && (p == nil || p.Code != CodePlaceholder) {
							t.Fatalf("%q: %+v, %q read back as %+v %v", text, v, form, again, p)
						}
					}
				}
			}
		})
	}
}

func TestCPFThatLooksLikeAPhone(t *testing.T) {
	t.Parallel()
	const text = "11987654374" // check digits right, and a mobile of São Paulo
	document, _ := ParseDocument(text, Options{})
	phone, _ := ParsePhone(text, Options{})
	if document.Canonical != text || phone.Canonical != "+55"+text {
		t.Errorf("got document %q and phone %q", document.Canonical, phone.Canonical)
	}
}

// TestCNPJEveryTypo: one wrong character or two neighbors swapped never give a valid number, but for the pairs that
// weights modulo 11 cannot tell.
func TestCNPJEveryTypo(t *testing.T) {
	t.Parallel()
	const good = "12ABC34501DE35"
	for i := range len(good) {
		for _, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			if c == good[i] || (int(c)-int(good[i]))%11 == 0 {
				continue
			}
			bad := good[:i] + string(c) + good[i+1:]
			if v, _ := ParseDocument(bad, Options{}); v.Canonical != "" {
				t.Errorf("%s: accepted", bad)
			}
		}
	}
}
