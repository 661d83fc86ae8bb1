package survivorship

import (
	"maps"
	"slices"

	"github.com/bateia/bateia/schemas"
)

// Reason says why a value that was said is not the prospect's value.
type Reason string

// Reasons. All of them are words of "bateia prospect --json".
const (
	Older       Reason = "older"         // somebody who may replace it said another one later
	LowerRank   Reason = "lower_rank"    // its source ranks below that of the value it met
	FillsOnly   Reason = "fills_only"    // its import was to fill blanks only
	NotFirst    Reason = "not_first"     // of an identity the first one is shown
	Cleared     Reason = "cleared"       // a later blank cell cleared it
	Unchanged   Reason = "unchanged"     // its source sends whole records and changed something else
	StillToDraw Reason = "still_to_draw" // an owner to be drawn replaces nobody
)

// Lost is a value that was said and is not the prospect's, at the latest row that
// said so. Text of an extra field is its JSON; of the name the whole one.
type Lost struct {
	Value
	Why Reason
}

// Lineage is Best with what lost.
type Lineage struct {
	Best
	// Lost holds, by name of the field, "name" for the name as a whole and
	// "extra.<name>", the texts that lost, the latest first, each once and none that
	// is the value.
	Lost map[string][]Lost
}

// Explain folds as Fold does and keeps what lost.
func Explain(statements []Statement) Lineage {
	var l Lineage
	lost := map[string]map[string]Lost{}
	l.Best = fold(statements, func(key string, s said, why Reason) {
		if lost[key] == nil {
			lost[key] = map[string]Lost{}
		}
		one := Lost{s.value(), why}
		if before, ok := lost[key][s.text]; !ok || compareLost(one, before) <= 0 {
			lost[key][s.text] = one
		}
	})
	l.Lost = make(map[string][]Lost, len(lost))
	for key, texts := range lost {
		if text, ok := l.Best.text(key); ok {
			delete(texts, text)
		}
		if len(texts) > 0 {
			l.Lost[key] = slices.SortedFunc(maps.Values(texts), compareLost)
		}
	}
	return l
}

// text returns the value of a key of Lost.
func (b Best) text(key string) (string, bool) {
	if name, ok := schemas.IsExtra(key); ok {
		v, ok := b.Extra[name]
		return string(v.Value), ok
	}
	if key == nameKey {
		s := Statement{Fields: map[string]string{}}
		for _, part := range nameParts {
			s.Fields[part] = b.Fields[part].Text
		}
		return fullName(&s)
	}
	v, ok := b.Fields[key]
	return v.Text, ok
}

// compareLost orders the latest first.
func compareLost(a, b Lost) int {
	return byPlace(&Statement{Import: b.Import, Row: b.Row}, &Statement{Import: a.Import, Row: a.Row})
}
