package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/parse"
	"github.com/bateia/bateia/stages/validate"
)

//go:embed sql/preview_causes.sql
var previewCausesSQL string

// previewRows is how many records decide over types and issues of a preview,
// firstRows how many are shown.
const (
	previewRows = 1000
	firstRows   = 5
)

type previewCommand struct {
	File         string   `arg:"" help:"File to look at." type:"path"`
	WriteMapping string   `help:"Write the mapping found as a commented mapping file to edit; never over a file that exists." placeholder:"FILE" type:"path"`
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

// previewDocument is a preview as JSON. Shares and confidences run from 0 to 1;
// everything is counted over the sampled rows.
type previewDocument struct {
	File    string                 `json:"file"`
	Bytes   int64                  `json:"bytes"`
	Dialect schemas.Dialect        `json:"dialect"`
	Skipped []schemas.Skipped      `json:"skipped"` // lines that are no records
	Header  []string               `json:"header"`
	Columns []previewColumn        `json:"columns"`
	Rows    [][]string             `json:"rows"`    // the first ones, as they stand
	Sampled int64                  `json:"sampled"` // records that were looked at
	Issues  schemas.DocumentIssues `json:"issues"`  // among them, counted by code
	Causes  []cause                `json:"causes"`  // the same by code, column and shape of the value, with remedy
	Code    *string                `json:"code"`    // why the file would be rejected
	Message *string                `json:"message"`
	Remedy  *string                `json:"remedy"`
}

// previewColumn is one column and what its cells show.
type previewColumn struct {
	schemas.Column
	FillRate      float64            `json:"fill_rate"`      // cells that are not blank, of all
	DistinctShare float64            `json:"distinct_share"` // different texts, of the filled cells
	Content       []validate.Share   `json:"content"`        // kinds of value that the filled cells could be, largest share first
	Counter       bool               `json:"counter"`        // strictly rising integers: no id
	Proposed      *string            `json:"proposed"`       // field left to the user to take
	TypeEvidence  *validate.Evidence `json:"type_evidence"`  // of dates and numbers, why they are read so
	SuggestedType string             `json:"suggested_type"` // of an extra field: number, date, boolean or text
	Samples       []string           `json:"samples"`        // the first different values
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

	doc := previewDocument{File: c.File, Bytes: size, Skipped: []schemas.Skipped{}, Header: []string{}, Columns: []previewColumn{}, Rows: [][]string{}, Causes: []cause{}}
	doc.Issues.ByCode = []schemas.CodeCount{}
	run := &pipeline.Run{
		Account: schemas.Account{Country: strings.ToUpper(c.Country), Locale: schemas.Locale(s.words.Locale)},
		Request: schemas.Request{Mapping: mapping}, Dir: dir, Now: s.clock(), Log: slog.New(slog.DiscardHandler),
	}
	if err := checkNew(c.WriteMapping); err != nil {
		return err
	}
	failed := c.look(s, f, size, run, &doc)
	if failed != nil && pipeline.KindOf(failed) != pipeline.KindRejected {
		return failed
	}
	code := exitDone
	if failed != nil {
		code = exitRejected
		doc.reject(s.words.Locale, pipeline.CodeOf(failed), run.Facts.Issues)
	}
	if c.WriteMapping != "" && failed == nil {
		if err := s.writeMapping(c.WriteMapping, c.File, doc, mapping, run.Facts.Issues); err != nil {
			return err
		}
	}
	if s.out.JSON {
		if err := s.out.Document(doc); err != nil {
			return err
		}
	} else {
		preview{s, doc, run.Facts.Issues}.show(c)
	}
	return exit(code)
}

func (d *previewDocument) reject(locale, code string, issues []schemas.FileIssue) {
	doc := schemas.ImportDocument{Code: text(code)}
	doc.Explain(locale, issues)
	d.Code, d.Message, d.Remedy = doc.Code, doc.Message, doc.Remedy
}

// look runs the stages parse and validate over the first records.
func (c previewCommand) look(s *session, f *os.File, size int64, run *pipeline.Run, doc *previewDocument) (err error) {
	ctx := s.ctx
	defer func() {
		if issue, ok := parse.Refusal(err); ok && !slices.ContainsFunc(run.Facts.Issues, func(f schemas.FileIssue) bool { return f.Code == issue.Code }) {
			run.Warn(issue)
		}
	}()
	asked := run.Request.Mapping.Options
	src, err := parse.Unpack(ctx, f, size, parse.UnpackOptions{Name: c.File, Dir: run.Dir, Sheet: asked.Sheet})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	for _, issue := range src.Issues {
		run.Warn(issue)
	}
	o := parse.OptionsOf(asked)
	o.BatchRows = previewRows
	o = src.Options(o)
	r, err := parse.Open(src, src.Size, o)
	if err != nil {
		if d, unknown := parse.Sniff(src, src.Size, o); unknown == nil {
			doc.Dialect = d // it helps to see why the file is refused
		}
		return err
	}
	work, err := duck.Open(ctx, run.Dir, duck.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, work.Close()) }()
	run.Workset = work
	var samples [][]string
	first := func(yield func(arrow.RecordBatch, error) bool) {
		for batch, err := range r.Batches(ctx, memory.DefaultAllocator) {
			if err == nil {
				doc.Rows, samples = firstCells(batch), sampleValues(batch)
			}
			yield(batch, err)
			return
		}
	}
	doc.Sampled, err = work.Write(ctx, schemas.TableRecords, schemas.Records, first)
	doc.Dialect, doc.Header, doc.Skipped = r.Dialect(), append(doc.Header, r.Header()...), append(doc.Skipped, r.Skipped()...)
	if err != nil {
		return err
	}
	run.Facts.Dialect, run.Facts.Header, run.Facts.Records = doc.Dialect, doc.Header, doc.Sampled
	if doc.Sampled == 0 {
		return pipeline.Reject(parse.CodeNoDataRows, "read file")
	}
	var findings []validate.Finding
	err = validate.Stage{Findings: func(f []validate.Finding) { findings = f }}.Run(ctx, run)
	doc.Columns = previewColumns(run.Facts.Columns, findings, samples)
	if err != nil {
		return err
	}
	if err := doc.count(ctx, work, run.Facts.Issues); err != nil {
		return err
	}
	return doc.explain(ctx, work, s.words.Locale, run.Facts.Issues)
}

