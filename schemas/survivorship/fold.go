package survivorship

import (
	"maps"
	"slices"

	"github.com/bateia/bateia/schemas"
)

// said is what an import says of one field: of the name it is the statement
// that gives all its parts. A blank text clears.
type said struct {
	text string // JSON of an extra field
	by   *Statement
}

func (s said) value() Value { return Value{s.text, s.by.rank(), s.by.Import, s.by.Row} }

// voice is what an import says, by key: the name of a field, "name" for the
// name as a whole, "extra.<name>".
type voice map[string]said

// nameKey is the key of the name as a whole.
const nameKey = "name"

// folder is the state of a fold.
type folder struct {
	best Best
	// now is the statement that gives the value of a key.
	now voice
	// last is, by source of which only changes count, what it said last.
	last map[int32]voice
	lost func(key string, s said, why Reason) // nil when nobody asks
}

func fold(statements []Statement, lost func(string, said, Reason)) Best {
	f := folder{lost: lost}
	for _, one := range imports(statements) {
		f.hear(one)
	}
	f.best.Fields = make(map[string]Value, len(f.now))
	for key, s := range f.now {
		f.put(key, s)
	}
	return f.best
}

// put writes the value of a key.
func (f *folder) put(key string, s said) {
	if name, ok := schemas.IsExtra(key); ok {
		if f.best.Extra == nil {
			f.best.Extra = map[string]ExtraValue{}
		}
		f.best.Extra[name] = ExtraValue{s.by.Extra[name], s.by.rank(), s.by.Import, s.by.Row}
		return
	}
	if key != nameKey {
		f.best.Fields[key] = s.value()
		return
	}
	for _, part := range nameParts {
		if text := s.by.Fields[part]; text != "" {
			v := s.value()
			v.Text = text
			f.best.Fields[part] = v
		}
	}
}

// hear takes the statements of one import, in the order of rows.
func (f *folder) hear(statements []*Statement) {
	p := statements[0].policy()
	v := speak(statements, f.lost)
	if f.now == nil {
		// The first one meets nothing: its voice is what there is.
		f.now = v
		if p.Changes != 0 {
			f.last = map[int32]voice{p.Changes: maps.Clone(v)}
		}
		maps.DeleteFunc(f.now, func(key string, s said) bool { return s.text == "" || s.vain(key) })
		return
	}
	before, spoke := f.last[p.Changes]
	for key, s := range v {
		if p.Changes != 0 && spoke && same(key, before[key], s) {
			f.drop(key, s, Unchanged)
			continue
		}
		f.take(key, s)
	}
	if p.Changes != 0 {
		if f.last == nil {
			f.last = map[int32]voice{}
		}
		f.last[p.Changes] = v
	}
}

// take lets s be the value of the key if the rule of its import allows that.
func (f *folder) take(key string, s said) {
	current, has := f.now[key]
	if !has {
		if s.vain(key) {
			f.drop(key, s, StillToDraw)
		} else if s.text != "" {
			f.now[key] = s
		}
		return
	}
	if groupOf[key] == identityField {
		if s.by.ByID {
			f.replace(key, s)
		} else {
			f.drop(key, s, NotFirst)
		}
		return
	}
	switch s.by.policy().Rule {
	case ExistingWins, FillOnly:
		f.drop(key, s, FillsOnly)
		return
	case IncomingWins:
	default:
		if s.by.rank() < current.by.rank() {
			f.drop(key, s, LowerRank)
			return
		}
	}
	if drawn(key, s.text) {
		f.drop(key, s, StillToDraw)
		return
	}
	f.replace(key, s)
}

func (f *folder) replace(key string, s said) {
	why := Older
	if s.text == "" {
		why = Cleared
	}
	f.drop(key, f.now[key], why)
	if s.text == "" {
		delete(f.now, key)
		return
	}
	f.now[key] = s
}

func (f *folder) drop(key string, s said, why Reason) {
	if f.lost != nil && s.text != "" {
		f.lost(key, s, why)
	}
}

// same reports whether two voices say the same of a key; nothing is the same as
// blank.
func same(key string, a, b said) bool {
	if key != nameKey {
		return a.text == b.text
	}
	for _, part := range nameParts {
		if a.part(part) != b.part(part) {
			return false
		}
	}
	return true
}

// vain reports whether the text is an owner that was to be drawn and never was.
func (s said) vain(key string) bool { return s.by.Vain && drawn(key, s.text) }

func (s said) part(name string) string {
	if s.by == nil || s.text == "" {
		return ""
	}
	return s.by.Fields[name]
}

// speak returns the one voice of an import's statements, which are in the order
// of rows. Fields that clear are in it with blank text.
func speak(statements []*Statement, lost func(string, said, Reason)) voice {
	last := statements[len(statements)-1]
	v := make(voice, len(last.Fields)+len(last.Extra)+1)
	var edited map[string]bool // identity fields that a row by id states
	set := func(key string, s said, why Reason) {
		if old, ok := v[key]; ok && lost != nil && old.text != "" {
			lost(key, old, why)
		}
		v[key] = s
	}
	for _, st := range statements {
		for field, text := range st.Fields {
			if text == "" {
				continue
			}
			s := said{text: text, by: st}
			switch groupOf[field] {
			case identityField:
				if _, ok := v[field]; !ok || st.ByID && !edited[field] {
					set(field, s, Older)
				} else if lost != nil {
					lost(field, s, NotFirst)
				}
				if st.ByID {
					if edited == nil {
						edited = map[string]bool{}
					}
					edited[field] = true
				}
			case otherField:
				set(field, s, Older)
			}
		}
		if text, ok := fullName(st); ok {
			set(nameKey, said{text: text, by: st}, Older)
		}
		for name, raw := range st.Extra {
			if text := string(raw); text != "" && text != "null" {
				set(schemas.ExtraPrefix+name, said{text: text, by: st}, Older)
			}
		}
	}
	if p := last.policy(); p.Clear {
		clearBlank(v, p, last, set)
	}
	return v
}

// clearBlank puts the blanks of the last row into the voice: of every field that
// the import fills, and of the name when no row states one.
func clearBlank(v voice, p *Policy, last *Statement, set func(string, said, Reason)) {
	for field := range p.Filled {
		if groupOf[field] == otherField && last.Fields[field] == "" {
			set(field, said{by: last}, Cleared)
		}
	}
	if _, ok := v[nameKey]; !ok && slices.ContainsFunc(nameParts[:], func(part string) bool { return p.Filled[part] }) {
		v[nameKey] = said{by: last}
	}
}

// fullName returns the name that a statement gives, as people read it, and
// whether it gives any part of one.
func fullName(s *Statement) (string, bool) {
	if text := s.Fields["name"]; text != "" {
		return text, true
	}
	first, last := s.Fields["first_name"], s.Fields["last_name"]
	switch {
	case first == "":
		return last, last != ""
	case last == "":
		return first, true
	}
	return first + " " + last, true
}
