package report

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bateia/bateia/schemas"
)

// textWidth is the longest line of the text, in characters, but for names and
// words that are longer by themselves.
const textWidth = 78

// Text returns the result as a person reads it, in the account's language and
// local time: what became of the file, refusals by cause with their first rows
// and what to do about them, columns not imported, and the next step. Rows are
// named as a spreadsheet numbers them. Lines end in \n.
func Text(s Summary) string {
	p := page{speaker: speak(s.Account.Locale), s: s}
	p.head()
	p.ledger()
	for _, outcome := range []schemas.Outcome{schemas.OutcomeRejected, schemas.OutcomeConflict, schemas.OutcomeSkipped} {
		p.causes(outcome)
	}
	p.columns()
	p.warnings()
	p.next()
	p.foot()
	return p.b.String()
}

// page is a text under way.
type page struct {
	speaker
	s Summary
	b strings.Builder
}

// line writes one line; indent blanks before it.
func (p *page) line(indent int, text string) {
	if text != "" {
		p.b.WriteString(strings.Repeat(" ", indent))
		p.b.WriteString(text)
	}
	p.b.WriteByte('\n')
}

// wrap writes text in lines of textWidth; the first one is indented by indent,
// the others by rest.
func (p *page) wrap(indent, rest int, text string) {
	current := ""
	for _, word := range strings.Fields(text) {
		if current != "" && indent+utf8.RuneCountInString(current)+1+utf8.RuneCountInString(word) > textWidth {
			p.line(indent, current)
			current, indent = "", rest
		}
		if current != "" {
			current += " "
		}
		current += word
	}
	p.line(indent, current)
}

// section starts a part of the text with a title.
func (p *page) section(title string) {
	p.line(0, "")
	p.wrap(0, 0, title)
}

func (p *page) head() {
	d := p.s.Document
	when := p.s.At.In(p.s.Account.Location()).Format(p.say("date"))
	p.line(0, oneLine(p.s.FileName))
	p.wrap(0, 0, p.say("title."+string(d.State), "when", when))
	if d.Message != nil {
		p.line(0, "")
		p.wrap(0, 0, *d.Message)
	}
	switch d.State {
	case schemas.Ready:
		p.wrap(0, 0, p.say("nothing_written_yet"))
	case schemas.Rejected, schemas.Failed, schemas.Canceled:
		p.wrap(0, 0, p.say("nothing_written"))
	}
}

// ledger writes the counts in one column of figures. What is zero is left out.
func (p *page) ledger() {
	d := p.s.Document
	if _, rows := reports(d); !rows {
		return
	}
	title := p.of("rows.done", "synced.done")
	if d.State == schemas.Ready {
		title = p.of("rows.plan", "synced.plan")
	}
	p.section(p.say(title))
	l := d.Ledger
	type figure struct {
		key string
		n   int64
	}
	figures := []figure{
		{"read", l.Read}, {"created", l.Created}, {"updated", l.Updated}, {"unchanged", l.Unchanged}, {"duplicate", l.Duplicate},
		{"rejected", l.Rejected}, {"skipped", l.Skipped}, {"conflict", l.Conflict}, {"blank", l.Blank},
	}
	outside := []string{"blank", "preamble", "comment", "header", "footer"} // of the sum of rows
	for _, kind := range outside[1:] {
		var n int64
		for _, s := range d.Skipped {
			if s.Kind == kind {
				n += s.Lines
			}
		}
		figures = append(figures, figure{kind, n})
	}
	width := 0
	for _, f := range figures {
		width = max(width, len(p.count(f.n)))
	}
	for _, f := range figures {
		if f.n == 0 && f.key != "read" {
			continue
		}
		indent := 4
		if f.key == "read" || slices.Contains(outside, f.key) {
			indent = 2
		}
		n := p.count(f.n)
		p.line(indent, strings.Repeat(" ", width-len(n))+n+"  "+p.noun("rows."+f.key, f.n))
	}
	// Every prospect that was created or changed has exactly one row above; only
	// merges are not seen there.
	if merged := d.Prospects.Merged; merged > 0 {
		p.wrap(2, 2, p.say("merged", "n", merged))
	}
	if d.Resolved > 0 {
		p.wrap(2, 2, p.say("resolved", "n", d.Resolved))
	}
}

// causes writes the rows of one outcome by cause.
func (p *page) causes(outcome schemas.Outcome) {
	var all int64
	for _, c := range p.s.Causes {
		if c.Outcome == outcome {
			all += c.Rows
		}
	}
	if all == 0 {
		return
	}
	p.section(p.say("causes."+string(outcome), "n", all))
	for _, c := range p.s.Causes {
		if c.Outcome != outcome {
			continue
		}
		p.line(0, "")
		p.wrap(2, 2, schemas.Sentence(c.Code, p.s.Account.Locale))
		if len(c.Columns) > 0 {
			p.wrap(4, 6, p.say("cause.columns", "n", c.Rows, "columns", quoted(c.Columns)))
		} else {
			p.wrap(4, 6, p.say("cause", "n", c.Rows))
		}
		if len(c.SheetRows) > 0 {
			rows := make([]string, len(c.SheetRows))
			for i, r := range c.SheetRows {
				rows[i] = strconv.FormatInt(r, 10) // as the spreadsheet writes it: no digit groups
			}
			where := "cause.where"
			if p.s.Document.Source.Kind == "omie" {
				where = "cause.codes"
			}
			p.wrap(4, 6, p.say(where, "rows", p.several(rows, c.Rows)))
		}
		p.remedy(schemas.Remedy(c.Code, p.s.Account.Locale))
	}
}

