package parse

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/pipeline"
)

// checkLoss reads data and checks what must hold of any input: the pieces of
// the object follow each other without gap or overlap and are all of it; the
// positions count on; cells are valid UTF-8; and how much is read at once
// changes nothing.
func checkLoss(data []byte, o Options) error {
	var at, last position
	var firstErr error
	o.trace = func(k kind, p position) {
		switch {
		case firstErr != nil:
		case p.offset != at.offset || p.length <= 0:
			firstErr = fmt.Errorf("piece of kind %d at %d of length %d, the one before ended at %d", k, p.offset, p.length, at.offset)
		case k == record && p.row != last.row+1:
			firstErr = fmt.Errorf("record %d behind %d", p.row, last.row)
		case k != preamble && last.line > 0 && (p.line <= last.line || p.sheetRow <= last.sheetRow):
			firstErr = fmt.Errorf("line %d, sheet row %d behind line %d, sheet row %d", p.line, p.sheetRow, last.line, last.sheetRow)
		}
		at.offset = p.offset + p.length
		if k != preamble {
			row := last.row
			last = p
			if k != record {
				last.row = row
			}
		}
	}
	res, err := readAll(data, o)
	if err == nil {
		err = firstErr
	}
	if err != nil {
		return err
	}
	if (res.Code == "" || res.Code == CodeNoDataRows) && at.offset != int64(len(data)) {
		return fmt.Errorf("pieces end at %d of %d bytes", at.offset, len(data))
	}
	for _, rec := range res.Records {
		for _, c := range rec.Cells {
			if !utf8.ValidString(c) {
				return fmt.Errorf("row %d: cell is not UTF-8: %q", rec.Row, c)
			}
		}
		if err := checkContent(data, rec, res); err != nil {
			return err
		}
	}
	o.trace = nil
	for _, chunk := range []int{1, 5, 64} {
		o.chunk = chunk
		again, err := readAll(data, o)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(res, again); diff != "" {
			return fmt.Errorf("read %d bytes at a time (-want +got):\n%s", chunk, diff)
		}
	}
	return nil
}

// checkContent checks that the letters and digits of a record are those of its
// cells, in order, whatever was repaired: nothing is lost or made up within it.
func checkContent(data []byte, rec row, res result) error {
	if rec.Defect == CodeTooLong || res.Dialect == nil || wideEncodings[res.Dialect.Encoding] != nil || mayCombine(data) {
		return nil // letters and their marks are put together
	}
	syntax := res.Dialect.Delimiter + res.Dialect.Quote
	want := content(data[rec.Offset:][:rec.Length], syntax)
	if got := content([]byte(strings.Join(rec.Cells, "")), syntax); got != want {
		return fmt.Errorf("row %d: cells hold %q, the record %q", rec.Row, got, want)
	}
	return nil
}

// content returns the ASCII letters and digits of text that are no syntax.
func content(text []byte, syntax string) string {
	out := make([]byte, 0, len(text))
	for _, c := range text {
		if (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') && strings.IndexByte(syntax, c) < 0 {
			out = append(out, c)
		}
	}
	return string(out)
}

