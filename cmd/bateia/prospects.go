package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/spreadsheet"
)

type prospectsCommand struct {
	List   string   `help:"Only those on this list." placeholder:"LIST"`
	Tag    string   `help:"Only those with this tag." placeholder:"TAG"`
	Source string   `help:"Only those with this source." placeholder:"NAME"`
	Import string   `help:"Only those that an import touched." placeholder:"IMPORT"`
	Since  string   `help:"Only those changed since a day, a moment or a span: 2026-01-31, 7d, 12h." placeholder:"WHEN"`
	Where  []string `help:"Only those whose field has this value; may be repeated." placeholder:"FIELD=VALUE" sep:"none"`
	Output string   `short:"o" help:"File to write, .csv or .xlsx." placeholder:"F.csv" type:"path"`

	Delimiter string `help:"Delimiter of the .csv (default: what the account's spreadsheets expect)." placeholder:";"`
}

func (prospectsCommand) Help() string {
	return `Without -o a table, or one JSON document a line. The file begins with bateia_id and ends with bateia_export, so that it comes back with “bateia import --mode update”: only the cells that you edit in it count (for 90 days). In a .csv an apostrophe keeps spreadsheets from altering phones, documents and dates; import takes it off again.

Examples:

  bateia prospects --list feira
  bateia prospects --tag feira-2024 --since 7d -o prospects.csv
  bateia prospects -o prospects.xlsx
  bateia prospects --where city=Porto\ Alegre --json`
}

// prospectDocument is a prospect as JSON: its fields by name beside these.
type prospectDocument struct {
	postgres.Prospect
}

type identityOf struct {
	Kind    string `json:"kind"`
	Value   string `json:"value"`
	Primary bool   `json:"primary"`
	// Since when the record with this external id is gone or inactive at its source.
	GoneAt     *time.Time `json:"source_gone_at,omitempty"`
	InactiveAt *time.Time `json:"source_inactive_at,omitempty"`
}

// MarshalJSON writes every field of the catalogue, null when it is blank.
func (d prospectDocument) MarshalJSON() ([]byte, error) { return marshalOrdered(d.pairs()) }

func (d prospectDocument) pairs() []pair {
	p := d.Prospect
	out := []pair{{"prospect_id", p.ID}, {"name", text(p.Fields["name"])}}
	for _, f := range schemas.ProspectColumns() {
		switch {
		case f.Name == "name":
		case f.Type == schemas.TypeBoolean && p.Fields[f.Name] != "":
			out = append(out, pair{f.Name, p.Fields[f.Name] == "true"})
		default:
			out = append(out, pair{f.Name, text(p.Fields[f.Name])})
		}
	}
	identities := make([]identityOf, len(p.Identities))
	for i, id := range p.Identities {
		kind := id.Kind.String()
		identities[i] = identityOf{kind, id.Value, p.Fields[kind] == id.Value, id.GoneAt, id.InactiveAt}
	}
	attributes := p.Extra
	if attributes == nil {
		attributes = map[string]string{}
	}
	return append(out, pair{"identities", identities}, pair{"lists", notNil(p.Lists)}, pair{"tags", notNil(p.Tags)},
		pair{"attributes", attributes}, pair{"leads", p.Leads}, pair{"created_at", p.CreatedAt.UTC()}, pair{"updated_at", p.UpdatedAt.UTC()})
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// filter turns the flags into what the database is asked.
func (c prospectsCommand) filter(s *session, a *app.App, account schemas.Account) (postgres.ProspectFilter, error) {
	f := postgres.ProspectFilter{List: c.List, Tag: c.Tag, Source: c.Source, Where: map[string]string{}}
	for _, w := range c.Where {
		name, value, ok := strings.Cut(w, "=")
		field, known := schemas.FieldByName(name)
		if _, extra := schemas.IsExtra(name); !ok || !extra && (!known || field.Column == "") {
			return f, usage(fmt.Errorf("--where %q: a field of prospects, = and a value", w))
		}
		f.Where[name] = value
	}
	var err error
	if f.Since, err = parseSince(c.Since, account, s.clock()); err != nil {
		return f, err
	}
	if c.Import != "" {
		var owner schemas.Account
		if owner, f.Import, err = s.find(a, c.Import); err == nil && owner.ID != account.ID {
			return f, usage(fmt.Errorf("import %s belongs to account %q: add --account %s", f.Import, owner.Slug, owner.Slug))
		}
	}
	return f, err
}

// Run exports prospects.
func (c prospectsCommand) Run(s *session) error {
	if c.Output != "" && !strings.EqualFold(ext(c.Output), "csv") && !c.workbook() {
		return usage(errors.New("-o takes a file that ends in .csv or .xlsx"))
	}
	if c.Output == "" && c.Delimiter != "" {
		return usage(errors.New("--delimiter goes with -o F.csv"))
	}
	if err := checkDelimiter(c.Delimiter, c.workbook()); err != nil {
		return err
	}
	return s.open("prospects", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		filter, err := c.filter(s, a, account)
		if err != nil {
			return err
		}
		filter.Brief = !s.out.JSON || c.Output != ""
		list := a.DB.ReadProspects(s.ctx, account.ID, filter)
		switch {
		case c.Output != "":
			return c.export(s, a, account, list)
		case s.out.JSON:
			for p, err := range list {
				if err != nil {
					return err
				}
				if err := s.out.Document(prospectDocument{p}); err != nil {
					return err
				}
			}
			return nil
		}
		return s.tabulateProspects(list)
	})
}

