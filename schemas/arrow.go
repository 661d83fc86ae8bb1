package schemas

import "github.com/apache/arrow-go/v18/arrow"

// Names of the workset tables. A stage reads those of the stages before it
// and writes its own.
const (
	TableRecords      = "records"       // parse, sync: one record a row, as text
	TableRecordPlaces = "record_places" // sync: which row each record becomes, and the source's own key of it
	TableRows         = "rows"          // validate: one record a row, canonical values
	TableIdentities   = "identities"    // validate: one identity of a row a row
	TableIssues       = "issues"        // validate, dedupe, resolve
)

// Records is the table that parse writes: one row for every data record of the
// file, in file order.
//
//	row         records after the header, from 1
//	line        physical line on which the record starts, from 1
//	sheet_row   row number a spreadsheet shows, from 1: blank lines counted,
//	            line breaks inside cells not
//	byte_offset first byte of the record in the object
//	byte_length bytes up to and with the record's line end
//	defect      code ROW_* when the record as such is broken, else null; behind
//	            ROW_REPAIRED a colon and the column, see SplitDefect
//	cells       the cells as UTF-8 text, as many as the record has; a cell that
//	            is missing is simply not there
var Records = arrow.NewSchema([]arrow.Field{
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "line", Type: arrow.PrimitiveTypes.Int64},
	{Name: "sheet_row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "byte_offset", Type: arrow.PrimitiveTypes.Int64},
	{Name: "byte_length", Type: arrow.PrimitiveTypes.Int64},
	{Name: "defect", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "cells", Type: arrow.ListOf(arrow.BinaryTypes.String)},
}, nil)

// FieldColumn returns the name of the column in the table rows that carries a
// field's canonical text: "f_" and the field's name.
func FieldColumn(field string) string { return "f_" + field }

// Rows returns the schema of the table that validate writes, one row for each
// record, with a text column for every standard scalar field the import fills.
//
//	row … byte_length  as in Records
//	source_ref         the source's own key of the row (Omie), else null
//	status             "" to go on, or OutcomeRejected, OutcomeSkipped
//	reason             the one code that decided status, else null
//	name_key           the folded name (identity.FoldName), "" when nameless
//	bateia_id          prospect id named by the row, else null
//	statement          64-bit hash of identities and values: the same statement
//	                   again is seen, not stored again
//	extra              JSON object of extra fields with sorted keys, else null
//	f_<field>          canonical text of the field, null when blank
func Rows(fields []string) *arrow.Schema {
	cols := []arrow.Field{
		{Name: "row", Type: arrow.PrimitiveTypes.Int64},
		{Name: "line", Type: arrow.PrimitiveTypes.Int64},
		{Name: "sheet_row", Type: arrow.PrimitiveTypes.Int64},
		{Name: "byte_offset", Type: arrow.PrimitiveTypes.Int64},
		{Name: "byte_length", Type: arrow.PrimitiveTypes.Int64},
		{Name: "source_ref", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "status", Type: arrow.BinaryTypes.String},
		{Name: "reason", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "name_key", Type: arrow.BinaryTypes.String},
		{Name: "bateia_id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "statement", Type: arrow.PrimitiveTypes.Int64},
		{Name: "extra", Type: arrow.BinaryTypes.String, Nullable: true},
	}
	for _, f := range fields {
		cols = append(cols, arrow.Field{Name: FieldColumn(f), Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return arrow.NewSchema(cols, nil)
}

// Identities is the table of identities that validate writes: only those of
// rows whose status is "".
//
//	row    the row that states it
//	seq    order within the row, from 0; the first of a kind is the primary one
//	kind   identity.Kind
//	value  canonical text
//	joins  whether it joins by itself (identity.Joining) or only together with
//	       the same folded name
//	k1,k2  the first and second 8 bytes (big-endian) of identity.Key when it
//	       joins, else of identity.SharedKey
var Identities = arrow.NewSchema([]arrow.Field{
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "seq", Type: arrow.PrimitiveTypes.Int32},
	{Name: "kind", Type: arrow.PrimitiveTypes.Int16},
	{Name: "value", Type: arrow.BinaryTypes.String},
	{Name: "joins", Type: arrow.FixedWidthTypes.Boolean},
	{Name: "k1", Type: arrow.PrimitiveTypes.Int64},
	{Name: "k2", Type: arrow.PrimitiveTypes.Int64},
}, nil)

// Issues is the table of issues on rows and cells; positions are joined from
// rows. Issues on the file as a whole have a null row.
//
//	column  header of the column as it stands in the file, null for a row
//	field   the field it feeds, null when none
//	value   the cell as it stood, cut at 200 runes, null for a row
//	shape   identity.Shape of the value, null for a row
var Issues = arrow.NewSchema([]arrow.Field{
	{Name: "row", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "column", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "field", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "severity", Type: arrow.BinaryTypes.String},
	{Name: "code", Type: arrow.BinaryTypes.String},
	{Name: "value", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "shape", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)
