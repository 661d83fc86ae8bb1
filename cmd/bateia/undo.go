package main

import (
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/history"
)

type undoCommand struct {
	Import  string `arg:"" help:"Id, the beginning of one, or “last”."`
	Preview bool   `help:"Say what would be done, and do nothing."`
}

func (undoCommand) Help() string {
	return `Takes back what an import wrote: prospects it founded, values, identities, merges, lists and tags. What other imports or people said since stays, and is listed. The import stays in the history; to import its file again, use “bateia redo”.

Examples:

  bateia undo last --preview
  bateia undo 019a

` + exitHelp
}

// undoDocument is what “undo --preview --json” prints.
type undoDocument struct {
	ImportID string `json:"import_id"`
	*schemas.Effect
}

// Run takes an import back, or says what that would do.
func (c undoCommand) Run(s *session) error {
	return s.open("undo", func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		row, err := a.DB.ReadImport(s.ctx, account.ID, id)
		if err != nil {
			return err
		}
		if row.State == schemas.Undone {
			if !s.out.JSON {
				s.out.Printf("%s\n", s.words.Say("undone_already", "id", id))
				return nil
			}
			_, err := s.show(a, account, id)
			return err
		}
		// What cannot be taken back says so here, and leaves nothing in the history.
		var effect history.Summary
		err = a.DB.InAccount(s.ctx, account.ID, func(tx pgx.Tx) error {
			effect, err = history.Preview(s.ctx, tx, account.ID, id)
			return err
		})
		if err != nil {
			return err
		}
		if c.Preview {
			if s.out.JSON {
				return s.out.Document(undoDocument{id.String(), &effect})
			}
			s.out.Printf("%s\n", s.words.Say("effect_preview", "id", id))
			s.showEffect(id, &effect)
			return nil
		}
		return s.decide(a, account, schemas.Decision{Kind: schemas.DecideUndo}, id)
	})
}

// decide registers an import of source manual and waits for its end.
func (s *session) decide(a *app.App, account schemas.Account, what schemas.Decision, undoOf schemas.ImportID) error {
	w := newWaiter(s, a, account)
	defer w.close()
	if err := w.work(); err != nil {
		return err
	}
	id, err := a.Register(s.ctx, account, postgres.Registration{
		Source: schemas.Source{Kind: "manual", Name: what.Kind}, RequestedBy: requester(), Request: schemas.Request{Decision: &what}, UndoOf: undoOf,
	})
	if err != nil {
		return err
	}
	code, err := w.wait(id, func(state schemas.State, _ bool) bool { return state.Terminal() })
	if err != nil {
		return err
	}
	return exit(code)
}

// showEffect writes what an undo or another decision did to prospects, a
// line each.
func (s *session) showEffect(id schemas.ImportID, e *schemas.Effect) {
	var rows []string
	for _, line := range []struct {
		key string
		n   int64
	}{
		{"effect_deleted", e.Deleted}, {"effect_restored", e.Restored}, {"effect_founded", e.Founded}, {"effect_merged", e.Merged},
		{"effect_updated", e.Updated}, {"effect_identities", e.Identities}, {"effect_lists", e.ListMemberships}, {"effect_tags", e.TagMemberships},
		{"effect_kept", e.Kept}, {"effect_carried", e.Carried},
	} {
		if line.n > 0 {
			rows = append(rows, s.words.Say(line.key, "count", line.n))
		}
	}
	if rows == nil {
		s.out.Printf("  %s\n", s.words.Say("effect_nothing"))
		return
	}
	for _, line := range rows {
		s.out.Printf("  %s\n", line)
	}
	const most = 10
	for i, k := range e.KeptProspects {
		if i == most {
			s.out.Printf("%s\n", s.words.Say("effect_more", "count", s.words.Number(e.Kept-most), "id", id))
			break
		}
		s.out.Printf("%s\n", s.words.Say("effect_keeper", "prospect", k.ProspectID, "id", k.Import, "row", k.SheetRow))
	}
}
