package identity_test

import (
	"fmt"

	"github.com/bateia/bateia/schemas/identity"
)

// Cells of one column as people fill them in. The caller keeps the slices, so that a million rows allocate nothing.
func Example() {
	options := identity.Options{Country: "BR", DefaultAreaCode: "51"}
	var values []identity.Value
	var problems []identity.Problem
	for _, cell := range []string{
		"51 98765-1234", "+55 (51) 8765-1234", "98765-1234", "51 3333-1234 ramal 12", "(11) 99999-9999",
		"51 98765-1234 / 3333-1234", "5,55E+12", "51-9999", "não tem",
	} {
		values, problems = identity.AppendPhone(values[:0], problems[:0], cell, &options)
		fmt.Printf("%s:", cell)
		for _, v := range values {
			fmt.Printf(" %s %s %s", v, v.Sub, v.Strength)
		}
		for _, p := range problems {
			fmt.Printf(" [%s %s]", p.Severity, p.Code)
		}
		fmt.Println()
	}
	// Output:
	// 51 98765-1234: +5551987651234 mobile joining
	// +55 (51) 8765-1234: +5551987651234 mobile joining [warning PHONE_NINTH_DIGIT_ADDED]
	// 98765-1234: +5551987651234 mobile joining [warning PHONE_AREA_ASSUMED]
	// 51 3333-1234 ramal 12: +555133331234 landline shared
	// (11) 99999-9999: +5511999999999 mobile shared [warning PLACEHOLDER_VALUE]
	// 51 98765-1234 / 3333-1234: +5551987651234 mobile joining +555133331234 landline shared [warning IDENTIFIER_MULTIPLE_IN_CELL]
	// 5,55E+12: [error PHONE_SCIENTIFIC]
	// 51-9999: [error PHONE_TOO_SHORT]
	// não tem:
}

func ExampleParsePhone() {
	for _, country := range []string{"BR", "PE"} {
		v, _ := identity.ParsePhone("51999991234", identity.Options{Country: country})
		fmt.Println(country, v, v.Format(), v.Mask())
	}
	// Output:
	// BR +5551999991234 +55 51 99999-1234 +55 51 *****-**34
	// PE +51999991234 +51 999 991 234 +51 99* *** *34
}

func ExampleParseEmail() {
	v, p := identity.ParseEmail("Ana Souza <Ana.Souza@gmial.com>", identity.Options{})
	fmt.Println(v, p.Code, p.Suggestion)
	// Output:
	// ana.souza@gmial.com EMAIL_SUSPECT_DOMAIN gmail.com
}

func ExampleParseDocument() {
	for _, text := range []string{"12.ABC.345/01DE-35", "1838723000127", "CUIT 20-05536168-2", "111.111.111-11"} {
		v, p := identity.ParseDocument(text, identity.Options{Country: "BR"})
		if p != nil {
			fmt.Print(p.Code, " ")
		}
		fmt.Println(v.Sub, v, v.Format())
	}
	// Output:
	// cnpj 12ABC34501DE35 12.ABC.345/01DE-35
	// DOCUMENT_ZEROS_RESTORED cnpj 01838723000127 01.838.723/0001-27
	// cuit AR:20055361682 AR:20-05536168-2
	// DOCUMENT_INVALID
}

// Rows join when they share a key: by value alone, or by value and folded name.
func ExampleValue_AppendKeys() {
	mobile, _ := identity.ParsePhone("51 98765-1234", identity.Options{})
	switchboard, _ := identity.ParsePhone("51 3333-1234", identity.Options{})
	ana, bia := identity.FoldName("ANA  Souza"), identity.FoldName("Bia Souza")
	fmt.Println(mobile.AppendKeys(nil, ana)[0] == mobile.AppendKeys(nil, bia)[0])
	fmt.Println(switchboard.AppendKeys(nil, ana)[0] == switchboard.AppendKeys(nil, bia)[0])
	fmt.Println(switchboard.AppendKeys(nil, ana)[0] == switchboard.AppendKeys(nil, identity.FoldName("Ana Souza"))[0])
	// Output:
	// true
	// false
	// true
}
