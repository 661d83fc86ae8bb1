package identity

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpora is the folder of public test data beside the repository.
const corpora = "../../../shared/corpora"

// corpus opens one file of the public test data, or skips the test where the folder is absent.
func corpus(t *testing.T, name string) string {
	t.Helper()
	if _, err := os.Stat(corpora); err != nil {
		t.Skipf("no corpora beside the repository: %v", err)
	}
	return filepath.Join(corpora, name)
}

func corpusCSV(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(corpus(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func corpusLines[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := os.ReadFile(corpus(t, name))
	if err != nil {
		t.Fatal(err)
	}
	var rows []T
	for line := range strings.Lines(string(data)) {
		var row T
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

var corpusCountries = []string{"AR", "BO", "BR", "CL", "CO", "CR", "EC", "ES", "MX", "PA", "PE", "PT", "PY", "UY", "VE"}

func TestPhoneCorpusValid(t *testing.T) {
	t.Parallel()
	for _, country := range corpusCountries {
		rows := corpusCSV(t, "phone/"+country+"_valid.csv")
		wrong := 0
		for _, row := range rows {
			for _, text := range row[:2] {
				v, p := ParsePhone(text, Options{Country: country})
				if v.Canonical != row[0] {
					wrong++
					t.Errorf("%s %s: got %s %+v, want %s", country, text, v.Canonical, p, row[0])
				}
			}
		}
		t.Logf("%s: %d numbers, %d wrong readings of %d", country, len(rows), wrong, 2*len(rows))
	}
}

// TestPhoneCorpusInvalid: with the calling code in front every invalid number is refused, but for Brazilian numbers of
// ten digits that are an old mobile by the rule of the ninth digit.
func TestPhoneCorpusInvalid(t *testing.T) {
	t.Parallel()
	for _, country := range corpusCountries {
		rows := corpusCSV(t, "phone/"+country+"_invalid.csv")
		accepted, old, national := 0, 0, 0
		for _, row := range rows {
			v, p := ParsePhone(row[0], Options{Country: country})
			if v.Canonical != "" {
				if p != nil && p.Code == CodePhoneNinthDigitAdded {
					old++
				} else {
					accepted++
					t.Errorf("%s %s: accepted as %s", country, row[0], v.Canonical)
				}
			}
			if v, p := ParsePhone(row[1], Options{Country: country}); v.Canonical != "" {
				if p != nil && p.Code == CodePhoneNinthDigitAdded {
					continue
				}
				national++
				t.Logf("%s national %s: read as %s (%s)", country, row[1], v.Canonical, row[2])
			}
		}
		t.Logf("%s: %d numbers, %d accepted, %d old mobiles completed, %d national readings found abroad", country, len(rows), accepted, old, national)
	}
}

func TestPhoneCorpusNinthDigit(t *testing.T) {
	t.Parallel()
	for _, row := range corpusCSV(t, "phone/BR_ninth_digit.csv") {
		v, p := ParsePhone(row[0], Options{Country: "BR"})
		if row[2] == "" {
			if v.Canonical != row[1] || p == nil || p.Code != CodePhoneNinthDigitAdded {
				t.Errorf("%s: got %s %+v, want %s", row[0], v.Canonical, p, row[1])
			}
		} else if v.Canonical != "+55"+row[0] || p != nil && p.Code == CodePhoneNinthDigitAdded {
			t.Errorf("%s: got %s %+v, want it left alone", row[0], v.Canonical, p)
		}
	}
}

func TestPhoneCorpusForms(t *testing.T) {
	t.Parallel()
	for country, name := range map[string]string{"AR": "phone/AR_mobile_forms.csv", "MX": "phone/MX_forms.csv"} {
		rows := corpusCSV(t, name)
		for _, row := range rows {
			if v, p := ParsePhone(row[0], Options{Country: country}); v.Canonical != row[1] {
				t.Errorf("%s %s: got %s %+v, want %s", country, row[0], v.Canonical, p, row[1])
			}
		}
		t.Logf("%s: %d forms", country, len(rows))
	}
}

func TestPhoneCorpusEquivalence(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(corpus(t, "phone/equivalence.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Classes []struct {
			Region     string   `json:"default_region"`
			Area       string   `json:"default_area"`
			E164       string   `json:"e164"`
			Canonical  string   `json:"canonical"`
			Inputs     []string `json:"inputs"`
			SamePerson []string `json:"same_person"`
		} `json:"equivalence_classes"`
		MustNotJoin []struct{ A, B, Why string } `json:"must_not_join"`
		LeaveAlone  []string                     `json:"leave_alone"`
		Errors      []struct {
			Input  string `json:"input"`
			Region string `json:"default_region"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	keys := func(text, region, area string) [][16]byte {
		v, _ := ParsePhone(text, Options{Country: region, DefaultAreaCode: area})
		if v.Canonical == "" {
			return nil
		}
		return v.AppendKeys(nil, "ana")
	}
	meet := func(a, b [][16]byte) bool {
		for i := range a {
			for j := range b {
				if a[i] == b[j] {
					return true
				}
			}
		}
		return false
	}
	for _, class := range c.Classes {
		inputs := append(class.Inputs, class.SamePerson...)
		for _, text := range inputs {
			if !meet(keys(text, class.Region, class.Area), keys(inputs[0], class.Region, class.Area)) {
				t.Errorf("%s %s: not joined with %s", class.Region, text, inputs[0])
			}
			if want := class.E164 + class.Canonical; want != "" {
				if v, p := ParsePhone(text, Options{Country: class.Region, DefaultAreaCode: class.Area}); v.Canonical != want {
					t.Errorf("%s %s: got %s %+v, want %s", class.Region, text, v.Canonical, p, want)
				}
			}
		}
	}
	for _, pair := range c.MustNotJoin {
		for _, region := range corpusCountries {
			if meet(keys(pair.A, region, ""), keys(pair.B, region, "")) {
				t.Errorf("%s: %s joins %s: %s", region, pair.A, pair.B, pair.Why)
			}
		}
	}
	for _, text := range c.LeaveAlone {
		if v, _ := ParsePhone(text, Options{}); v.Canonical != "" && v.Canonical != "+"+text {
			t.Errorf("%s: changed to %s", text, v.Canonical)
		}
	}
	for _, e := range c.Errors {
		if v, p := ParsePhone(e.Input, Options{Country: e.Region}); p == nil || p.Code != CodePhoneLocalOnly {
			t.Errorf("%s: got %s %+v, want %s", e.Input, v.Canonical, p, CodePhoneLocalOnly)
		}
	}
}

// documentDecisions are the cases on which other libraries disagree.
var documentDecisions = map[string]bool{
	"12......ABC.345/01DE-35": true,  // separators say nothing, however many
	"54.550.752/////0001-55":  true,  //
	"54.550.752/0001---55":    true,  //
	"295......379.955-93":     true,  //
	"295.379.955--93":         true,  //
	"12345678909":             true,  // right check digits: accepted, but shared, as a placeholder
	"390.533.447-05":          true,  // right check digits
	"23100299900":             false, // wrong check digits
	"12.ABC.345/01DE-35":      true,  // the official mask of the alphanumeric CNPJ
}

func TestDocumentCorpus(t *testing.T) {
	t.Parallel()
	type row struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
		Valid *bool  `json:"valid"`
	}
	rows := corpusLines[row](t, "documents/cpf_cnpj.jsonl")
	decided := 0
	for _, r := range rows {
		want, known := documentDecisions[r.Value]
		if r.Valid != nil {
			want = *r.Valid
			decided++
		} else if !known {
			t.Errorf("%q: undecided", r.Value)
		}
		v, p := ParseDocument(r.Value, Options{})
		if got := v.Canonical != ""; got != want {
			t.Errorf("%s %q: got %q %+v, want valid %v", r.Kind, r.Value, v.Canonical, p, want)
		}
		if v.Canonical != "" && !strings.Contains(r.Kind, v.Sub) {
			t.Errorf("%s %q: read as %s", r.Kind, r.Value, v.Sub)
		}
	}
	t.Logf("%d cases, %d decided there, %d here", len(rows), decided, len(rows)-decided)
}

func TestEmailCorpus(t *testing.T) {
	t.Parallel()
	type row struct {
		Address, Category, Diagnosis string
	}
	for _, name := range []string{"email/isemail.jsonl", "email/isemail-original.jsonl"} {
		counts := map[string]int{}
		for _, r := range corpusLines[row](t, name) {
			v, p := ParseEmail(r.Address, Options{})
			accepted := v.Canonical != ""
			unusual := strings.ContainsAny(r.Address, `"[(`)
			switch {
			case r.Category == "ISEMAIL_ERR" && accepted:
				t.Errorf("%q: accepted as %q: %s", r.Address, v.Canonical, r.Diagnosis)
			case (r.Category == "ISEMAIL_VALID_CATEGORY" || r.Category == "ISEMAIL_DNSWARN") && !accepted && !unusual:
				t.Errorf("%q: refused %+v: %s", r.Address, p, r.Diagnosis)
			}
			if accepted {
				counts[r.Category+" accepted"]++
			} else {
				counts[r.Category+" refused"]++
			}
		}
		t.Logf("%s: %v", name, counts)
	}
}