func ext(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func (s *session) tabulateProspects(list func(func(postgres.Prospect, error) bool)) error {
	w := s.words
	var rows [][]string
	flush := func() {
		s.out.Table([]string{w.Say("th_prospect"), w.Say("th_name"), w.Say("th_phone"), w.Say("th_email"), w.Say("th_document"),
			w.Say("th_list"), ">" + w.Say("th_leads")}, rows)
		rows = rows[:0]
	}
	n := 0
	for p, err := range list {
		if err != nil {
			return err
		}
		n++
		rows = append(rows, []string{p.ID, cut(p.Fields["name"], 40), p.Fields["phone"], cut(p.Fields["email"], 40), p.Fields["document"],
			strings.Join(p.Lists, ", "), w.Number(p.Leads)})
		if len(rows) == 1000 { // a million prospects are not held in memory
			flush()
		}
	}
	if n == 0 {
		s.out.Printf("%s\n", w.Say("nothing_found"))
	} else if len(rows) > 0 {
		flush()
	}
	return nil
}

func (c prospectsCommand) workbook() bool { return strings.EqualFold(ext(c.Output), "xlsx") }

// export writes the file, and keeps what it gives out.
func (c prospectsCommand) export(s *session, a *app.App, account schemas.Account, list func(func(postgres.Prospect, error) bool)) (err error) {
	f, err := newFile(c.Output)
	if err != nil {
		return err
	}
	defer func() { err = f.end(err) }()
	given, err := a.BeginExport(s.ctx, account)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, given.Close()) }()
	n := int64(0)
	rows := func(yield func([]string, error) bool) {
		for p, err := range list {
			cells := cellsOf(p)
			if err == nil {
				err = given.Add(s.ctx, p.ID, cells)
			}
			if !yield(slices.Concat([]string{p.ID}, cells, []string{given.Name}), err) {
				return
			}
			n++
		}
	}
	if c.workbook() {
		err = writeWorkbook(a, f, rows)
	} else {
		err = writeProspects(f, rows, delimiterFor(c.Delimiter, account))
	}
	if err == nil {
		err = given.Save(s.ctx)
	}
	if err != nil {
		return err
	}
	s.out.Notef("%s", s.words.Say("exported", "count", n, "file", c.Output))
	return nil
}

// exported are the columns of an export: the prospect first, the export last.
func exported() []string {
	return slices.Concat([]string{"bateia_id"}, schemas.ExportColumns(), []string{schemas.ColumnExport})
}

// cellsOf are those of schemas.ExportColumns.
func cellsOf(p postgres.Prospect) []string {
	var row []string
	for _, f := range schemas.ProspectColumns() {
		row = append(row, p.Fields[f.Name])
	}
	return append(row, strings.Join(p.Tags, ", "))
}

func writeProspects(to io.Writer, rows iter.Seq2[[]string, error], delimiter byte) error {
	out, err := spreadsheet.NewCSV(to, exported(), delimiter)
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := out.Add(row); err != nil {
			return fmt.Errorf("write file: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

func writeWorkbook(a *app.App, to io.Writer, rows iter.Seq2[[]string, error]) (err error) {
	dir, err := a.Scratch(0, "workbook")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	book, err := spreadsheet.NewWorkbook(dir, exported(), -1)
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := book.Add(row, nil); err != nil {
			return noWorkbook(err)
		}
	}
	if _, err := book.WriteTo(to); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// noWorkbook says what to do with what no .xlsx can hold.
func noWorkbook(err error) error {
	if errors.Is(err, spreadsheet.ErrLimit) {
		return &exitError{exitFailed, fmt.Errorf("write file: %w; write a .csv instead", err)}
	}
	return fmt.Errorf("write file: %w", err)
}
