package parse

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"
)

// BenchmarkUnpack unpacks the same leads from every packing, beside a copy of
// the text: bytes count the text.
func BenchmarkUnpack(b *testing.B) {
	text := leads(100_000)
	rows := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for _, bench := range []struct {
		name string
		data func() []byte
	}{
		{"copy", func() []byte { return text }},
		{"gzip", func() []byte { return gzipped(string(text)) }},
		{"zstd", func() []byte { return zstded(string(text)) }},
		{"zip", func() []byte { return zipped(entry{name: "leads.csv", text: string(text)}) }},
		{"xlsx", func() []byte { return workbookFrom(b, rows) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			data, dir := bench.data(), b.TempDir()
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				u, err := Unpack(context.Background(), bytes.NewReader(data), int64(len(data)), UnpackOptions{Dir: dir})
				if err != nil {
					b.Fatal(err)
				}
				must(io.Copy(io.Discard, io.NewSectionReader(u, 0, u.Size)))
				must(0, u.Close())
			}
		})
	}
}

// workbookFrom writes rows as excelize streams them, texts in the cells.
func workbookFrom(b *testing.B, rows [][]byte) []byte {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	must(0, err)
	for i, row := range rows {
		var cells []any
		for cell := range bytes.SplitSeq(row, []byte(";")) {
			cells = append(cells, string(cell))
		}
		name, err := excelize.CoordinatesToCellName(1, i+1)
		must(0, err)
		must(0, w.SetRow(name, cells))
	}
	must(0, w.Flush())
	out, err := f.WriteToBuffer()
	must(0, err)
	must(0, f.Close())
	return out.Bytes()
}
