package main

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/query_import.sql
var queryImportSQL string

type queryCommand struct {
	Ask      string        `arg:"" optional:"" name:"sql|import" help:"One SQL statement; after --run, the import that is asked about (default: last)."`
	List     bool          `help:"List the ready questions."`
	Question string        `name:"run" help:"Ask a ready question." placeholder:"NAME"`
	Parquet  bool          `help:"Ask the datasets in the bucket, not Postgres."`
	CSV      bool          `name:"csv" help:"CSV on standard output."`
	Limit    int64         `help:"At most so many rows." placeholder:"N"`
	Timeout  time.Duration `help:"Time limit (default ${default})." default:"1m" placeholder:"1m"`
}

func (queryCommand) Help() string {
	return `SQL over the views of schema report, with the rights of an analyst: read-only, one statement, a time limit. The views: imports, import_stages, import_columns, rows, issues, issue_counts, leads, prospects, identities, merges, codes, quality, sources, funnel, daily, field_lineage, accounts, connections; “report.” before a name may be left out. In rows are the rejected, skipped and conflict rows.

It logs in with BATEIA_ANALYST_DATABASE_URL; without it the owner (BATEIA_ADMIN_DATABASE_URL, or the embedded stack) lends a login for the time of the query, for the accounts named by --account or for all.

With --parquet it asks the datasets in the bucket (reports/…), in DuckDB, of the same accounts: one query that reads those files and nothing else. The names are the same but for identities and field_lineage, which are in Postgres only; in rows is every row that was read. They are written in the background after each import.

Examples:

  bateia query --list
  bateia query --run why last
  bateia query --run would_pass
  bateia query 'select reason_code, count(*) from rows group by 1 order by 2 desc'
  bateia query 'select * from daily order by day' --csv > daily.csv
  bateia query --parquet 'select outcome, reason_code, count(*) from rows group by all'
  bateia query "select * from field_lineage where prospect_id = 'ba…' and current" --json`
}

// Run asks in SQL.
func (c queryCommand) Run(s *session) error {
	questions, err := readQuestions()
	if err != nil {
		return err
	}
	if c.Limit < 0 || c.Timeout <= 0 {
		return usage(errors.New("--limit and --timeout are above 0"))
	}
	if c.CSV && s.out.JSON {
		return usage(errors.New("--csv or --json, not both"))
	}
	switch {
	case c.List && (c.Question != "" || c.Ask != ""):
		return usage(errors.New("--list stands alone"))
	case c.List:
		return s.listQuestions(questions)
	case c.Question != "":
		return c.run(s, questions)
	case strings.TrimSpace(c.Ask) == "":
		return usage(errors.New("what to ask: an SQL statement, --run NAME, or --list"))
	}
	if c.Parquet {
		return s.inLake(func(l *lake) error {
			if err := l.note(""); err != nil {
				return err
			}
			return c.printLake(l, duck.Query{SQL: c.Ask, Timeout: c.Timeout})
		})
	}
	return s.asAnalyst("query", func(r *postgres.Reader) error {
		return c.print(s, r, postgres.Query{SQL: c.Ask, Timeout: c.Timeout})
	})
}

// run asks a ready question.
func (c queryCommand) run(s *session, questions []question) error {
	q, err := questionByName(questions, c.Question)
	if err != nil {
		return err
	}
	if q.Program {
		return c.wouldPass(s)
	}
	if c.Ask != "" && !q.Import {
		return usage(fmt.Errorf("the question %q is not about one import: leave out %q", q.Name, c.Ask))
	}
	prefix, err := importPrefix(c.Ask)
	if err != nil {
		return err
	}
	if c.Parquet {
		return s.inLake(func(l *lake) error { return c.runLake(l, q, prefix) })
	}
	return s.asAnalyst("query", func(r *postgres.Reader) error {
		query := postgres.Query{SQL: q.SQL, Timeout: c.Timeout}
		if q.Import {
			id, err := s.visibleImport(r, prefix, true)
			if err != nil {
				return err
			}
			query.Args = []any{id}
		}
		return c.print(s, r, query)
	})
}

