package survivorship_test

import (
	"fmt"

	"github.com/bateia/bateia/schemas/survivorship"
)

// A fair's list fills what the ERP left blank and replaces nothing of it.
func Example() {
	erp := &survivorship.Policy{Rank: 2, Changes: 7}
	fair := &survivorship.Policy{Rank: 1}
	best := survivorship.Fold([]survivorship.Statement{
		{Import: 1, Row: 4, Policy: erp, Fields: map[string]string{"name": "Padaria Sol Ltda", "phone": "+5551987654321"}},
		{Import: 2, Row: 1, Policy: fair, Fields: map[string]string{"name": "padaria sol", "city": "Canoas", "phone": "+5551987654321"}},
	})
	for _, field := range []string{"name", "city", "phone"} {
		v := best.Fields[field]
		fmt.Printf("%s: %s (import %d, row %d)\n", field, v.Text, v.Import, v.Row)
	}
	fmt.Println("ranks:", best.Ranks())
	// Output:
	// name: Padaria Sol Ltda (import 1, row 4)
	// city: Canoas (import 2, row 1)
	// phone: +5551987654321 (import 1, row 4)
	// ranks: map[name:2]
}
