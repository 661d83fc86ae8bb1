package parse

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// plant writes a quote before byte at of text and returns which of the records
// that were there before are missing, the one that holds the place aside.
func plant(t interface{ Fatalf(string, ...any) }, text string, at int, o Options) (lost []string, got result) {
	before, err := readAll([]byte(text), o)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	got, err = readAll([]byte(text[:at]+`"`+text[at:]), o)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	next := 0
	for _, rec := range before.Records {
		if int64(at) >= rec.Offset && int64(at) < rec.Offset+rec.Length {
			continue
		}
		i := slices.IndexFunc(got.Records[next:], func(r row) bool { return r.Defect == "" && slices.Equal(r.Cells, rec.Cells) })
		if i < 0 {
			lost = append(lost, strings.Join(rec.Cells, "|"))
			continue
		}
		next += i + 1
	}
	return lost, got
}

// TestAQuotePlantedAnywhere holds that one quote too many costs the row it
// stands in and no other, wherever it stands.
func TestAQuotePlantedAnywhere(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain": "nome;fone;obs\nAna;51999990001;x y\nBia;51999990002;\n;51999990003;z\nCaio;51999990004;w v\n",
		"quoted": "nome,fone,obs\r\n\"Ana, Silva\",51999990001,\"diz \"\"oi\"\"\"\r\n\"Bia\",\"51999990002\",\"\"\r\n" +
			"\"Caio\",\"51999990003\",\"x, y\"\r\nDavi,51999990004,z\r\n",
		"breaks in cells": "nome;obs;fone\nAna;\"um\ndois\";51999990001\nBia;x;51999990002\nCaio;\"tres; quatro\n\ncinco\";51999990003\n" +
			"Davi;y;51999990004\nEva;\"seis\nsete\";51999990005\nFabi;z;51999990006\n",
		"carriage returns": "nome\tfone\tobs\rAna\t1\t\"x\ry\"\rBia\t2\tz\rCaio\t3\t\rDavi\t4\tw\r",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := strings.IndexAny(text, "\r\n") + 1
			for at := first; at <= len(text); at++ {
				lost, got := plant(t, text, at, Options{})
				if len(lost) > 0 {
					t.Errorf("a quote at %d, %q, loses %q: %s", at, text[max(first, at-6):min(len(text), at+6)], lost, dump(got))
				}
			}
		})
	}
}

func dump(res result) string {
	var b strings.Builder
	for _, r := range res.Records {
		fmt.Fprintf(&b, "\n\t%d %s %q", r.Row, r.Defect, r.Cells)
	}
	return b.String()
}

func TestAQuotePlantedInAnyTable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.StringMatching(`[a-z]{1,5}|[0-9]{1,6}|`), rapid.SampledFrom([]string{"x;y", `o "z"`, "um\ndois", "tres\n\nquatro;cinco"}))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 3, 8).Draw(t, "rows")
		f := formatter{delim: ';', width: 4}
		for _, name := range []string{"nome", "cidade", "obs", "fone"} {
			f.cell([]byte(name))
		}
		text := string(f.end())
		first := len(text)
		for i, row := range rows {
			for _, c := range row {
				f.cell([]byte(c))
			}
			f.cell(fmt.Appendf(nil, "5199%07d", i))
			text += string(f.end())
		}
		at := rapid.IntRange(first, len(text)-1).Draw(t, "at")
		if lost, got := plant(t, text, at, Options{Delimiter: ";", Quote: `"`, Header: "yes"}); len(lost) > 0 {
			t.Errorf("loses %q of\n%s\n%s", lost, text[:at]+"»\"«"+text[at:], dump(got))
		}
	})
}
