package report

import (
	"path"
	"strings"
	"unicode/utf8"

	"github.com/bateia/bateia/schemas"
)

// Names are the keys of the objects that one report writes.
type Names struct {
	Text, JSON, Feedback string
	Workbook             string // Feedback as .xlsx
}

// localTime is a local time that sorts, fits a file name everywhere, and is fine
// enough to keep two imports of one file apart.
const localTime = "2006-01-02_15-04-05.000"

// NamesOf returns where the report of an import lies. They depend on nothing
// but the import: account, list or folder, file name, state and the time of that state.
func NamesOf(s Summary) Names {
	parts := []string{"results", component(s.Account.Slug)}
	below := s.Document.List
	if s.Folder != "" {
		below = s.Folder
	}
	for _, folder := range strings.Split(below, "/") {
		if folder != "" {
			parts = append(parts, component(folder))
		}
	}
	name := s.At.In(s.Account.Location()).Format(localTime) + "-" + string(s.Document.State)
	base := path.Join(append(parts, component(s.FileName), name)...)
	return Names{Text: base + ".txt", JSON: base + ".json", Feedback: base + "-corrigir.csv", Workbook: base + "-corrigir.xlsx"}
}

// componentLimit keeps a part of a key within what file systems take, in bytes.
const componentLimit = 200

// component makes one part of a key from a name that people gave: no separator,
// no control character, never "." or "..", not longer than file systems take.
func component(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '/' || r == '\\' || r == utf8.RuneError {
			return '_'
		}
		return r
	}, name)
	if len(name) > componentLimit {
		ext := path.Ext(name)
		if len(ext) > 10 {
			ext = ""
		}
		cut := componentLimit - len(ext)
		for !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + ext
	}
	switch strings.Trim(name, " .") {
	case "":
		return "_"
	}
	return name
}

// header returns the names of the file's columns in the file's order.
func header(s Summary) []string {
	if len(s.Header) > 0 {
		return s.Header
	}
	names := make([]string, len(s.Document.Columns))
	for i, c := range s.Document.Columns {
		names[i] = c.Name
	}
	return names
}

// reports says whether a state has a report, and whether it has rows: those that
// were refused, or would be.
func reports(d schemas.ImportDocument) (ok, rows bool) {
	switch d.State {
	case schemas.Applied:
		return true, true
	case schemas.Ready:
		return d.Held, d.Held
	case schemas.Rejected, schemas.Failed, schemas.Canceled:
		return true, false
	}
	return false, false
}