// remedy writes what to do, marked by an arrow.
func (p *page) remedy(text string) {
	if text != "" {
		p.wrap(4, 6, "→ "+text)
	}
}

// several lists the first of all things.
func (p *page) several(first []string, all int64) string {
	list := strings.Join(first, ", ")
	if more := all - int64(len(first)); more > 0 {
		return p.say("more", "list", list, "n", more)
	}
	return list
}

// columnNames is how many columns the text lists by name.
const columnNames = 20

func (p *page) columns() {
	if _, rows := reports(p.s.Document); !rows {
		return
	}
	var names []string
	var all int64
	for _, c := range p.s.Document.Columns {
		if c.Imported || schemas.IsOwnColumn(c.Name) { // never data, so not missed either
			continue
		}
		if all++; len(names) == columnNames {
			continue
		}
		if name := oneLine(c.Name); name != "" {
			names = append(names, quoted([]string{name}))
		} else {
			names = append(names, p.say("column.unnamed", "n", int64(c.Position+1)))
		}
	}
	if all == 0 {
		return
	}
	p.section(p.say("columns", "n", all))
	p.wrap(2, 2, p.several(names, all))
	p.remedy(schemas.Remedy("COLUMNS_NOT_IMPORTED", p.s.Account.Locale))
}

// warnings writes what was found and refused nothing: issues on the file with
// their remedies, then those of rows.
func (p *page) warnings() {
	if _, rows := reports(p.s.Document); !rows {
		return
	}
	said := map[string]bool{"COLUMNS_NOT_IMPORTED": true} // has a part of its own
	for _, c := range p.s.Causes {
		said[c.Code] = true
	}
	if p.s.Document.Code != nil {
		said[*p.s.Document.Code] = true
	}
	titled := false
	bullet := func(text, remedy string) {
		if !titled {
			p.section(p.say("warnings"))
			titled = true
		}
		p.wrap(2, 4, "· "+text)
		p.remedy(remedy)
	}
	for _, f := range p.s.Issues {
		if said[f.Code] || f.Severity == schemas.SeverityError {
			continue
		}
		said[f.Code] = true
		bullet(schemas.Sentence(f.Code, p.s.Account.Locale, f.Args()), schemas.Remedy(f.Code, p.s.Account.Locale, f.Args()))
	}
	for _, c := range p.s.Document.Issues.ByCode {
		if said[c.Code] || c.Severity == schemas.SeverityError {
			continue
		}
		bullet(p.say("warning.rows", "n", c.Rows, "sentence", schemas.Sentence(c.Code, p.s.Account.Locale)), "")
	}
}

// feedback names the files with the rows to correct, which say the same.
func (p *page) feedback() {
	file := path.Base(*p.s.Document.Objects.Feedback)
	if p.s.book != "" {
		p.line(4, path.Base(p.s.book))
		file = p.say("next.or", "file", file)
	}
	p.line(4, file)
}

// next writes the steps that are open now.
func (p *page) next() {
	d, id := p.s.Document, p.s.ImportID.String()
	feedback := d.Objects.Feedback != nil
	p.section(p.say("next"))
	switch d.State {
	case schemas.Ready:
		apply := p.of("next.apply_all", "synced.apply")
		if feedback {
			apply = "next.apply"
			p.wrap(2, 2, p.say("next.see"))
			p.feedback()
		}
		p.step(apply, "bateia apply "+id)
		p.step("next.cancel", "bateia cancel "+id)
	case schemas.Applied:
		switch {
		case feedback:
			p.wrap(2, 2, p.say(p.of("next.fix", "synced.fix")))
			p.feedback()
		case d.Ledger.Skipped > 0:
			p.wrap(2, 2, p.say("next.nothing"))
		default:
			p.wrap(2, 2, p.say("next.nothing_all"))
		}
		if d.Issues.Errors+d.Issues.Warnings > 0 {
			p.step("next.issues", "bateia issues "+id)
		}
	case schemas.Canceled:
		p.wrap(2, 2, p.say(p.of("next.again", "synced.again")))
	default:
		if d.Remedy != nil {
			p.wrap(2, 2, *d.Remedy)
		}
		if d.State == schemas.Rejected {
			p.wrap(2, 2, p.say("next.resend"))
		}
	}
}

// of is the key that fits where the rows come from: a file, or a connection, to
// which nothing can be sent again.
func (p *page) of(file, sync string) string {
	if p.s.Document.Source.Kind == "omie" {
		return sync
	}
	return file
}

// step writes a step and the command that does it.
func (p *page) step(key, command string) {
	p.wrap(2, 2, p.say(key))
	p.line(4, command)
}

func (p *page) foot() {
	p.line(0, "")
	id, account := p.s.ImportID.String(), p.s.Account.Slug
	if list := oneLine(p.s.Document.List); list != "" {
		p.line(0, p.say("foot.list", "id", id, "account", account, "list", list))
		return
	}
	p.line(0, p.say("foot", "id", id, "account", account))
}

// quoted writes names of columns so that they stand out: “telefone”, “nome”.
func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = "“" + oneLine(n) + "”"
	}
	return strings.Join(out, ", ")
}

// oneLine makes line breaks and runs of blanks one blank: names are the user's.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
