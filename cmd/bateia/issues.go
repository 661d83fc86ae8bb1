package main

import (
	"iter"
	"strconv"
	"strings"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

type issuesCommand struct {
	Import   string `arg:"" help:"Id, the beginning of one, or “last”."`
	Summary  bool   `help:"Causes by rows, with the shape of the value and what to do."`
	Severity string `help:"Only ${enum}." enum:",error,warning" default:"" placeholder:"error|warning"`
	Code     string `help:"Only this code." placeholder:"CODE"`
	Raw      bool   `help:"Fetch refused rows as they stand in the file, each shown once, at its first issue; in JSON as raw. In the table for people values are shown too: without it all but their first character and their shape is hidden."`
}

func (issuesCommand) Help() string {
	return `From the state “ready” on: what will be refused can be read before anything is written.

Examples:

  bateia issues last --summary
  bateia issues last --severity error --raw
  bateia issues last --code PHONE_TOO_SHORT --json`
}

// issueDocument is an issue as JSON.
type issueDocument struct {
	Row        *int64           `json:"row"`
	Line       *int64           `json:"line"`
	SheetRow   *int64           `json:"sheet_row"`
	ByteOffset *int64           `json:"byte_offset"`
	SourceRef  *string          `json:"source_ref"`
	Column     *string          `json:"column"`
	Field      *string          `json:"field"`
	Severity   schemas.Severity `json:"severity"`
	Code       string           `json:"code"`
	Value      *string          `json:"value"`
	Shape      *string          `json:"shape"`
	Message    string           `json:"message"`
	Remedy     string           `json:"remedy"`
	Raw        *string          `json:"raw,omitempty"` // with --raw, at the first issue of a refused row
}

// Run lists the issues of an import.
func (c issuesCommand) Run(s *session) error {
	if c.Code = strings.ToUpper(c.Code); c.Code != "" {
		if _, known := schemas.CodeByName(c.Code); !known {
			return usage(errNoSuch("code", c.Code))
		}
	}
	return s.open("issues", func(a *app.App) error {
		account, id, err := s.find(a, c.Import)
		if err != nil {
			return err
		}
		row, err := a.DB.ReadImport(s.ctx, account.ID, id)
		if err != nil {
			return err
		}
		if c.Summary {
			return c.summary(s, a, row)
		}
		return c.list(s, a, row)
	})
}

func (c issuesCommand) list(s *session, a *app.App, row postgres.Import) error {
	w := s.words
	var rows [][]string
	raws, stop := c.raws(s, a, row)
	defer stop()
	for issue, err := range a.Issues(s.ctx, row, c.Severity, c.Code) {
		if err != nil {
			return err
		}
		raw, err := raws(issue.Row)
		if err != nil {
			return err
		}
		args := fileArgs(row, issue)
		message := schemas.Sentence(issue.Code, w.Locale, args)
		if s.out.JSON {
			if err := s.out.Document(issueDocument{issue.Row, issue.Line, issue.SheetRow, issue.ByteOffset, issue.SourceRef,
				issue.Column, issue.Field, issue.Severity, issue.Code, issue.Value, issue.Shape, message,
				schemas.Remedy(issue.Code, w.Locale, args), raw}); err != nil {
				return err
			}
			continue
		}
		place := number(issue.SheetRow)
		if issue.SourceRef != nil {
			place = *issue.SourceRef
		}
		line := []string{place, string(issue.Severity), issue.Code, deref(issue.Column), c.value(issue), message}
		if c.Raw {
			line = append(line, cut(deref(raw), rawWidth))
		}
		rows = append(rows, line)
		if len(rows) == 1000 { // a table of a million rows is not held in memory
			s.issueTable(row, rows, c.Raw)
			rows = rows[:0]
		}
	}
	if !s.out.JSON && len(rows) > 0 {
		s.issueTable(row, rows, c.Raw)
	}
	return nil
}

// rawWidth is how much of a row a table shows, in characters.
const rawWidth = 200

// raws returns what gives each refused row's text once: called with the rows of
// issues in their order, it answers nil for a row that it gave before, that was not
// refused, or whose object is gone.
func (c issuesCommand) raws(s *session, a *app.App, row postgres.Import) (of func(*int64) (*string, error), stop func()) {
	if !c.Raw {
		return func(*int64) (*string, error) { return nil, nil }, func() {}
	}
	next, stop := iter.Pull2(a.RawRows(s.ctx, row))
	var last app.RawRow // its text is taken away when it was given
	more := true
	return func(want *int64) (*string, error) {
		for want != nil && more && last.Row < *want {
			var err error
			if last, err, more = next(); err != nil {
				return nil, err
			}
		}
		if want == nil || !more || last.Row != *want || last.Raw == "" {
			return nil, nil
		}
		raw := last.Raw
		last.Raw = ""
		return &raw, nil
	}, stop
}

func (s *session) issueTable(i postgres.Import, rows [][]string, raw bool) {
	w := s.words
	head := []string{">" + w.Say(placeName(i)), w.Say("th_severity"), w.Say("th_code"), w.Say("th_column"), w.Say("th_value"), w.Say("th_message")}
	if raw {
		head = append(head, w.Say("th_raw"))
	}
	s.out.Table(head, rows)
}

// placeName heads the column that says where a row stands.
func placeName(i postgres.Import) string {
	if i.Source.Kind == "omie" {
		return "th_omie_code"
	}
	return "th_sheet_row"
}

func (c issuesCommand) value(issue postgres.Issue) string {
	v := deref(issue.Value)
	if c.Raw || v == "" {
		return v
	}
	return identity.MaskText(v)
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func joinRows(rows []int64) string {
	texts := make([]string, len(rows))
	for i, n := range rows {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ", ")
}

func (c issuesCommand) summary(s *session, a *app.App, row postgres.Import) error {
	causes, err := s.causes(a, row)
	if err != nil {
		return err
	}
	w := s.words
	var rows [][]string
	for _, g := range causes {
		if c.Severity != "" && string(g.Severity) != c.Severity || c.Code != "" && g.Code != c.Code {
			continue
		}
		if s.out.JSON {
			if err := s.out.Document(g); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{w.Number(g.Rows), string(g.Severity), g.Code, deref(g.Column), deref(g.Shape), sheetRows(w.Say, g), g.Remedy})
	}
	if !s.out.JSON && len(rows) > 0 {
		s.out.Table([]string{">" + w.Say("th_rows"), w.Say("th_severity"), w.Say("th_code"), w.Say("th_column"), w.Say("th_shape"),
			w.Say("th_sheet_row"), w.Say("th_remedy")}, rows)
	}
	return nil
}
