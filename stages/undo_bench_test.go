package stages_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bateia/bateia/schemas"
)

// BenchmarkUndo takes imports back that nobody touched since, and one that half
// confirmed another.
func BenchmarkUndo(b *testing.B) {
	for _, size := range []int{100_000} {
		file := make([]lead, size)
		for i := range file {
			file[i] = lead{Phone: fmt.Sprintf("+55519%08d", i), Email: fmt.Sprintf("n%d@exemplo.com.br", i), Name: fmt.Sprintf("Pessoa %d", i), City: "Canoas"}
		}
		for _, tt := range []struct {
			name   string
			second func(l lead) lead
			undo   int
		}{
			{"of new prospects", nil, 0},
			{"of updates", func(l lead) lead { l.City = "Lajeado"; return l }, 1},
			{"of what another confirmed", func(l lead) lead { return l }, 0},
		} {
			b.Run(fmt.Sprintf("%d %s", size, tt.name), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					s := setup(b)
					imports := []schemas.ImportID{s.take(b, file, labeled("Feira"))}
					if tt.second != nil {
						second := make([]lead, size)
						for i := range file {
							second[i] = tt.second(file[i])
						}
						imports = append(imports, s.take(b, second, labeled("Feira")))
					}
					run := s.manual()
					run.UndoOf = imports[tt.undo]
					b.StartTimer()
					start := time.Now()
					s.mustUndo(b, run)
					b.ReportMetric(time.Since(start).Seconds(), "s/undo")
				}
			})
		}
	}
}
