package htmlreport

import (
	"errors"
	"fmt"
	"time"

	"github.com/bateia/bateia/schemas"
)

// period is some whole days of an account, today the last of them, and the same
// span just before.
type period struct {
	zone  *time.Location
	first time.Time // the beginning of its first day
	days  int
	now   time.Time
}

// ErrPeriod is what Read ends in for a period that is none.
var ErrPeriod = errors.New("not a period")

// maxDays keeps a slip of the keyboard from drawing centuries.
const maxDays = 3660

// newPeriod is the period from the day of since to the day of now.
func newPeriod(since, now time.Time, zone *time.Location) (period, error) {
	p := period{zone: zone, first: midnight(since.In(zone)), now: now.In(zone)}
	if p.first.After(now) {
		return p, fmt.Errorf("%w: it begins in the past, not on %s", ErrPeriod, p.first.Format(time.DateOnly))
	}
	// Counted by the calendar: a day may have 23 or 25 hours.
	p.days = daysBetween(p.first, p.now) + 1
	if p.days > maxDays {
		return p, fmt.Errorf("%w: at most %d days", ErrPeriod, maxDays)
	}
	return p, nil
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

func daysBetween(a, b time.Time) int {
	return int(civil(b).Sub(civil(a)) / (24 * time.Hour))
}

// civil is the day as such, of no place.
func civil(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (p period) last() time.Time  { return p.day(p.days - 1) }
func (p period) until() time.Time { return p.day(p.days) } // the end of today

// day is the beginning of its nth day.
func (p period) day(n int) time.Time {
	return time.Date(p.first.Year(), p.first.Month(), p.first.Day()+n, 0, 0, 0, 0, p.zone)
}

// The span before is cut off at the same time of day as this one, which has only
// a part of today: equal lengths are compared.
func (p period) beforeFrom() time.Time  { return p.day(-p.days) }
func (p period) beforeUntil() time.Time { return p.now.AddDate(0, 0, -p.days) }

// dayRow is a day as the view daily has it.
type dayRow struct {
	Day           string `json:"day"`
	Imports       int64  `json:"imports"`
	Applied       int64  `json:"applied"`
	RejectedFiles int64  `json:"rejected_files"`
	Failed        int64  `json:"failed"`
	Undone        int64  `json:"undone"`
	ledger
}

// bucket is what one column of a chart stands for: a day, a week or a month.
type bucket struct {
	first time.Time
	sum   dayRow
}

// Beyond so many days a column would be too thin to see.
const (
	daysInColumns  = 100
	weeksInColumns = 700
)

// unit is what the columns of a period stand for.
func (p period) unit() string {
	switch {
	case p.days <= daysInColumns:
		return "day"
	case p.days <= weeksInColumns:
		return "week"
	}
	return "month"
}

// buckets adds the days up, those without imports included.
func (p period) buckets(rows []dayRow) []bucket {
	byDay := make(map[string]dayRow, len(rows))
	for _, r := range rows {
		byDay[r.Day] = r
	}
	var list []bucket
	for n := range p.days {
		day := p.day(n)
		if n == 0 || p.begins(day) {
			list = append(list, bucket{first: day})
		}
		s, d := &list[len(list)-1].sum, byDay[day.Format(time.DateOnly)]
		s.Imports, s.Applied, s.Undone = s.Imports+d.Imports, s.Applied+d.Applied, s.Undone+d.Undone
		s.RejectedFiles, s.Failed = s.RejectedFiles+d.RejectedFiles, s.Failed+d.Failed
		s.ledger = s.plus(d.ledger)
	}
	return list
}

// begins reports whether a column begins with a day.
func (p period) begins(day time.Time) bool {
	switch p.unit() {
	case "week":
		return day.Weekday() == time.Monday
	case "month":
		return day.Day() == 1
	}
	return true
}

// totals are the sums of a period.
type totals struct {
	Current   bool  `json:"current"`
	Imports   int64 `json:"imports"`
	Applied   int64 `json:"applied"`
	Read      int64 `json:"rows_read"`
	Duplicate int64 `json:"duplicate"`
	Rejected  int64 `json:"rejected"`
	Created   int64 `json:"prospects_created"`
	Updated   int64 `json:"prospects_updated"`
	Merged    int64 `json:"prospects_merged"`
}

// sourceRow is a source with what repeated something.
type sourceRow struct {
	Kind      string `json:"source_kind"`
	Source    string `json:"source"`
	Imports   int64  `json:"imports"`
	Read      int64  `json:"rows_read"`
	Created   int64  `json:"created"`
	Known     int64  `json:"known"`
	Duplicate int64  `json:"duplicate"`
	Rejected  int64  `json:"rejected"`
	Aside     int64  `json:"aside"`
	Merged    int64  `json:"merged"`
}

type qualityRow struct {
	Kind   string `json:"source_kind"`
	Source string `json:"source"`
	Field  string `json:"field"`
	Read   int64  `json:"rows_read"`
	Filled int64  `json:"filled"`
	Valid  int64  `json:"valid"`
}

type stageRow struct {
	Stage         string  `json:"stage"`
	Runs          int64   `json:"runs"`
	Seconds       float64 `json:"seconds"`
	Median        float64 `json:"median"`
	Longest       float64 `json:"longest"`
	LongestImport string  `json:"longest_import"`
}

type freshRow struct {
	Kind        string     `json:"source_kind"`
	Source      string     `json:"source"`
	LastApplied *time.Time `json:"last_applied_at"`
	LastImport  *time.Time `json:"last_import_at"`
	State       string     `json:"connection_state"`
	Code        string     `json:"code"`
	Every       string     `json:"every"`
	ConnectedAt time.Time  `json:"connected_at"`
	LastSuccess *time.Time `json:"last_success_at"`
	NextRun     *time.Time `json:"next_run_at"`
}

// connection is the row as the rest of the program knows it.
func (r freshRow) connection() schemas.Connection {
	c := schemas.Connection{Name: r.Source, State: r.State, Code: r.Code, CreatedAt: r.ConnectedAt}
	c.Settings.Every = r.Every
	if r.LastSuccess != nil {
		c.LastSuccess = *r.LastSuccess
	}
	if r.NextRun != nil {
		c.NextRun = *r.NextRun
	}
	return c
}

// periodData is what is read of one account.
type periodData struct {
	account     schemas.Account
	period      period
	now, before totals
	days        []dayRow
	causes      []causeRow
	sources     []sourceRow
	quality     []qualityRow
	stages      []stageRow
	fresh       []freshRow
	imports     []importRow
}

// importsShown is how many imports the table lists: some pages on paper.
const importsShown = 100

func (b base) periodOf(q Request, a schemas.Account) (d periodData, err error) {
	since, err := q.Since(a)
	if err != nil {
		return d, err
	}
	d.account = a
	if d.period, err = newPeriod(since, q.Now, a.Location()); err != nil {
		return d, err
	}
	p := d.period
	sums, err := load[totals](b, "totals", a.Slug, p.beforeFrom(), p.beforeUntil(), p.first, p.until())
	if err != nil {
		return d, err
	}
	for _, s := range sums {
		if s.Current {
			d.now = s
		} else {
			d.before = s
		}
	}
	if d.days, err = load[dayRow](b, "days", a.Slug, p.first.Format(time.DateOnly), p.last().Format(time.DateOnly)); err != nil {
		return d, err
	}
	if d.sources, err = load[sourceRow](b, "sources", a.Slug, p.first, p.until()); err != nil {
		return d, err
	}
	if d.quality, err = load[qualityRow](b, "quality", a.Slug, p.first, p.until()); err != nil {
		return d, err
	}
	if d.stages, err = load[stageRow](b, "stages", a.Slug, p.first, p.until()); err != nil {
		return d, err
	}
	if d.fresh, err = load[freshRow](b, "freshness", a.Slug); err != nil {
		return d, err
	}
	if d.imports, err = load[importRow](b, "imports", a.Slug, p.first, p.until(), importsShown); err != nil {
		return d, err
	}
	refused, err := load[struct {
		ID string `json:"import_id"`
	}](b, "refused", a.Slug, p.first, p.until())
	if err != nil || len(refused) == 0 {
		return d, err
	}
	ids := make([]string, len(refused))
	for i, r := range refused {
		ids[i] = r.ID
	}
	d.causes, err = load[causeRow](b, "causes", ids)
	return d, err
}
