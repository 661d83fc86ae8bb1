package main

import (
	"errors"
	"strings"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/schemas"
)

type planCommand struct {
	Import string `arg:"" help:"Id, the beginning of one, or “last”."`
	Rows   bool   `help:"Every row: what happens to it, its prospect, and changed fields old → new."`
}

func (planCommand) Help() string {
	return `Shows what apply will do, or did, before anything is written.

Examples:

  bateia plan last
  bateia plan last --rows --json`
}

// planDocument is a plan as JSON.
type planDocument struct {
	ImportID  string                 `json:"import_id"`
	State     schemas.State          `json:"state"`
	Ledger    schemas.Ledger         `json:"ledger"`
	Prospects schemas.ProspectCounts `json:"prospects"`
	Issues    schemas.DocumentIssues `json:"issues"`
	Fields    []app.FieldCount       `json:"fields"` // of existing prospects that change
}

// Run shows a plan.
func (c planCommand) Run(s *session) error {
	return s.open("plan", func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		p, err := a.OpenPlan(s.ctx, account.ID, id, app.PlanRowTables...)
		if errors.Is(err, app.ErrNoPlan) {
			return &exitError{exitFailed, err}
		}
		if err != nil {
			return err
		}
		defer p.Close() // a folder that stays on scratch is found by purge
		if c.Rows {
			return s.planRows(p)
		}
		doc, err := s.planDocument(a, p, account, id)
		if err != nil {
			return err
		}
		if s.out.JSON {
			return s.out.Document(doc)
		}
		s.printPlan(doc)
		return nil
	})
}

func (s *session) planDocument(a *app.App, p *app.Plan, account schemas.Account, id schemas.ImportID) (planDocument, error) {
	full, _, err := a.Document(s.ctx, account, id, s.words.Locale)
	if err != nil {
		return planDocument{}, err
	}
	fields, err := p.Fields(s.ctx)
	if err != nil {
		return planDocument{}, err
	}
	if full.Issues.ByCode == nil {
		full.Issues.ByCode = []schemas.CodeCount{}
	}
	return planDocument{full.ImportID, full.State, p.Facts.Ledger, p.Facts.Counts, full.Issues, fields}, nil
}

func (s *session) printPlan(d planDocument) {
	w, l := s.words, d.Ledger
	s.out.Printf("%s\n\n", w.Say("plan_head", "id", d.ImportID, "state", w.Say("state_"+string(d.State))))
	rows := [][]string{}
	for _, o := range []struct {
		name schemas.Outcome
		n    int64
	}{
		{schemas.OutcomeCreated, l.Created}, {schemas.OutcomeUpdated, l.Updated}, {schemas.OutcomeUnchanged, l.Unchanged},
		{schemas.OutcomeDuplicate, l.Duplicate}, {schemas.OutcomeRejected, l.Rejected}, {schemas.OutcomeSkipped, l.Skipped},
		{schemas.OutcomeConflict, l.Conflict},
	} {
		if o.n > 0 {
			rows = append(rows, []string{string(o.name), w.Number(o.n)})
		}
	}
	s.out.Table([]string{w.Say("th_outcome"), ">" + w.Say("th_rows")}, append(rows, []string{"read", w.Number(l.Read)}))
	s.out.Printf("\n%s\n", w.Say("plan_prospects", "created", d.Prospects.Created, "updated", d.Prospects.Updated, "merged", d.Prospects.Merged))
	if len(d.Fields) > 0 {
		rows = rows[:0]
		for _, f := range d.Fields {
			rows = append(rows, []string{f.Field, w.Number(f.Prospects)})
		}
		s.out.Printf("\n")
		s.out.Table([]string{w.Say("th_field"), ">" + w.Say("th_changed")}, rows)
	}
}

// planRows writes every row of a plan.
func (s *session) planRows(p *app.Plan) error {
	w := s.words
	var rows [][]string
	head := "th_sheet_row"
	flush := func() {
		s.out.Table([]string{">" + w.Say(head), w.Say("th_outcome"), w.Say("th_action"), w.Say("th_prospect"), w.Say("th_changes")}, rows)
		rows = rows[:0]
	}
	for r, err := range p.Rows(s.ctx) {
		if err != nil {
			return err
		}
		if s.out.JSON {
			if err := s.out.Document(r); err != nil {
				return err
			}
			continue
		}
		action := ""
		if r.Action != nil {
			action = string(*r.Action)
		}
		changes := deref(r.ReasonCode)
		if changes == "" {
			changes = s.changes(r)
		}
		place := number(&r.SheetRow)
		if r.SourceRef != nil {
			head, place = "th_omie_code", *r.SourceRef
		}
		rows = append(rows, []string{place, string(r.Outcome), action, deref(r.ProspectID), changes})
		if len(rows) == 1000 { // a table of a million rows is not held in memory
			flush()
		}
	}
	if len(rows) > 0 {
		flush()
	}
	return nil
}

// changes writes changed fields as old → new.
func (s *session) changes(r app.PlanRow) string {
	var parts []string
	for _, c := range r.Changes {
		value := func(v *string) string {
			if v == nil {
				return "∅"
			}
			return cut(*v, 40)
		}
		if c.Old == nil {
			parts = append(parts, c.Field+": "+value(c.New))
			continue
		}
		parts = append(parts, c.Field+": "+value(c.Old)+" → "+value(c.New))
	}
	if r.Action == nil || *r.Action != schemas.ActionCreate {
		for _, also := range r.Also {
			parts = append(parts, "+"+also)
		}
	}
	return strings.Join(parts, ", ")
}
