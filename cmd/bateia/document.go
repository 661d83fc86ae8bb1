package main

import (
	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/report"
)

// show writes one import: its document, or for people the text that lies beside
// its drop, in the language that was asked for.
func (s *session) show(a *app.App, account schemas.Account, id schemas.ImportID) (schemas.ImportDocument, error) {
	doc, row, err := a.Document(s.ctx, account, id, s.words.Locale)
	if err != nil {
		return doc, err
	}
	if s.out.JSON {
		return doc, s.out.Document(doc)
	}
	if !readsRows(row) {
		s.showDecision(row, doc)
		return doc, nil
	}
	switch row.State {
	case schemas.Received, schemas.Planning, schemas.Applying, schemas.Undone:
		s.out.Printf("%s: %s\n", row.Title(), s.words.Say("state_"+string(row.State)))
		s.out.Printf("%s\n", s.words.Say("import_line", "id", doc.ImportID, "account", account.Slug))
		return doc, nil
	}
	if err := s.summarize(a, account, doc, row); err != nil || doc.Effect == nil {
		return doc, err
	}
	s.out.Printf("%s\n", s.words.Say("effect_redo", "id", row.RedoOf))
	s.showEffect(row.ID, doc.Effect)
	return doc, nil
}

// readsRows reports whether an import reads a file or a connection; the others are
// what people decided.
func readsRows(i postgres.Import) bool { return i.Title() != "" || i.Object.Key != "" }

// showDecision writes what became of a decision.
func (s *session) showDecision(row postgres.Import, doc schemas.ImportDocument) {
	if doc.Effect == nil {
		s.out.Printf("%s: %s\n", s.words.Say("decision_"+row.Source.Name), s.words.Say("state_"+string(row.State)))
		if doc.Message != nil && doc.Remedy != nil {
			s.out.Printf("%s\n%s\n", *doc.Message, s.words.Say("remedy", "text", *doc.Remedy))
		}
		return
	}
	if row.UndoOf != 0 {
		s.out.Printf("%s\n", s.words.Say("effect_undo", "id", row.UndoOf))
		s.showEffect(row.ID, doc.Effect)
		return
	}
	s.showEffect(row.ID, doc.Effect)
	s.out.Printf("%s\n", s.words.Say("effect_decided", "id", row.ID))
}

func (s *session) summarize(a *app.App, account schemas.Account, doc schemas.ImportDocument, row postgres.Import) error {
	account.Locale = s.words.Locale
	summary, _, err := a.Summary(s.ctx, account, row.ID)
	if err != nil {
		return err
	}
	if row.State == schemas.Applied || row.State == schemas.Ready && row.PlanPrefix != "" {
		if summary.Causes, err = report.Causes(a.Refused(s.ctx, row, false)); err != nil {
			return err
		}
	}
	// A plan that was asked for waits for the same decision as a held one.
	summary.Document.Held = summary.Document.State == schemas.Ready
	s.out.Printf("%s", report.Text(summary))
	if doc.Objects.Result != nil {
		s.out.Printf("%s\n", s.words.Say("result_at", "where", *doc.Objects.Result))
	}
	if doc.Objects.Feedback != nil {
		s.out.Printf("%s\n", s.words.Say("feedback_at", "where", *doc.Objects.Feedback))
	}
	return nil
}

func text(v string) *string {
	if v == "" {
		return nil
	}
	return &v
}

// deref is the text behind a pointer, "" for nil.
func deref(v *string) string {
	if v == nil {
		return ""
	}
	return *v
}
