package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/htmlreport"
	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

type reportCommand struct {
	Import string `arg:"" optional:"" help:"Id, the beginning of one, or “last”: a report on that import alone."`
	Since  string `help:"From this day on, or so many days with today: 2026-01-31, 90d (default: 30d)." placeholder:"WHEN"`
	Output string `short:"o" help:"HTML file to write, - for standard output (default: report.html)." placeholder:"F.html" type:"path"`
}

func (reportCommand) Help() string {
	return `One page that needs nothing else: it opens from an e-mail, without a network, and prints. Over a period: imports and rows per day, why rows were refused, quality of fields, duplicates, freshness of sources, slowest stages. On one import: from rows to prospects, causes with rows and remedies, columns, stages, and what can be done. Nothing that stood in a cell is on it: codes, counts and shapes.

Without --account it is about the account “default”; with BATEIA_ANALYST_DATABASE_URL about all accounts of that login. Each account has a section. The language is that of --locale, else of the first account.

It reads the views of schema report, with a login as “bateia query” does. A file of that name is replaced.

Examples:

  bateia report
  bateia report --since 90d -o quarter.html
  bateia report --account acme --account bravo -o both.html
  bateia report last -o import.html
  bateia report last -o - | mail …`
}

// reportDocument says where a report was written.
type reportDocument struct {
	File     string    `json:"file"`
	Bytes    int64     `json:"bytes"`
	Accounts []string  `json:"accounts"`
	ImportID *string   `json:"import_id"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
	Locale   string    `json:"locale"`
}

// Run writes a report.
func (c reportCommand) Run(s *session) error {
	switch {
	case c.Import != "" && c.Since != "":
		return usage(errors.New("an import or --since, not both"))
	case c.Output == "-" && s.out.JSON:
		return usage(errors.New("--json says where a file was written: name one with -o"))
	}
	if c.Output == "" {
		c.Output = "report.html"
	}
	if _, err := reportSince(c.Since, schemas.Account{}, s.clock()); err != nil {
		return err
	}
	prefix, err := importPrefix(c.Import)
	if err != nil {
		return err
	}
	return s.asAnalyst("report", func(r *postgres.Reader) error {
		q := htmlreport.Request{Accounts: c.accounts(s), Now: s.clock(), Locale: s.config.Locale, Overdue: overdue,
			Since: func(a schemas.Account) (time.Time, error) { return reportSince(c.Since, a, s.clock()) }}
		if c.Import != "" {
			if q.Import, err = s.visibleImport(r, prefix, false); err != nil {
				return err
			}
		}
		report, err := htmlreport.Read(s.ctx, r, q)
		if errors.Is(err, htmlreport.ErrNoAccount) || errors.Is(err, htmlreport.ErrPeriod) {
			return usage(err)
		}
		if err != nil {
			return err
		}
		s.words.Locale = report.Locale
		return c.write(s, report, q.Import)
	})
}

// accounts are those that were named; else default, as in other commands that list
// imports. The accounts of a given login are all of them.
func (c reportCommand) accounts(s *session) []string {
	slugs := s.accountSlugs()
	if len(slugs) == 0 && s.config.AnalystDatabaseURL == "" {
		return []string{"default"}
	}
	if len(slugs) == 0 {
		return nil
	}
	return slugs
}

// write writes the report to where it was asked for.
func (c reportCommand) write(s *session, report htmlreport.Report, id string) error {
	if c.Output == "-" {
		return report.Write(s.out.Out)
	}
	f, err := newFile(c.Output)
	if err != nil {
		return err
	}
	counted := &countingWriter{Writer: f}
	if err := f.end(report.Write(counted)); err != nil {
		return err
	}
	if !s.out.JSON {
		s.out.Printf("%s\n", s.words.Say("report_written", "file", c.Output))
		return nil
	}
	full, err := filepath.Abs(c.Output)
	if err != nil {
		return fmt.Errorf("name the report: %w", err)
	}
	return s.out.Document(reportDocument{File: full, Bytes: counted.n, Accounts: report.Accounts, ImportID: text(id),
		Since: report.From.UTC(), Until: report.Until.UTC(), Locale: report.Locale})
}

// countingWriter counts what is written.
type countingWriter struct {
	io.Writer
	n int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	w.n += int64(n)
	return n, err
}

// reportDays is how far a report goes back.
const reportDays = "30d"

// reportSince is where a report begins. It shows whole days of the account, so a
// span in days is so many of them, today the last.
func reportSince(when string, account schemas.Account, now time.Time) (time.Time, error) {
	if when == "" {
		when = reportDays
	}
	if days, ok := strings.CutSuffix(when, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 1e6 {
			return now.In(account.Location()).AddDate(0, 0, 1-n), nil
		}
	}
	return parseSince(when, account, now)
}

// overdue reports whether a connection is late, as doctor does.
func overdue(c schemas.Connection, now time.Time, zone *time.Location) bool {
	return jobs.TroubleOf(c, time.Time{}, now, zone) == jobs.TroubleLate
}
