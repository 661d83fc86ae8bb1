package validate

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/schemas/spreadsheet"
)

// Cells are the cells of one record.
type Cells struct {
	list   []string
	column *array.String // or cells lo to lo+n of an Arrow column
	lo, n  int
	marked bool // they carry marks: see schemas.Marked
}

// CellsOf returns the cells of a record in memory.
func CellsOf(list []string) Cells { return Cells{list: list, n: len(list)} }

// cell returns the text of a column, "" when the record ends before it.
func (c *Cells) cell(i int) string {
	text := ""
	switch {
	case i >= c.n:
	case c.list != nil:
		text = c.list[i]
	default:
		text = c.column.Value(c.lo + i)
	}
	if c.marked {
		text = spreadsheet.Unguard(text)
	}
	return text
}

// Issue is what is wrong with a row or with one of its cells.
type Issue struct {
	Column   int // position in the file, -1 for the row as a whole
	Field    string
	Severity schemas.Severity
	Code     string
	Value    string // the cell as it stands, cut at 200 runes
}

// maxValue is how much of a cell an issue keeps, in runes.
const maxValue = 200

// Reader reads records one after the other; its results live until the next
// one. It belongs to one goroutine.
type Reader struct {
	v *Validator
	scratch

	// The row that was read last.
	status    schemas.Outcome
	reason    string
	nameKey   string
	bateiaID  string
	extra     string
	statement int64
	values    []string // by v.fields, "" when blank
	ids       []identity.Value
	issues    []Issue

	options  identity.Options
	given    Given
	kept     [identity.Telegram + 1]bool // kinds whose value is what the export gave out
	abroad   bool                        // the row names the country of its phones
	problems []identity.Problem
	local    bool   // a phone lacks its area code
	badID    string // first code of an identifier that could not be read
	firstBad string // first code of any cell that could not be read
	tags     []string
	order    []int  // of ids, for the statement
	digest   []byte // what the statement is the hash of

	stats Stats
}

// Stats is what a Reader has counted so far.
type Stats struct {
	Filled, Valid           []int64    // by column
	National, International int64      // phones read without and with a country code
	Local                   []int64    // by column: phones refused because they lack an area code
	LocalRows               int64      // rows with such a phone
	Areas                   AreaCounts // of the phones that were read
	Places                  AreaCounts // of the places of the rows with such a phone
}

// NewReader returns a Reader over the validator's columns.
func (v *Validator) NewReader() *Reader {
	r := &Reader{v: v, values: make([]string, len(v.fields))}
	r.options = identity.Options{
		Country:         v.cfg.Country,
		DefaultAreaCode: v.cfg.Options.DefaultAreaCode,
		RejectMultiple:  v.cfg.Options.Multiple == "reject",
	}
	if r.options.DefaultAreaCode == "" {
		r.options.DefaultAreaCode = v.cfg.DefaultAreaCode
	}
	r.stats = Stats{Filled: make([]int64, len(v.plan.Columns)), Valid: make([]int64, len(v.plan.Columns)), Local: make([]int64, len(v.plan.Columns))}
	return r
}

// Read reads one record. defect is what stands in the table records: the code of
// a record that is broken as such, which is rejected, of one that its source leaves
// out, which is skipped, or of one that was repaired, which is read and keeps a
// warning; else "".
func (r *Reader) Read(defect string, cells Cells) { r.ReadGiven(defect, cells, Given{}) }

