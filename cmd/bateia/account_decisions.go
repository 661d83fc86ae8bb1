package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// sharedDocument is a value that joins only together with the same name, as JSON.
type sharedDocument struct {
	Kind      string    `json:"kind"`
	Value     string    `json:"value"` // masked; "" when no prospect has it any more
	Names     int       `json:"names"`
	ImportID  *string   `json:"import_id"`
	DecidedAt time.Time `json:"decided_at"`
}

// decisionDocument is what somebody decided, as JSON.
type decisionDocument struct {
	Kind      string          `json:"kind"`
	Subject   json.RawMessage `json:"subject"`
	ImportID  *string         `json:"import_id"`
	DecidedBy string          `json:"decided_by"`
	DecidedAt time.Time       `json:"decided_at"`
}

// accountState is an account as JSON with what it remembers.
type accountState struct {
	accountDocument
	Distributions []distributionDocument `json:"distributions"`
	SharedValues  []sharedDocument       `json:"shared_values"`
	Decisions     []decisionDocument     `json:"decisions"`
}

// showAccount shows an account with its distributions and the decisions in force.
func (s *session) showAccount(a *app.App, account schemas.Account) error {
	list, err := a.DB.Distributions(s.ctx, account.ID)
	if err != nil {
		return err
	}
	shared, decisions, err := a.DB.ReadDecisions(s.ctx, account.ID)
	if err != nil {
		return err
	}
	if s.out.JSON {
		doc := accountState{documentOfAccount(account), []distributionDocument{}, []sharedDocument{}, []decisionDocument{}}
		for _, d := range list {
			doc.Distributions = append(doc.Distributions, documentOf(d))
		}
		for _, v := range shared {
			doc.SharedValues = append(doc.SharedValues, sharedDocument{v.Kind.String(), masked(v, account), v.Names, importText(v.Import), v.DecidedAt.UTC()})
		}
		for _, d := range decisions {
			doc.Decisions = append(doc.Decisions, decisionDocument{d.Kind, d.Subject, importText(d.Import), d.DecidedBy, d.DecidedAt.UTC()})
		}
		return s.out.Document(doc)
	}
	if err := s.showAccounts(true, account); err != nil {
		return err
	}
	if len(list) > 0 {
		s.out.Printf("\n")
		s.out.Table(s.distributionTable(list))
	}
	s.tabulateShared(account, shared)
	s.tabulateDecisions(account, decisions)
	return nil
}

// masked is a shared value with most of it hidden.
func masked(v postgres.SharedValue, account schemas.Account) string {
	if v.Value == "" {
		return ""
	}
	return identity.Value{Kind: v.Kind, Canonical: v.Value, Country: account.Country}.Mask()
}

func importText(id schemas.ImportID) *string {
	if id == 0 {
		return nil
	}
	return text(id.String())
}

// shownDecisions is how many decisions people see; JSON has them all.
const shownDecisions = 20

func (s *session) tabulateShared(account schemas.Account, shared []postgres.SharedValue) {
	if len(shared) == 0 {
		return
	}
	w := s.words
	s.out.Printf("\n%s\n", w.Say("shared_head", "count", len(shared)))
	var rows [][]string
	for _, v := range shared[:min(len(shared), shownDecisions)] {
		names := ""
		if v.Names > 0 {
			names = w.Number(int64(v.Names))
		}
		rows = append(rows, []string{v.Kind.String(), masked(v, account), names, v.DecidedAt.In(account.Location()).Format("2006-01-02 15:04"), deref(importText(v.Import))})
	}
	s.out.Table([]string{w.Say("th_kind"), w.Say("th_value"), ">" + w.Say("th_names"), w.Say("th_when"), w.Say("th_import")}, rows)
	s.out.Printf("%s\n", w.Say("shared_remedy", "account", account.Slug))
}

func (s *session) tabulateDecisions(account schemas.Account, decisions []postgres.Decision) {
	if len(decisions) == 0 {
		return
	}
	w := s.words
	s.out.Printf("\n%s\n", w.Say("decisions_head", "count", len(decisions)))
	var rows [][]string
	for _, d := range decisions[:min(len(decisions), shownDecisions)] {
		rows = append(rows, []string{d.Kind, cut(subjectText(d.Subject), 60), d.DecidedAt.In(account.Location()).Format("2006-01-02 15:04"), deref(importText(d.Import))})
	}
	s.out.Table([]string{w.Say("th_decision"), w.Say("th_prospect"), w.Say("th_when"), w.Say("th_import")}, rows)
	s.out.Printf("%s\n", w.Say("decisions_remedy"))
}

// subjectText writes the ids that a decision is about one after the other, by the
// names of what they are to it.
func subjectText(raw json.RawMessage) string {
	var subject map[string]any
	if json.Unmarshal(raw, &subject) != nil {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(subject)) {
		switch v := subject[name].(type) {
		case string:
			parts = append(parts, v)
		case []any:
			for _, one := range v {
				parts = append(parts, fmt.Sprint(one))
			}
		}
	}
	return strings.Join(parts, " ")
}

// checkFallback refuses a fallback to a distribution that is not there.
func (s *session) checkFallback(a *app.App, account schemas.Account) error {
	name, draws := strings.CutPrefix(account.Settings.OwnerFallback, schemas.DistributionPrefix)
	if !draws {
		return nil
	}
	list, err := a.DB.Distributions(s.ctx, account.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(d schemas.Distribution) bool { return schemas.FoldLabel(d.Name) == schemas.FoldLabel(name) }) {
		return errNoSuch("distribution", name)
	}
	return nil
}

// joinAgain lets values join by themselves again: those that became shared, and
// those that the account ignores.
func (s *session) joinAgain(a *app.App, account *schemas.Account, values []string) error {
	for _, typed := range values {
		_, found := readKey(typed, *account)
		if len(found) == 0 {
			return usage(errors.New("--join-value: neither a phone nor an e-mail nor a document"))
		}
		any := false
		for _, v := range found {
			ended, err := a.DB.JoinAgain(s.ctx, account.ID, v)
			if pipeline.KindOf(err) == pipeline.KindBusy {
				return &exitError{exitFailed, errors.New("an import of this account is being applied: try again in a moment")}
			}
			if err != nil {
				return err
			}
			before := len(account.Settings.IgnoreValues)
			account.Settings.IgnoreValues = slices.DeleteFunc(account.Settings.IgnoreValues, func(ignored string) bool { return ignored == v.Canonical })
			any = any || ended || len(account.Settings.IgnoreValues) < before
		}
		if !any {
			return &exitError{exitFailed, errors.New("--join-value: no decision of this account holds the value")}
		}
	}
	return nil
}
