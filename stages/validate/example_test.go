package validate_test

import (
	"fmt"
	"time"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/validate"
)

func ExampleReadAll() {
	header := []string{"DDD", "Celular", "Nome", "Nascimento", "Cor favorita"}
	records := [][]string{
		{"51", "99999-1234", "Ana  Silva", "5/3/90", "azul"},
		{"", "9999", "Bia", "31/02/1990", ""},
	}
	config := validate.Config{Country: "BR", Now: time.Date(2025, 6, 15, 0, 0, 0, 0, time.UTC)}
	columns, _, err := validate.ReadAll(header, schemas.Mapping{}, true, config, records, func(i int, row validate.Row) {
		fmt.Printf("%d %q %q %q %q %q\n", i+1, row.Fields["phone"], row.Fields["name"], row.Fields["birthday"], row.Extra, row.Reason)
		for _, issue := range row.Issues {
			fmt.Println(" ", issue.Severity, issue.Code, "in", header[issue.Column])
		}
	})
	if err != nil {
		fmt.Println(err)
	}
	for _, c := range columns {
		fmt.Printf("%s → %s, %s\n", c.Name, c.Field, c.Type)
	}
	// Output:
	// 1 "+5551999991234" "Ana Silva" "1990-03-05" "{\"cor_favorita\":\"azul\"}" ""
	// 2 "" "" "" "" "PHONE_TOO_SHORT"
	//   error PHONE_TOO_SHORT in Celular
	//   error DATE_INVALID in Nascimento
	// DDD → phone_area, helper
	// Celular → phone, identity
	// Nome → name, text
	// Nascimento → birthday, date dd/mm/yyyy
	// Cor favorita → extra.cor_favorita, text
}
