package validate

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/named_exports.sql
	namedExportsSQL string
	//go:embed sql/records_given.sql
	recordsGivenSQL string
	//go:embed sql/edited.sql
	editedSQL string
)

// Given is what an export gave out of the prospect that a record names: the cells that
// are still the same are no edits. The zero value is that of a record of no export.
type Given struct {
	Named  bool // the record names an export
	Known  bool // which is kept, and has the prospect
	Salt   string
	hashes *array.Int64 // schemas.GivenHash of every field of the validator, from at on
	at     int
}

// is reports whether the export gave out this text in a field, blank or not.
func (g *Given) is(field int, text string) bool {
	switch {
	case !g.Known:
		return false
	case text == "" || g.hashes.IsNull(g.at+field):
		return text == "" && g.hashes.IsNull(g.at+field)
	}
	return g.hashes.Value(g.at+field) == schemas.GivenHash(g.Salt, text)
}

// givenOf reads what recordsGivenSQL says of a record, nothing where records are of no
// export.
func givenOf(columns []*array.String, lists *array.List, row int) Given {
	if lists == nil {
		return Given{}
	}
	lo, _ := lists.ValueOffsets(row)
	g := Given{Named: columns[0].Value(row) != "", hashes: lists.ListValues().(*array.Int64), at: int(lo)}
	if !columns[1].IsNull(row) {
		g.Known, g.Salt = true, columns[1].Value(row)
	}
	return g
}

const (
	// codeExportUnknown is that of a row of an export of which nobody knows what it gave
	// out, and of a redo of such a file.
	codeExportUnknown = "EXPORT_UNKNOWN"
	// codeEmptiedKept is that of a cell that was emptied.
	codeEmptiedKept = "EMPTIED_CELL_KEPT"
	// codeExportClears is that of a file of an export whose blank cells are to clear.
	codeExportClears = "EXPORT_CLEARS"
)

// unedited leaves out the fields that are what the export gave out, or were written by it
// in another way than they are read, and what is wrong with them. They are read all the
// same, as they say how others are meant. The name is taken whole, so that one part of it
// that was edited brings the others along.
func (r *Reader) unedited(cells *Cells) {
	if !r.given.Known {
		return
	}
	for i := range r.v.identities {
		if c := &r.v.identities[i]; c.own() {
			r.emptied(r.v.primary[c.kind], c.field, []int{c.column}, cells)
		}
	}
	name := true
	for i := range r.v.steps {
		r.emptied(r.v.steps[i].out, r.v.steps[i].field, r.v.steps[i].columns, cells)
		if s := &r.v.steps[i]; isName(s.field) {
			name = name && r.still(s, cells)
		} else if r.still(s, cells) {
			r.leave(s)
		}
	}
	if !name {
		return
	}
	for i := range r.v.steps {
		if s := &r.v.steps[i]; isName(s.field) {
			r.leave(s)
		}
	}
	if at := r.v.name.name; at >= 0 {
		r.values[at] = "" // also where its parts made it
	}
}

// emptied warns of a cell that the export gave out filled and that is blank now: as blank
// cells say nothing, the value stays.
func (r *Reader) emptied(out int, field string, columns []int, cells *Cells) {
	if len(columns) == 0 || r.given.hashes.IsNull(r.given.at+out) {
		return
	}
	for _, i := range columns {
		if trimBlanks(cells.cell(i)) != "" {
			return
		}
	}
	r.issue(columns[0], field, schemas.SeverityWarning, codeEmptiedKept, "")
}

func isName(field string) bool {
	return field == "name" || field == "first_name" || field == "last_name"
}

// still reports whether a field is what the export gave out, as a cell or as it is read.
// A cell that could not be read is not blank.
func (r *Reader) still(s *fieldStep, cells *Cells) bool {
	cell, filled := "", 0
	for _, i := range s.columns {
		if text := cells.cell(i); trimBlanks(text) != "" {
			cell = text
			filled++
		}
	}
	value := r.values[s.out]
	if s.tags {
		value = strings.Join(r.tags, ", ")
	}
	if value == "" && filled > 0 {
		return filled == 1 && r.given.is(s.out, cell)
	}
	return r.given.is(s.out, value) || filled == 1 && r.given.is(s.out, cell)
}

