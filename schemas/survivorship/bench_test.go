package survivorship_test

import (
	"fmt"
	"testing"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

// BenchmarkFold folds a prospect that so many imports spoke of with ten fields
// each, as an undo does for every prospect it touches.
func BenchmarkFold(b *testing.B) {
	for _, n := range []int{1, 3, 30} {
		var said []survivorship.Statement
		p := &survivorship.Policy{Rank: 1}
		for i := range n {
			f := fields{"phone": "+5551987654321", "email": "ana@example.com"}
			for _, name := range []string{"name", "city", "state", "company", "owner", "notes", "street", "postal_code"} {
				f[name] = fmt.Sprint(name, i)
			}
			said = append(said, say(schemas.ImportID(i+1), 1, p, f))
		}
		b.Run(fmt.Sprintf("statements=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				survivorship.Fold(said)
			}
		})
	}
}
