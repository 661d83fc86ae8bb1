package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.yaml.in/yaml/v3"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/parse"
	"github.com/bateia/bateia/stages/validate"
)

// previewRows is how many records decide over types and issues of a preview,
// firstRows how many are shown.
const (
	previewRows = 1000
	firstRows   = 5
)

type previewCommand struct {
	File         string   `arg:"" help:"File to look at." type:"path"`
	WriteMapping string   `help:"Write the mapping found as a mapping file to edit." placeholder:"FILE" type:"path"`
	Country      string   `help:"Country whose rules apply first." default:"BR" placeholder:"BR"`
	Mapping      string   `help:"Mapping file to try." placeholder:"FILE" type:"path"`
	Map          []string `help:"Field of a column, such as 'Fone=phone'; may be repeated." placeholder:"COL=FIELD" sep:"none"`
	Set          []string `help:"Value of a field for every row; may be repeated." placeholder:"FIELD=VALUE" sep:"none"`
	Option       []string `help:"Option of the mapping file; may be repeated." placeholder:"K=V" sep:"none"`
}

func (previewCommand) Help() string {
	return `Reads the first records of a file: how it is written, which column feeds which field and why, types, first rows, and the issues among them. Needs no database.

Examples:

  bateia preview leads.csv
  bateia preview leads.csv --write-mapping leads.mapping.yaml
  bateia preview leads.csv --map 'Fone do cliente=phone' --json`
}

// previewDocument is a preview as JSON.
type previewDocument struct {
	File    string                 `json:"file"`
	Bytes   int64                  `json:"bytes"`
	Dialect schemas.Dialect        `json:"dialect"`
	Header  []string               `json:"header"`
	Columns []schemas.Column       `json:"columns"`
	Rows    [][]string             `json:"rows"`    // the first ones, as they stand
	Sampled int64                  `json:"sampled"` // records that were looked at
	Issues  schemas.DocumentIssues `json:"issues"`  // among them
	Code    *string                `json:"code"`    // why the file would be rejected
	Message *string                `json:"message"`
	Remedy  *string                `json:"remedy"`
}

