package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/report"
)

type feedbackCommand struct {
	Import    string `arg:"" help:"Id, the beginning of one, or “last”."`
	Rows      string `help:"Which rows: ${enum}." enum:"rejected,issues,all" default:"rejected"`
	Output    string `short:"o" help:"File to write, .csv or .xlsx (default: CSV to standard output)." placeholder:"F.csv" type:"path"`
	Delimiter string `help:"Delimiter (default: what the account's spreadsheets expect)." placeholder:";"`
}

func (feedbackCommand) Help() string {
	return `The input's own columns, then what is wrong with each row. Correct it and import it again. In a workbook (.xlsx) bad cells are coloured and have a note. From the state “ready” on. The rows are read back from the object the import read.

Examples:

  bateia feedback last -o to-correct.csv
  bateia feedback last -o to-correct.xlsx
  bateia feedback last --rows issues --delimiter , | head`
}

// Run writes the rows to correct.
func (c feedbackCommand) Run(s *session) error {
	if c.Output != "" && !strings.EqualFold(ext(c.Output), "csv") && !c.workbook() {
		return usage(errors.New("-o takes a file that ends in .csv or .xlsx"))
	}
	if err := checkDelimiter(c.Delimiter, c.workbook()); err != nil {
		return err
	}
	return s.open("feedback", func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		row, err := a.DB.ReadImport(s.ctx, account.ID, id)
		if err != nil {
			return err
		}
		if row.State != schemas.Applied && (row.State != schemas.Ready || row.PlanPrefix == "") {
			return &exitError{exitFailed, fmt.Errorf("import %s has no rows: %s", id, s.words.Say("state_"+string(row.State)))}
		}
		return c.write(s, a, account, row)
	})
}

// checkDelimiter says what is wrong with a flag --delimiter.
func checkDelimiter(flag string, workbook bool) error {
	switch {
	case flag == "":
		return nil
	case workbook:
		return usage(errors.New("--delimiter is for .csv"))
	case len(flag) > 1 && flag != "tab" || strings.ContainsAny(flag, "\"\r\n"):
		return usage(fmt.Errorf("--delimiter %q: one character, or tab", flag))
	}
	return nil
}

// delimiterFor is what the flag --delimiter says, else what the account's
// spreadsheets expect.
func delimiterFor(flag string, account schemas.Account) byte {
	switch flag {
	case "":
		return report.Delimiter(account.Locale)
	case "tab":
		return '\t'
	}
	return flag[0]
}

func (c feedbackCommand) workbook() bool { return strings.EqualFold(ext(c.Output), "xlsx") }

func (c feedbackCommand) write(s *session, a *app.App, account schemas.Account, row postgres.Import) (err error) {
	var out io.Writer = s.out.Out
	if c.Output != "" {
		f, failed := newFile(c.Output)
		if failed != nil {
			return failed
		}
		defer func() { err = f.end(err) }()
		out = f
	}
	var n int64
	if c.workbook() {
		n, err = c.writeWorkbook(s, a, row, out)
	} else {
		n, err = c.writeCSV(s, a, account, row, out)
	}
	if err != nil {
		return err
	}
	s.out.Notef("%s", s.words.Say("fed_back", "count", n))
	return nil
}

func (c feedbackCommand) writeCSV(s *session, a *app.App, account schemas.Account, row postgres.Import, out io.Writer) (int64, error) {
	feedback, err := report.NewFeedback(out, row.ID, row.Facts.Header, s.words.Locale, delimiterFor(c.Delimiter, account))
	if err != nil {
		return 0, err
	}
	n, err := c.add(s, a, row, feedback.Add)
	if err != nil {
		return 0, err
	}
	if err := feedback.Close(); err != nil {
		return 0, fmt.Errorf("write file: %w", err)
	}
	return n, nil
}

func (c feedbackCommand) writeWorkbook(s *session, a *app.App, row postgres.Import, out io.Writer) (n int64, err error) {
	dir, err := a.Scratch(row.ID, "workbook")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	book, err := report.NewWorkbook(dir, row.ID, row.Facts.Header, s.words.Locale)
	if err != nil {
		return 0, noWorkbook(err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	if n, err = c.add(s, a, row, book.Add); err != nil {
		return 0, err
	}
	if _, err := book.WriteTo(out); err != nil {
		return 0, fmt.Errorf("write file: %w", err)
	}
	return n, nil
}

// add adds the rows that were asked for, and counts them.
func (c feedbackCommand) add(s *session, a *app.App, row postgres.Import, add func(report.RefusedRow) error) (n int64, err error) {
	for r, err := range c.rows(s, a, row) {
		if err != nil {
			return n, err
		}
		if err := add(r); err != nil {
			return n, noWorkbook(err)
		}
		n++
	}
	return n, nil
}

// rows are those that were asked for. Rows that were skipped are policy, not a
// mistake: only --rows all has them.
func (c feedbackCommand) rows(s *session, a *app.App, row postgres.Import) iter.Seq2[report.RefusedRow, error] {
	if c.Rows != "rejected" {
		return a.RowsWithIssues(s.ctx, row, c.Rows == "all")
	}
	return func(yield func(report.RefusedRow, error) bool) {
		for r, err := range a.Refused(s.ctx, row, true) {
			if err == nil && r.Status == schemas.OutcomeSkipped {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}
