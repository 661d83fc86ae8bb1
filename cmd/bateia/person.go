package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/schemas"
)

type personCommand struct {
	Key string `arg:"" name:"id|phone|email|document" help:"Prospect id, or an identity as people write it; - reads it from standard input."`
	Out string `short:"o" help:"Write it to a file, as JSON." placeholder:"F.json" type:"path"`
}

func (personCommand) Help() string {
	return `Everything that is held about one person, to hand it over: prospects, identities, leads and rows that said the same again with file, sheet row and time, refused rows with the cells that are kept, values of before, merges, decisions, and whether the person was erased.

Examples:

  bateia person '(51) 98765-4321'
  bateia person ana@example.com -o ana.json`
}

// personDocument is a person as JSON.
type personDocument struct {
	Account   string            `json:"account"`
	Prospects []json.RawMessage `json:"prospects"`
	Rows      []json.RawMessage `json:"rows"`
	History   []json.RawMessage `json:"history"`
	Merges    []json.RawMessage `json:"merges"`
	Decisions []json.RawMessage `json:"decisions"`
	Erasure   *int64            `json:"erasure_id"` // that keeps the person away
}

// Run exports a person.
func (c personCommand) Run(s *session) error {
	return s.open("person", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		if c.Key == "-" {
			if c.Key, err = s.typed(); err != nil {
				return err
			}
		}
		id, values := readKey(c.Key, account)
		if id == "" && len(values) == 0 {
			return usage(errors.New("neither a prospect id nor a phone, e-mail or document"))
		}
		p, err := a.ReadPerson(s.ctx, account, id, values)
		if err != nil {
			return err
		}
		doc, err := documentOfPerson(account, p)
		if err != nil {
			return err
		}
		switch {
		case c.Out != "":
			return s.writePerson(c.Out, doc)
		case s.out.JSON:
			return s.out.Document(doc)
		}
		return s.printPerson(account, p, doc)
	})
}

func documentOfPerson(account schemas.Account, p app.Person) (personDocument, error) {
	doc := personDocument{Account: account.Slug, Prospects: []json.RawMessage{}, Rows: p.Rows, History: p.History, Merges: p.Merges, Decisions: p.Decisions}
	if p.Erasure != 0 {
		doc.Erasure = &p.Erasure
	}
	for i, one := range p.Prospects {
		text, err := prospectJSON(one, p.Leads[i])
		if err != nil {
			return doc, err
		}
		doc.Prospects = append(doc.Prospects, text)
	}
	return doc, nil
}

// writePerson writes a file that only its owner can read.
func (s *session) writePerson(name string, doc personDocument) error {
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if !s.out.JSON {
		s.out.Printf("%s\n", s.words.Say("person_file", "file", name))
	}
	return nil
}

func (s *session) printPerson(account schemas.Account, p app.Person, doc personDocument) error {
	if len(p.Prospects)+len(p.Rows) == 0 {
		s.out.Printf("%s\n", s.words.Say("person_none", "account", account.Slug))
	}
	for i, one := range p.Prospects {
		s.printProspect(account, one, p.Leads[i], lineageOf(one, p.Leads[i]))
		s.out.Printf("\n")
	}
	for _, part := range []struct {
		key  string
		list []json.RawMessage
	}{{"person_rows", doc.Rows}, {"person_history", doc.History}, {"person_merges", doc.Merges}, {"person_decisions", doc.Decisions}} {
		if len(part.list) == 0 {
			continue
		}
		s.out.Printf("%s\n", s.words.Say(part.key))
		for _, one := range part.list {
			text, err := flat(one)
			if err != nil {
				return err
			}
			s.out.Printf("  %s\n", text)
		}
		s.out.Printf("\n")
	}
	if p.Erasure != 0 {
		s.out.Printf("%s\n", s.words.Say("person_erased", "id", p.Erasure))
	}
	return nil
}

// flat writes a JSON object as its names and values, those that say something.
func flat(raw json.RawMessage) (string, error) {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return "", errors.New("what is held is not valid JSON")
	}
	var parts []string
	for name, v := range object {
		switch v := v.(type) {
		case nil:
		case map[string]any, []any:
			text, err := json.Marshal(v)
			if err != nil {
				return "", err
			}
			if string(text) != "[]" && string(text) != "{}" {
				parts = append(parts, name+" "+string(text))
			}
		case float64:
			parts = append(parts, fmt.Sprintf("%s %.0f", name, v))
		default:
			parts = append(parts, fmt.Sprintf("%s %v", name, v))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, " · "), nil
}
