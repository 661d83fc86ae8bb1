// Package layering holds the test of the import rule: what may import what. The
// README shows the same table.
package layering
