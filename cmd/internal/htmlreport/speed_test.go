package htmlreport

import (
	_ "embed"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline/postgres"
)

//go:embed testdata/million.sql
var millionSQL string

// manyImports is so many a day and source that a month has more than a thousand.
const manyImports = 8

// The bound is that of a machine that does nothing else, several times over.
func TestReportOverAThousandImportsIsQuick(t *testing.T) {
	t.Parallel()
	w := newWorld(t, manyImports, 40)
	began := time.Now()
	report, err := Read(t.Context(), w.reader, request(30))
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	imports := report.page.Accounts[0].Figures[0].Raw
	t.Logf("%d imports in %v", imports, took)
	if imports < 1000 {
		t.Errorf("only %d imports", imports)
	}
	if took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func BenchmarkReportOverAThousandImports(b *testing.B) {
	w := newWorld(b, manyImports, 40)
	b.ReportAllocs()
	for b.Loop() {
		w.html(b, request(30))
	}
}

// BenchmarkMillionRows reads what a report on an import of a million rows, 2 % of
// them refused, is made of, statement by statement.
func BenchmarkMillionRows(b *testing.B) {
	w := newWorld(b, 1, 40)
	w.do(b, functionsSQL+millionSQL)
	w.do(b, "vacuum analyze")
	id := w.id(b, "milh")
	for name, arg := range map[string]any{"import": id, "causes": []string{id}, "codes": id, "columns": id, "import_stages": id} {
		b.Run(name, func(b *testing.B) {
			text, err := statements.ReadFile("sql/" + name + ".sql")
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				err := w.reader.Read(b.Context(), postgres.Query{SQL: string(text), Args: []any{arg}},
					func([]postgres.Column) error { return nil }, func([]postgres.Cell) (bool, error) { return true, nil })
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("report", func(b *testing.B) {
		for b.Loop() {
			w.html(b, with(request(30), "en", id))
		}
	})
}
