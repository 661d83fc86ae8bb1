// Package validate is the stage that turns cells into canonical values. It
// decides which column feeds which field (MakePlan), how each column writes its
// dates and numbers (Sample, Decide), and then reads every record (Stage, or
// Reader for callers without a workset, as preview).
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
