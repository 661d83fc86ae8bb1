package validate

import "github.com/bateia/bateia/schemas/identity"

// yes and no are the folded spellings of the two answers in Portuguese, Spanish
// and English, and those of spreadsheets and databases.
var (
	yes = wordSet("sim s si y yes t true v verdadeiro verdadero x 1 on ok ativo activo active checked marcado")
	no  = wordSet("nao n no f false falso 0 off inativo inactivo inactive unchecked desmarcado nope")
)

// company and person answer is_company, where files name the kind of person.
var (
	company = wordSet("j pj juridica empresa company organization cnpj")
	person  = wordSet("f pf fisica natural pessoa persona person individual cpf")
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	word := ""
	for _, r := range words + " " {
		if r != ' ' {
			word += string(r)
			continue
		}
		set[word] = true
		word = ""
	}
	return set
}

// boolean returns true or false for a yes or no in three languages, and
// whether text is one. kinds also accepts the kinds of persons, a company is
// true.
func (s *scratch) boolean(text string, kinds bool) (string, bool) {
	kind := "boolean"
	if kinds {
		kind = "is_company"
	}
	return s.remember(kind, text, func(text string) (string, bool) {
		folded := identity.FoldName(text)
		switch trimBlanks(text) {
		case "✓", "✔", "✅", "☑":
			folded = "x"
		case "✗", "✘", "❌", "☐":
			folded = "nao"
		}
		switch {
		case yes[folded], kinds && company[lastWord(folded)]:
			return "true", true
		case no[folded], kinds && person[lastWord(folded)]:
			return "false", true
		}
		return "", false
	})
}

// lastWord takes "pessoa" off "pessoa juridica".
func lastWord(folded string) string {
	for i := len(folded) - 1; i >= 0; i-- {
		if folded[i] == ' ' {
			return folded[i+1:]
		}
	}
	return folded
}
