package schemas

import "slices"

// Columns that several datasets have.
var (
	importIDColumn  = DatasetColumn{"import_id", DatasetText, true, "the import, as commands take it"}
	rowColumn       = DatasetColumn{"row", DatasetInteger, false, "record of the file, from 1 after the header"}
	lineColumn      = DatasetColumn{"line", DatasetInteger, false, "physical line of the file on which the row begins"}
	sheetRowColumn  = DatasetColumn{"sheet_row", DatasetInteger, false, "row number that a spreadsheet shows"}
	sourceRefColumn = DatasetColumn{"source_ref", DatasetText, false, "the row's own id at its source, such as Omie's customer code"}
	createdColumn   = DatasetColumn{"created_at", DatasetMoment, true, "when the import was registered"}
	codeColumn      = DatasetColumn{"code", DatasetText, true, "code of the catalogue"}
	severityColumn  = DatasetColumn{"severity", DatasetText, true, "error or warning"}
)

// prospectColumns are those of the view prospects, in its order.
var prospectColumns = []DatasetColumn{
	{"prospect_id", DatasetText, false, "the prospect"},
	{"name", DatasetText, false, "name of the person, else of the company"},
	{"phone", DatasetText, false, "E.164"},
	{"email", DatasetText, false, "canonical e-mail address"},
	{"document", DatasetText, false, "tax document in its canonical form"},
	{"company", DatasetText, false, "company it belongs to"},
	{"city", DatasetText, true, "city"},
	{"state", DatasetText, true, "state or province"},
	{"country", DatasetText, true, "ISO 3166 code"},
	{"lists", DatasetTexts, true, "names of its lists, in order"},
	{"tags", DatasetTexts, true, "names of its tags, in order"},
	{"source", DatasetText, true, "where it is said to come from"},
	{"owner", DatasetText, true, "who it belongs to"},
	{"status", DatasetText, true, "as the sources say it"},
	{"lifecycle", DatasetText, true, "lead, suspect, prospect, client or discarded"},
	{"attributes", DatasetText, true, "the account's own fields (extra.<name>) as a JSON object"},
	{"leads", DatasetInteger, true, "how many leads add up to the prospect"},
	{"created_at", DatasetMoment, true, "when it was founded"},
	{"updated_at", DatasetMoment, true, "when its values changed last"},
}

