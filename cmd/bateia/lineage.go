package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

// placeDocument is where something was said, as JSON.
type placeDocument struct {
	Source    schemas.Source `json:"source"`
	File      string         `json:"file"`
	SheetRow  int64          `json:"sheet_row"`
	SourceRef *string        `json:"source_ref"`
	ImportID  string         `json:"import_id"`
	Row       int64          `json:"row"`
	LeadID    string         `json:"lead_id"` // of the lead that says it
	At        time.Time      `json:"at"`      // of the import
}

func placeOf(l *postgres.Lead) placeDocument {
	return placeDocument{l.Source, l.FileName, l.SheetRow, text(l.SourceRef), l.Import.String(), l.Row, schemas.LeadID(l.LeadImport, l.LeadRow), l.ImportedAt.UTC()}
}

// originDocument is the lead that a value came from: the short form of
// lineageDocument.
type originDocument struct {
	LeadID   string `json:"lead_id"`
	ImportID string `json:"import_id"`
	File     string `json:"file"`
	SheetRow int64  `json:"sheet_row"`
}

type lostDocument struct {
	Value  string              `json:"value"`
	Reason survivorship.Reason `json:"reason"`
	*placeDocument
}

type lineageDocument struct {
	Value *string `json:"value"` // null when it was cleared
	Rank  int     `json:"rank"`
	// Drawn is the distribution that the owner was drawn from, "" otherwise.
	Drawn string `json:"drawn,omitempty"`
	*placeDocument
	Lost []lostDocument `json:"lost"`
}

// traced is a value of a prospect with where it came from and what lost.
type traced struct {
	name  string // of the field, or extra.<name>
	text  string // "" when it was cleared
	rank  int
	drawn string
	from  *postgres.Lead // nil when no row that counts says it
	lost  []lost
}

type lost struct {
	text string
	why  survivorship.Reason
	from *postgres.Lead
}

// lineage is where the values of a prospect came from, in reading order.
type lineage struct{ values []traced }

// place names a row.
type place struct {
	id  schemas.ImportID
	row int64
}

// lineageOf folds what was said. The values shown are those that the prospect
// has: an owner that was drawn comes from the row that named the distribution.
func lineageOf(p postgres.Prospect, said []postgres.Lead) lineage {
	statements := make([]survivorship.Statement, len(said))
	rows := make(map[place]*postgres.Lead, len(said))
	for i := range said {
		statements[i] = said[i].Statement
		rows[place{said[i].Import, said[i].Row}] = &said[i]
	}
	told := survivorship.Explain(statements)
	var out lineage
	add := func(name, text string, best survivorship.Value) {
		t := traced{name: name, text: text, rank: best.Rank, from: rows[place{best.Import, best.Row}]}
		if text != best.Text {
			distribution, toDraw := strings.CutPrefix(best.Text, schemas.DistributionPrefix)
			if name == "owner" && text != "" && toDraw {
				t.drawn = distribution
			} else {
				t.rank, t.from = 0, lastToSay(said, name, text)
			}
		}
		for _, l := range told.Lost[name] {
			if l.Text != text {
				t.lost = append(t.lost, lost{shown(name, l.Text), l.Why, rows[place{l.Import, l.Row}]})
			}
		}
		if t.text != "" || len(t.lost) > 0 {
			out.values = append(out.values, t)
		}
	}
	for _, f := range schemas.ProspectColumns() {
		add(f.Name, p.Fields[f.Name], told.Fields[f.Name])
	}
	extras := maps.Clone(p.Extra)
	if extras == nil {
		extras = map[string]string{}
	}
	for name := range told.Extra {
		extras[name] = p.Extra[name]
	}
	for _, name := range slices.Sorted(maps.Keys(extras)) {
		v := told.Extra[name]
		add(schemas.ExtraPrefix+name, extras[name], survivorship.Value{Text: extraText(v.Value), Rank: v.Rank, Import: v.Import, Row: v.Row})
	}
	return out
}

// lastToSay is the last row that says a text, nil when none does.
func lastToSay(said []postgres.Lead, name, text string) *postgres.Lead {
	extra, isExtra := schemas.IsExtra(name)
	for i := len(said) - 1; i >= 0 && text != ""; i-- {
		if isExtra && extraText(said[i].Extra[extra]) == text || !isExtra && said[i].Fields[name] == text {
			return &said[i]
		}
	}
	return nil
}

