package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

type prospectCommand struct {
	Key string `arg:"" name:"id|phone|email|document" help:"Prospect id, also of one that was merged away, or an identity as people write it."`
}

func (prospectCommand) Help() string {
	return `One prospect with its identities, leads, and where each value came from: source, file, row and time, and below it what else was said and why it is not the value. A value that several prospects share shows all of them.

Examples:

  bateia prospect '(51) 98765-4321'
  bateia prospect ana@example.com --json`
}

// leadDocument is a lead as JSON.
type leadDocument struct {
	LeadID     string            `json:"lead_id"`
	ImportID   string            `json:"import_id"`
	File       string            `json:"file"`
	Row        int64             `json:"row"`
	SheetRow   int64             `json:"sheet_row"`
	SourceRef  *string           `json:"source_ref"`
	Outcome    schemas.Outcome   `json:"outcome"`
	CreatedAt  time.Time         `json:"created_at"`
	Identities []string          `json:"identities"`
	Fields     map[string]string `json:"fields"`
	Attributes map[string]string `json:"attributes"`
	Seen       []placeDocument   `json:"seen"` // rows that said the same again
}

// Run shows a prospect.
func (c prospectCommand) Run(s *session) error {
	return s.open("prospect", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		id, values := readKey(c.Key, account)
		if id == "" && len(values) == 0 {
			return usage(errors.New("neither a prospect id nor a phone, e-mail or document"))
		}
		ids, err := a.DB.FindProspects(s.ctx, account.ID, id, values...)
		if err != nil {
			return err
		}
		shown := 0
		for _, id := range ids {
			for p, err := range a.DB.ReadProspects(s.ctx, account.ID, postgres.ProspectFilter{ID: id}) {
				if err != nil {
					return err
				}
				if err := a.DB.MarkRecords(s.ctx, account.ID, &p); err != nil {
					return err
				}
				leads, err := a.DB.ReadLeads(s.ctx, account.ID, id)
				if err != nil {
					return err
				}
				shown++
				if err := s.showProspect(account, p, leads); err != nil {
					return err
				}
			}
		}
		if shown == 0 {
			return &exitError{exitFailed, fmt.Errorf("no prospect of account %q has it", account.Slug)}
		}
		return nil
	})
}

// readKey finds out what was typed: an id, or whatever identities it can be.
func readKey(text string, account schemas.Account) (id string, values []identity.Value) {
	text = strings.TrimSpace(text)
	if _, _, err := schemas.ParseProspectID(strings.ToLower(text)); err == nil {
		return strings.ToLower(text), nil
	}
	o := identity.Options{Country: account.Country, DefaultAreaCode: account.Settings.DefaultAreaCode}
	if strings.Contains(text, "@") {
		if v, problem := identity.ParseEmail(text, o); v.Canonical != "" && (problem == nil || problem.Severity != identity.Error) {
			values = append(values, v)
		}
		return "", values
	}
	for _, parse := range []func(string, identity.Options) (identity.Value, *identity.Problem){identity.ParseDocument, identity.ParsePhone} {
		if v, problem := parse(text, o); v.Canonical != "" && (problem == nil || problem.Severity != identity.Error) {
			values = append(values, v)
		}
	}
	return "", values
}

func (s *session) showProspect(account schemas.Account, p postgres.Prospect, said []postgres.Lead) error {
	if s.out.JSON {
		text, err := prospectJSON(p, said)
		if err != nil {
			return err
		}
		return s.out.Document(rawJSON(text))
	}
	s.printProspect(account, p, said, lineageOf(p, said))
	return nil
}

// prospectJSON is a prospect with everything that was said of it.
func prospectJSON(p postgres.Prospect, said []postgres.Lead) ([]byte, error) {
	l := lineageOf(p, said)
	pairs := slices.DeleteFunc(prospectDocument{p}.pairs(), func(v pair) bool { return v.name == "leads" })
	leads := leadDocuments(said)
	return marshalOrdered(append(pairs, pair{"leads", len(leads)}, pair{"origins", l.origins()},
		pair{"lineage", l.documents()}, pair{"statements", leads}))
}

// leadDocuments are the leads among what was said, each with the rows that said
// it again.
func leadDocuments(said []postgres.Lead) []leadDocument {
	out := []leadDocument{}
	at := map[string]int{}
	for _, l := range said {
		if !l.Stored() {
			continue
		}
		at[schemas.LeadID(l.Import, l.Row)] = len(out)
		attributes := make(map[string]string, len(l.Extra))
		for name, raw := range l.Extra {
			attributes[name] = extraText(raw)
		}
		out = append(out, leadDocument{schemas.LeadID(l.Import, l.Row), l.Import.String(), l.FileName, l.Row, l.SheetRow, text(l.SourceRef), l.Outcome,
			l.ImportedAt.UTC(), named(l.Identities), l.Fields, attributes, []placeDocument{}})
	}
	for _, l := range said {
		// Rows that saw the lead of an import which counts no more say it for
		// themselves, and have no lead to stand at.
		if i, ok := at[schemas.LeadID(l.LeadImport, l.LeadRow)]; ok && !l.Stored() {
			out[i].Seen = append(out[i].Seen, placeOf(&l))
		}
	}
	return out
}

// named writes the identities of a lead with the names of their kinds.
func named(list []string) []string {
	out := make([]string, len(list))
	for i, id := range list {
		kind, value, _ := strings.Cut(id, ":")
		if n, err := strconv.ParseUint(kind, 10, 8); err == nil {
			kind = identity.Kind(n).String()
		}
		out[i] = kind + ":" + value
	}
	return out
}

type rawJSON []byte

// MarshalJSON implements json.Marshaler.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// recordState says what became of the record of an external id at its source.
func (s *session) recordState(account schemas.Account, id postgres.Identity) string {
	switch {
	case id.GoneAt != nil:
		return s.words.Say("source_gone", "when", localTime(id.GoneAt, account))
	case id.InactiveAt != nil:
		return s.words.Say("source_inactive", "when", localTime(id.InactiveAt, account))
	}
	return ""
}

func (s *session) printProspect(account schemas.Account, p postgres.Prospect, said []postgres.Lead, l lineage) {
	w := s.words
	s.out.Printf("%s\n", p.ID)
	var lines []line
	for _, v := range l.values {
		lines = append(lines, s.valueLines(account, v)...)
	}
	for _, id := range p.Identities {
		lines = append(lines, line{w.Say("identity"), id.Kind.String() + " " + id.Value, s.recordState(account, id)})
	}
	if len(p.Lists) > 0 {
		lines = append(lines, line{w.Say("lists"), strings.Join(p.Lists, ", "), ""})
	}
	if len(p.Tags) > 0 {
		lines = append(lines, line{"tags", strings.Join(p.Tags, ", "), ""})
	}
	for _, one := range said {
		if one.Stored() {
			lines = append(lines, line{"lead", schemas.LeadID(one.Import, one.Row), s.place(account, &one)})
		}
	}
	s.printLines(lines)
}
