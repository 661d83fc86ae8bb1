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
