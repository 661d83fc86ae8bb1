package parse

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// TestOptionsOverride overrules every part of what is found out, as the options
// of an import give it.
func TestOptionsOverride(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in   string
		o    schemas.Options
		want [][]string // the header first
	}{
		"delimiter":               {"a,b;c\n1,2;3\n4,5;6\n", schemas.Options{Delimiter: ";"}, [][]string{{"a,b", "c"}, {"1,2", "3"}, {"4,5", "6"}}},
		"delimiter by name":       {"a,b\tc\n1,2\t3\n", schemas.Options{Delimiter: "tab"}, [][]string{{"a,b", "c"}, {"1,2", "3"}}},
		"delimiter of several":    {"a--b\n1-2--3\n", schemas.Options{Delimiter: "--"}, [][]string{{"a", "b"}, {"1-2", "3"}}},
		"no delimiter":            {"a,b\n1,2\n", schemas.Options{Delimiter: "none"}, [][]string{{"a,b"}, {"1,2"}}},
		"quote":                   {"a,b\n'1,5',x\n'2,5',y\n", schemas.Options{Quote: "'"}, [][]string{{"a", "b"}, {"1,5", "x"}, {"2,5", "y"}}},
		"no quote":                {"a,b\n\"1\",x\n\"2\",y\n", schemas.Options{Quote: "none"}, [][]string{{"a", "b"}, {`"1"`, "x"}, {`"2"`, "y"}}},
		"escape":                  {"a,b\n\"1/\",5\",x\n", schemas.Options{Escape: "/"}, [][]string{{"a", "b"}, {`1",5`, "x"}}},
		"no escape":               {"a,b\n\"c:\\\",x\n\"d:\\\",y\n", schemas.Options{Escape: "none"}, [][]string{{"a", "b"}, {`c:\`, "x"}, {`d:\`, "y"}}},
		"comment":                 {"a,b\n%,2\n3,4\n", schemas.Options{Comment: "%"}, [][]string{{"a", "b"}, {"3", "4"}}},
		"no comment":              {"a,b\n# x\n3,4\n", schemas.Options{Comment: "none", OnError: Keep}, [][]string{{"a", "b"}, {"# x", ""}, {"3", "4"}}},
		"encoding":                {"nome,b\nJo\x8bo,4\n", schemas.Options{Encoding: "macintosh"}, [][]string{{"nome", "b"}, {"João", "4"}}},
		"header of values":        {"11987654321,x\n11987654322,y\n", schemas.Options{Header: "yes"}, [][]string{{"11987654321", "x"}, {"11987654322", "y"}}},
		"line of the header":      {"nome,fone\nx,y\nAna,1\nBia,2\n", schemas.Options{HeaderLine: 2}, [][]string{{"x", "y"}, {"Ana", "1"}, {"Bia", "2"}}},
		"line behind a line sep=": {"sep=;\na;b\n1,0;2,0\n3,0;4,0\n", schemas.Options{HeaderLine: 3}, [][]string{{"1,0", "2,0"}, {"3,0", "4,0"}}},
		"line of CR":              {"a,b\rc,d\r1,2\r", schemas.Options{HeaderLine: 2}, [][]string{{"c", "d"}, {"1", "2"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := read(t, tc.in, OptionsOf(tc.o))
			got := append([][]string{res.Header}, res.cells()...)
			for i := range got { // keep is allowed to leave missing cells out
				for len(got[i]) < len(res.Header) {
					got[i] = append(got[i], "")
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("code %q, mismatch (-want +got):\n%s", res.Code, diff)
			}
			if tc.o.HeaderLine > 0 && res.Dialect.HeaderLine != tc.o.HeaderLine {
				t.Errorf("header in line %d, want %d", res.Dialect.HeaderLine, tc.o.HeaderLine)
			}
		})
	}
}

// TestOptionsRefused are values that mean nothing: the error says what to give.
func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]schemas.Options{
		"delimiter":                 {Delimiter: "\n"},
		"quote of two":              {Quote: `""`},
		"escape of two":             {Escape: `\\`},
		"delimiter that is a quote": {Delimiter: "'", Quote: "'"},
		"encoding":                  {Encoding: "ebcdic"},
		"line behind the file":      {HeaderLine: 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "a,b\n1,2\n"
			_, err := Open(strings.NewReader(text), int64(len(text)), OptionsOf(o))
			if err == nil {
				t.Fatal("accepted")
			}
			if k := pipeline.KindOf(err); k != pipeline.KindPermanent && k != pipeline.KindRejected {
				t.Errorf("kind %v of %v", k, err)
			}
		})
	}
}

// TestDialectTellsWhy holds what is stored beside an import and shown of it.
func TestDialectTellsWhy(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in   string
		o    Options
		want schemas.Dialect
	}{
		"found out": {
			"nome;obs\nAna;\"diz \\\"oi\\\"\"\nBia;\"a; b\"\n", Options{},
			schemas.Dialect{Encoding: utf8Name, Delimiter: ";", Quote: `"`, Escape: `\`, HeaderLine: 1, LineEnd: "\n",
				Evidence: &schemas.DialectEvidence{Source: "sample", Records: 3, Shaped: 3, Typed: 0.93}},
		},
		"asked for": {
			"a,b\n1,2\n", Options{Delimiter: ","},
			schemas.Dialect{Encoding: utf8Name, Delimiter: ",", Quote: `"`, HeaderLine: 1, LineEnd: "\n",
				Evidence: &schemas.DialectEvidence{Source: "option", Records: 2, Shaped: 2, Typed: 0.95}},
		},
		"line sep=": {
			"sep=;\na;b\n1;2\n", Options{},
			schemas.Dialect{Encoding: utf8Name, Delimiter: ";", Quote: `"`, HeaderLine: 2, LineEnd: "\n",
				Evidence: &schemas.DialectEvidence{Source: "sep_line", Records: 2, Shaped: 2, Typed: 0.95}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := *read(t, tc.in, tc.o).Dialect
			if got.Confidence < 0.5 || got.Confidence > 1 {
				t.Errorf("confidence %v", got.Confidence)
			}
			got.Confidence = 0
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSniffOfRefused says how files are written that an import refuses.
func TestSniffOfRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, code, encoding, delim string }{
		"no header":        {"1,4;2,5\n2,4;3,5\n7,4;3,5\n", CodeHeaderMissing, utf8Name, ";"},
		"unknown encoding": {"\xcf\xf0\xe8\xe2\xe5\xf2;1\n\xec\xe8\xf0;2\n\xcf\xf0\xe8\xe2\xe5\xf2;3\n", CodeEncodingUnknown, "", ";"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, size := strings.NewReader(tc.in), int64(len(tc.in))
			if _, err := Open(src, size, Options{}); pipeline.CodeOf(err) != tc.code {
				t.Fatalf("opened with %v, want %s", err, tc.code)
			}
			d, err := Sniff(src, size, Options{})
			if err != nil || d.Encoding != tc.encoding || d.Delimiter != tc.delim {
				t.Errorf("dialect %+v, %v; want encoding %q, delimiter %q", d, err, tc.encoding, tc.delim)
			}
		})
	}
	if _, err := Sniff(strings.NewReader("%PDF-1.4"), 8, Options{}); pipeline.CodeOf(err) != CodeNotCSV {
		t.Errorf("a PDF document gives %v", err)
	}
}

// TestSniffAgrees compares Sniff with what Open reads.
func TestSniffAgrees(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"nome;fone\nAna;1\nBia;2\n", "Leads\n\nnome;fone\nAna;1\nBia;2\nCaio;3\n", "sep=;\nnome;fone\nAna;1\n",
		"\xEF\xBB\xBFnome,fone\r\nAna,1\r\n", "nome\tfone\rAna\t1\r",
	} {
		r, err := Open(strings.NewReader(in), int64(len(in)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Sniff(strings.NewReader(in), int64(len(in)), Options{})
		if diff := cmp.Diff(r.Dialect(), got); err != nil || diff != "" {
			t.Errorf("%q: %v, mismatch (-opened +sniffed):\n%s", in, err, diff)
		}
	}
}
