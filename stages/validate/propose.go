package validate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// match is a field that a column may feed, and why.
type match struct {
	column     int
	field      string
	confidence float64
	reason     string
}

// propose returns what the header and the cells of a column say together, and
// whether they say anything:
//
//	header   cells           result
//	known    of its kind     header+content, surer; header when it was sure by itself
//	known    of another one  the header's field, less sure, and the file gets COLUMN_CONTENT_DIFFERS
//	likely   of its kind     header+content, sure when the cells are clear by themselves
//	likely   of another one  content
//	unknown  clear           content
//
// What rises like row numbers is no id, whatever it is called.
func (p *planner) propose(i int) (m match, ok bool) {
	c := &p.Columns[i]
	cells := p.content.column(i)
	field, sure, known := schemas.MatchHeader(c.Name)
	if known && field == "external_id" && cells.Counter {
		c.counts = true
		return match{}, false
	}
	if !known {
		return p.proposeByContent(i, cells)
	}
	m = match{i, field, sure, reasonHeader}
	switch v, confidence, other := cells.against(field); {
	case v == agrees && sure < schemas.HeaderExact:
		m.reason = reasonBoth
		m.confidence = min(schemas.HeaderExact, 1-(1-sure)*(1-confidence))
		if sure < schemas.HeaderSure && !p.speaksForItself(cells, field) {
			m.confidence = min(m.confidence, justUnsure)
		}
	case v == differs && sure < schemas.HeaderSure:
		if by, ok := p.proposeByContent(i, cells); ok {
			return by, true
		}
	case v == differs:
		m.confidence = max(0.1, sure*(1-confidence))
		m.reason = reasonContradicted + ": " + other
	}
	return m, true
}

// justUnsure is the highest confidence that nobody takes unattended.
const justUnsure = schemas.HeaderSure - 0.01

// proposeByContent proposes a field for a column whose header says nothing. It
// is sure only where no header could say otherwise: a column with another name
// means something else by it than we know, such as the e-mail of who brought
// the customer.
func (p *planner) proposeByContent(i int, cells Profile) (m match, ok bool) {
	kind, confidence, ok := cells.clear()
	if !ok {
		return match{}, false
	}
	switch kind {
	case ContentDate, ContentNumber, ContentBoolean: // a type, not a meaning
		return match{}, false
	}
	field := contentFields[kind][0]
	if f, _ := schemas.FieldByName(field); f.Kind != 0 && 2*cells.Distinct < cells.Filled {
		return match{}, false // who stands in every other row is nobody's identity
	}
	if !nameless(p.Columns[i].Name) || !p.speaksForItself(cells, field) {
		confidence = min(confidence, justUnsure)
	}
	return match{i, field, confidence, reasonContent}, true
}

// speaksForItself reports whether cells are so clearly what the field holds
// that they may feed it unattended.
func (p *planner) speaksForItself(cells Profile, field string) bool {
	kind, confidence, ok := cells.clear()
	if !ok || confidence < schemas.HeaderSure || !slices.Contains(contentFields[kind], field) {
		return false
	}
	f, _ := schemas.FieldByName(field)
	return f.Kind == 0 || cells.distinct() >= distinctShare
}

// nameless reports whether a header names nothing: it is empty, or what
// programs write where a name is missing.
func nameless(header string) bool {
	words := schemas.HeaderWords(header)
	for _, w := range words {
		switch w {
		case "coluna", "columna", "column", "col", "campo", "field", "unnamed":
		default:
			if strings.Trim(w, "0123456789") != "" {
				return false
			}
		}
	}
	return true
}

// mapByHeader lets headers and cells name fields. Of several columns for a field
// that takes one the surest wins, then the first; headers go before cells.
func (p *planner) mapByHeader(takeLikely bool) {
	var matches []match
	for i, c := range p.Columns {
		if c.Reason != "" {
			continue
		}
		if schemas.IsOwnColumn(c.Name) {
			p.feed(i, "", "", 1, reasonOwn)
			continue
		}
		m, ok := p.propose(i)
		switch {
		case !ok:
		case m.confidence >= schemas.HeaderSure, takeLikely && m.confidence >= schemas.HeaderLikely, strings.HasPrefix(m.reason, reasonContradicted):
			matches = append(matches, m)
		default:
			p.Columns[i].Proposed, p.Columns[i].likely = m.field, m.confidence
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int {
		return cmp.Or(cmp.Compare(b2i(a.reason == reasonContent), b2i(b.reason == reasonContent)),
			cmp.Compare(b.confidence, a.confidence), cmp.Compare(b2i(p.isAnniversary(a.column)), b2i(p.isAnniversary(b.column))))
	})
	for _, m := range matches {
		p.take(m)
	}
	p.settleNames()
	p.settleNumbers()
	for _, m := range matches {
		if c := &p.Columns[m.column]; c.Reason == "" && c.Proposed == "" {
			c.Proposed, c.likely = m.field, min(m.confidence, justUnsure)
		}
	}
	p.warnOfContent()
}

// isAnniversary reports whether a header is "aniversario": the birthday in
// Portuguese and the wedding day in Spanish. Any other name of a birthday goes
// before it.
func (p *planner) isAnniversary(column int) bool {
	return schemas.FoldHeader(p.Columns[column].Name) == "aniversario"
}

// take feeds a field from a column unless something else does already.
func (p *planner) take(m match) {
	field := m.field
	if m.reason == reasonContent && p.fedKind(field) {
		return // a second phone by its looks alone is left to the user
	}
	if p.fed(field) && !takesSeveral(field) {
		if field = sameKind(field); field == "" {
			return
		}
	}
	switch {
	case p.set(field):
		return
	case field == "name" && m.confidence <= schemas.HeaderFallback && p.fed("first_name"):
		return
	}
	f, _ := schemas.FieldByName(field)
	p.feed(m.column, field, f.Type, m.confidence, m.reason)
}

// fedKind reports whether any column feeds the field or one that states the
// same kind of identity.
func (p *planner) fedKind(field string) bool {
	f, _ := schemas.FieldByName(field)
	return p.fed(field) || field == "name" && p.fed("first_name") ||
		f.Kind != 0 && slices.ContainsFunc(p.Columns, func(c Column) bool {
			other, _ := schemas.FieldByName(c.Field)
			return other.Kind == f.Kind
		})
}

// warnOfContent names the columns whose cells are of another kind than their
// header says.
func (p *planner) warnOfContent() {
	var names, kinds []string
	for _, c := range p.Columns {
		if kind, ok := strings.CutPrefix(c.Reason, reasonContradicted+": "); ok {
			names = append(names, c.Name)
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	if len(names) > 0 {
		p.issues = append(p.issues, schemas.FileIssue{
			Code: "COLUMN_CONTENT_DIFFERS", Severity: schemas.SeverityWarning, Count: int64(len(names)), Names: cutNames(names),
			Detail: strings.Join(kinds, ", "),
		})
	}
}

// candidate names the column that most likely identifies people although no
// header says so, as --map takes it, "" when there is none.
func (p *planner) candidate() string {
	best, text := 0.0, ""
	for i, c := range p.Columns {
		m := match{field: c.Proposed, confidence: c.likely}
		if c.Proposed == "" {
			m, _ = p.proposeByContent(i, p.content.column(i))
		}
		if f, _ := schemas.FieldByName(m.field); (f.Kind == identity.Phone || f.Kind == identity.Email || f.Kind == identity.Document) &&
			m.confidence > best && strings.TrimSpace(c.Name) != "" {
			best, text = m.confidence, c.Name+"="+m.field
		}
	}
	return text
}
