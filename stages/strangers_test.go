package stages_test

import (
	"fmt"
	"testing"
)

// People who share a value without being one stay apart, and nobody is refused.
func TestStrangers(t *testing.T) {
	t.Parallel()
	cnpj := func(i int) string { // with its check digits
		digits := []int{1, 1, 4, 4, i / 1000 % 10, i / 100 % 10, i / 10 % 10, i % 10, 0, 0, 0, 1}
		for range 2 {
			sum, weight := 0, 2
			for k := len(digits) - 1; k >= 0; k-- {
				sum += digits[k] * weight
				if weight++; weight > 9 {
					weight = 2
				}
			}
			check := 11 - sum%11
			if check > 9 {
				check = 0
			}
			digits = append(digits, check)
		}
		text := ""
		for _, d := range digits {
			text += fmt.Sprint(d)
		}
		return text
	}
	for _, tt := range []struct {
		name string
		rows int
		one  func(i int) lead
		want int
	}{
		{"a fair at which everybody wrote one phone", 60, func(i int) lead {
			return lead{Phone: "+5511999999999", Shared: true, Name: fmt.Sprintf("Pessoa %d", i), Email: fmt.Sprintf("p%d@exemplo.com.br", i)}
		}, 60},
		{"the same phone taken for a person's own", 60, func(i int) lead {
			return lead{Phone: "+5511999999999", Name: fmt.Sprintf("Pessoa %d", i), Email: fmt.Sprintf("p%d@exemplo.com.br", i)}
		}, 60},
		{"colleagues on one switchboard", 30, func(i int) lead {
			return lead{Phone: "+551133334444", Shared: true, Name: fmt.Sprintf("Colega %d", i)}
		}, 30},
		{"companies with their accountant's e-mail", 40, func(i int) lead {
			return lead{Email: "maria@contabil.com.br", CPF: cnpj(i), Name: fmt.Sprintf("Empresa %d Ltda", i)}
		}, 40},
		{"one switchboard and one name twice", 2, func(int) lead {
			return lead{Phone: "+551133334444", Shared: true, Name: "Ana Lima"}
		}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var file []lead
			for i := range tt.rows {
				file = append(file, tt.one(i))
			}
			run := b.load(t, file...)
			if got := len(b.people(t)); got != tt.want {
				t.Errorf("%d prospects, want %d", got, tt.want)
			}
			if l := ledgerOf(run); l.Rejected+l.Skipped+l.Conflict != 0 {
				t.Errorf("ledger %+v: nobody is refused", l)
			}
			again := b.load(t, file...)
			if l := ledgerOf(again); l.Created != 0 {
				t.Errorf("the same file again: %+v", l)
			}
		})
	}
}