// checkClean cleans data and checks what must hold of any input: what is written
// is UTF-8 of one width, holds every letter and digit of the records, and is
// written again as it is.
func checkClean(data []byte, o Options) error {
	var kept []byte
	o.trace = func(k kind, p position) {
		if k == record {
			kept = append(kept, data[p.offset:p.offset+p.length]...)
		}
	}
	var out bytes.Buffer
	d, counts, err := Clean(context.Background(), bytes.NewReader(data), int64(len(data)), o, &out)
	if pipeline.KindOf(err) == pipeline.KindRejected {
		return nil
	} else if err != nil {
		return err
	}
	if !utf8.Valid(out.Bytes()) {
		return fmt.Errorf("not UTF-8: %q", out.Bytes())
	}
	if out.Len() == 0 {
		return nil
	}
	strict := csv.NewReader(bytes.NewReader(out.Bytes()))
	rows, err := strict.ReadAll()
	if err != nil {
		return fmt.Errorf("read what was written: %w", err)
	}
	if counts.Header {
		rows = rows[1:]
	}
	if int64(len(rows)) != counts.Records {
		return fmt.Errorf("%d rows written, %d counted", len(rows), counts.Records)
	}
	if wideEncodings[d.Encoding] == nil && !mayCombine(data) && counts.Defects[CodeTooLong].Records == 0 {
		var all []byte
		for _, row := range rows {
			all = append(all, strings.Join(row, "")...)
		}
		syntax := d.Delimiter + d.Quote
		if got, want := content(all, syntax), content(kept, syntax); got != want {
			return fmt.Errorf("rows hold %q, the records %q", got, want)
		}
	}
	if o.MaxRecordBytes != 0 {
		return nil // of a record that is too long nothing is left to read again
	}
	again := Options{Delimiter: ",", Quote: `"`, Escape: "none", Comment: "none", Encoding: utf8Name, Header: "no"}
	if counts.Header {
		again.Header, again.HeaderLine = "", 1
	}
	var twice bytes.Buffer
	if _, _, err := Clean(context.Background(), bytes.NewReader(out.Bytes()), int64(out.Len()), again, &twice); pipeline.CodeOf(err) == CodeNotCSV || sepFirst(out.Bytes()) {
		return nil // what stood in a cell stands at the start now
	} else if err != nil {
		return fmt.Errorf("clean again: %w", err)
	}
	if diff := cmp.Diff(out.String(), twice.String()); diff != "" {
		return fmt.Errorf("cleaned twice (-once +twice):\n%s", diff)
	}
	return nil
}

// sepFirst reports whether text starts like a line that names the delimiter.
func sepFirst(text []byte) bool {
	_, skip := sepLine(text)
	return skip > 0
}

func FuzzLoss(f *testing.F) {
	for _, s := range []string{
		"a;b\n1;2\n", "a,b\r\n\"x\ny\",2\r\n\r\n3", "a\tb\r1\t2\r", "sep=;\r\na;b\r\n1;\"2", "\xEF\xBB\xBFa|b\n|\n1|2|3\n",
		"a;b;c\n1;\"Ana;x\n2;Bia;y\n3;\"Caio\";z\n", "a,b\n\"x\"y,\"z\"\"\n1,2\r3,4\n\n", "\xFF\xFEa\x00;\x00b\x00\n\x001\x00;\x002\x00\n\x00",
		"a;b\nS\xe3o;1\nSão;2\n\x00;3\n", "a,b\n\"\n\"\n\"\"\"\n,\"\r\n\r\r\n",
		typedTable(8, ";") + "CL-9;a b; c;x@example.com;51999990000;RS;;1;01/01/2024\nCL-8;d\n",
		"title\n\na;b;c\n# x\n1;2;3\na;b;c\n4;5\n6;7;8;9\nTotal;3;\n",
	} {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(1))
		f.Add([]byte(s), uint8(6))
	}
	f.Fuzz(func(t *testing.T, data []byte, how uint8) {
		o := Options{}
		if how&1 != 0 {
			o.OnError = Keep
		}
		if how&2 != 0 {
			o.MaxRecordBytes = 48
		}
		if how&4 != 0 {
			o.Delimiter = ";"
		}
		if how&8 != 0 {
			o.BatchRows, o.BatchBytes = 2, 16
		}
		if how&16 != 0 {
			o.Encoding = utf16BEName
		}
		if err := checkLoss(data, o); err != nil {
			t.Errorf("%v\ninput %q, options %+v", err, data, o)
		}
		if err := checkClean(data, o); err != nil {
			t.Errorf("clean: %v\ninput %q, options %+v", err, data, o)
		}
	})
}

