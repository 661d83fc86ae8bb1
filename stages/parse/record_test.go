package parse

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas"
)

// decodeAgain decodes every record by itself and compares with reading the
// whole. What is broken as such may come out otherwise: its neighbors decided.
func decodeAgain(t interface {
	Fatal(...any)
	Errorf(string, ...any)
}, data []byte, o Options) {
	res, err := readAll(data, o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Dialect == nil || res.Code != "" {
		return
	}
	d, err := NewDecoder(*res.Dialect, res.Header)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range res.Records {
		if rec.Defect != "" {
			continue
		}
		got, err := d.Cells(data[rec.Offset:][:rec.Length])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rec.Cells, got); diff != "" {
			t.Errorf("record %d of %q mismatch (-whole +alone):\n%s", rec.Row, data, diff)
		}
	}
}

func TestRecordsDecodeAlone(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"quotes and breaks": "a;b\n\"x\ny\";2\r\n\n\"q \"\"z\"\"\";\n",
		"windows-1252":      "nome;fone\nJo\xe3o;1\nJos\xe9;2\n",
		"utf-16":            "\xFF\xFEa\x00;\x00b\x00\n\x001\x00;\x00\xe3\x00\n\x00",
		"one column":        "fone\n11999990000\n\n11999990001",
		"carriage returns":  "a\tb\r1\t2\r3\t4\r",
		"backslashes":       "a;b;c\nx;\"he said \\\"no; \\\"\";1\n\"\\\"\";y\\;z;2\n\"p\\\"q\";\"r\";3\n",
		"repaired":          "a,b\n\"x\"y,\"z\"\"\n1,2\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decodeAgain(t, []byte(data), Options{})
		})
	}
}

func TestRandomRecordsDecodeAlone(t *testing.T) {
	t.Parallel()
	pieces := []string{";", ";", "\n", "\n", "\r\n", `"`, `""`, `;"`, `";`, "\"\n", "a", "Ana", "São", "S\xe3o", "10,5", " "}
	rapid.Check(t, func(t *rapid.T) {
		data := "a;b;c\nx;y;z\n"
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces") {
			data += p
		}
		decodeAgain(t, []byte(data), Options{OnError: Keep})
	})
}

func TestDecoderRefusesForeignDialects(t *testing.T) {
	t.Parallel()
	for _, d := range []schemas.Dialect{{Encoding: "ebcdic", Delimiter: ","}, {Encoding: "utf-8", Delimiter: "\n"}} {
		if _, err := NewDecoder(d, []string{"a"}); err == nil {
			t.Errorf("dialect %+v was accepted", d)
		}
	}
}

func TestTextOfARecord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ encoding, record, want string }{
		{"utf-8", "João;1\r\n", "João;1"},
		{"utf-8", "Jo\xe3o;1", "Jo\ufffdo;1"},
		{"windows-1252", "Jo\xe3o;1\n", "João;1"},
		{"windows-1252", "João;1\n", "João;1"}, // pasted there by a program that writes UTF-8
		{"utf-16le", "J\x00\xe3\x00;\x00\n\x00", "Jã;"},
	} {
		d, err := NewDecoder(schemas.Dialect{Encoding: tt.encoding, Delimiter: ";"}, []string{"nome", "n"})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Text([]byte(tt.record)); got != tt.want {
			t.Errorf("%s %q is %q, want %q", tt.encoding, tt.record, got, tt.want)
		}
	}
}
