//go:build !linux

package postgrestest

// memoryFolder returns a folder in memory, "" where there is none.
func memoryFolder() string { return "" }
