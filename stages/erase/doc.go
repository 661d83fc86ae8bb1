// Package erase finds a person in text that nobody has read yet, in any spelling,
// and overwrites what speaks of the person so that everything else stays where it
// is.
//
// Rows that became leads are found in the database. What is looked for here is the
// rest: rows that were refused, columns that were not imported, files that were
// rejected as a whole. So a value counts wherever it stands, and however it is
// written; a name counts only where a whole cell says it, and the caller lets it
// count only for rows that are nobody else's.
package erase