// ReadGiven is Read of a record of a file that was exported: what the export gave out and
// is the same says nothing.
func (r *Reader) ReadGiven(defect string, cells Cells, given Given) {
	r.reset()
	r.given = given
	clear(r.kept[:])
	r.issues = r.issues[:0]
	r.ids = r.ids[:0]
	r.status, r.reason, r.nameKey, r.bateiaID, r.extra, r.statement = "", "", "", "", "", 0
	r.badID, r.firstBad, r.local = "", "", false
	clear(r.values)
	if defect != "" && !r.repaired(defect, &cells) {
		r.leaveOut(defect)
		return
	}
	cells.marked = r.v.marked
	if redacted(&cells) {
		r.leaveOut("SUPPRESSED")
		return
	}
	for _, i := range r.v.idle {
		if c := cells.cell(i); c != "" && trimBlanks(c) != "" {
			r.stats.Filled[i]++
		}
	}
	for _, i := range r.v.areas {
		if c := cells.cell(i); c != "" && trimBlanks(c) != "" {
			r.stats.Filled[i]++
			r.stats.Valid[i]++
		}
	}
	r.readIdentities(&cells)
	r.readFields(&cells)
	if r.local {
		r.countPlace()
	}
	r.readName()
	r.unedited(&cells)
	r.readExtras(&cells)
	r.decide()
}

// redacted reports whether nothing of a record is left but what people who were
// erased are overwritten with: see stages/erase.
func redacted(cells *Cells) bool {
	some := false
	for i := range cells.n {
		cell := cells.cell(i)
		if cell == "" {
			continue
		}
		if c := cell[0]; c != '*' && c != '"' && c != '\\' {
			return false
		}
		if strings.Trim(cell, "*\"\\\r\n") != "" {
			return false
		}
		some = some || strings.IndexByte(cell, '*') >= 0
	}
	return some
}

// leaveOut ends a record that goes no further, as the catalogue says of the code.
func (r *Reader) leaveOut(code string) {
	severity, outcome := schemas.SeverityError, schemas.OutcomeRejected
	if c, known := schemas.CodeByName(code); known && c.Outcome == schemas.OutcomeSkipped {
		severity, outcome = c.Severity, c.Outcome
	}
	r.issues = append(r.issues, Issue{Column: -1, Severity: severity, Code: code})
	r.status, r.reason = outcome, code
}

// repaired notes that the record was repaired, at one of its columns, and reports
// false when the defect is another one.
func (r *Reader) repaired(defect string, cells *Cells) bool {
	code, column := schemas.SplitDefect(defect)
	if code != schemas.CodeRepaired {
		return false
	}
	if column < 0 || column >= len(r.v.plan.Columns) {
		r.issues = append(r.issues, Issue{Column: -1, Severity: schemas.SeverityWarning, Code: code})
		return true
	}
	r.issue(column, r.v.plan.Columns[column].Field, schemas.SeverityWarning, code, cells.cell(column))
	return true
}

// issue notes a problem with a cell.
func (r *Reader) issue(column int, field string, severity schemas.Severity, code, value string) {
	value = cut(value, maxValue)
	if strings.IndexByte(value, 0) >= 0 {
		value = strings.ReplaceAll(value, "\x00", "␀") // databases refuse the character itself
	}
	r.issues = append(r.issues, Issue{column, field, severity, code, value})
	if severity == schemas.SeverityError && r.firstBad == "" {
		r.firstBad = code
	}
}

// readIdentities collects the identities of the row in the order in which they
// count.
func (r *Reader) readIdentities(cells *Cells) {
	v := r.v
	if v.rowID >= 0 {
		if id := strings.ToLower(trimBlanks(cells.cell(v.rowID))); id != "" && !identity.Blank(id) {
			r.bateiaID = id
			r.stats.Filled[v.rowID]++
			r.stats.Valid[v.rowID]++
		}
	}
	r.options.Country, r.abroad = v.cfg.Country, false
	if i := v.plan.PhoneCountry; i >= 0 {
		if text := cells.cell(i); text != "" {
			r.stats.Filled[i]++
			if code := r.phoneCountry(text); code != "" {
				r.options.Country, r.abroad = code, true
				r.stats.Valid[i]++
			}
		}
	}
	for i := range v.identities {
		c := &v.identities[i]
		if text := cells.cell(c.column); text != "" {
			r.readIdentity(c, text, cells)
		}
	}
	for i := range r.ids {
		if at := v.primary[r.ids[i].Kind]; at >= 0 && r.values[at] == "" && !r.kept[r.ids[i].Kind] {
			r.values[at] = r.ids[i].Canonical
		}
	}
}

