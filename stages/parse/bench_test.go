package parse

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// leads writes a file as a Brazilian spreadsheet exports it: semicolons,
// accents, decimal commas, one quoted cell in twenty rows.
func leads(rows int) []byte {
	var out bytes.Buffer
	r := rand.New(rand.NewPCG(1, 2))
	first := []string{"João", "María", "José", "Ana", "Antônio", "Francisca", "Carlos"}
	last := []string{"Silva", "Santos", "Oliveira", "Souza", "Conceição", "Lima"}
	out.WriteString("telefone;email;nome;empresa;cidade;nascimento;valor;origem\n")
	for i := range rows {
		company := "Comércio " + last[r.IntN(len(last))] + " Ltda"
		if r.IntN(20) == 0 {
			company = `"` + company + `; Filial ""Sul"""`
		}
		fmt.Fprintf(&out, "5551%09d;user%d@example%d.com.br;%s %s;%s;São Paulo;%02d/%02d/%d;%d,%02d;feira\n",
			900_000_000+r.IntN(100_000_000), i, r.IntN(5000), first[r.IntN(len(first))], last[r.IntN(len(last))],
			company, 1+r.IntN(28), 1+r.IntN(12), 1950+r.IntN(55), r.IntN(100_000), r.IntN(100))
	}
	return out.Bytes()
}

// leadsFile is a file to read in BenchmarkRead in place of the made one.
var leadsFile = flag.String("leads", "", "CSV file with semicolons that BenchmarkRead reads")

// BenchmarkRead compares reading into Arrow batches with positions against
// encoding/csv reading the same bytes into reused slices.
func BenchmarkRead(b *testing.B) {
	data := leads(200_000)
	if *leadsFile != "" {
		var err error
		if data, err = os.ReadFile(*leadsFile); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("parse", func(b *testing.B) { benchmarkParse(b, data) })
	b.Run("encoding-csv", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			r := csv.NewReader(bytes.NewReader(data))
			r.Comma, r.ReuseRecord, r.LazyQuotes = ';', true, true
			for {
				if _, err := r.Read(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkEncodings reads the same rows in encodings that have to be decoded.
func BenchmarkEncodings(b *testing.B) {
	text := string(leads(50_000))
	for _, name := range []string{cp1252Name, utf16LEName} {
		b.Run(name, func(b *testing.B) { benchmarkParse(b, encode(text, name)) })
	}
}

// BenchmarkQuoted reads a file in which every cell is quoted.
func BenchmarkQuoted(b *testing.B) {
	data := bytes.ReplaceAll(leads(50_000), []byte(`"`), nil)
	data = bytes.ReplaceAll(data, []byte(";"), []byte(`";"`))
	data = bytes.ReplaceAll(data, []byte("\n"), []byte("\"\r\n\""))
	data = append([]byte{'"'}, data[:len(data)-1]...)
	benchmarkParse(b, data)
}

// BenchmarkOpen measures what finding out about a file costs.
func BenchmarkOpen(b *testing.B) {
	data := leads(20_000)
	for b.Loop() {
		if _, err := Open(bytes.NewReader(data), int64(len(data)), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkParse(b *testing.B, data []byte) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(bytes.NewReader(data), int64(len(data)), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range r.Batches(context.Background(), memory.DefaultAllocator) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
