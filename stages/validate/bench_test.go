package validate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bateia/bateia/schemas"
)

const benchHeader = "telefone;email;nome;empresa;cidade;nascimento;valor;origem"

// benchLines returns rows as a Brazilian spreadsheet writes them: mobiles with
// country code in two spellings, decimal commas, some bad phones.
func benchLines(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	firsts := []string{"João", "María", "José", "Ana", "Antônio", "Francisca", "Márcia", "Lucas"}
	lasts := []string{"Silva", "Santos", "Oliveira", "Conceição", "Ribeiro", "Lima"}
	cities := []string{"São Paulo", "Rio de Janeiro", "Porto Alegre", "Recife", "Manaus"}
	lines := make([]string, n)
	for i := range lines {
		phone := fmt.Sprintf("55%d9%08d", 11+r.IntN(8), r.IntN(100_000_000))
		switch {
		case i%50 == 0:
			phone = phone[:6]
		case i%10 == 0:
			phone = "+" + phone[:2] + " (" + phone[2:4] + ") " + phone[4:9] + "-" + phone[9:]
		}
		email := fmt.Sprintf("user%d@example%d.com.br", i, r.IntN(5000))
		if i%5 == 0 {
			email = ""
		}
		lines[i] = fmt.Sprintf("%s;%s;%s %s;Comércio %s Ltda;%s;%02d/%02d/%d;%d,%02d;feira", phone, email,
			firsts[r.IntN(len(firsts))], lasts[r.IntN(len(lasts))], lasts[r.IntN(len(lasts))], cities[r.IntN(len(cities))],
			1+r.IntN(28), 1+r.IntN(12), 1950+r.IntN(55), r.IntN(100_000), r.IntN(100))
	}
	return lines
}

// BenchmarkRead measures one Reader, without building tables.
func BenchmarkRead(b *testing.B) {
	run, _ := setup(b, benchHeader, nil)
	plan, _, err := MakePlan(run.Facts.Header, nil, schemas.Mapping{}, true)
	if err != nil {
		b.Fatal(err)
	}
	v := New(plan, ConfigOf(run))
	r := v.NewReader()
	var records []Cells
	for _, line := range benchLines(20_000) {
		records = append(records, CellsOf(strings.Split(line, ";")))
	}
	b.ReportAllocs()
	at := 0
	for b.Loop() {
		r.Read("", records[at])
		if at++; at == len(records) {
			at = 0
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkStage measures the whole stage over a workset on disk.
func BenchmarkStage(b *testing.B) {
	const rows = 200_000
	ctx := context.Background()
	run, w := setup(b, benchHeader, benchLines(rows))
	b.ReportAllocs()
	for b.Loop() {
		run.Facts.Issues = nil
		if err := w.Exec(ctx, "drop table if exists rows; drop table if exists identities; drop table if exists issues"); err != nil {
			b.Fatal(err)
		}
		if err := (Stage{}).Run(ctx, run); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
}