// shown is the text of a value that lost: that of an extra field is JSON.
func shown(name, text string) string {
	if _, ok := schemas.IsExtra(name); ok {
		return extraText(json.RawMessage(text))
	}
	return text
}

// extraText is the value of an extra field as text, whatever its JSON type.
func extraText(raw json.RawMessage) string {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil || v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func (l lineage) origins() map[string]originDocument {
	out := map[string]originDocument{}
	for _, v := range l.values {
		if v.from != nil && v.text != "" {
			out[v.name] = originDocument{schemas.LeadID(v.from.LeadImport, v.from.LeadRow), v.from.Import.String(), v.from.FileName, v.from.SheetRow}
		}
	}
	return out
}

func (l lineage) documents() map[string]lineageDocument {
	out := map[string]lineageDocument{}
	for _, v := range l.values {
		doc := lineageDocument{Value: text(v.text), Rank: v.rank, Drawn: v.drawn, Lost: []lostDocument{}}
		if v.from != nil {
			at := placeOf(v.from)
			doc.placeDocument = &at
		}
		for _, one := range v.lost {
			at := placeOf(one.from)
			doc.Lost = append(doc.Lost, lostDocument{one.text, one.why, &at})
		}
		out[v.name] = doc
	}
	return out
}

// Widths of what "bateia prospect" prints, in characters.
const (
	screenWidth = 100
	nameWidth   = 13
	valueWidth  = 26
	longest     = 80 // of a value that is shown
)

// line is a name, a value and a remark, below each other in columns. A line
// without a name goes on below the value of the one above.
type line struct{ name, value, remark string }

// valueLines are a value with its place, and below it those that lost.
func (s *session) valueLines(account schemas.Account, v traced) []line {
	value := cut(v.text, longest)
	switch {
	case value == "":
		value = s.words.Say("cleared_value")
	case v.drawn != "":
		value += " (" + s.words.Say("drawn_from", "name", v.drawn) + ")"
	}
	from := ""
	if v.from != nil && v.text != "" {
		from = s.place(account, v.from)
	}
	out := []line{{v.name, value, from}}
	for _, l := range v.lost {
		out = append(out, line{"", "✗ " + cut(l.text, longest) + " · " + s.words.Say("lost_"+string(l.why)) + " · " + s.row(l.from), ""})
	}
	return out
}

// printLines aligns names and values. A remark that does not fit beside its value
// stands below it.
func (s *session) printLines(lines []line) {
	names, values := 0, 0
	for i, l := range lines {
		lines[i] = line{terminal.Plain(l.name), terminal.Plain(l.value), terminal.Plain(l.remark)}
		if n := utf8.RuneCountInString(lines[i].name); n <= nameWidth {
			names = max(names, n)
		}
		if n := utf8.RuneCountInString(lines[i].value); l.remark != "" && n <= valueWidth {
			values = max(values, n)
		}
	}
	for _, l := range lines {
		text := "  " + pad(l.name, names) + "  "
		beside := text + pad(l.value, values) + "  " + l.remark
		switch {
		case l.remark == "":
			text += l.value
		case utf8.RuneCountInString(beside) <= screenWidth && utf8.RuneCountInString(l.value) <= values:
			text = beside
		default:
			text += l.value + "\n" + strings.Repeat(" ", names+4) + l.remark
		}
		s.out.Printf("%s\n", text)
	}
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// row names the row that said something: by file and sheet row, or as the source
// itself names it.
func (s *session) row(l *postgres.Lead) string {
	switch {
	case l.FileName != "":
		return s.words.Say("from_row", "file", cut(l.FileName, 23), "row", l.SheetRow)
	case l.SourceRef != "":
		return l.SourceRef
	}
	return l.Source.Kind
}

// place tells where and when a row said something: its name, the kind of source
// with its own name, and the time.
func (s *session) place(account schemas.Account, l *postgres.Lead) string {
	source := l.Source.Kind
	if n := l.Source.Name; n != "" && n != l.FileName && n != strings.TrimSuffix(l.FileName, "."+ext(l.FileName)) {
		source += " " + cut(n, 14)
	}
	parts := []string{s.row(l), source, l.ImportedAt.In(account.Location()).Format("2006-01-02 15:04")}
	if parts[0] == l.Source.Kind {
		parts = parts[1:]
	}
	return strings.Join(parts, " · ")
}
