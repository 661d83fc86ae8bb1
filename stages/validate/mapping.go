package validate

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/schemas/spreadsheet"
)

// maxExtras is how many columns that nobody recognizes become extra fields. A
// prospect is a contact, not a data warehouse.
const maxExtras = 50

// maxNames is how many column names a file issue carries; its count has all.
const maxNames = 100

// Reasons of a column, as CONTRACT's columns show them.
const (
	reasonMapping      = "mapping"        // the mapping or --map says so
	reasonHeader       = "header"         // its header names the field
	reasonContent      = "content"        // its cells are clearly of one kind
	reasonBoth         = "header+content" // its header and its cells say the same
	reasonContradicted = "contradicted"   // its header names the field, its cells are of another kind
	reasonCounter      = "counter"        // it counts rows: no id
	reasonExtra        = "extra"          // unrecognized, kept as an extra field
	reasonIgnored      = "ignored"        // the mapping says ignore
	reasonRest         = "rest"           // unrecognized, and rest is ignore
	reasonTaken        = "taken"          // another column feeds the field already
	reasonSet          = "set"            // a constant of the mapping feeds the field
	reasonAmbiguous    = "ambiguous"      // its header may name a field; left to the user
	reasonUnnamed      = "unnamed"        // no header
	reasonOwn          = "own"            // one of the program's own columns come back
	reasonLimit        = "limit"          // more unrecognized columns than are kept
)

// Column is one column of the file and what it feeds.
type Column struct {
	schemas.Column
	Type   schemas.FieldType
	Format string            // of dates and numbers, from the mapping; "" to decide by the data
	System string            // of an external id, "" for the source's own
	Values map[string]string // translations, by schemas.FoldHeader of the cell
	Area   int               // position of the column with its area code, -1 for none

	// Proposed is the field that the column may feed, when that is left to the
	// user; likely says how probable it is.
	Proposed string
	likely   float64
	counts   bool // it counts rows
}

// Constant is a value that every row gets.
type Constant struct {
	Field string
	Type  schemas.FieldType
	Value string // canonical
}

// Plan says what every column feeds.
type Plan struct {
	Columns   []Column
	Constants []Constant
	// PhoneCountry is the position of the column with the phones' country, -1.
	PhoneCountry int
	marked       bool // the file's cells carry marks
}

// planner collects a plan and what is wrong with it.
type planner struct {
	Plan
	mapping schemas.Mapping
	content Content
	issues  []schemas.FileIssue
	extras  map[string]bool // names of extra fields in use
}

// MakePlan decides which column feeds which field: first what the mapping says
// of columns by name, then header synonyms and what the cells of a sample look
// like, then mapping.Rest. The plan names every column, also those that feed
// nothing, with the reason. Without content the headers alone decide.
//
// The issues are about the file as a whole; when one of them is an error the
// plan cannot be used and err is a *pipeline.Error of kind rejected with its
// code. Nobody watches an unattended import, so it takes only what is certain.
func MakePlan(header []string, content Content, m schemas.Mapping, unattended bool) (Plan, []schemas.FileIssue, error) {
	p := planner{mapping: m, content: content, extras: map[string]bool{}, Plan: Plan{PhoneCountry: -1, marked: schemas.Marked(header)}}
	for i, name := range header {
		if p.marked {
			name = spreadsheet.Unguard(name)
		}
		p.Columns = append(p.Columns, Column{Column: schemas.Column{Position: i, Name: name}, Area: -1})
	}
	p.mapByName()
	p.constants()
	p.mapByHeader(m.Rest == "auto" && !unattended)
	p.mapRest()
	p.joinAreas()
	p.check()
	for _, issue := range p.issues {
		if issue.Severity == schemas.SeverityError {
			return p.Plan, p.issues, pipeline.Reject(issue.Code, "map columns")
		}
	}
	return p.Plan, p.issues, nil
}