// keep notes that the value of a kind is what the export gave out: what further columns
// say does not take its place, unless another one was edited.
func (r *Reader) keep(c *identityColumn) {
	r.kept[c.kind] = !slices.ContainsFunc(r.ids, func(id identity.Value) bool { return id.Kind == c.kind })
}

// readIdentity reads one cell that names somebody.
func (r *Reader) readIdentity(c *identityColumn, text string, cells *Cells) {
	own := c.own()
	if own && r.given.is(r.v.primary[c.kind], text) {
		r.keep(c)
		r.stats.Filled[c.column]++
		r.stats.Valid[c.column]++
		return
	}
	before := len(r.ids)
	r.problems = r.problems[:0]
	if to, ok := r.translate(c.column, text); ok {
		text = to
	}
	if longerThan(text, c.maxRunes) {
		r.problems = append(r.problems, identity.Problem{Code: tooLong(c.kind), Severity: identity.Error})
	} else {
		r.appendIdentity(c, text, cells)
	}
	if len(r.ids) == before && len(r.problems) == 0 {
		return // blank
	}
	r.stats.Filled[c.column]++
	if len(r.ids) > before {
		r.stats.Valid[c.column]++
		if own && len(r.ids) == before+1 && r.given.is(r.v.primary[c.kind], r.ids[before].Canonical) {
			r.keep(c)
			r.ids = r.ids[:before]
			return
		}
		if c.kind == identity.Phone && len(r.ids) == before+1 {
			r.countPhone(text, r.ids[before], c.area >= 0)
			r.countArea(r.ids[before])
		}
	}
	local := false
	for _, p := range r.problems {
		if p.Code == identity.CodePhoneLocalOnly {
			r.local, local = true, true
		}
		severity := schemas.SeverityWarning
		if p.Severity == identity.Error {
			severity = schemas.SeverityError
			if r.badID == "" {
				r.badID = p.Code
			}
		}
		r.issue(c.column, c.field, severity, p.Code, text)
	}
	r.stats.Local[c.column] += int64(b2i(local))
	r.dropRepeated(before)
}

func (r *Reader) appendIdentity(c *identityColumn, text string, cells *Cells) {
	o := &r.options
	switch c.kind {
	case identity.Phone:
		o.AreaCode = ""
		if c.area >= 0 {
			o.AreaCode = trimBlanks(cells.cell(c.area))
		}
		r.ids, r.problems = identity.AppendPhone(r.ids, r.problems, text, o)
	case identity.Email:
		r.ids, r.problems = identity.AppendEmail(r.ids, r.problems, text, o)
	case identity.Document:
		country := o.Country
		o.Country = r.v.cfg.Country // the phones' country says nothing about documents
		r.ids, r.problems = identity.AppendDocument(r.ids, r.problems, text, o)
		o.Country = country
	case identity.External:
		r.ids, r.problems = identity.AppendExternal(r.ids, r.problems, text, c.system, o)
	case identity.Instagram:
		r.ids, r.problems = identity.AppendInstagram(r.ids, r.problems, text, o)
	case identity.Telegram:
		r.ids, r.problems = identity.AppendTelegram(r.ids, r.problems, text, o)
	}
}

// tooLong is the code for a cell that holds far more than an identity.
func tooLong(kind identity.Kind) string {
	switch kind {
	case identity.Phone:
		return identity.CodePhoneTooLong
	case identity.Email:
		return identity.CodeEmailTooLong
	case identity.Document:
		return identity.CodeDocumentInvalid
	}
	return "TEXT_TOO_LONG"
}

