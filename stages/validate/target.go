package validate

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/schemas"
)

// resolveTarget returns the field and type that a mapping gives a column; field
// "" is ignore. It returns false for what does not exist.
func resolveTarget(t schemas.ColumnTarget) (field string, typ schemas.FieldType, ok bool) {
	field = strings.TrimSpace(t.Field)
	if field == "ignore" {
		return "", "", true
	}
	typ = schemas.FieldType(t.Type)
	if name, extra := schemas.IsExtra(field); extra {
		if typ == "" {
			typ = schemas.TypeText
		}
		return schemas.ExtraPrefix + slug(name), typ, schemas.FoldHeader(name) != "" && isExtraType(typ) && validFormat(typ, t.Format)
	}
	f, ok := schemas.FieldByName(field)
	switch {
	case !ok:
		return "", "", false
	case typ == "", f.Kind != 0, f.Type == schemas.TypeHelper:
		typ = f.Type
	case typ != f.Type && (f.Type != schemas.TypeText || !isExtraType(typ)):
		return "", "", false
	}
	return field, typ, validFormat(typ, t.Format)
}

func isExtraType(t schemas.FieldType) bool {
	switch t {
	case schemas.TypeText, schemas.TypeNumber, schemas.TypeDate, schemas.TypeBoolean:
		return true
	}
	return false
}

func validFormat(t schemas.FieldType, format string) bool {
	if format == "" {
		return true
	}
	switch t {
	case schemas.TypeDate:
		_, ok := parseDateFormat(format)
		return ok
	case schemas.TypeNumber:
		_, ok := parseNumberFormat(format)
		return ok
	}
	return false
}

func takesSeveral(field string) bool {
	f, _ := schemas.FieldByName(field)
	return f.Several
}

// sameKind returns the field that takes several columns of the same identity,
// "" when there is none: a second "Telefone 2" is one more phone.
func sameKind(field string) string {
	f, _ := schemas.FieldByName(field)
	if f.Kind == 0 {
		return ""
	}
	for _, other := range schemas.Fields {
		if other.Kind == f.Kind && other.Several {
			return other.Name
		}
	}
	return ""
}

// maxSlug is the longest name of an extra field, in bytes.
const maxSlug = 60

// slug makes the name of an extra field from a header: lower-case letters and
// digits without accents, joined by underscores, a letter first.
func slug(header string) string {
	var b strings.Builder
	if h := schemas.FoldHeader(header); h != "" && h[0] >= '0' && h[0] <= '9' {
		b.WriteByte('c')
	}
	for _, word := range schemas.HeaderWords(header) {
		for _, r := range word {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				if b.Len() == maxSlug {
					return strings.TrimSuffix(b.String(), "_")
				}
				b.WriteRune(r)
			}
		}
		if s := b.String(); s != "" && !strings.HasSuffix(s, "_") && b.Len() < maxSlug {
			b.WriteByte('_')
		}
	}
	if s := strings.TrimSuffix(b.String(), "_"); s != "" {
		return s
	}
	return "column" // a header in letters that have no Latin form
}

func foldValues(values map[string]string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	folded := make(map[string]string, len(values))
	for from, to := range values {
		folded[schemas.FoldHeader(from)] = to
	}
	return folded
}

// constants reads set: each value must fit its field, and a column that the
// mapping gives the same field contradicts it.
func (p *planner) constants() {
	var invalid []string
	for _, key := range slices.Sorted(maps.Keys(p.mapping.Set)) {
		field, typ, ok := resolveTarget(schemas.ColumnTarget{Field: key})
		f, _ := schemas.FieldByName(field)
		if !ok || field == "" || f.Kind != 0 || typ == schemas.TypeHelper || typ == schemas.TypeRowID {
			invalid = append(invalid, key)
			continue
		}
		var s scratch
		t := typeOf(field, typ, "")
		t.order = orderDMY
		value, code := s.canonical(p.mapping.Set[key], &t, "", time.Now())
		if code != "" || value == "" {
			invalid = append(invalid, key)
			continue
		}
		if p.fed(field) && !takesSeveral(field) {
			names := []string{key}
			for _, c := range p.Columns {
				if c.Field == field {
					names = append(names, c.Name)
				}
			}
			p.refuse("MAPPING_TARGET_TWICE", field, names...)
			continue
		}
		p.Constants = append(p.Constants, Constant{Field: field, Type: typ, Value: p.mapping.Set[key]})
		if name, extra := schemas.IsExtra(field); extra {
			p.extras[name] = true
		}
	}
	if len(invalid) > 0 {
		p.refuse("MAPPING_INVALID", "", invalid...)
	}
}

// columnNumber names a column without header for people.
func columnNumber(position int) string { return "#" + strconv.Itoa(position+1) }
