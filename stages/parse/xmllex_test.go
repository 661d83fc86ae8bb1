package parse

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// flatten writes tokens one to a line, texts that follow each other as one.
type flatten struct {
	lines []string
	text  strings.Builder
}

func (f *flatten) add(format string, args ...any) {
	f.end()
	f.lines = append(f.lines, fmt.Sprintf(format, args...))
}

func (f *flatten) end() []string {
	if f.text.Len() > 0 {
		f.lines = append(f.lines, fmt.Sprintf("text %q", f.text.String()))
		f.text.Reset()
	}
	return f.lines
}

func standardTokens(data []byte) ([]string, error) {
	var out flatten
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out.end(), nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			out.add("start %s", t.Name.Local)
			for _, a := range t.Attr {
				name := a.Name.Local
				if a.Name.Space != "" {
					name = a.Name.Space + ":" + name
				}
				out.add("attr %s %q", name, a.Value)
			}
		case xml.EndElement:
			out.add("end %s", t.Name.Local)
		case xml.CharData:
			out.text.Write(t)
		case xml.Directive:
			return nil, errXML
		}
	}
}

func lexTokens(r io.Reader) ([]string, error) {
	var out flatten
	x := newXMLLexer(r, 1<<20)
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			return out.end(), nil
		}
		if err != nil {
			return nil, err
		}
		switch t.kind {
		case xmlStart:
			out.add("start %s", t.name)
			for _, a := range t.attrs {
				out.add("attr %s %q", a.name, a.value)
			}
		case xmlEnd:
			out.add("end %s", t.name)
		default:
			out.text.Write(t.text)
		}
	}
}

// FuzzXML compares the lexer with encoding/xml: what that one accepts, the lexer
// reads in the same way, however the bytes arrive.
func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n" + `<x:a b="1" c = '>"' x:d="&lt;&#10;&#x41;"><e/> t&amp;u <!-- <no> --><![CDATA[<&>]]></x:a >`,
		"<a>\r\n\r</a>", "<a b='\r\n'/>", "<a", "<a b", "<a b='", "<!DOCTYPE a>", "text", "<a>&bad;</a>", "<a>\xff</a>", "</a>", "< a>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := lexTokens(bytes.NewReader(data))
		bytewise, bytewiseErr := lexTokens(iotest.OneByteReader(bytes.NewReader(data)))
		if diff := cmp.Diff(got, bytewise); diff != "" || (err == nil) != (bytewiseErr == nil) {
			t.Errorf("errors %v and %v, byte by byte (-at once +byte by byte):\n%s", err, bytewiseErr, diff)
		}
		want, standard := standardTokens(data)
		if standard != nil {
			return
		}
		if err != nil {
			t.Fatalf("error %v, none of encoding/xml", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tokens mismatch (-encoding/xml +lexer):\n%s", diff)
		}
	})
}

func TestXMLIsBounded(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<a ", "<a>", "<!--", "<?", "<![CDATA["} {
		r := io.MultiReader(strings.NewReader(text), &zeros{64 << 20})
		if _, err := lexTokens(r); !errors.Is(err, errXMLLong) {
			t.Errorf("%s: error %v", text, err)
		}
	}
}

// TestDeclaredEncodings reads sheets in other encodings than UTF-8.
func TestDeclaredEncodings(t *testing.T) {
	t.Parallel()
	data := workbookOf(t, func(b *book) { b.rows([]any{"nome", "fone"}, []any{"Ana", 1}) })
	const body = `<worksheet><sheetData><row><c t="inlineStr"><is><t>São</t></is></c><c><v>1</v></c></row></sheetData></worksheet>`
	for name, text := range map[string]string{
		"byte order mark": "\xEF\xBB\xBF" + body,
		"ISO 8859-1":      `<?xml version="1.0" encoding="ISO-8859-1"?>` + string(encode(body, cp1252Name)),
		"UTF-16":          "\xFF\xFE" + string(encode(`<?xml version="1.0" encoding="UTF-16"?>`+body, utf16LEName)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := rewritten(t, data, sheet1, func(string) string { return text })
			got, _, err := unpack(t.TempDir(), changed, UnpackOptions{Name: "f.xlsx"})
			if got != "São,1\r\n" || err != nil {
				t.Errorf("text %q, error %v", got, err)
			}
		})
	}
}
