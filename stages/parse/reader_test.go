package parse

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecords(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in   string
		o    Options
		want [][]string
		code map[int]string // defects by index
	}{
		"semicolons":                       {in: "telefone;nome\n5551999999999;Ana\n", want: [][]string{{"5551999999999", "Ana"}}},
		"quoted delimiter":                 {in: "a;b\n1;\"Silva; Ana\"\n", want: [][]string{{"1", "Silva; Ana"}}},
		"doubled quotes":                   {in: "a,b\n1,\"x \"\"y\"\" z\"\n", want: [][]string{{"1", `x "y" z`}}},
		"quote inside an unquoted cell":    {in: "a;b\n1;TV 32\"\n", want: [][]string{{"1", `TV 32"`}}},
		"line feed inside a cell":          {in: "a;b\n1;\"x\ny\"\n2;z\n", want: [][]string{{"1", "x\ny"}, {"2", "z"}}},
		"text behind a closing quote":      {in: "a;b\n\"x\"y;2\n", want: [][]string{{"xy", "2"}}},
		"quotes inside a quoted cell":      {in: "a;b\n\"Loja \"Boa\" Ltda\";2\n", want: [][]string{{`Loja "Boa" Ltda`, "2"}}},
		"no line end at the end":           {in: "a,b\n1,2", want: [][]string{{"1", "2"}}},
		"quoted cell at the end":           {in: "a,b\n1,\"2\"", want: [][]string{{"1", "2"}}},
		"empty last cell at the end":       {in: "a,b\n1,", want: [][]string{{"1", ""}}},
		"carriage returns only":            {in: "a,b\r1,2\r3,\"4\r5\"\r", want: [][]string{{"1", "2"}, {"3", "4\r5"}}},
		"carriage return in a cell":        {in: "a,b,c\r\n1,x\ry,3\r\n", want: [][]string{{"1", "x\ry", "3"}}},
		"carriage return between records":  {in: "a,b\n1,2\r3,4\n", want: [][]string{{"1", "2"}, {"3", "4"}}},
		"two carriage returns a line":      {in: "a,b\r\r\n1,2\r\r\n", want: [][]string{{"1", "2"}}},
		"blank lines":                      {in: "\n  \na,b\n\n1,2\n,\n\n", want: [][]string{{"1", "2"}}},
		"sep line":                         {in: "sep=|\na|b\n1|2,3\n", want: [][]string{{"1", "2,3"}}},
		"one column":                       {in: "telefone\n1\n2\n", want: [][]string{{"1"}, {"2"}}},
		"one column asked for":             {in: "a;b\n1;2\n", o: Options{Delimiter: "none"}, want: [][]string{{"1;2"}}},
		"an empty quoted cell is content":  {in: "a\n\"\"\n", want: [][]string{{""}}},
		"too few cells":                    {in: "a,b,c\n1,2\n1,2,3\n", want: [][]string{{"1", "2"}, {"1", "2", "3"}}, code: map[int]string{0: CodeTooFewCells}},
		"too many cells":                   {in: "a,b\n1,2,3\n1,2\n", want: [][]string{{"1", "2", "3"}, {"1", "2"}}, code: map[int]string{0: CodeTooManyCells}},
		"ragged rows are kept":             {in: "a,b\n1,2,3\n1\n", o: Options{OnError: Keep}, want: [][]string{{"1", "2,3"}, {"1"}}, code: map[int]string{0: "ROW_REPAIRED:1", 1: "ROW_REPAIRED:1"}},
		"extra cells that are empty":       {in: "a,b\n1,2,,\n", want: [][]string{{"1", "2"}}},
		"missing cells without a name":     {in: "a,b,\n1,2\n", want: [][]string{{"1", "2"}}},
		"unclosed quote":                   {in: "a;b;c\n1;\"Ana;x\n2;Bia;y\n3;Caio;z\n", want: [][]string{{"1", `"Ana`, "x"}, {"2", "Bia", "y"}, {"3", "Caio", "z"}}, code: map[int]string{0: CodeUnclosedQuote}},
		"unclosed quote, then quoted":      {in: "a;b;c\n1;\"Ana;x\n2;\"Bia\";y\n", want: [][]string{{"1", `"Ana`, "x"}, {"2", "Bia", "y"}}, code: map[int]string{0: CodeUnclosedQuote}},
		"unclosed quote meets another":     {in: "a;b;c\n1;\"Ana;x\n2;Bia;y\n3;Caio;\"\n", want: [][]string{{"1", `"Ana`, "x"}, {"2", "Bia", "y"}, {"3", "Caio", ""}}, code: map[int]string{0: CodeUnclosedQuote, 2: CodeUnclosedQuote}},
		"unclosed quote in the last line":  {in: "a;b\n1;2\n3;\"x", want: [][]string{{"1", "2"}, {"3", "x"}}, code: map[int]string{1: CodeUnclosedQuote}},
		"stray quotes over two lines":      {in: "a;b;c\n1;\"he said \"hi\" to me\nand left\";3\n", want: [][]string{{"1", "he said \"hi\" to me\nand left", "3"}}},
		"address over two lines":           {in: "a,b,c\n1,\"Rua X, 12\nCentro, SP\",3\n", want: [][]string{{"1", "Rua X, 12\nCentro, SP", "3"}}},
		"a NUL byte":                       {in: "a,b\n1,x\x00y\n1,2\n", want: [][]string{{"1", "x\x00y"}, {"1", "2"}}, code: map[int]string{0: CodeEncoding}},
		"Windows-1252 behind much ASCII":   {in: "a,b\n" + strings.Repeat("1,2\n", 3) + "3,S\xe3o\n", want: [][]string{{"1", "2"}, {"1", "2"}, {"1", "2"}, {"3", "São"}}},
		"one bad line in a file of UTF-8":  {in: "a,b\n1,São\n2,S\xe3o\n3,São\n", want: [][]string{{"1", "São"}, {"2", "São"}, {"3", "São"}}},
		"a cut character in UTF-8":         {in: "a,b\n1,São\n2,S\xc3\n3,São\n", want: [][]string{{"1", "São"}, {"2", "SÃ"}, {"3", "São"}}, code: map[int]string{1: CodeEncoding}},
		"one quote too many":               {in: "a;b;c\n1;\"Ana;x\n2;\"Bia\";y\n\"3;\"Caio; Ana\";z\n4;w;v\n", want: [][]string{{"1", `"Ana`, "x"}, {"2", "Bia", "y"}, {`"3`, "Caio; Ana", "z"}, {"4", "w", "v"}}, code: map[int]string{0: CodeUnclosedQuote, 2: CodeUnclosedQuote}},
		"header again":                     {in: "nome;fone\nAna;1\nnome;fone\nBia;2\n", want: [][]string{{"Ana", "1"}, {"Bia", "2"}}},
		"header again is kept":             {in: "nome;fone\nAna;1\nnome;fone\nBia;2\n", o: Options{OnError: Keep}, want: [][]string{{"Ana", "1"}, {"nome", "fone"}, {"Bia", "2"}}},
		"totals below":                     {in: "nome;fone;valor\nAna;1;10\nBia;2;20\n\nTotal;;30\nExportado em 01/02/2024\n", want: [][]string{{"Ana", "1", "10"}, {"Bia", "2", "20"}}},
		"a company called Total":           {in: "nome;fone;valor\nAna;1;10\nTotal Energia;2;20\n", want: [][]string{{"Ana", "1", "10"}, {"Total Energia", "2", "20"}}},
		"a total before the end":           {in: "nome;fone;valor\nAna;1;10\nTotal;;10\nBia;2;20\n", want: [][]string{{"Ana", "1", "10"}, {"Total", "", "10"}, {"Bia", "2", "20"}}},
		"title above":                      {in: "Relatório de leads;;\n;;\nnome;fone;cidade\nAna;1;POA\n", want: [][]string{{"Ana", "1", "POA"}}},
		"letters with combining marks":     {in: "nome;fone\nJoa\u0303o;1\n", want: [][]string{{"João", "1"}}},
		"comments":                         {in: "# exported today\nnome;fone\nAna;1\n# half\nBia;2\n", want: [][]string{{"Ana", "1"}, {"Bia", "2"}}},
		"single quotes":                    {in: "nome;fone\n'Silva; Ana';'1'\n'D''Ávila';'2'\n", want: [][]string{{"Silva; Ana", "1"}, {"D'Ávila", "2"}}},
		"backslash before quotes":          {in: "nome;fone\n\"a \\\"b\\\"; c\";1\n\"d\\\"\";2\n", want: [][]string{{`a "b"; c`, "1"}, {`d"`, "2"}}},
		"two pipes":                        {in: "nome||fone\nAna||1\nBia||2\n", want: [][]string{{"Ana", "1"}, {"Bia", "2"}}},
		"Mac Roman":                        {in: "nome;fone\nJo\x8bo Concei\x8d\x8bo;1\nJos\x8e;2\n", want: [][]string{{"João Conceição", "1"}, {"José", "2"}}},
		"code page 850":                    {in: "nome;fone\nJo\xc6o Concei\x87\xc6o;1\nJos\x82;2\n", want: [][]string{{"João Conceição", "1"}, {"José", "2"}}},
		"euro of ISO-8859-15":              {in: "nome;valor\nJo\xe3o;10 \xa4\n", want: [][]string{{"João", "10 €"}}},
		"one line of UTF-8 in Windows":     {in: "a,b\n1,S\xe3o\n2,S\xe3o\n3,São\n", want: [][]string{{"1", "São"}, {"2", "São"}, {"3", "São"}}},
		"a bare quote is a record":         {in: "a;b\n\";1\n2;3\n", want: [][]string{{`"`, "1"}, {"2", "3"}}, code: map[int]string{0: CodeUnclosedQuote}},
		"decimal commas between semicolon": {in: "nome;valor\nAna;10,5\nBia;20,7\n", want: [][]string{{"Ana", "10,5"}, {"Bia", "20,7"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, tc.in, tc.o)
			if diff := cmp.Diff(tc.want, got.cells()); diff != "" {
				t.Errorf("cells mismatch (-want +got):\n%s", diff)
			}
			codes := map[int]string{}
			for i, rec := range got.Records {
				if rec.Defect != "" {
					codes[i] = rec.Defect
				}
			}
			if tc.code == nil {
				tc.code = map[int]string{}
			}
			if diff := cmp.Diff(tc.code, codes); diff != "" {
				t.Errorf("defects mismatch (-want +got):\n%s", diff)
			}
			for _, chunk := range []int{1, 2, 3, 7} {
				o := tc.o
				o.chunk = chunk
				if diff := cmp.Diff(got, read(t, tc.in, o)); diff != "" {
					t.Fatalf("read %d bytes at a time (-want +got):\n%s", chunk, diff)
				}
			}
		})
	}
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"no bytes":                {"", CodeEmpty},
		"only blank lines":        {"\n \r\n\n", CodeEmpty},
		"only a byte order mark":  {"\xEF\xBB\xBF", CodeEmpty},
		"only a sep line":         {"sep=;\n", CodeEmpty},
		"header only":             {"nome;telefone\n", CodeNoDataRows},
		"header and blank lines":  {"nome;telefone\n\n;\n", CodeNoDataRows},
		"header without a name":   {"\"\";\"\"\n1;2\n", CodeHeaderMissing},
		"data in the first line":  {"ana@example.com;5551999999999\nbia@example.com;5551988888888\n", CodeHeaderMissing},
		"Excel workbook":          {"PK\x03\x04\x14\x00\x06\x00\x08\x00[Content_Types].xml", CodeNotCSV},
		"old Excel workbook":      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x00\x00", CodeNotCSV},
		"PDF":                     {"%PDF-1.7\n", CodeNotCSV},
		"HTML behind a blank":     {"\n <!DOCTYPE html><html>", CodeNotCSV},
		"list of JSON objects":    {"[ {\"nome\": \"Ana\"} ]", CodeNotCSV},
		"binary":                  {strings.Repeat("\x00\x01\x02abc", 20), CodeNotCSV},
		"bytes of a far language": {"\x83\x65\x83\x58\x83\x67\x81\x41\x93\xfa\x96\x7b\x8c\xea,\x81\x41\x81\x42\x90\x90\x81\x41\x8d\x8d\x8f\x8f\n", CodeEncodingUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := read(t, tc.in, Options{}).Code; got != tc.want {
				t.Errorf("code %q, want %q", got, tc.want)
			}
		})
	}
}
