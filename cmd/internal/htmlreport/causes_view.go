package htmlreport

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bateia/bateia/schemas"
)

// causesView is why rows became no lead, the most frequent cause first.
type causesView struct {
	Codes []codeView
	Rows  int64 // of all causes
	More  string
}

// codeView is one code with what its cells look like.
type codeView struct {
	Code, Outcome, Sentence, Remedy string
	Count, Share                    string
	Rows                            int64
	Bar                             bar
	Shapes                          []shapeView
	MoreShapes                      string
	Columns                         string // of one import
	RowsKey, Places                 string // of one import: what its source calls the first rows
}

type shapeView struct{ Shape, Count string }

// placesShown is how many rows of a cause are named.
const placesShown = 8

// causes adds up by code. Columns and rows are named only of one import, whose kind
// of source is given: the same column is called otherwise in the next file.
func (s speaker) causes(rows []causeRow, kind string) causesView {
	var v causesView
	groups := map[string][]causeRow{}
	for _, r := range rows {
		key := r.Outcome + " " + r.Code
		groups[key] = append(groups[key], r)
		v.Rows += r.Rows
	}
	for _, group := range groups {
		v.Codes = append(v.Codes, s.code(group, v.Rows, kind)) // in any order, sorted below
	}
	slices.SortFunc(v.Codes, func(a, b codeView) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Outcome, b.Outcome))
	})
	for i := range v.Codes {
		v.Codes[i].Bar = single("g-"+v.Codes[i].Outcome, float64(v.Codes[i].Rows), float64(v.Codes[0].Rows))
	}
	if left := v.Codes[min(len(v.Codes), codesShown):]; len(left) > 0 {
		var n int64
		for _, c := range left {
			n += c.Rows
		}
		v.More = s.say("more_codes", "count", int64(len(left)), "rows", n)
		v.Codes = v.Codes[:codesShown]
	}
	return v
}

func (s speaker) code(group []causeRow, all int64, kind string) codeView {
	first := group[0]
	c := codeView{Code: first.Code, Outcome: first.Outcome, Sentence: schemas.Sentence(first.Code, s.Locale), Remedy: schemas.Remedy(first.Code, s.Locale)}
	shapes := map[string]int64{}
	var columns []string
	var places []string
	for _, r := range group {
		c.Rows += r.Rows
		if r.Shape != "" {
			shapes[r.Shape] += r.Rows
		}
		if r.Column != "" && !slices.Contains(columns, r.Column) {
			columns = append(columns, r.Column)
		}
		places = append(places, r.Places...)
	}
	c.Count, c.Share = s.Number(c.Rows), s.percent(c.Rows, all)
	c.Shapes, c.MoreShapes = s.shapes(shapes)
	if kind != "" {
		if c.RowsKey = s.say("cause_rows"); kind == "omie" {
			c.RowsKey = s.say("cause_refs")
		}
		c.Columns = strings.Join(columns[:min(len(columns), 5)], ", ")
		c.Places = placesOf(places, c.Rows)
	}
	return c
}

// shapes lists the most frequent ones.
func (s speaker) shapes(counts map[string]int64) (list []shapeView, more string) {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	for i, k := range keys {
		if i == shapesShown {
			return list, s.say("more_shapes", "count", int64(len(keys)-i))
		}
		list = append(list, shapeView{k, s.Number(counts[k])})
	}
	return list, ""
}

// placesOf names the first rows as a spreadsheet does, without digit groups, or by
// the codes that they have at their source.
func placesOf(places []string, all int64) string {
	slices.SortFunc(places, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	places = slices.Compact(places)
	places = places[:min(len(places), placesShown)]
	text := strings.Join(places, ", ")
	if text != "" && all > int64(len(places)) {
		text += " …"
	}
	return text
}
