// Package terminal is what people see when they run a command: words in their
// language, tables, progress bars, and JSON when a program asks.
package terminal
