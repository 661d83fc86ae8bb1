package validate

import (
	_ "embed"
	"sync"

	"github.com/bateia/bateia/schemas/identity"
)

//go:embed data/first_names.txt
var firstNameFile string

// firstNames holds the most usual first names of Brazil and the countries
// around, folded. They only tell a column of people from one of companies or
// places, so that a share of them is enough.
var firstNames = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range dataLines(firstNameFile) {
		for word := range wordSet(identity.FoldName(line)) {
			if word != "" {
				set[word] = true
			}
		}
	}
	return set
})
