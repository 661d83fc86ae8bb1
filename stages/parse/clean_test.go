package parse

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"clean already":          {"a,b\n1,2\n", "a,b\n1,2\n"},
		"quotes where needed":    {"a;b\n\"1\";x,y\n2;\"z \"\"w\"\"\"\n", "a,b\n1,\"x,y\"\n2,\"z \"\"w\"\"\"\n"},
		"short and long rows":    {"a;b\n1\n1;2;3\n", "a,b\n1,\n1,2;3\n"},
		"rows without content":   {"a;b\n;\n1;2\n", "a,b\n,\n1,2\n"},
		"one column, empty cell": {"a\n\"\"\n1\n", "a\n\"\"\n1\n"},
		"header only":            {"a;b\n", "a,b\n"},
		"no header":              {"Ana;ana@example.com\nBia;bia@example.com\n", "Ana,ana@example.com\nBia,bia@example.com\n"},
		"title above":            {"Leads\n\nnome;fone\nAna;1\nBia;2\nCaio;3\n", "nome,fone\nAna,1\nBia,2\nCaio,3\n"},
		"damaged rows":           {"a;b;c\n1;\"x;3\n4;5;6\n", "a,b,c\n1,\"\"\"x\",3\n4,5,6\n"},
		"Windows-1252":           {"nome;fone\nJo\xe3o;1\n", "nome,fone\nJoão,1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.ReplaceAll(string(clean(t, []byte(tc.in), Options{})), "\r\n", "\n")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCleanCountsDefects(t *testing.T) {
	t.Parallel()
	in := "a;b;c\n1;\"x;3\n4;5;6\n\n7\x00;8;9\n"
	var out bytes.Buffer
	d, counts, err := Clean(context.Background(), strings.NewReader(in), int64(len(in)), Options{}, &out)
	if err != nil {
		t.Fatal(err)
	}
	want := Counts{Records: 3, Blank: 1, Header: true, Defects: map[string]Defect{CodeUnclosedQuote: {1, []int64{2}}, CodeEncoding: {1, []int64{5}}}}
	if diff := cmp.Diff(want, counts); diff != "" || d.Delimiter != ";" {
		t.Errorf("delimiter %q, counts mismatch (-want +got):\n%s", d.Delimiter, diff)
	}
}
