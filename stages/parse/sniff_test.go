package parse

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
)

// TestSnifferSamples decides over the samples of CPython's csv.Sniffer.
func TestSnifferSamples(t *testing.T) {
	t.Parallel()
	dir := needCorpus(t, "csv/cpython")
	text, err := os.ReadFile(filepath.Join(dir, "sniffer_samples.json"))
	if err != nil {
		t.Fatal(err)
	}
	var samples map[string]string
	decodeJSON(t, text, &samples)
	for _, tc := range []struct{ name, delim, quote string }{
		{"sample1", ",", `"`}, {"sample2", ":", "'"}, {"sample3", "?", `"`}, {"sample4", ";", `"`}, {"sample5", "\t", `"`},
		{"sample6", "|", `"`}, {"sample7", "|", "'"}, {"sample8", "+", `"`}, {"sample9", "+", "'"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l := sniff([]byte(samples["TestSniffer."+tc.name]), true, false, asked{})
			if got := strings.TrimRight(l.delimiter, " "); got != tc.delim || string(l.quote) != tc.quote {
				t.Errorf("delimiter %q, quote %q; want %q, %q", got, l.quote, tc.delim, tc.quote)
			}
		})
	}
}

// TestOdoo reads the cases of Odoo's import of files. The encodings of Japanese
// and Korean are none of this program's.
func TestOdoo(t *testing.T) {
	t.Parallel()
	dir := needCorpus(t, "importers/odoo")
	text, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		EncodingDetection struct {
			Template, Separator string
			Cases               []struct {
				Text     string
				EncodeAs []string `json:"encode_as"`
			}
		} `json:"encoding_detection"`
		SeparatorDetection []struct {
			Input     string
			Separator string `json:"expect_separator"`
			Headers   []string
			Rows      int
		} `json:"separator_detection"`
		EmptyRows, NewlineInField struct {
			Input  string
			Expect [][]string
		}
	}
	text = []byte(strings.NewReplacer(`"empty_rows"`, `"EmptyRows"`, `"newline_in_field"`, `"NewlineInField"`).Replace(string(text)))
	decodeJSON(t, text, &c)
	for i, tc := range c.EncodingDetection.Cases {
		for _, name := range tc.EncodeAs {
			t.Run(fmt.Sprintf("encoding %d as %s", i+1, name), func(t *testing.T) {
				t.Parallel()
				file := strings.Replace(c.EncodingDetection.Template, "%s", tc.Text, 1)
				data, ok := encodeOdoo(file, name)
				if !ok {
					t.Skip("an encoding of Japanese or Korean")
				}
				res := read(t, string(data), Options{})
				if len(res.Records) != 1 || res.Records[0].Cells[0] != tc.Text || res.Dialect.Delimiter != c.EncodingDetection.Separator {
					t.Errorf("read %+v", res)
				}
			})
		}
	}
	for i, tc := range c.SeparatorDetection {
		t.Run(fmt.Sprintf("separator %d", i+1), func(t *testing.T) {
			t.Parallel()
			res := read(t, tc.Input, Options{})
			if res.Dialect.Delimiter != tc.Separator || len(res.Records) != tc.Rows {
				t.Errorf("delimiter %q, %d records; want %q, %d", res.Dialect.Delimiter, len(res.Records), tc.Separator, tc.Rows)
			}
			if diff := cmp.Diff(tc.Headers, res.Header); diff != "" {
				t.Errorf("header mismatch (-want +got):\n%s", diff)
			}
		})
	}
	for name, tc := range map[string]struct {
		Input  string
		Expect [][]string
	}{"empty rows": c.EmptyRows, "newline in a field": c.NewlineInField} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.Expect, read(t, tc.Input, Options{}).cells()); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// encodeOdoo encodes as Python does: utf-16 and utf-32 with a byte order mark.
func encodeOdoo(text, name string) ([]byte, bool) {
	switch name {
	case "utf-8":
		return []byte(text), true
	case "utf-16":
		return encode("\uFEFF"+text, utf16LEName), true
	case "utf-32":
		return encode("\uFEFF"+text, utf32LEName), true
	case "iso-8859-1":
		data, err := charmap.ISO8859_1.NewEncoder().Bytes([]byte(text))
		return data, err == nil
	}
	return nil, false
}

func TestTwoThousandColumns(t *testing.T) {
	t.Parallel()
	var header, rec []string
	for i := range 2000 {
		header, rec = append(header, fmt.Sprintf("coluna %d", i)), append(rec, fmt.Sprint(i))
	}
	res := read(t, strings.Join(header, ";")+"\n"+strings.Repeat(strings.Join(rec, ";")+"\n", 50), Options{BatchRows: 7})
	if len(res.Header) != 2000 || len(res.Records) != 50 {
		t.Fatalf("%d columns, %d records", len(res.Header), len(res.Records))
	}
	for _, r := range res.Records {
		if diff := cmp.Diff(rec, r.Cells); diff != "" || r.Defect != "" {
			t.Fatalf("row %d: defect %q, cells mismatch (-want +got):\n%s", r.Row, r.Defect, diff)
		}
	}
}

// TestEncodingFarBehind has the first accents behind everything that is looked
// at before reading.
func TestEncodingFarBehind(t *testing.T) {
	t.Parallel()
	plain := "nome;fone\n" + strings.Repeat("Ana;51987654321\n", 40_000)
	for name, tc := range map[string]struct{ tail, want string }{
		"Windows-1252":                       {"Jo\xe3o;1\n" + strings.Repeat("Ana;2\n", 20_000), cp1252Name},
		"Windows-1252 in the last line":      {"Jo\xe3o;1\n", cp1252Name},
		"Mac Roman in the last lines":        {"Jo\x8bo;1\nJos\x8e;2\nConcei\x8d\x8bo;3\n", macRomanName},
		"UTF-8 in the last line":             {"João;1\n", utf8Name},
		"UTF-8, then a line of Windows-1252": {"João;1\nJos\xe9;2\n", utf8Name},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := read(t, plain+tc.tail, Options{})
			if res.Dialect.Encoding != tc.want {
				t.Errorf("encoding %s, want %s", res.Dialect.Encoding, tc.want)
			}
			if got := res.Records[40_000].Cells[0]; got != "João" {
				t.Errorf("cell %q, want João", got)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in, header string // cells with bars between, "" when it is missing
	}{
		"days of a list of who came":     {"nome;01/02/2024;08/02/2024\nAna;x;\nBia;;x\n", "nome|01/02/2024|08/02/2024"},
		"years":                          {"cidade;2023;2024\nCanoas;1;2\n", "cidade|2023|2024"},
		"phones":                         {"51987654321;x\n11912345678;y\n", ""},
		"dates and names":                {"01/02/2024;Ana\n02/02/2024;Bia\n", ""},
		"an e-mail address among names":  {"nome;ana@example.com\nBia;bia@example.com\n", "nome|ana@example.com"},
		"known names below a long title": {"Lista de presença, turma A, manhã\nnome,fone\nAna,1\nBia,2\n", "nome|fone"},
		"groups above the names":         {"Contato;;Endereço\nnome;fone;cidade\nAna;1;x\n", "nome|fone|cidade"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := read(t, tc.in, Options{})
			if got := strings.Join(res.Header, "|"); got != tc.header || (tc.header == "") != (res.Code == CodeHeaderMissing) {
				t.Errorf("header %q, code %q; want %q", got, res.Code, tc.header)
			}
		})
	}
}
