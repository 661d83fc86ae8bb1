package schemas

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Profile is what a file looks like: shares of its rows by name, 0 to 1. Names are
// those of fields that name or identify people, for the rows in which a cell that
// feeds them is filled; the field and “valid”, for the rows in which one was
// loaded; the outcomes rejected and duplicate; and codes, for the rows that carry
// them as an error.
type Profile map[string]float64

// ProfileOf returns the profile of an import from what was learnt about it; it is
// empty when no row was read.
func ProfileOf(f Facts) Profile {
	p := Profile{}
	rows := float64(f.Ledger.Read)
	if rows == 0 {
		return p
	}
	// Of several columns that feed one field the fullest counts.
	most := func(name string, n int64) { p[name] = max(p[name], min(1, float64(n)/rows)) }
	for _, c := range f.Columns {
		if c.Imported && namesPeople(c.Field) {
			most(c.Field, c.Filled)
			most(c.Field+" valid", c.Valid)
		}
	}
	most(string(OutcomeRejected), f.Ledger.Rejected)
	most(string(OutcomeDuplicate), f.Ledger.Duplicate)
	for _, c := range f.ByCode {
		if c.Severity == SeverityError {
			most(c.Code, c.Rows)
		}
	}
	return p
}

// namesPeople reports whether a field tells who somebody is.
func namesPeople(field string) bool {
	f, ok := FieldByName(field)
	return ok && f.Kind != 0 || slices.Contains([]string{"name", "first_name", "last_name", "company"}, field)
}

// maxDrift is how many differences are told.
const maxDrift = 6

// Drift compares a profile with earlier ones of its source and returns in what it
// breaks from all of them, the largest difference first, such as
// “phone 93 % → 4 %”; "" when it does not. It breaks when the difference is above a
// share, 0 to 1, whichever earlier one is the closest: a file such as people let
// pass once is no surprise. A field that no earlier one had is none either.
func (p Profile) Drift(earlier []Profile, above float64) string {
	type change struct {
		name       string
		before, by float64
	}
	var found []change
	for name := range p.with(earlier) {
		before, known := p.closest(name, earlier)
		if by := math.Abs(p[name] - before); known && by > above+1e-9 {
			found = append(found, change{name: name, before: before, by: by})
		}
	}
	slices.SortFunc(found, func(a, b change) int { return cmp.Or(cmp.Compare(b.by, a.by), cmp.Compare(a.name, b.name)) })
	var parts []string
	told := map[string]bool{}
	for _, c := range found {
		// Cells that are not there are not valid either: said once.
		if field, valid := strings.CutSuffix(c.name, " valid"); valid && told[field] || len(parts) == maxDrift {
			continue
		}
		told[c.name] = true
		parts = append(parts, fmt.Sprintf("%s %.0f %% → %.0f %%", c.name, 100*c.before, 100*p[c.name]))
	}
	return strings.Join(parts, ", ")
}

// with returns the names of p and of the earlier ones.
func (p Profile) with(earlier []Profile) map[string]bool {
	names := map[string]bool{}
	for _, e := range append([]Profile{p}, earlier...) {
		for name := range e {
			names[name] = true
		}
	}
	return names
}

// closest returns the share among the earlier ones that is the closest to that of
// p. known is false for a field that none of them has; outcomes and codes that are
// not there are zero.
func (p Profile) closest(name string, earlier []Profile) (share float64, known bool) {
	field, _, _ := strings.Cut(name, " ")
	for i, e := range earlier {
		_, has := e[name]
		known = known || has || !namesPeople(field)
		if i == 0 || math.Abs(e[name]-p[name]) < math.Abs(share-p[name]) {
			share = e[name]
		}
	}
	return share, known
}