func (p *planner) refuse(code, detail string, names ...string) {
	p.issues = append(p.issues, schemas.FileIssue{
		Code: code, Severity: schemas.SeverityError, Count: int64(len(names)), Names: cutNames(names), Detail: detail,
	})
}

func cutNames(names []string) []string { return names[:min(len(names), maxNames)] }

// mapByName applies what the mapping says of columns by their names.
func (p *planner) mapByName() {
	var unknown, invalid, twice []string
	byTarget := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(p.mapping.Columns)) {
		target := p.mapping.Columns[name]
		at := p.columnsNamed(name)
		if len(at) == 0 {
			unknown = append(unknown, name)
			continue
		}
		field, typ, ok := resolveTarget(target)
		if !ok {
			invalid = append(invalid, name)
			continue
		}
		if len(at) > 1 && field != "" && !takesSeveral(field) {
			twice = append(twice, name)
			continue
		}
		// Ids of other systems that are named may be several.
		if field != "" && !takesSeveral(field) && !(field == "external_id" && target.System != "") {
			byTarget[field] = append(byTarget[field], name)
		}
		for _, i := range at {
			p.feed(i, field, typ, 1, reasonMapping)
			c := &p.Columns[i]
			c.Format, c.System, c.Values = target.Format, target.System, foldValues(target.Values)
			if field == "" {
				c.Reason = reasonIgnored
			}
		}
	}
	if len(unknown) > 0 {
		p.refuse("MAPPING_COLUMN_UNKNOWN", "", unknown...)
	}
	if len(invalid) > 0 {
		p.refuse("MAPPING_INVALID", "", invalid...)
	}
	if len(twice) > 0 {
		p.refuse("FILE_HEADER_DUPLICATE", "", twice...)
	}
	for _, field := range slices.Sorted(maps.Keys(byTarget)) {
		if names := byTarget[field]; len(names) > 1 {
			p.refuse("MAPPING_TARGET_TWICE", field, names...)
		}
	}
}

// columnsNamed returns the columns with that header: as it stands, else when
// accents, case and punctuation do not count.
func (p *planner) columnsNamed(name string) (at []int) {
	name = strings.TrimSpace(name)
	for i, c := range p.Columns {
		if strings.TrimSpace(strings.TrimPrefix(c.Name, "\ufeff")) == name {
			at = append(at, i)
		}
	}
	if len(at) > 0 {
		return at
	}
	folded := schemas.FoldHeader(name)
	for i, c := range p.Columns {
		if folded != "" && schemas.FoldHeader(c.Name) == folded {
			at = append(at, i)
		}
	}
	return at
}

// feed sets what a column feeds; field "" is nothing.
func (p *planner) feed(i int, field string, typ schemas.FieldType, confidence float64, reason string) {
	c := &p.Columns[i]
	c.Field, c.Type, c.Confidence, c.Reason = field, typ, confidence, reason
	c.Imported = field != ""
	if name, ok := schemas.IsExtra(field); ok {
		p.extras[name] = true
	}
	if field == "phone_country" {
		p.PhoneCountry = i
	}
}

// fed reports whether a column or constant feeds the field already.
func (p *planner) fed(field string) bool {
	return slices.ContainsFunc(p.Columns, func(c Column) bool { return c.Field == field }) ||
		p.set(field)
}

func (p *planner) set(field string) bool {
	return slices.ContainsFunc(p.Constants, func(c Constant) bool { return c.Field == field })
}

// settleNames reads "Nome" beside "Sobrenome" as the first name, which is how
// CRMs export it.
func (p *planner) settleNames() {
	if !p.fed("last_name") || p.fed("first_name") {
		return
	}
	for i, c := range p.Columns {
		if c.Field != "name" || c.Reason != reasonHeader {
			continue
		}
		switch schemas.FoldHeader(c.Name) {
		case "nome", "nombre", "name", "nomes", "nombres":
			p.feed(i, "first_name", schemas.TypeText, c.Confidence, reasonHeader)
		}
	}
}

