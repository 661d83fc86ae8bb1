package parse

import (
	"bytes"
)

// format is a kind of file that is no CSV, known by its first bytes. Its name is
// a detail of FILE_NOT_CSV in the catalogue of issues, which has the words for it
// and says what to do.
type format struct{ magic, name string }

// Formats that are recognized in more than one place.
const (
	formatWorkbook  = "workbook"
	formatDamaged   = "damaged_workbook"
	formatProtected = "protected_document"
	formatArchive   = "archive"
	formatZip       = "zip"
	formatZipFiles  = "zip_files"
)

// formats are looked up by prefix, zip apart.
var formats = []format{
	{compoundMagic, "xls"},
	{"%PDF-", "pdf"},
	{"\x89PNG\r\n", "image"},
	{"\xFF\xD8\xFF", "image"},
	{"GIF87a", "image"},
	{"GIF89a", "image"},
	{"II*\x00", "image"},
	{"MM\x00*", "image"},
	{"\x1F\x8B", formatArchive},
	{"\x28\xB5\x2F\xFD", formatArchive},
	{"BZh", formatArchive},
	{"\xFD7zXZ\x00", formatArchive},
	{"7z\xBC\xAF\x27\x1C", formatArchive},
	{"Rar!\x1A\x07", formatArchive},
	{"SQLite format 3\x00", "sqlite"},
	{"PAR1", "parquet"},
	{"{\\rtf", "rtf"},
}

// marked are looked up by the first characters of the text, in lower case and
// behind blanks. Programs that save “Excel” often write HTML.
var marked = []format{
	{"<!doctype html", "html"},
	{"<html", "html"},
	{"<table", "html"},
	{"<?xml", "xml"},
	{"<head", "html"},
	{"begin:vcard", "vcard"},
}

// zips tell archives apart by the name of an entry.
var zips = []format{
	{"xl/", formatWorkbook},
	{"[Content_Types].xml", formatWorkbook},
	{"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "ods"},
	{"mimetypeapplication/vnd.oasis.opendocument", "opendocument"},
	{"word/", "word"},
}

// refuseForeign returns FILE_NOT_CSV when the sample is the start of a file of
// another kind.
func refuseForeign(sample []byte) error {
	for _, f := range formats {
		if bytes.HasPrefix(sample, []byte(f.magic)) {
			return notCSV(f.name)
		}
	}
	if bytes.HasPrefix(sample, []byte("PK\x03\x04")) || bytes.HasPrefix(sample, []byte("PK\x05\x06")) {
		for _, f := range zips {
			if bytes.Contains(sample, []byte(f.magic)) {
				return notCSV(f.name)
			}
		}
		return notCSV(formatZip)
	}
	return nil
}

// refuseText does so for text without its byte order mark.
func refuseText(text []byte) error {
	text = bytes.TrimLeft(text, " \t\r\n")
	start := bytes.ToLower(text[:min(len(text), 64)])
	for _, f := range marked {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return notCSV(f.name)
		}
	}
	if isJSON(text) {
		return notCSV("json")
	}
	return nil
}

// isJSON reports whether text starts like an object, or like a list of objects.
func isJSON(text []byte) bool {
	rest, list := bytes.CutPrefix(text, []byte("["))
	if list {
		rest = bytes.TrimLeft(rest, " \t\r\n")
	}
	rest, object := bytes.CutPrefix(rest, []byte("{"))
	if !object {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	name, ok := bytes.CutPrefix(rest, []byte(`"`))
	end := bytes.IndexByte(name, '"')
	if !ok || end < 0 {
		return false
	}
	return bytes.HasPrefix(bytes.TrimLeft(name[end+1:], " \t\r\n"), []byte(":"))
}

// refuseBinary does so for bytes that are no text in any encoding: many NUL or
// control characters. A few of them are a matter of the records they stand in.
func refuseBinary(sample []byte) error {
	control := 0
	for _, c := range sample {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\v' && c != '\f' && c != 0x1A {
			control++
		}
	}
	if control > 8 && control*20 > len(sample) {
		return notCSV("binary")
	}
	return nil
}

// notCSV refuses a file of another kind; name is that of a format.
func notCSV(name string) error { return refusal(CodeNotCSV, name) }
