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
	return `One prospect with its identities, leads, and where each value came from. A value that several prospects share shows all of them.

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
	Outcome    schemas.Outcome   `json:"outcome"`
	CreatedAt  time.Time         `json:"created_at"`
	Identities []string          `json:"identities"`
	Fields     map[string]string `json:"fields"`
	Attributes map[string]string `json:"attributes"`
}

// origin is the lead that a value came from.
type origin struct {
	LeadID   string `json:"lead_id"`
	ImportID string `json:"import_id"`
	File     string `json:"file"`
	SheetRow int64  `json:"sheet_row"`
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

func (s *session) showProspect(account schemas.Account, p postgres.Prospect, leads []postgres.Lead) error {
	origins := originsOf(p, leads)
	if s.out.JSON {
		list := make([]leadDocument, len(leads))
		for i, l := range leads {
			list[i] = leadDocument{schemas.LeadID(l.ImportID, l.Row), l.ImportID.String(), l.FileName, l.Row, l.SheetRow, l.Outcome,
				l.ImportedAt.UTC(), named(l.Identities), l.Fields, l.Extra}
		}
		pairs := slices.DeleteFunc(prospectDocument{p}.pairs(), func(v pair) bool { return v.name == "leads" })
		text, err := marshalOrdered(append(pairs, pair{"leads", len(leads)}, pair{"origins", origins}, pair{"statements", list}))
		if err != nil {
			return err
		}
		return s.out.Document(rawJSON(text))
	}
	s.printProspect(account, p, leads, origins)
	return nil
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

// originsOf names for every value the newest lead that states it.
func originsOf(p postgres.Prospect, leads []postgres.Lead) map[string]origin {
	out := map[string]origin{}
	for _, l := range leads {
		o := origin{schemas.LeadID(l.ImportID, l.Row), l.ImportID.String(), l.FileName, l.SheetRow}
		for name, value := range p.Fields {
			if l.Fields[name] == value {
				out[name] = o
			}
		}
		for name, value := range p.Extra {
			if l.Extra[name] == value {
				out[schemas.ExtraPrefix+name] = o
			}
		}
	}
	return out
}

func (s *session) printProspect(account schemas.Account, p postgres.Prospect, leads []postgres.Lead, origins map[string]origin) {
	w := s.words
	s.out.Printf("%s\n", p.ID)
	var rows [][]string
	add := func(name, value string) {
		from := ""
		if o, ok := origins[name]; ok {
			from = w.Say("from_lead", "file", o.File, "row", o.SheetRow)
		}
		rows = append(rows, []string{"  " + name, value, from})
	}
	for _, f := range schemas.ProspectColumns() {
		if v := p.Fields[f.Name]; v != "" {
			add(f.Name, cut(v, 80))
		}
	}
	extras := make([]string, 0, len(p.Extra))
	for name := range p.Extra {
		extras = append(extras, name)
	}
	slices.Sort(extras)
	for _, name := range extras {
		add(schemas.ExtraPrefix+name, cut(p.Extra[name], 80))
	}
	for _, id := range p.Identities {
		v := identity.Value{Kind: id.Kind, Canonical: id.Value, Country: account.Country}
		rows = append(rows, []string{"  " + w.Say("identity"), v.Kind.String() + " " + v.Canonical, ""})
	}
	if len(p.Lists) > 0 {
		rows = append(rows, []string{"  " + w.Say("lists"), strings.Join(p.Lists, ", "), ""})
	}
	if len(p.Tags) > 0 {
		rows = append(rows, []string{"  tags", strings.Join(p.Tags, ", "), ""})
	}
	for _, l := range leads {
		rows = append(rows, []string{"  lead", schemas.LeadID(l.ImportID, l.Row),
			w.Say("from_lead", "file", l.FileName, "row", l.SheetRow) + ", " + l.ImportedAt.In(account.Location()).Format(time.DateTime)})
	}
	s.out.Table([]string{"", "", ""}, rows)
}
