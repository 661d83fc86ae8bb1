// Package fetch brings the pinned object of an import to local scratch.
//
// It decides what needs no look into the file: whether it is larger than the
// account accepts (from the object's size, before a byte is read), whether it
// is empty, and whether the store still holds the content that was announced.
// What the content is (CSV, a workbook under another name …) is the next
// stage's question.
package fetch
