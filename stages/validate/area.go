package validate

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

//go:embed data/areas.csv
var areaFile string

// placeAreas holds area codes of Brazil by state and folded city, "SP/santos",
// by city alone where no other state has one of the name, "/santos", and by
// state alone where it has only one.
var placeAreas = sync.OnceValue(func() map[string]int {
	areas := map[string]int{}
	states := map[string]string{}
	for line := range dataLines(areaFile) {
		state, rest, _ := strings.Cut(line, ";")
		city, code, _ := strings.Cut(rest, ";")
		area, _ := strconv.Atoi(code) // a test reads the whole file
		areas[state+"/"+city] = area
		switch other, twice := states[city]; {
		case city == "":
		case !twice:
			areas["/"+city] = area
		case other != state:
			delete(areas, "/"+city)
		}
		states[city] = state
	}
	return areas
})

// placeArea returns the area code of a place in Brazil, 0 when it is not known
// or has several. Either may be blank.
func placeArea(state, city string) int {
	areas := placeAreas()
	city = identity.FoldName(city)
	if city != "" {
		if area := areas[state+"/"+city]; area != 0 {
			return area
		}
	}
	return areas[state+"/"]
}

// AreaCounts counts area codes of Brazil.
type AreaCounts [100]int64

func (a *AreaCounts) add(o *AreaCounts) {
	for i := range a {
		a[i] += o[i]
	}
}

// Shares from which a file speaks for one area code. People of one town have
// phones of others, but a list from several regions has no code most share.
const (
	areaShare  = 0.80
	areaCounts = 3 // fewer phones or places say nothing
	// localShare is the share of a column's filled cells without area code from
	// which one setting for all is worth more than one correction each.
	localShare = 0.20
)

// clear returns the area code that nearly all have, "" for none.
func (a *AreaCounts) clear() string {
	var all, most int64
	code := 0
	for i, n := range a {
		all += n
		if n > most {
			most, code = n, i
		}
	}
	if most < areaCounts || float64(most) < areaShare*float64(all) {
		return ""
	}
	return strconv.Itoa(code)
}

// countArea notes the area code of a phone of Brazil.
func (r *Reader) countArea(phone identity.Value) {
	c := phone.Canonical
	if phone.Country != "BR" || len(c) < 13 || phone.Sub == identity.LineTollFree {
		return
	}
	if a, b := c[3], c[4]; a >= '1' && a <= '9' && b >= '1' && b <= '9' {
		r.stats.Areas[10*int(a-'0')+int(b-'0')]++
	}
}

// countPlace notes where a row with a phone without area code is from.
func (r *Reader) countPlace() {
	r.stats.LocalRows++
	if r.v.cfg.Country != "BR" {
		return
	}
	var state, city string
	for i, f := range r.v.fields {
		switch f.Name {
		case "state":
			state = r.values[i]
		case "city":
			city = r.values[i]
		}
	}
	if area := placeArea(state, city); area != 0 {
		r.stats.Places[area]++
	}
}

// missingAreas returns the issue on columns of phones that lack area codes,
// with the area code that the places of those rows, else the other phones of
// the file, speak for.
func missingAreas(columns []schemas.Column, stats Stats) (schemas.FileIssue, bool) {
	var names []string
	for i, c := range columns {
		if n := stats.Local[i]; n > 0 && float64(n) > localShare*float64(stats.Filled[i]) {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return schemas.FileIssue{}, false
	}
	area := stats.Places.clear()
	if area == "" && !slices.ContainsFunc(stats.Places[:], func(n int64) bool { return n > 0 }) {
		area = stats.Areas.clear()
	}
	return schemas.FileIssue{
		Code: "PHONE_AREA_MISSING", Severity: schemas.SeverityWarning, Count: stats.LocalRows, Names: cutNames(names), Detail: area,
	}, true
}
