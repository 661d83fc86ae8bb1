package validate

import (
	"maps"
	"slices"
	"strings"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// Row is one record as it was read, for callers without a workset.
type Row struct {
	Status     schemas.Outcome // "" to go on, or rejected
	Reason     string          // the code that decided Status
	NameKey    string          // folded name, of the company when the row has no other
	BateiaID   string
	Fields     map[string]string // canonical text by standard field
	Extra      string            // extra fields as a JSON object, "" for none
	Identities []identity.Value
	Issues     []Issue
	Statement  int64
}

// Row returns a copy of the record that was read last; it stays valid.
func (r *Reader) Row() Row {
	row := Row{
		Status: r.status, Reason: r.reason, NameKey: r.nameKey, Statement: r.statement,
		BateiaID: strings.Clone(r.bateiaID), Extra: strings.Clone(r.extra),
		Fields: map[string]string{}, Identities: slices.Clone(r.ids), Issues: slices.Clone(r.issues),
	}
	for i, value := range r.values {
		if value != "" {
			row.Fields[r.v.fields[i].Name] = strings.Clone(value)
		}
	}
	for i := range row.Issues {
		row.Issues[i].Value = strings.Clone(row.Issues[i].Value)
	}
	return row
}

// Stats returns what the reader has counted so far.
func (r *Reader) Stats() Stats {
	s := r.stats
	s.Filled, s.Valid, s.Local = slices.Clone(s.Filled), slices.Clone(s.Valid), slices.Clone(s.Local)
	return s
}

// ReadAll reads a file that fits in memory, as preview and tests have it: it
// maps the header, decides dates and numbers over all records, and hands each
// row on in order. It returns the columns and what is odd about the file as a
// whole; an error is a *pipeline.Error of kind rejected.
func ReadAll(header []string, m schemas.Mapping, unattended bool, cfg Config, records [][]string, each func(i int, row Row)) ([]schemas.Column, []schemas.FileIssue, error) {
	profiler := NewProfiler(len(header), cfg.Country)
	for _, cells := range records[:min(int64(len(records)), contentRows(len(header)))] {
		profiler.Add(Cells{list: cells, n: len(cells), marked: schemas.Marked(header)})
	}
	plan, issues, err := MakePlan(header, profiler.Content(), m, unattended)
	if err != nil {
		return nil, issues, err
	}
	v := New(plan, cfg)
	sample := v.NewSample()
	for _, column := range slices.Sorted(maps.Keys(sample.votes)) {
		for i, cells := range records {
			if column < len(cells) {
				sample.Add(column, cells[column], int64(i)+2) // the header is row 1
			}
		}
	}
	v.Decide(sample)
	r := v.NewReader()
	for i, cells := range records {
		r.Read("", CellsOf(cells))
		each(i, r.Row())
	}
	columns := v.Columns()
	stats := r.Stats()
	for i := range columns {
		columns[i].Filled, columns[i].Valid = stats.Filled[i], stats.Valid[i]
	}
	odd, err := FileIssues(columns, stats, v.cfg)
	return columns, slices.Concat(issues, v.warnings, odd), err
}
