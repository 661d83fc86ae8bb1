package parse

import (
	"bytes"

	"github.com/bateia/bateia/pipeline"
)

// format is a kind of file that is no CSV, known by its first bytes.
type format struct {
	magic, name, hint string
}

const (
	hintExcel   = "Save it as CSV in the spreadsheet program, or rename it to .xlsx."
	hintSaveAs  = "Open it in a spreadsheet program and save it as CSV."
	hintExport  = "Export the data as CSV from the program it comes from."
	hintUnpack  = "Unpack it and send the CSV file inside."
	hintContact = "Export the contacts as CSV instead of vCard."
)

// formats are looked up by prefix, zip apart.
var formats = []format{
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook (.xls) or another Office document", hintSaveAs},
	{"%PDF-", "a PDF document", hintExport},
	{"\x89PNG\r\n", "a PNG image", hintExport},
	{"\xFF\xD8\xFF", "a JPEG image", hintExport},
	{"GIF87a", "a GIF image", hintExport},
	{"GIF89a", "a GIF image", hintExport},
	{"II*\x00", "a TIFF image", hintExport},
	{"MM\x00*", "a TIFF image", hintExport},
	{"\x1F\x8B", "a gzip archive", hintUnpack},
	{"\x28\xB5\x2F\xFD", "a zstd archive", hintUnpack},
	{"BZh", "a bzip2 archive", hintUnpack},
	{"\xFD7zXZ\x00", "an xz archive", hintUnpack},
	{"7z\xBC\xAF\x27\x1C", "a 7z archive", hintUnpack},
	{"Rar!\x1A\x07", "a RAR archive", hintUnpack},
	{"SQLite format 3\x00", "an SQLite database", hintExport},
	{"PAR1", "a Parquet file", hintExport},
	{"{\\rtf", "an RTF document", hintSaveAs},
}

// marked are looked up by the first characters of the text, in lower case and
// behind blanks.
var marked = []format{
	{"<!doctype html", "an HTML page", hintSaveAs},
	{"<html", "an HTML page", hintSaveAs},
	{"<table", "an HTML table", hintSaveAs},
	{"<?xml", "an XML document", hintSaveAs},
	{"<head", "an HTML page", hintSaveAs},
	{"begin:vcard", "a vCard contact file", hintContact},
}

// zips tell archives apart by the name of an entry.
var zips = []format{
	{"xl/", "an Excel workbook", hintExcel},
	{"[Content_Types].xml", "an Excel workbook or another Office document", hintExcel},
	{"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)", hintSaveAs},
	{"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file", hintSaveAs},
	{"word/", "a Word document", hintSaveAs},
}

// refuseForeign returns FILE_NOT_CSV when the sample is the start of a file of
// another kind.
func refuseForeign(sample []byte) error {
	for _, f := range formats {
		if bytes.HasPrefix(sample, []byte(f.magic)) {
			return notCSV(f)
		}
	}
	if bytes.HasPrefix(sample, []byte("PK\x03\x04")) || bytes.HasPrefix(sample, []byte("PK\x05\x06")) {
		for _, f := range zips {
			if bytes.Contains(sample, []byte(f.magic)) {
				return notCSV(f)
			}
		}
		return notCSV(format{name: "a zip archive", hint: hintUnpack})
	}
	return nil
}

// refuseText does so for text without its byte order mark.
func refuseText(text []byte) error {
	text = bytes.TrimLeft(text, " \t\r\n")
	start := bytes.ToLower(text[:min(len(text), 64)])
	for _, f := range marked {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return notCSV(f)
		}
	}
	if isJSON(text) {
		return notCSV(format{name: "a JSON document", hint: hintExport})
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
		return notCSV(format{name: "a binary file", hint: hintExport})
	}
	return nil
}

func notCSV(f format) error {
	e := pipeline.Reject(CodeNotCSV, "read file")
	e.Err = &reason{detail: f.name}
	e.Hint = f.hint
	return e
}