// dropRepeated removes identities from ids[before:] that the row has already.
func (r *Reader) dropRepeated(before int) {
	kept := before
	for i := before; i < len(r.ids); i++ {
		id := &r.ids[i]
		twice := false
		for j := range kept {
			twice = twice || r.ids[j].Kind == id.Kind && r.ids[j].Canonical == id.Canonical
		}
		if !twice {
			r.ids[kept] = *id
			kept++
		}
	}
	r.ids = r.ids[:kept]
}

// countPhone counts whether a phone was written with its country code or read
// as one of the account's country. Where the row names the country nothing was
// assumed.
func (r *Reader) countPhone(text string, phone identity.Value, area bool) {
	if r.abroad {
		return
	}
	digits, plus := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '+':
			plus = true
		case c >= '1' && c <= '9', c == '0' && digits > 0:
			digits++
		}
	}
	national := len(phone.Canonical) - 1 - len(dialCode(phone.Country))
	if plus || !area && digits > national {
		r.stats.International++
	} else {
		r.stats.National++
	}
}

// translate applies the mapping's values of a column.
func (r *Reader) translate(column int, text string) (string, bool) {
	values := r.v.plan.Columns[column].Values
	if values == nil {
		return "", false
	}
	to, ok := values[schemas.FoldHeader(text)]
	return to, ok
}

// decide gives the row its status, and its issues the severity that follows.
func (r *Reader) decide() {
	switch {
	case r.given.Named && !r.given.Known && r.bateiaID != "":
		r.issues = append(r.issues, Issue{Column: -1, Severity: schemas.SeverityError, Code: codeExportUnknown})
		r.reject(codeExportUnknown)
	case len(r.ids) == 0 && r.bateiaID == "" && r.badID != "":
		r.reject(r.badID)
	case len(r.ids) == 0 && r.bateiaID == "":
		r.issues = append(r.issues, Issue{Column: -1, Severity: schemas.SeverityError, Code: "IDENTIFIER_MISSING"})
		r.reject("IDENTIFIER_MISSING")
	case r.v.strict && r.firstBad != "":
		r.reject(r.firstBad)
	default:
		for i := range r.issues {
			r.issues[i].Severity = schemas.SeverityWarning
		}
		r.hash()
	}
	if len(r.issues) > 1 {
		slices.SortStableFunc(r.issues, func(a, b Issue) int { return a.Column - b.Column })
	}
}

// reject refuses the row: nothing of it goes on but its issues.
func (r *Reader) reject(code string) {
	r.status, r.reason = schemas.OutcomeRejected, code
	r.ids = r.ids[:0]
	r.nameKey, r.extra = "", ""
	clear(r.values)
}

// hash sets the statement: the first 8 bytes of the SHA-256 of the identities,
// sorted, and of every field and extra field with its value.
func (r *Reader) hash() {
	r.order = r.order[:0]
	for i := range r.ids {
		r.order = append(r.order, i)
		for j := i; j > 0 && r.before(r.order[j], r.order[j-1]); j-- {
			r.order[j], r.order[j-1] = r.order[j-1], r.order[j]
		}
	}
	b := r.digest[:0]
	for _, i := range r.order {
		b = append(b, '0'+byte(r.ids[i].Kind), ':')
		b = append(append(b, r.ids[i].Canonical...), 0x1e)
	}
	for i, value := range r.values {
		if value != "" {
			b = append(append(b, r.v.fields[i].Name...), '=')
			b = append(append(b, value...), 0x1e)
		}
	}
	b = append(append(b, 0x1f), r.extra...)
	b = append(append(b, 0x1f), r.bateiaID...)
	sum := sha256.Sum256(b)
	r.statement = int64(binary.BigEndian.Uint64(sum[:8]))
	r.digest = b[:0]
}

func (r *Reader) before(i, j int) bool {
	a, b := &r.ids[i], &r.ids[j]
	return a.Kind < b.Kind || a.Kind == b.Kind && a.Canonical < b.Canonical
}
