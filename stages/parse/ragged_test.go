package parse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// typedTable is a table from which the types of its columns can be learned: code,
// name, e-mail, phone, city, remark, value, day, remark again for width.
func typedTable(rows int, delim string) string {
	var out strings.Builder
	put := func(cells ...string) { out.WriteString(strings.Join(cells, delim) + "\n") }
	put("codigo", "nome", "email", "fone", "uf", "obs", "valor", "data")
	for i := range rows {
		obs := fmt.Sprintf("ligar de %s às %d", []string{"tarde", "manhã"}[i%2], i)
		if i%3 == 0 {
			obs = ""
		}
		put(fmt.Sprintf("CL-%03d", i), fmt.Sprintf("Ana Maria %c Silva", 'A'+i%26), fmt.Sprintf("ana%d@example.com", i),
			fmt.Sprintf("5199%07d", i), []string{"RS", "SC", "PR"}[i%3], obs, fmt.Sprint(10*i), fmt.Sprintf("%02d/01/2024", 1+i%28))
	}
	return out.String()
}

func TestRaggedRows(t *testing.T) {
	t.Parallel()
	good := []string{"CL-900", "Bia Souza", "bia@example.com", "51999990000", "RS", "", "10", "02/01/2024"}
	with := func(column int, cells ...string) []string {
		out := append([]string(nil), good[:column]...)
		return append(append(out, cells...), good[column+1:]...)
	}
	for name, tc := range map[string]struct {
		line   string
		want   []string
		defect string
	}{
		"as it should be":                                         {"CL-900;Bia Souza;bia@example.com;51999990000;RS;;10;02/01/2024", good, ""},
		"delimiter in the remark":                                 {"CL-900;Bia Souza;bia@example.com;51999990000;RS;volta dia 5; ligar;10;02/01/2024", with(5, "volta dia 5; ligar"), "ROW_REPAIRED:5"},
		"delimiter in the name":                                   {"CL-900;Souza; Bia;bia@example.com;51999990000;RS;;10;02/01/2024", with(1, "Souza; Bia"), "ROW_REPAIRED:1"},
		"delimiters in both":                                      {"CL-900;Souza; Bia;bia@example.com;51999990000;RS;a; b; c;10;02/01/2024", []string{"CL-900", "Souza; Bia", good[2], good[3], "RS", "a; b; c", "10", good[7]}, "ROW_REPAIRED:1"},
		"delimiter twice":                                         {"CL-900;Bia Souza;;bia@example.com;51999990000;RS;;10;02/01/2024", good, "ROW_REPAIRED:1"},
		"delimiter twice before an empty cell":                    {"CL-900;Bia Souza;bia@example.com;51999990000;RS;;;10;02/01/2024", good, "ROW_REPAIRED:5"},
		"delimiter before the first cell":                         {";CL-900;Bia Souza;bia@example.com;51999990000;RS;;10;02/01/2024", good, "ROW_REPAIRED:0"},
		"delimiter behind the last cell":                          {"CL-900;Bia Souza;bia@example.com;51999990000;RS;;10;02/01/2024;", good, ""},
		"too many cells that belong nowhere":                      {"CL-900;Bia Souza;bia@example.com;x@example.com;51999990000;RS;;10;02/01/2024", []string{"CL-900", "Bia Souza", "bia@example.com", "x@example.com", "51999990000", "RS", "", "10", "02/01/2024"}, CodeTooManyCells},
		"a bad cell besides":                                      {"CL-900;Bia Souza;bia@example.com;51999990000;XX;a;b;10;02/01/2024", []string{"CL-900", "Bia Souza", "bia@example.com", "51999990000", "XX", "a", "b", "10", "02/01/2024"}, CodeTooManyCells},
		"last cells missing that are never empty":                 {"CL-900;Bia Souza;bia@example.com;51999990000;RS", good[:5], CodeTooFewCells},
		"a cell missing in the middle":                            {"CL-900;bia@example.com;51999990000;RS;;10;02/01/2024", []string{"CL-900", "bia@example.com", "51999990000", "RS", "", "10", "02/01/2024"}, CodeTooFewCells},
		"shifted by a delimiter in the name and empty at the end": {"CL-900;Souza; Bia;bia@example.com;51999990000;RS;obs;10;02/01/2024;", with(1, "Souza; Bia"), "ROW_REPAIRED:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "shifted by a delimiter in the name and empty at the end" {
				tc.want[5] = "obs"
			}
			table := typedTable(40, ";")
			half := strings.Index(table, "CL-020")
			in := table[:half] + tc.line + "\n" + table[half:]
			got := read(t, in, Options{})
			if len(got.Records) != 41 {
				t.Fatalf("%d records, want 41", len(got.Records))
			}
			for i, rec := range got.Records {
				switch {
				case i == 20:
					if diff := cmp.Diff(tc.want, rec.Cells); diff != "" || rec.Defect != tc.defect {
						t.Errorf("defect %q, want %q; cells (-want +got):\n%s", rec.Defect, tc.defect, diff)
					}
				case rec.Defect != "" || len(rec.Cells) != 8:
					t.Errorf("record %d: defect %q, %d cells", rec.Row, rec.Defect, len(rec.Cells))
				}
			}
			if err := checkLoss([]byte(in), Options{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTwoWaysToJoinAreRefused(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	in.WriteString("nome,endereco,bairro,fone\n")
	for i := range 30 {
		fmt.Fprintf(&in, "Ana Maria %c,Rua das Flores %d,Vila Nova %c,5199%07d\n", 'A'+i%26, i, 'A'+i%26, i)
	}
	in.WriteString("Bia Souza,Rua Um,Vila Nova,Centro,51999990000\n") // in the street or in the district?
	got := read(t, in.String(), Options{})
	last := got.Records[30]
	if last.Defect != CodeTooManyCells || len(last.Cells) != 5 {
		t.Errorf("defect %q, cells %q", last.Defect, last.Cells)
	}
	kept := read(t, in.String(), Options{OnError: Keep}).Records[30]
	if want := []string{"Bia Souza", "Rua Um", "Vila Nova", "Centro,51999990000"}; !cmp.Equal(want, kept.Cells) || kept.Defect != "ROW_REPAIRED:3" {
		t.Errorf("kept: defect %q, cells %q", kept.Defect, kept.Cells)
	}
}

func TestABlankBehindTheCommaTellsThatItIsText(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	in.WriteString("nome,endereco,bairro,fone\n")
	for i := range 30 {
		fmt.Fprintf(&in, "Ana Maria %c,Rua das Flores %d,Vila Nova %c,5199%07d\n", 'A'+i%26, i, 'A'+i%26, i)
	}
	in.WriteString("Bia Souza,Rua Um, 12,Vila Nova,51999990000\n")
	in.WriteString("Bia Souza,Rua Um, fundos,Vila Velha,51999990000\n")
	got := read(t, in.String(), Options{})
	for i, want := range [][]string{{"Bia Souza", "Rua Um, 12", "Vila Nova", "51999990000"}, {"Bia Souza", "Rua Um, fundos", "Vila Velha", "51999990000"}} {
		if rec := got.Records[30+i]; !cmp.Equal(want, rec.Cells) || rec.Defect != "ROW_REPAIRED:1" {
			t.Errorf("defect %q, cells %q", rec.Defect, rec.Cells)
		}
	}
}

func TestCellsMissingAtTheEnd(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	in.WriteString("fone;nome;cidade;obs\n")
	for i := range 60 {
		fmt.Fprintf(&in, "5199%07d;Ana Maria %c;Porto Alegre %d;%s\n", i, 'A'+i%26, i, []string{"", fmt.Sprint("ligar às ", i)}[i%2])
	}
	full := in.String()
	short := "51999990000;Bia Souza;Porto Alegre\n"
	for name, tc := range map[string]struct {
		in     string
		record int
		defect string
	}{
		"once":                           {full + short, 60, "ROW_REPAIRED:3"},
		"as a habit":                     {full + strings.Repeat(short, 10), 65, ""},
		"nothing but text":               {full + "Total de contatos;60;x\n" + full[21:], 60, CodeTooFewCells},
		"one cell":                       {full + "51999990000\n" + full[21:], 60, CodeTooFewCells},
		"a column that is always filled": {full + "51999990000;Bia Souza\n" + full[21:], 60, CodeTooFewCells},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, tc.in, Options{})
			if rec := got.Records[tc.record]; rec.Defect != tc.defect || len(rec.Cells) > 3 {
				t.Errorf("defect %q, want %q; cells %q", rec.Defect, tc.defect, rec.Cells)
			}
		})
	}
}

// TestRepairsInEveryEncoding plants the same row in files that have to be decoded.
func TestRepairsInEveryEncoding(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(typedTable(40, ";"), "Ana Maria", "Antônia Conceição") +
		"CL-900;Bia Souza;bia@example.com;51999990000;RS;já ligou; não está;10;02/01/2024\n"
	for _, name := range []string{utf8Name, cp1252Name, utf16LEName, utf16BEName, utf32LEName} {
		res, err := readAll(encode(text, name), Options{Encoding: name})
		if err != nil {
			t.Fatal(err)
		}
		if rec := res.Records[40]; rec.Defect != "ROW_REPAIRED:5" || rec.Cells[5] != "já ligou; não está" {
			t.Errorf("%s: defect %q, cells %q", name, rec.Defect, rec.Cells)
		}
	}
}

// TestEveryDelimiterPlanted doubles each delimiter of a row and writes one into
// each place of its remark.
func TestEveryDelimiterPlanted(t *testing.T) {
	t.Parallel()
	table := typedTable(40, ",")
	line := "CL-900,Bia Souza,bia@example.com,51999990000,RS,ligar de tarde,10,02/01/2024"
	want := strings.Split(line, ",")
	for i := range line {
		if line[i] == ',' {
			got := read(t, table+line[:i]+","+line[i:]+"\n", Options{}).Records[40]
			if diff := cmp.Diff(want, got.Cells); diff != "" || !strings.HasPrefix(got.Defect, CodeRepaired) {
				t.Errorf("doubled at %d: defect %q, cells (-want +got):\n%s", i, got.Defect, diff)
			}
		}
	}
	at := strings.Index(line, "ligar")
	for i := 1; i < len("ligar de tarde"); i++ {
		got := read(t, table+line[:at+i]+","+line[at+i:]+"\n", Options{}).Records[40]
		if strings.Join(got.Cells, ",") != line[:at+i]+","+line[at+i:] || got.Cells[5] != "ligar de tarde"[:i]+","+"ligar de tarde"[i:] {
			t.Errorf("planted at %d: defect %q, cells %q", i, got.Defect, got.Cells)
		}
	}
}

func TestCleanJoinsAndWidens(t *testing.T) {
	t.Parallel()
	table := typedTable(40, ";")
	in := table + "CL-900;Bia Souza;bia@example.com;51999990000;RS;volta; ligar;10;02/01/2024\nCL-901;Bia Souza\n"
	out := clean(t, []byte(in), Options{})
	lines := bytes.Split(out, []byte("\r\n"))
	if got, want := string(lines[41]), "CL-900,Bia Souza,bia@example.com,51999990000,RS,volta; ligar,10,02/01/2024"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := string(lines[42]), "CL-901,Bia Souza,,,,,,"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	narrow := strings.Replace(table, ";data\n", "\n", 1)
	if got := string(clean(t, []byte(narrow), Options{})); !strings.HasPrefix(got, "codigo,nome,email,fone,uf,obs,valor,\r\nCL-000,") {
		t.Errorf("header that lacks a name: %.80s", got)
	}
}