// TestBrokenTables reads random mixtures of what makes files hard.
func TestBrokenTables(t *testing.T) {
	t.Parallel()
	pieces := []string{";", ";", ",", "\t", "\n", "\n", "\r\n", "\r", `"`, `"`, `""`, `;"`, `";`, "\"\n", "a", "Ana", "São", "S\xe3o", "10,5", " ", "\x00", "é", "€", "x y"}
	rapid.Check(t, func(t *rapid.T) {
		data := "a;b;c\n"
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces") {
			data += p
		}
		o := Options{OnError: rapid.SampledFrom([]string{"", Keep}).Draw(t, "on error")}
		o.MaxRecordBytes = rapid.SampledFrom([]int{0, 16}).Draw(t, "longest record")
		if err := checkLoss([]byte(data), o); err != nil {
			t.Errorf("%v\ninput %q", err, data)
		}
		if err := checkClean([]byte(data), o); err != nil {
			t.Errorf("clean: %v\ninput %q", err, data)
		}
	})
}

// TestReadsWhatItWrites is the law parse(format(x)) = x, for every encoding,
// delimiter and line end.
func TestReadsWhatItWrites(t *testing.T) {
	t.Parallel()
	cell := rapid.OneOf(
		rapid.StringMatching(`[a-z0-9 ,;|"\t\r\n]{0,12}`),
		rapid.StringOfN(rapid.SampledFrom([]rune("aZ9 ;,\"\n\r\t|çãéÇñ€’ü")), 0, 10, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 5).Draw(t, "width")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 12).Draw(t, "rows")
		delim := rapid.SampledFrom([]byte(",;\t|")).Draw(t, "delimiter")
		lineEnd := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end")
		name := rapid.SampledFrom([]string{utf8Name, cp1252Name, utf16LEName, utf16BEName, utf32LEName}).Draw(t, "encoding")

		f := formatter{delim: delim, width: width}
		var text []byte
		for i := range width {
			f.cell(fmt.Appendf(nil, "column %c", 'a'+i))
		}
		text = append(append(text, bytes.TrimRight(f.end(), "\r\n")...), lineEnd...)
		for _, row := range rows {
			for _, c := range row {
				f.cell([]byte(c))
			}
			text = append(append(text, bytes.TrimSuffix(f.end(), []byte("\r\n"))...), lineEnd...)
		}
		// Keep, because a row of empty cells only is a blank line otherwise.
		o := Options{Delimiter: string(delim), Encoding: name, OnError: Keep, Header: "yes"}
		got, err := readAll(encode(string(text), name), o)
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		if diff := cmp.Diff(rows, got.cells()); diff != "" {
			t.Errorf("cells mismatch (-want +got):\n%s\ntext %q", diff, text)
		}
	})
}

// TestCleanOfClean checks that what Clean wrote is clean.
func TestCleanOfClean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[a-z]{1,6}|[0-9]{1,4},[0-9]{2}|[a-z]{1,3}\n"x"|`)
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 1, 8).Draw(t, "rows")
		f := formatter{delim: ';', width: 3}
		for _, name := range []string{"nome", "cidade", "valor"} {
			f.cell([]byte(name))
		}
		data := bytes.Clone(f.end())
		f.width = 0
		for _, row := range rows {
			for _, c := range row {
				f.cell([]byte(c))
			}
			data = append(data, f.end()...)
		}
		// A first row of text above numbers may be a second one of the header.
		once := clean(t, data, Options{Delimiter: ";", Header: "yes"})
		if diff := cmp.Diff(string(once), string(clean(t, once, Options{Delimiter: ",", Header: "yes"}))); diff != "" {
			t.Errorf("cleaned twice (-once +twice):\n%s", diff)
		}
	})
}

func clean(t interface{ Fatalf(string, ...any) }, data []byte, o Options) []byte {
	var out bytes.Buffer
	if _, _, err := Clean(context.Background(), bytes.NewReader(data), int64(len(data)), o, &out); err != nil {
		t.Fatalf("clean: %v", err)
	}
	return out.Bytes()
}
