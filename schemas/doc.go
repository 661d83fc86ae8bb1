// Package schemas is the vocabulary of Bateia: what a record, a row, an
// identity, an issue and a prospect look like at every border of the program.
// It holds the Arrow schemas of the workset tables, the catalogue of fields,
// the catalogue of issue codes with their sentences and remedies in three
// languages, the header synonyms, and the Postgres migrations.
//
// It is the lowest package: it imports nothing of the project but
// schemas/identity.
package schemas
