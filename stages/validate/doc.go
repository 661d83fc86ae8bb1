// Package validate is the stage that turns cells into canonical values. It
// looks at a sample of the cells (Profiler), decides which column feeds which
// field (MakePlan) and how each column writes its dates and numbers (Sample,
// Decide), and then reads every record (Stage, or Reader for callers without a
// workset).
//
// # Headers and cells
//
// A header that names a field decides, and cells that are of another kind only
// make it less sure and are told (COLUMN_CONTENT_DIFFERS). A header that may
// name a field is taken when the cells are clearly of its kind. A column whose
// header says nothing known is proposed by its cells and left to the user; only
// a column without any name is taken by its cells alone, when they are clear
// (certainty), hardly repeat themselves, and no other column is of their kind.
// Eleven digits that are as good a CPF as a phone are what the header says.
// Columns of integers that only rise count rows and are no ids. content.go has
// the shares that decide, with their reasons.
//
// Dates and numbers are read in the one format that reads the most cells of the
// whole column, and where several read as many in that of the country; Evidence
// says which rows decided.
//
// # Rows
//
// It reads the workset table records and writes rows, identities and issues,
// whose columns package schemas describes. Bad cells and rows are data: every
// issue of a row is written, not only the first, and columns that feed nothing
// cause none.
//
//   - A row with a valid identifier loads; its bad cells are left out and stay
//     behind as warnings.
//   - A row whose identifiers are all bad is rejected with the code of the
//     first, a row without any with IDENTIFIER_MISSING.
//   - With validation: strict any cell error rejects the row.
package validate
