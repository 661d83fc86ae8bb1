package validate

import (
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// readFields fills the fields that are no identities. The country goes first,
// because states and postal codes are read by its rules.
func (r *Reader) readFields(cells *Cells) {
	country := r.v.cfg.Country
	if at := r.v.country; at >= 0 {
		r.readField(&r.v.steps[at], cells, country)
		if code := r.values[r.v.steps[at].out]; len(code) == 2 {
			country = code
		}
	}
	for i := range r.v.steps {
		if i != r.v.country {
			r.readField(&r.v.steps[i], cells, country)
		}
	}
}

func (r *Reader) readField(step *fieldStep, cells *Cells, country string) {
	if step.tags {
		r.readTags(step, cells)
		return
	}
	for _, i := range step.columns {
		value := r.readCell(i, step.field, cells, country)
		switch was := r.values[step.out]; {
		case value == "":
		case was == "":
			r.values[step.out] = value
		case was != value: // several columns of notes
			start := len(r.buf)
			r.buf = append(append(append(r.buf, was...), '\n'), value...)
			r.values[step.out] = r.since(start)
		}
	}
	if r.values[step.out] == "" {
		r.values[step.out] = step.constant
	}
}

// readCell returns the canonical form of a cell, "" when it is blank or bad.
func (r *Reader) readCell(column int, field string, cells *Cells, country string) string {
	text := cells.cell(column)
	t := &r.v.types[column]
	if text == "" || t.isText() && r.blankText(text, t) {
		return ""
	}
	cell := text
	if to, ok := r.translate(column, text); ok {
		text = to
	}
	value, code := r.canonical(text, t, country, r.v.cfg.Now)
	if code == "" && value == "" || code != "" && !t.isText() && r.blankOther(text, t) {
		return ""
	}
	if field == "owner" && code == "" {
		known := false
		if value, known = r.owner(value, &r.v.owners); !known {
			code = codeOwnerUnknown
		}
	}
	r.stats.Filled[column]++
	switch code {
	case "":
		r.stats.Valid[column]++
		return value
	case codeOwnerUnknown:
		r.issue(column, field, schemas.SeverityWarning, code, cell)
		return value
	case "LIFECYCLE_UNKNOWN":
		r.issue(column, field, schemas.SeverityWarning, code, cell)
	default:
		r.issue(column, field, schemas.SeverityError, code, cell)
	}
	return ""
}

// readTags writes the tags of all columns as a JSON array.
func (r *Reader) readTags(step *fieldStep, cells *Cells) {
	r.tags = r.tags[:0]
	for _, i := range step.columns {
		text := cells.cell(i)
		before := len(r.tags)
		r.tags = r.appendTags(r.tags, text)
		if trimBlanks(text) != "" {
			r.stats.Filled[i]++
			if len(r.tags) > before {
				r.stats.Valid[i]++
			}
		}
	}
	if step.constant != "" {
		r.tags = r.appendTags(r.tags, step.constant)
	}
	if len(r.tags) == 0 {
		return
	}
	start := len(r.buf)
	for i, tag := range r.tags {
		r.buf = append(r.buf, "[,"[min(i, 1)])
		r.buf = appendJSONString(r.buf, tag)
	}
	r.buf = append(r.buf, ']')
	r.values[step.out] = r.since(start)
}

// readName composes a name from its parts when the row has no whole one, and
// folds it for comparison.
func (r *Reader) readName() {
	get := func(at int) string {
		if at < 0 {
			return ""
		}
		return r.values[at]
	}
	name, first, last := get(r.v.name.name), get(r.v.name.first), get(r.v.name.last)
	if name == "" && (first != "" || last != "") {
		start := len(r.buf)
		r.buf = append(r.buf, first...)
		if first != "" && last != "" {
			r.buf = append(r.buf, ' ')
		}
		r.buf = append(r.buf, last...)
		name = r.since(start)
		r.values[r.v.name.name] = name
	}
	if name == "" {
		name = get(r.v.name.company)
	}
	if name != "" {
		r.nameKey = identity.FoldName(name)
	}
}

// readExtras writes the extra fields as a JSON object with sorted keys.
func (r *Reader) readExtras(cells *Cells) {
	if len(r.v.extras) == 0 {
		return
	}
	// The object is made apart: canonical forms grow buf meanwhile.
	object := r.digest[:0]
	for i := range r.v.extras {
		step := &r.v.extras[i]
		var value string
		if step.column >= 0 {
			value = r.readCell(step.column, r.v.plan.Columns[step.column].Field, cells, r.v.cfg.Country)
			if value == "" {
				continue
			}
		}
		if len(object) == 0 {
			object = append(object, '{')
		} else {
			object = append(object, ',')
		}
		object = append(object, step.key...)
		switch {
		case step.column < 0:
			object = append(object, step.constant...)
		case r.v.types[step.column].typ == schemas.TypeNumber, r.v.types[step.column].typ == schemas.TypeBoolean:
			object = append(object, value...)
		default:
			object = appendJSONString(object, value)
		}
	}
	if len(object) > 0 {
		start := len(r.buf)
		r.buf = append(append(r.buf, object...), '}')
		r.extra = r.since(start)
	}
	r.digest = object[:0]
}