// importPrefix is what the id of an import begins with; "" for the newest one.
func importPrefix(name string) (string, error) {
	prefix := strings.ToLower(name)
	if prefix == "" || prefix == "last" {
		return "", nil
	}
	if _, _, err := schemas.PrefixRange(prefix); err != nil {
		return "", usage(fmt.Errorf("%q: an import is named by its id, the beginning of it, or “last”", name))
	}
	return prefix, nil
}

// runLake asks a ready question of the datasets.
func (c queryCommand) runLake(l *lake, q question, prefix string) error {
	query, id := duck.Query{SQL: q.SQL, Timeout: c.Timeout}, ""
	if q.DuckSQL != "" {
		query.SQL = q.DuckSQL
	}
	if q.Import {
		var err error
		if id, err = l.s.visibleImport(l.analyst, prefix, true); err != nil {
			return err
		}
		query.Args = []any{id}
	}
	if err := l.note(id); err != nil {
		return err
	}
	return c.printLake(l, query)
}

// visibleImport is the newest import that an analyst sees, or the only one whose
// id begins so. When rows are asked for, it says when they are not in the views yet.
func (s *session) visibleImport(r *postgres.Reader, prefix string, rows bool) (string, error) {
	var ids []string
	var state string
	written := true
	err := r.Read(s.ctx, postgres.Query{SQL: queryImportSQL, Args: []any{prefix}},
		func([]postgres.Column) error { return nil },
		func(cells []postgres.Cell) (bool, error) {
			if ids = append(ids, cells[0].Text()); len(ids) == 1 {
				state, written = cells[1].Text(), cells[2].Text() == "t"
			}
			return true, nil
		})
	switch {
	case err != nil:
		return "", err
	case len(ids) == 0 && prefix == "":
		return "", &exitError{exitFailed, errors.New("there is no import yet")}
	case len(ids) == 0:
		return "", errNoSuch("import", prefix)
	case len(ids) > 1 && prefix != "":
		return "", usage(fmt.Errorf("%q begins several import ids, %s among them: give more of it", prefix, ids[0]))
	}
	if rows && !written {
		s.out.Notef("%s", s.words.Say("query_not_written", "id", ids[0], "state", s.words.Say("state_"+state)))
	}
	return ids[0], nil
}

// print reads a statement in Postgres and writes what it gives, row by row.
func (c queryCommand) print(s *session, r *postgres.Reader, q postgres.Query) error {
	var line []queryCell
	err := c.written(s, func(out queryOutput, wanted func() bool) error {
		return r.Read(s.ctx, q, func(columns []postgres.Column) error {
			head := make([]queryColumn, len(columns))
			for i, column := range columns {
				head[i] = queryColumn{column.Name, column.Number}
			}
			line = make([]queryCell, len(columns))
			return out.head(head)
		}, func(cells []postgres.Cell) (bool, error) {
			if !wanted() {
				return false, nil
			}
			for i := range cells {
				line[i] = &cells[i]
			}
			return true, out.row(line)
		})
	})
	if errors.Is(err, postgres.ErrNoColumns) {
		return usage(err)
	}
	return err
}

// printLake does the same with the datasets.
func (c queryCommand) printLake(l *lake, q duck.Query) error {
	var line []queryCell
	err := c.written(l.s, func(out queryOutput, wanted func() bool) error {
		return l.read(q, func(columns []duck.Column) error {
			head := make([]queryColumn, len(columns))
			for i, column := range columns {
				head[i] = queryColumn{column.Name, column.Number}
			}
			line = make([]queryCell, len(columns))
			return out.head(head)
		}, func(cells []duck.Cell) (bool, error) {
			if !wanted() {
				return false, nil
			}
			for i := range cells {
				line[i] = &cells[i]
			}
			return true, out.row(line)
		})
	})
	if errors.Is(err, duck.ErrNotSelect) || errors.Is(err, duck.ErrNotOne) {
		return usage(err)
	}
	return err
}

// written runs read with an output. wanted says before each row whether it is
// to be written still.
func (c queryCommand) written(s *session, read func(out queryOutput, wanted func() bool) error) error {
	out := newQueryOutput(s, c.CSV)
	var rows int64
	more := false
	err := read(out, func() bool {
		if c.Limit > 0 && rows == c.Limit {
			more = true
			return false
		}
		rows++
		return true
	})
	if err == nil {
		err = out.end()
	}
	if err == nil && more {
		s.out.Notef("%s", s.words.Say("query_more", "count", c.Limit))
	}
	return err
}
