package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// wouldPassDocument is an answer of the question would_pass as JSON.
type wouldPassDocument struct {
	Account  string `json:"account"`
	ImportID string `json:"import_id"`
	File     string `json:"file"`
	Reason   string `json:"reason_code"`
	Open     int64  `json:"open"`
	Pass     *int64 `json:"would_pass"` // null when the file cannot be read any more
}

// wouldPass tells, by import and code, how many of the rows that are refused to
// this day would be loaded by now.
func (c queryCommand) wouldPass(s *session) error {
	// A stack of its own would answer for an empty base.
	if s.config.Embedded() && s.config.AnalystDatabaseURL != "" {
		return usage(errors.New("would_pass reads the files again, which an analyst's login may not: set BATEIA_DATABASE_URL and the bucket, too"))
	}
	return s.open("query", func(a *app.App) error {
		accounts, err := s.chosenAccounts(a)
		if err != nil {
			return err
		}
		var of schemas.ImportID
		if c.Ask != "" {
			account, id, err := s.find(a, c.Ask)
			if err != nil {
				return err
			}
			run, err := s.replayable(a, account, id)
			if err != nil {
				return err
			}
			accounts, of = []schemas.Account{account}, run.ImportID
		}
		var docs []wouldPassDocument
		for _, account := range accounts {
			some, err := s.wouldPassOf(a, account, of)
			if err != nil {
				return err
			}
			docs = append(docs, some...)
		}
		if c.Limit > 0 {
			docs = docs[:min(int64(len(docs)), c.Limit)]
		}
		return c.tellWouldPass(s, docs)
	})
}

// chosenAccounts are those that --account names, or all.
func (s *session) chosenAccounts(a *app.App) ([]schemas.Account, error) {
	all, err := a.DB.Accounts(s.ctx)
	slugs := s.accountSlugs()
	if err != nil || len(slugs) == 0 {
		return all, err
	}
	var out []schemas.Account
	for _, slug := range slugs {
		i := slices.IndexFunc(all, func(a schemas.Account) bool { return a.Slug == slug })
		if i < 0 {
			return nil, errNoSuch("account", slug)
		}
		out = append(out, all[i])
	}
	return out, nil
}

// wouldPassOf works the answer out for an account: for one import when of is not 0.
func (s *session) wouldPassOf(a *app.App, account schemas.Account, of schemas.ImportID) ([]wouldPassDocument, error) {
	open, err := a.DB.ReadOpenRefusals(s.ctx, account.ID, of)
	if err != nil {
		return nil, err
	}
	var docs []wouldPassDocument
	progress := terminal.NewProgress(s.out.Err, s.words, s.clock)
	defer progress.Close()
	imports := slices.CompactFunc(slices.Clone(open), func(a, b postgres.OpenRefusals) bool { return a.Import == b.Import })
	for n, i := range imports {
		if len(imports) > 1 {
			s.log.Info(s.words.Say("would_pass_at", "n", n+1, "count", len(imports), "id", i.Import))
		}
		counts, err := a.WouldPass(s.ctx, account.ID, i.Import, progress.Update)
		unread := pipeline.KindOf(err) == pipeline.KindRejected
		if unread {
			s.out.Notef("%s", s.words.Say("would_pass_gone", "id", i.Import, "code", pipeline.CodeOf(err)))
		} else if err != nil {
			return nil, fmt.Errorf("evaluate import %s: %w", i.Import, err)
		}
		for _, o := range open {
			if o.Import != i.Import {
				continue
			}
			doc := wouldPassDocument{Account: account.Slug, ImportID: o.Import.String(), File: o.FileName, Reason: o.Reason, Open: o.Rows}
			for _, w := range counts {
				if w.Reason == o.Reason {
					doc.Pass = &w.Pass
				}
			}
			docs = append(docs, doc)
		}
	}
	return docs, nil
}

func (c queryCommand) tellWouldPass(s *session, docs []wouldPassDocument) error {
	columns := []string{"account", "import_id", "file", "reason_code", "open", "would_pass"}
	var rows [][]string
	best := -1
	for i, d := range docs {
		pass := ""
		if d.Pass != nil {
			pass = strconv.FormatInt(*d.Pass, 10)
		}
		if d.Pass != nil && *d.Pass > 0 && (best < 0 || *d.Pass > *docs[best].Pass) {
			best = i
		}
		rows = append(rows, []string{d.Account, d.ImportID, d.File, d.Reason, strconv.FormatInt(d.Open, 10), pass})
	}
	switch {
	case s.out.JSON:
		for _, d := range docs {
			if err := s.out.Document(d); err != nil {
				return err
			}
		}
	case c.CSV:
		w := csv.NewWriter(s.out.Out)
		if err := w.WriteAll(append([][]string{columns}, rows...)); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	case len(docs) == 0:
		s.out.Printf("%s\n", s.words.Say("would_pass_none"))
	default:
		columns[4], columns[5] = ">"+columns[4], ">"+columns[5]
		s.out.Table(columns, rows)
	}
	if best >= 0 {
		s.out.Notef("%s", s.words.Say("would_pass_next", "id", docs[best].ImportID))
	}
	return nil
}