// settleNumbers leaves "Número" to the user when no street stands beside it: in
// lists of contacts it is as often a phone.
func (p *planner) settleNumbers() {
	if p.fed("street") {
		return
	}
	for i, c := range p.Columns {
		if c.Field == "street_number" && c.Reason == reasonHeader && schemas.FoldHeader(c.Name) != "streetnumber" {
			cells := p.content.column(i)
			if p.speaksForItself(cells, "phone") {
				_, confidence, _ := cells.clear()
				p.feed(i, "phone", schemas.TypeIdentity, confidence, reasonBoth)
				continue
			}
			p.feed(i, "", "", 0, "")
			p.Columns[i].Proposed, p.Columns[i].likely = "phone", schemas.HeaderLikely
		}
	}
}

// mapRest decides about the columns that nothing has claimed.
func (p *planner) mapRest() {
	extras := 0
	for i, c := range p.Columns {
		if c.Reason != "" {
			continue
		}
		reason, confidence := reasonExtra, 1.0
		switch {
		case c.Proposed == "":
		case p.set(c.Proposed):
			reason = reasonSet
		case p.fed(c.Proposed) && !takesSeveral(c.Proposed), c.Proposed == "name" && p.fed("first_name"):
			reason = reasonTaken + ": " + c.Proposed
		default:
			reason, confidence = reasonAmbiguous+": "+c.Proposed, c.likely
		}
		if c.counts && reason == reasonExtra {
			reason = reasonCounter
		}
		switch {
		case schemas.FoldHeader(c.Name) == "":
			if !strings.HasPrefix(reason, reasonAmbiguous) {
				reason, confidence = reasonUnnamed, 0
			}
			p.feed(i, "", "", confidence, reason)
		case p.mapping.Rest == "ignore":
			if reason == reasonExtra || reason == reasonCounter {
				reason = reasonRest
			}
			p.feed(i, "", "", 0, reason)
		case extras == maxExtras:
			p.feed(i, "", "", 0, reasonLimit)
		default:
			extras++
			p.feed(i, schemas.ExtraPrefix+p.extraName(c.Name), schemas.TypeText, confidence, reason)
		}
	}
}

// extraName returns a free name for an extra field, made from a header.
func (p *planner) extraName(header string) string {
	base := slug(header)
	name := base
	for n := 2; p.extras[name]; n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	return name
}

// joinAreas gives every area column to its phone: the phone right after it, or
// the one that its field says.
func (p *planner) joinAreas() {
	var phones []int
	for i, c := range p.Columns {
		if f, _ := schemas.FieldByName(c.Field); f.Kind == identity.Phone {
			phones = append(phones, i)
		}
	}
	free := func(i int) bool { return slices.Contains(phones, i) && p.Columns[i].Area < 0 }
	var rest []int
	for i, c := range p.Columns {
		switch {
		case c.Field != "phone_area" && c.Field != "phone2_area":
		case free(i + 1):
			p.Columns[i+1].Area = i
		default:
			rest = append(rest, i)
		}
	}
	for _, i := range rest {
		for _, want := range []func(Column) bool{
			func(c Column) bool { return c.Field == strings.TrimSuffix(p.Columns[i].Field, "_area") },
			func(Column) bool { return true },
		} {
			at := slices.IndexFunc(phones, func(j int) bool { return free(j) && want(p.Columns[j]) })
			if at >= 0 {
				p.Columns[phones[at]].Area = i
				break
			}
		}
	}
}

// check refuses what no import can work with.
func (p *planner) check() {
	identifies := func(c Column) bool {
		f, _ := schemas.FieldByName(c.Field)
		return f.Kind != 0 || f.Type == schemas.TypeRowID
	}
	if !slices.ContainsFunc(p.Columns, identifies) {
		p.refuse("MAPPING_NO_IDENTIFIER", p.candidate())
	} else if p.mapping.Options.FirstColumnIdentifies && !identifies(p.Columns[0]) {
		p.refuse("FILE_FIRST_COLUMN_NOT_IDENTIFIER", "", p.Columns[0].Name)
	}
}
