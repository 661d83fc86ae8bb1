package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/validate"
)

// previewWidth is the longest line of a preview, in characters: what every
// terminal shows.
const previewWidth = 80

// preview is a preview for people under way.
type preview struct {
	*session
	doc  previewDocument
	file []schemas.FileIssue
}

// show writes everything that was found out, and what to type next.
func (p preview) show(c previewCommand) {
	p.head()
	if len(p.doc.Columns) > 0 {
		p.columns()
		p.rows()
	}
	if p.doc.Code != nil {
		p.title(*p.doc.Code)
		p.wrap(2, *p.doc.Message)
		if p.doc.Remedy != nil {
			p.wrap(2, p.words.Say("remedy", "text", *p.doc.Remedy))
		}
	} else {
		p.issues()
	}
	p.next(c)
}

func (p preview) line(text string) { p.out.Printf("%s\n", strings.TrimRight(text, " ")) }

func (p preview) title(text string) { p.out.Printf("\n%s\n", text) }

// wrap writes text in lines of previewWidth, all indented alike.
func (p preview) wrap(indent int, text string) {
	line := ""
	for _, word := range strings.Fields(terminal.Plain(text)) {
		if line != "" && indent+runes(line)+1+runes(word) > previewWidth {
			p.line(strings.Repeat(" ", indent) + line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	p.line(strings.Repeat(" ", indent) + line)
}

func runes(text string) int { return utf8.RuneCountInString(text) }

// fit cuts or fills text to so many characters.
func fit(text string, width int) string {
	text = cut(terminal.Plain(text), width)
	return text + strings.Repeat(" ", max(0, width-runes(text)))
}

func (p preview) head() {
	d, w := p.doc.Dialect, p.words
	p.line(cut(filepath.Base(p.doc.File), previewWidth-12) + ", " + w.Size(p.doc.Bytes))
	if d.Encoding == "" {
		return
	}
	text := writtenAs(w, d)
	if d.Quote != "" && d.Sheet == "" {
		text += ", " + w.Say("preview_quote", "quote", d.Quote)
	}
	if d.Confidence > 0 && d.Sheet == "" {
		text += " (" + w.Say("preview_confidence", "confidence", w.Decimal(d.Confidence, 2)) + ")"
	}
	p.wrap(0, text)
	for _, skipped := range p.doc.Skipped {
		p.wrap(0, w.Say("skipped_"+skipped.Kind, "count", skipped.Lines, "row", skipped.SheetRow))
	}
}

// previewColumnsShown is how many columns are written of which nothing is to
// say but that they become extra fields; JSON has all.
const previewColumnsShown = 60

// columns writes two or more lines for each column: its mapping, and what its
// cells show.
func (p preview) columns() {
	const most = 26
	names, fields := 0, 0
	for _, c := range p.doc.Columns {
		names, fields = max(names, min(runes(p.name(c)), most)), max(fields, min(runes(c.Field), most))
	}
	p.title(p.words.Say("preview_columns"))
	left := 0
	for i, c := range p.doc.Columns {
		if _, extra := schemas.IsExtra(c.Field); i >= previewColumnsShown && (extra && c.Proposed == nil || c.Field == "") {
			left++
			continue
		}
		field := cmp.Or(c.Field, "–")
		p.line("  " + fit(p.name(c), names) + "  " + fit(field, max(fields, 1)) + "  " + p.words.Decimal(c.Confidence, 2) + "  " + c.Reason)
		for _, note := range p.notes(c) {
			p.wrap(6, note)
		}
		if take := takeFlag(c); take != "" {
			p.line("      → " + take) // never broken: it is to be copied
		}
		p.line("      " + cut(p.cells(c), previewWidth-6))
	}
	if left > 0 {
		p.line("  … " + p.words.Say("preview_left", "count", left))
	}
}

func (p preview) name(c previewColumn) string {
	if strings.TrimSpace(c.Name) == "" {
		return "#" + p.words.Number(int64(c.Position)+1)
	}
	return terminal.Plain(c.Name)
}

// cells says how filled a column is, and shows some of it.
func (p preview) cells(c previewColumn) string {
	if c.FillRate == 0 {
		return p.words.Say("preview_empty")
	}
	return p.words.Say("preview_fill", "filled", p.percent(c.FillRate), "distinct", p.percent(c.DistinctShare)) + ": " +
		terminal.Plain(strings.Join(c.Samples, " · "))
}

// percent rounds down, so that 100 is said of all and of nothing less.
func (p preview) percent(share float64) string {
	if share > 0 && share < 0.01 {
		return "< 1"
	}
	return p.words.Number(int64(share * 100))
}

// notes are what is to know about a column: what it may be, and why its dates
// and numbers are read as they are.
func (p preview) notes(c previewColumn) (notes []string) {
	w := p.words
	if other, ok := strings.CutPrefix(c.Reason, "contradicted: "); ok {
		notes = append(notes, w.Say("preview_differs", "kind", other, "share", p.percent(shareOf(c, other))))
	}
	if isProposal(c) {
		note := w.Say("preview_may_be", "field", *c.Proposed)
		if len(c.Content) > 0 && c.Content[0].Share >= mostCells && c.Content[0].Kind != validate.ContentNumber {
			note += ": " + w.Say("preview_content", "share", p.percent(c.Content[0].Share), "kind", c.Content[0].Kind)
		}
		notes = append(notes, note)
	}
	if c.Reason == "counter" {
		notes = append(notes, w.Say("preview_counter"))
	}
	if e := c.TypeEvidence; e != nil {
		notes = append(notes, p.evidence(*e)...)
	}
	if hasType(c) {
		notes = append(notes, w.Say("preview_type", "type", c.SuggestedType))
	}
	return notes
}

// mostCells is the share of cells from which their kind is worth a word.
const mostCells = 0.8

// isProposal reports whether the column is left to the user with a proposal.
func isProposal(c previewColumn) bool {
	return c.Proposed != nil && strings.HasPrefix(c.Reason, "ambiguous")
}

// takeFlag is how a proposal is taken, or a header overruled by its cells, ""
// when there is nothing to take or the column cannot be named.
func takeFlag(c previewColumn) string {
	field := ""
	if isProposal(c) {
		field = *c.Proposed
	}
	if kind, ok := strings.CutPrefix(c.Reason, "contradicted: "); ok {
		// Of these kinds the name is also that of the field.
		if _, ok := schemas.FieldByName(kind); ok {
			field = kind
		}
	}
	if field == "" || strings.TrimSpace(c.Name) == "" {
		return ""
	}
	return "--map " + shellQuote(c.Name+"="+field)
}

// hasType reports whether an extra column could be kept as something else than
// text.
func hasType(c previewColumn) bool {
	return c.SuggestedType != "" && c.SuggestedType != string(schemas.TypeText) && !c.Counter
}

func shareOf(c previewColumn, kind string) float64 {
	for _, s := range c.Content {
		if s.Kind == kind {
			return s.Share
		}
	}
	return 0
}

func (p preview) evidence(e validate.Evidence) (notes []string) {
	w := p.words
	switch {
	case e.Decided && len(e.SheetRows) > 0:
		notes = append(notes, w.Say("preview_decided", "format", e.Format, "count", e.For, "rows", someRows(e.SheetRows, e.For)))
	case e.Decided:
		notes = append(notes, w.Say("preview_format", "format", e.Format))
	case e.Open > 0:
		notes = append(notes, w.Say("preview_country", "format", e.Format))
	}
	if e.Against > 0 {
		notes = append(notes, w.Say("preview_against", "count", e.Against))
	}
	if e.Serial > 0 {
		notes = append(notes, w.Say("preview_serial", "count", e.Serial))
	}
	return notes
}

// rows writes the first rows, as many columns of them as fit.
func (p preview) rows() {
	if len(p.doc.Rows) == 0 {
		return
	}
	const most = 20
	var shown, left int
	var widths []int
	for i := range p.doc.Header {
		width := min(max(1, runes(terminal.Plain(p.doc.Header[i]))), most)
		for _, r := range p.doc.Rows {
			if i < len(r) {
				width = max(width, min(runes(terminal.Plain(r[i])), most))
			}
		}
		if left += width + 2; left > previewWidth && i > 0 {
			break
		}
		widths = append(widths, width)
		shown++
	}
	title := p.words.Say("preview_rows")
	if more := len(p.doc.Header) - shown; more > 0 {
		title += " (" + p.words.Say("preview_more", "count", more) + ")"
	}
	p.title(title)
	for _, r := range slices.Concat([][]string{p.doc.Header}, p.doc.Rows) {
		line := ""
		for i, width := range widths {
			cell := ""
			if i < len(r) {
				cell = r[i]
			}
			line += "  " + fit(cell, width)
		}
		p.line(line)
	}
}

// issues writes what is wrong among the sampled rows, by code with its columns,
// first rows and remedy.
func (p preview) issues() {
	w := p.words
	p.title(w.Say("sampled", "rows", p.doc.Sampled))
	if len(p.doc.Issues.ByCode) == 0 {
		p.line("  " + w.Say("preview_fine"))
	}
	for _, n := range p.doc.Issues.ByCode {
		text := n.Code + ": " + w.Say("rows", "count", n.Rows)
		if file := slices.ContainsFunc(p.file, func(f schemas.FileIssue) bool { return f.Code == n.Code }); file {
			text = n.Code
		}
		var columns []string
		var rows []int64
		for _, c := range p.doc.Causes {
			if c.Code != n.Code {
				continue
			}
			rows = append(rows, c.SheetRows...)
			if c.Column != nil && !slices.Contains(columns, *c.Column) {
				columns = append(columns, *c.Column)
			}
		}
		if len(columns) > 0 {
			text += ", " + strings.Join(columns, ", ")
		}
		slices.Sort(rows)
		if rows = slices.Compact(rows); len(rows) > 0 {
			text += " (" + w.Say("preview_sheet_rows", "rows", someRows(rows[:min(len(rows), 5)], n.Rows)) + ")"
		}
		p.wrap(2, text)
		for _, c := range p.doc.Causes {
			if c.Code == n.Code {
				p.wrap(6, c.Message)
				p.wrap(6, w.Say("remedy", "text", c.Remedy))
				break
			}
		}
	}
}

// someRows lists rows, and says when there are more.
func someRows(rows []int64, all int64) string {
	if all > int64(len(rows)) {
		return joinRows(rows) + " …"
	}
	return joinRows(rows)
}

// shortPath is a path from where the user stands, when that is shorter.
func shortPath(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && len(short) < len(path) {
		return short
	}
	return path
}

// next says what to type now.
func (p preview) next(c previewCommand) {
	file := shellQuote(shortPath(c.File))
	mapping := strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File)) + ".mapping.yaml"
	commands := []string{"bateia import " + file + c.again()}
	switch {
	case p.doc.Code != nil && len(p.doc.Columns) == 0:
		return
	case c.WriteMapping != "" && p.doc.Code == nil:
		commands = []string{"bateia import " + file + " --mapping " + shellQuote(shortPath(c.WriteMapping))}
	default:
		if p.doc.Code != nil {
			commands = nil
		}
		if i := slices.IndexFunc(p.file, func(f schemas.FileIssue) bool { return f.Code == "PHONE_AREA_MISSING" }); i >= 0 && p.file[i].Detail != "" {
			commands = append(commands, commands[0]+" --option default_area_code="+p.file[i].Detail)
		}
		if p.doc.Code == nil {
			commands = append(commands, "bateia preview "+file+c.again()+" --write-mapping "+shellQuote(mapping))
		}
	}
	if len(commands) == 0 {
		return
	}
	p.title(p.words.Say("preview_next"))
	for _, command := range commands {
		p.line("  " + command) // never broken: it is to be copied
	}
}

// again repeats the flags of a preview for the command that comes next.
func (c previewCommand) again() (flags string) {
	if c.Mapping != "" {
		flags += " --mapping " + shellQuote(shortPath(c.Mapping))
	}
	for _, list := range []struct {
		flag   string
		values []string
	}{{"map", c.Map}, {"set", c.Set}, {"option", c.Option}} {
		for _, v := range list.values {
			flags += " --" + list.flag + " " + shellQuote(v)
		}
	}
	return flags
}

// shellQuote writes a word so that a shell takes it as it is.
func shellQuote(word string) string {
	word = terminal.Plain(word)
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,@+", r))
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