// leave takes back what the cells of a field say, and what is wrong with them.
func (r *Reader) leave(s *fieldStep) {
	r.values[s.out], r.firstBad = "", ""
	r.issues = slices.DeleteFunc(r.issues, func(i Issue) bool { return i.Field == s.field && i.Code != schemas.CodeRepaired })
	for _, i := range r.issues {
		if i.Severity == schemas.SeverityError && r.firstBad == "" {
			r.firstBad = i.Code
		}
	}
}

// exportColumns returns where the header has the export and the id of a prospect, -1
// when it lacks one of them.
func (v *Validator) exportColumns() (export, id int) {
	export = slices.IndexFunc(v.plan.Columns, func(c Column) bool { return schemas.IsExportColumn(c.Name) })
	if export < 0 || v.rowID < 0 {
		return -1, -1
	}
	return export, v.rowID
}

// giving brings what the exports gave out that rows name, and returns the query of the
// records with it. Files that are no export are read as ever.
func (s Stage) giving(ctx context.Context, run *pipeline.Run, v *Validator) (query string, err error) {
	places := s.places(v)
	if places == nil {
		return recordsSQL, nil
	}
	var ids []schemas.ImportID
	for b, err := range run.Workset.Read(ctx, places.Replace(namedExportsSQL)) {
		if err != nil {
			return "", err
		}
		for i := range int(b.NumRows()) {
			if id, err := schemas.ParseExportName(b.Column(0).(*array.String).Value(i)); err == nil {
				ids = append(ids, id)
			}
		}
	}
	if v.cfg.Options.Blank == "clear" && len(ids) > 0 {
		// A cell that was blank and still is would clear what the base learnt since.
		return "", pipeline.Reject(codeExportClears, "read export")
	}
	if err := s.Given(ctx, run, ids); err != nil {
		return "", err
	}
	if run.RedoOf != 0 {
		// Without it the rows would be refused, and what they did before taken back.
		var known int64
		if _, err := run.Workset.Scan(ctx, "select count(distinct export_name) from given", nil, &known); err != nil {
			return "", err
		}
		if known < int64(len(ids)) {
			return "", pipeline.Reject(codeExportUnknown, "read export")
		}
	}
	exported := schemas.ExportColumns()
	columns := make([]string, len(v.fields))
	for i, f := range v.fields {
		columns[i] = "null::bigint"
		if slices.Contains(exported, f.Name) {
			columns[i] = "g." + schemas.FieldColumn(f.Name)
		}
	}
	return strings.NewReplacer("/*given*/", strings.Join(columns, ", ")).Replace(places.Replace(recordsGivenSQL)), nil
}

// edited writes the table edited: for each row of an export what it gave out, so that
// resolve can tell whether the base is still the same. It gives up what giving brought.
func (s Stage) edited(ctx context.Context, run *pipeline.Run, v *Validator) error {
	places := s.places(v)
	if places == nil {
		return run.Workset.Exec(ctx, "create or replace table edited (row bigint, salt varchar)")
	}
	return run.Workset.Exec(ctx, places.Replace(editedSQL))
}

// places puts into a query how records name the export and the prospect that they are
// of; nil when they do not. Both are letters and digits: what is around them does not
// count.
func (s Stage) places(v *Validator) *strings.Replacer {
	export, id := v.exportColumns()
	if s.Given == nil || export < 0 {
		return nil
	}
	cell := func(column int) string {
		return fmt.Sprintf("regexp_replace(lower(coalesce(cells[%d], '')), '[^0-9a-z]+', '', 'g')", column+1)
	}
	return strings.NewReplacer("/*export*/", cell(export), "/*id*/", cell(id))
}