// Run looks at a file.
func (c previewCommand) Run(s *session) (err error) {
	mapping, err := requestFlags{Mapping: c.Mapping, Map: c.Map, Set: c.Set, Option: c.Option}.request()
	if err != nil {
		return usage(err)
	}
	f, size, err := openLocal(c.File)
	if err != nil {
		return err
	}
	defer f.Close() // read only: nothing can be lost
	dir, err := os.MkdirTemp("", "bateia-preview-")
	if err != nil {
		return fmt.Errorf("preview: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	doc := previewDocument{File: c.File, Bytes: size, Header: []string{}, Columns: []schemas.Column{}, Rows: [][]string{}}
	run := &pipeline.Run{
		Account: schemas.Account{Country: strings.ToUpper(c.Country), Locale: schemas.Locale(s.words.Locale)},
		Request: schemas.Request{Mapping: mapping}, Dir: dir, Now: s.clock(), Log: slog.New(slog.DiscardHandler),
	}
	failed := c.look(s.ctx, f, size, run, &doc)
	if failed != nil && pipeline.KindOf(failed) != pipeline.KindRejected {
		return failed
	}
	doc.Columns = append(doc.Columns, run.Facts.Columns...)
	code := exitDone
	if failed != nil {
		code = exitRejected
		doc.reject(s.words.Locale, pipeline.CodeOf(failed), run.Facts.Issues)
	}
	if c.WriteMapping != "" && failed == nil {
		if err := c.write(doc.Columns); err != nil {
			return err
		}
	}
	if s.out.JSON {
		if err := s.out.Document(doc); err != nil {
			return err
		}
	} else {
		s.showPreview(doc, run.Facts.Issues)
	}
	return exit(code)
}

func (d *previewDocument) reject(locale, code string, issues []schemas.FileIssue) {
	doc := schemas.ImportDocument{Code: text(code)}
	doc.Explain(locale, issues)
	d.Code, d.Message, d.Remedy = doc.Code, doc.Message, doc.Remedy
}

// look runs the stages parse and validate over the first records.
func (c previewCommand) look(ctx context.Context, f *os.File, size int64, run *pipeline.Run, doc *previewDocument) (err error) {
	asked := run.Request.Mapping.Options
	r, err := parse.Open(f, size, parse.Options{
		Delimiter: asked.Delimiter, Encoding: asked.Encoding, OnError: asked.OnError, BatchRows: previewRows,
	})
	if err != nil {
		return err
	}
	work, err := duck.Open(ctx, run.Dir, duck.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, work.Close()) }()
	run.Workset = work
	first := func(yield func(arrow.RecordBatch, error) bool) {
		for batch, err := range r.Batches(ctx, memory.DefaultAllocator) {
			if err == nil {
				doc.Rows = firstCells(batch)
			}
			yield(batch, err)
			return
		}
	}
	doc.Sampled, err = work.Write(ctx, schemas.TableRecords, schemas.Records, first)
	doc.Dialect, doc.Header = r.Dialect(), append(doc.Header, r.Header()...)
	if err != nil {
		return err
	}
	run.Facts.Dialect, run.Facts.Header, run.Facts.Records = doc.Dialect, doc.Header, doc.Sampled
	if doc.Sampled == 0 {
		return pipeline.Reject(parse.CodeNoDataRows, "read file")
	}
	if err := (validate.Stage{}).Run(ctx, run); err != nil {
		return err
	}
	return doc.count(ctx, work, run.Facts.Issues)
}

// count counts the issues of the sample.
func (d *previewDocument) count(ctx context.Context, work *duck.Workset, file []schemas.FileIssue) error {
	const query = `select code, severity, count(distinct row) from issues where row is not null group by all order by 2, 3 desc, 1`
	d.Issues.ByCode = []schemas.CodeCount{}
	for _, f := range file {
		d.Issues.ByCode = append(d.Issues.ByCode, schemas.CodeCount{Code: f.Code, Severity: f.Severity, Rows: max(f.Count, 1)})
	}
	for b, err := range work.Read(ctx, query) {
		if err != nil {
			return err
		}
		for i := range int(b.NumRows()) {
			d.Issues.ByCode = append(d.Issues.ByCode, schemas.CodeCount{
				Code:     strings.Clone(b.Column(0).(*array.String).Value(i)),
				Severity: schemas.Severity(strings.Clone(b.Column(1).(*array.String).Value(i))),
				Rows:     b.Column(2).(*array.Int64).Value(i),
			})
		}
	}
	for _, n := range d.Issues.ByCode {
		if n.Severity == schemas.SeverityError {
			d.Issues.Errors += n.Rows
		} else {
			d.Issues.Warnings += n.Rows
		}
	}
	return nil
}

// firstCells copies the cells of the first records.
func firstCells(b arrow.RecordBatch) [][]string {
	lists := b.Column(6).(*array.List)
	texts := lists.ListValues().(*array.String)
	out := make([][]string, min(firstRows, int(b.NumRows())))
	for i := range out {
		lo, hi := lists.ValueOffsets(i)
		out[i] = make([]string, 0, hi-lo)
		for at := lo; at < hi; at++ {
			out[i] = append(out[i], strings.Clone(texts.Value(int(at))))
		}
	}
	return out
}

func (s *session) showPreview(d previewDocument, issues []schemas.FileIssue) {
	w, p := s.words, s.out.Printf
	if d.Dialect.Encoding != "" {
		p("%s\n\n", w.Say("written_as", "encoding", d.Dialect.Encoding, "delimiter", delimiterName(w.Say("none"), d.Dialect.Delimiter), "line", d.Dialect.HeaderLine))
	}
	if len(d.Columns) > 0 {
		rows := make([][]string, len(d.Columns))
		for i, c := range d.Columns {
			example := ""
			for _, r := range d.Rows {
				if i < len(r) && strings.TrimSpace(r[i]) != "" {
					example = cut(r[i], 40)
					break
				}
			}
			rows[i] = []string{c.Name, c.Field, c.Type, w.Decimal(c.Confidence, 2), c.Reason, example}
		}
		s.out.Table([]string{w.Say("th_column"), w.Say("th_field"), w.Say("th_type"), ">" + w.Say("th_confidence"), w.Say("th_reason"), w.Say("th_sample")}, rows)
	}
	if d.Code != nil {
		p("%s: %s\n", *d.Code, *d.Message)
		if d.Remedy != nil {
			p("  %s\n", w.Say("remedy", "text", *d.Remedy))
		}
		return
	}
	p("\n%s\n", w.Say("sampled", "rows", d.Sampled))
	for _, n := range d.Issues.ByCode {
		var args schemas.Args
		for _, f := range issues {
			if f.Code == n.Code {
				args = f.Args()
			}
		}
		p("  %s: %s  %s\n", n.Code, w.Say("rows", "count", n.Rows), schemas.Sentence(n.Code, w.Locale, args))
	}
}

func cut(text string, runes int) string {
	if r := []rune(text); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return text
}

// write writes what was found as a mapping file, in the order of the file.
func (c previewCommand) write(columns []schemas.Column) error {
	list := yaml.Node{Kind: yaml.MappingNode}
	seen := map[string]bool{}
	for _, col := range columns {
		if col.Name == "" || seen[col.Name] {
			continue // a mapping names columns by their header
		}
		seen[col.Name] = true
		field := col.Field
		if field == "" {
			field = schemas.FieldIgnore
		}
		value := &yaml.Node{Kind: yaml.ScalarNode, Value: field, LineComment: col.Reason}
		list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: col.Name, Style: yaml.DoubleQuotedStyle}, value)
	}
	doc := yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Value: "columns"}, &list,
		{Kind: yaml.ScalarNode, Value: "rest"}, {Kind: yaml.ScalarNode, Value: "auto"},
	}, HeadComment: "Made by bateia preview on " + time.Now().Format(time.DateOnly) + ". Use it with: bateia import FILE --mapping " + c.WriteMapping}
	out, err := yaml.Marshal(&doc)
	if err != nil {
		return fmt.Errorf("write mapping: %w", err)
	}
	if _, err := schemas.ParseMapping(out); err != nil {
		return fmt.Errorf("write mapping: %w", err)
	}
	if err := os.WriteFile(c.WriteMapping, out, 0o644); err != nil {
		return fmt.Errorf("write mapping: %w", err)
	}
	return nil
}