// previewColumns joins the mapping of the columns with what their cells show.
func previewColumns(columns []schemas.Column, findings []validate.Finding, samples [][]string) []previewColumn {
	out := make([]previewColumn, len(columns))
	for i, c := range columns {
		out[i] = previewColumn{Column: c, Content: []validate.Share{}, Samples: []string{}, SuggestedType: string(schemas.TypeText)}
		if i < len(samples) {
			out[i].Samples = append(out[i].Samples, samples[i]...)
		}
		if i >= len(findings) {
			continue
		}
		f := findings[i]
		out[i].Content = append(out[i].Content, f.Shares()...)
		out[i].Counter, out[i].TypeEvidence, out[i].SuggestedType = f.Counter, f.Evidence, string(f.Suggests)
		if f.Proposed != "" {
			out[i].Proposed = &f.Proposed
		}
		if f.Rows > 0 {
			out[i].FillRate = float64(f.Filled) / float64(f.Rows)
		}
		if f.Filled > 0 {
			out[i].DistinctShare = float64(f.Distinct) / float64(f.Filled)
		}
	}
	return out
}

// count counts the issues of the sample.
func (d *previewDocument) count(ctx context.Context, work *duck.Workset, file []schemas.FileIssue) error {
	const query = `select code, severity, count(distinct row) from issues where row is not null group by all order by 2, 3 desc, 1`
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

// previewCauses bounds how many causes a preview lists.
const previewCauses = 100

// explain lists the causes of the sample: those on the file, then those of rows,
// errors first, most rows first.
func (d *previewDocument) explain(ctx context.Context, work *duck.Workset, locale string, file []schemas.FileIssue) error {
	for _, f := range file {
		d.Causes = append(d.Causes, cause{
			Code: f.Code, Severity: f.Severity, Rows: max(f.Count, 1), SheetRows: []int64{},
			Message: schemas.Sentence(f.Code, locale, f.Args()), Remedy: schemas.Remedy(f.Code, locale, f.Args()),
		})
	}
	for b, err := range work.Read(ctx, previewCausesSQL, previewCauses) {
		if err != nil {
			return err
		}
		text := func(column, row int) *string {
			if b.Column(column).IsNull(row) {
				return nil
			}
			v := strings.Clone(b.Column(column).(*array.String).Value(row))
			return &v
		}
		for i := range int(b.NumRows()) {
			code := *text(0, i)
			c := cause{
				Code: code, Severity: schemas.Severity(*text(1, i)), Column: text(2, i), Shape: text(3, i),
				Rows: b.Column(4).(*array.Int64).Value(i), SheetRows: []int64{},
				Message: schemas.Sentence(code, locale), Remedy: schemas.Remedy(code, locale),
			}
			lists := b.Column(5).(*array.List)
			for at, hi := lists.ValueOffsets(i); at < hi; at++ {
				c.SheetRows = append(c.SheetRows, lists.ListValues().(*array.Int64).Value(int(at)))
			}
			d.Causes = append(d.Causes, c)
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

// sampleCount is how many different values of a column are shown.
const sampleCount = 3

// sampleValues copies the first different values of each column that are not
// blank.
func sampleValues(b arrow.RecordBatch) [][]string {
	lists := b.Column(6).(*array.List)
	texts := lists.ListValues().(*array.String)
	var out [][]string
	for i := range min(int(b.NumRows()), 200) {
		lo, hi := lists.ValueOffsets(i)
		for at := lo; at < hi; at++ {
			column := int(at - lo)
			for column >= len(out) {
				out = append(out, nil)
			}
			value := strings.TrimSpace(texts.Value(int(at)))
			if value != "" && len(out[column]) < sampleCount && !slices.Contains(out[column], value) {
				out[column] = append(out[column], strings.Clone(value))
			}
		}
	}
	return out
}

func cut(text string, runes int) string {
	if r := []rune(text); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return text
}
