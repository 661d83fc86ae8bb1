package main

import (
	"bufio"
	"fmt"

	"github.com/bateia/bateia/schemas/identity"
)

type identityCommand struct {
	Kind     string `arg:"" help:"${enum}." enum:"phone,email,document"`
	Country  string `help:"Country whose rules apply first." default:"BR" placeholder:"BR"`
	AreaCode string `help:"Area code of phones that have none." placeholder:"51"`
}

func (identityCommand) Help() string {
	return `Reads one value a line from standard input and writes one JSON document a line; a line with several values gives several. Needs no database.

Examples:

  echo '(51) 98765-4321' | bateia identity phone
  cut -d, -f3 leads.csv | bateia identity document --country MX`
}

// identityDocument is one value as JSON.
type identityDocument struct {
	Input     string  `json:"input"`
	Valid     bool    `json:"valid"`
	Canonical *string `json:"canonical"`
	Code      *string `json:"code"` // why it is refused, or what is odd about it
	Kind      *string `json:"kind"` // mobile, landline …, cpf …; null when there is none
	Strength  *string `json:"strength"`
	Country   *string `json:"country"`
	// Suggestion is the domain that was probably meant; the value is taken as it
	// is written.
	Suggestion *string `json:"suggestion"`
}

// maxLine is the longest value that is read, in bytes.
const maxLine = 1 << 20

// Run reads values and writes what they are.
func (c identityCommand) Run(s *session) error {
	o := identity.Options{Country: c.Country, DefaultAreaCode: c.AreaCode}
	read := map[string]func([]identity.Value, []identity.Problem, string, *identity.Options) ([]identity.Value, []identity.Problem){
		"phone": identity.AppendPhone, "email": identity.AppendEmail, "document": identity.AppendDocument,
	}[c.Kind]
	in := bufio.NewScanner(s.in)
	in.Buffer(nil, maxLine)
	for in.Scan() {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		values, problems := read(nil, nil, in.Text(), &o)
		for _, doc := range identityDocuments(in.Text(), values, problems) {
			if err := s.out.Document(doc); err != nil {
				return err
			}
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	return nil
}

func identityDocuments(input string, values []identity.Value, problems []identity.Problem) []identityDocument {
	var code, suggestion *string
	for _, p := range problems {
		if code == nil || p.Severity == identity.Error {
			code = text(p.Code)
		}
		if p.Suggestion != "" {
			suggestion = text(p.Suggestion)
		}
	}
	if len(values) == 0 {
		return []identityDocument{{Input: input, Code: code, Suggestion: suggestion}}
	}
	out := make([]identityDocument, len(values))
	for i, v := range values {
		out[i] = identityDocument{Input: input, Valid: true, Canonical: text(v.Canonical), Code: code,
			Kind: text(v.Sub), Strength: text(v.Strength.String()), Country: text(v.Country), Suggestion: suggestion}
	}
	return out
}
