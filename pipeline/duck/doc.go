// Package duck keeps the workset of a run in one DuckDB file.
//
// DuckDB's rules that this package keeps for everybody else:
//
//   - the engine never reads a user's file: data comes in as Arrow batches only,
//     and access to files outside the attempt's own folder is switched off and
//     the configuration locked before the first statement;
//   - a registered Arrow view is read exactly once, and the count of rows that
//     arrived is compared with the count handed over (a second scan of such a
//     view gives no rows and no error);
//   - the engine's error texts can carry values of cells: they are stripped
//     here (see errors.go).
//
// The build tag duckdb_arrow is needed.
package duck
