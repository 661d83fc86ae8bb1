package main

import (
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

type importsCommand struct {
	State  string `help:"Only in this state: ${enum}." enum:",received,planning,ready,held,applying,applied,rejected,failed,canceled,undone" default:"" placeholder:"STATE"`
	List   string `help:"Only into this list." placeholder:"LIST"`
	Source string `help:"Only from the source of this name." placeholder:"NAME"`
	Since  string `help:"Only registered since a day, a moment or a span: 2026-01-31, 7d, 12h." placeholder:"WHEN"`
	Limit  int    `help:"At most so many." default:"20"`
}

func (importsCommand) Help() string {
	return `Without --account those of the account “default”.

Examples:

  bateia imports
  bateia imports --state held --json
  bateia imports --list feira --since 7d`
}

// Run lists imports, newest first.
func (c importsCommand) Run(s *session) error {
	return s.open("imports", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		since, err := parseSince(c.Since, account, s.clock())
		if err != nil {
			return err
		}
		list, err := a.DB.ReadImports(s.ctx, account.ID, postgres.ImportFilter{
			State: c.State, List: c.List, Source: c.Source, Since: since, Limit: c.Limit,
		})
		if err != nil {
			return err
		}
		if s.out.JSON {
			for _, i := range list {
				if err := s.out.Document(a.DocumentOf(account, i, s.words.Locale)); err != nil {
					return err
				}
			}
			return nil
		}
		s.tabulateImports(account, list)
		return nil
	})
}

func (s *session) tabulateImports(account schemas.Account, list []postgres.Import) {
	if len(list) == 0 {
		s.out.Printf("%s\n", s.words.Say("nothing_found"))
		return
	}
	rows := make([][]string, len(list))
	for n, i := range list {
		state := string(i.State)
		if i.Held && i.State == schemas.Ready {
			state = "held"
		}
		if i.Code != "" {
			state += " " + i.Code
		}
		number := func(n int64) string {
			if n == 0 {
				return "·"
			}
			return s.words.Number(n)
		}
		l := i.Ledger
		rows[n] = []string{i.ID.String(), i.CreatedAt.In(account.Location()).Format(time.DateTime), s.named(i), i.List, state,
			number(l.Read), number(l.Created), number(l.Updated), number(l.Unchanged + l.Duplicate), number(l.Rejected + l.Conflict)}
	}
	w := s.words
	s.out.Table([]string{w.Say("th_import"), w.Say("th_when"), w.Say("th_file"), w.Say("th_list"), w.Say("th_state"),
		">" + w.Say("th_read"), ">" + w.Say("th_created"), ">" + w.Say("th_updated"), ">" + w.Say("th_same"), ">" + w.Say("th_rejected")}, rows)
}

type showCommand struct {
	Import string `arg:"" help:"Id, the beginning of one, or “last”."`
}

func (showCommand) Help() string {
	return "Examples:\n\n  bateia show last\n  bateia show 019a --json"
}

// Run shows one import.
func (c showCommand) Run(s *session) error {
	return s.open("show", func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		doc, err := s.show(a, account, id)
		if err == nil && !s.out.JSON {
			s.details(doc)
		}
		return err
	})
}

// details are the columns and stages of an import.
func (s *session) details(doc schemas.ImportDocument) {
	w := s.words
	if d := doc.Dialect; d != nil {
		s.out.Printf("\n%s\n", writtenAs(w, *d))
	}
	if len(doc.Columns) > 0 {
		rows := make([][]string, len(doc.Columns))
		for i, c := range doc.Columns {
			rows[i] = []string{c.Name, c.Field, w.Decimal(c.Confidence, 2), c.Reason, w.Number(c.Filled), w.Number(c.Valid)}
		}
		s.out.Printf("\n")
		s.out.Table([]string{w.Say("th_column"), w.Say("th_field"), ">" + w.Say("th_confidence"), w.Say("th_reason"),
			">" + w.Say("th_filled"), ">" + w.Say("th_valid")}, rows)
	}
	if len(doc.Stages) > 0 {
		rows := make([][]string, len(doc.Stages))
		for i, t := range doc.Stages {
			rows[i] = []string{w.Say("stage_" + t.Name), w.Decimal(t.Seconds, 2), w.Number(t.Rows), w.Size(t.Bytes)}
		}
		s.out.Printf("\n")
		s.out.Table([]string{w.Say("th_stage"), ">" + w.Say("th_seconds"), ">" + w.Say("th_rows"), ">" + w.Say("th_bytes")}, rows)
	}
}

// delimiterName makes a delimiter visible.
func delimiterName(none, d string) string {
	switch d {
	case "":
		return none
	case "\t":
		return "tab"
	}
	return d
}

// named is what a list of imports calls one: its file or connection, or what people
// decided.
func (s *session) named(i postgres.Import) string {
	if readsRows(i) {
		return i.Title()
	}
	name := s.words.Say("decision_" + i.Source.Name)
	if i.UndoOf != 0 {
		name += " " + i.UndoOf.String()
	}
	return name
}