// datasets in the order in which people read them.
var datasets = []Dataset{
	{Name: "imports", Comment: "one row an import: where it came from, its state, and its ledger. That of an import that was taken back stays, with state undone",
		Columns: []DatasetColumn{
			importIDColumn,
			{"source_kind", DatasetText, true, "upload, omie, api or manual"},
			{"source_system", DatasetText, true, "system that the source belongs to, blank for uploads"},
			{"source", DatasetText, true, "name of the source"},
			{"object", DatasetText, false, "the object that was read; null for imports without one"},
			{"file_name", DatasetText, false, "name of the file"},
			{"size", DatasetInteger, false, "of the object, in bytes"},
			{"list", DatasetText, true, "list that its prospects were put on"},
			{"requested_by", DatasetText, true, "who asked, or drop"},
			{"state", DatasetText, true, "ready, applied, rejected, failed, canceled or undone"},
			{"held", DatasetBoolean, false, "whether it waits at ready for a decision"},
			{"code", DatasetText, true, "why it is rejected, failed or held"},
			{"rows_read", DatasetInteger, false, "rows of the file; the sum of the seven outcomes"},
			{"created", DatasetInteger, false, "rows that founded a prospect"},
			{"updated", DatasetInteger, false, "rows that changed a prospect"},
			{"unchanged", DatasetInteger, false, "rows that said nothing new"},
			{"duplicate", DatasetInteger, false, "rows that repeat a prospect of an earlier row of the same file"},
			{"rejected", DatasetInteger, false, "rows that were refused"},
			{"skipped", DatasetInteger, false, "rows that were left out on purpose"},
			{"conflict", DatasetInteger, false, "rows that contradict what was changed meanwhile"},
			{"blank", DatasetInteger, false, "blank rows, which are not among those read"},
			{"prospects_created", DatasetInteger, false, "prospects that the import founded"},
			{"prospects_updated", DatasetInteger, false, "prospects that the import changed"},
			{"prospects_merged", DatasetInteger, false, "prospects that the import merged into others"},
			{"errors", DatasetInteger, false, "issues that are errors"},
			{"warnings", DatasetInteger, false, "issues that are warnings"},
			createdColumn,
			{"started_at", DatasetMoment, false, "when it began; null while it has not"},
			{"finished_at", DatasetMoment, false, "when it ended; null while it has not"},
			{"seconds", DatasetDouble, false, "from its first stage to its end"},
			{"rows_per_second", DatasetDouble, false, "rows read by seconds"},
			{"undo_of", DatasetText, true, "the import that it took back"},
			{"redo_of", DatasetText, true, "the import in whose place it stands"},
			{"replay_of", DatasetText, true, "the import whose refused rows it read again"},
			{"applied_no", DatasetInteger, false, "its place among all that was applied to the account; null when nothing was"},
		}, Beyond: []string{"applied_no"}},
	{Name: "import_stages", Comment: "one row for each stage and attempt of an import: when, how long, over how many rows and bytes",
		Columns: []DatasetColumn{
			importIDColumn,
			{"stage", DatasetText, true, "sync, fetch, parse, validate, dedupe, resolve or apply"},
			{"attempt", DatasetInteger, false, "number of the attempt"},
			{"started_at", DatasetMoment, false, "when the attempt began"},
			{"finished_at", DatasetMoment, false, "when it ended; null when it was cut off"},
			{"seconds", DatasetDouble, false, "how long it took"},
			{"rows", DatasetInteger, false, "rows it went through"},
			{"bytes", DatasetInteger, false, "bytes it went through"},
		}},
	{Name: "import_columns", Comment: "one row for each column of an import's file: the field it feeds and why, its filled cells and those that were loaded",
		Columns: []DatasetColumn{
			importIDColumn,
			{"position", DatasetInteger, false, "place in the file, from 0"},
			{"name", DatasetText, false, "header of the column"},
			{"field", DatasetText, false, "field that it feeds; null when none"},
			{"type", DatasetText, true, "how its cells are read"},
			{"confidence", DatasetDouble, false, "how sure the program was, 0 to 1"},
			{"reason", DatasetText, true, "what decided: its header, its cells, a mapping …"},
			{"filled", DatasetInteger, false, "cells that are not blank"},
			{"valid", DatasetInteger, false, "cells that were loaded"},
			{"imported", DatasetBoolean, false, "whether it was imported at all"},
		}},
	{Name: DatasetRows, Counts: true, Comment: "one row for each row that was read, whatever became of it: counting by outcome or reason_code equals the ledger of imports",
		Columns: []DatasetColumn{
			importIDColumn, rowColumn, lineColumn, sheetRowColumn, sourceRefColumn,
			{"outcome", DatasetText, true, "created, updated, unchanged, duplicate, rejected, skipped or conflict"},
			{"reason_code", DatasetText, true, "the one code that decided. Of rows that were accepted: CREATED, UPDATED, UNCHANGED or DUPLICATE_IN_FILE"},
			{"codes", DatasetTexts, true, "all codes of the row, warnings too; empty for most"},
			{"lead_id", DatasetText, false, "<import>:<row> of the lead that holds what the row says; null when it was not accepted"},
			{"prospect_id", DatasetText, false, "the prospect that the row speaks of, when the file was written: read it through prospects and merges"},
			{"first_row", DatasetInteger, false, "the earlier row that it repeats"},
			{"resolved_by", DatasetText, true, "the import that took the refused row later, such as a replay; null while it is open"},
		}},
	{Name: "issues", Counts: true, Comment: "one row for each error or warning on a file (row is null), a row or a cell",
		Columns: []DatasetColumn{
			importIDColumn, rowColumn, lineColumn, sheetRowColumn,
			{"byte_offset", DatasetInteger, false, "where the row begins in the decompressed file, in bytes"},
			sourceRefColumn,
			{"column", DatasetText, true, "header of the column"},
			{"field", DatasetText, true, "field of a prospect, or extra.<name>"},
			severityColumn, codeColumn,
			{"value", DatasetText, false, "the cell, masked: only its first character and its shape can be seen"},
			{"shape", DatasetText, true, "the cell with digits as 9 and letters as one letter: what refused cells have in common"},
			{"message", DatasetText, true, "the sentence of the code, in the account's language"},
			createdColumn,
		}},
	{Name: "issue_counts", Counts: true, Comment: "how many rows of an import have a code",
		Columns: []DatasetColumn{
			importIDColumn, codeColumn, severityColumn,
			{"rows", DatasetInteger, false, "rows that have the code"},
		}},
	{Name: DatasetLeads, Counts: true, Comment: "one row a lead, a distinct statement about a prospect: what the row said",
		Columns: []DatasetColumn{
			{"lead_id", DatasetText, false, "<import>:<row> of the lead"},
			importIDColumn, rowColumn, sheetRowColumn, sourceRefColumn,
			{"outcome", DatasetText, true, "created, updated, unchanged or duplicate"},
			{"prospect_id", DatasetText, false, "the prospect that the lead counts for, when the file was written: read it through prospects and merges"},
			{"phone", DatasetText, false, "E.164"},
			{"email", DatasetText, false, "canonical e-mail address"},
			{"document", DatasetText, false, "tax document in its canonical form"},
			{"name", DatasetText, false, "name of the person, else of the company"},
			createdColumn,
		}},
	{Name: DatasetProspects, Counts: true, Comment: "one row for each prospect that an import touched, with its values afterwards. The prospects of today are the rows of the highest applied_no of each prospect_id, without those merged or removed",
		Columns: append([]DatasetColumn{
			importIDColumn,
			{"applied_no", DatasetInteger, true, "place of the import among all that was applied to the account"},
			{"change", DatasetText, true, "created, updated, confirmed (the same values, more leads), merged (into survivor_id) or removed (by an undo; values are null)"},
			{"survivor_id", DatasetText, false, "the prospect that a merged one is part of now"},
		}, prospectColumns...), Beyond: []string{"import_id", "applied_no", "change", "survivor_id"}},
	{Name: "merges", Comment: "one row for each prospect that an import merged into another one",
		Columns: []DatasetColumn{
			importIDColumn,
			{"survivor_id", DatasetText, false, "the prospect that stayed"},
			{"merged_id", DatasetText, false, "the one that became part of it"},
			{"reason", DatasetText, true, "why"},
			{"merged_at", DatasetMoment, true, "when"},
			{"undone_at", DatasetMoment, true, "when it was taken back; null when it was not"},
			{"applied_no", DatasetInteger, true, "place of the import among all that was applied to the account"},
		}, Beyond: []string{"applied_no"}},
	{Name: DatasetSnapshot, Comment: "one row a prospect as it was at one moment: a file a snapshot, on request or weekly, kept for 7 days. Its import_id is the snapshot's own id",
		Columns: slices.Concat([]DatasetColumn{importIDColumn}, prospectColumns)},
}
