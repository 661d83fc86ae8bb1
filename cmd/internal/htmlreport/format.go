package htmlreport

import (
	"math"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/schemas"
)

// speaker writes numbers, times and words in one language. Its blanks within a
// value do not break.
type speaker struct{ terminal.Words }

func speak(locale string) speaker {
	return speaker{terminal.Words{Locale: schemas.Locale(locale)}}
}

// say returns the text of a key of the report.
func (s speaker) say(key string, pairs ...any) string { return s.Say("report_"+key, pairs...) }

const nbsp = "\u00a0"

// decimal writes a number with digit groups and so many places: 1,234.5, or
// 1.234,5 in Portuguese and Spanish.
func (s speaker) decimal(x float64, places int) string {
	sign := ""
	if x < 0 {
		sign, x = "−", -x
	}
	scale := math.Pow10(places)
	x = math.Round(x*scale) / scale
	whole := math.Floor(x)
	text := sign + s.Number(int64(whole))
	if places > 0 {
		_, fraction, _ := strings.Cut(s.Decimal(x-whole, places), s.mark())
		text += s.mark() + fraction
	}
	return text
}

func (s speaker) mark() string {
	if s.Locale == "en" {
		return "."
	}
	return ","
}

// percent writes a share: whole numbers, one place below ten. What is not nothing
// is never written as 0, and what is not all never as 100.
func (s speaker) percent(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	x := 100 * float64(part) / float64(whole)
	var text string
	switch {
	case part > 0 && x < 0.1:
		text = "<" + nbsp + s.decimal(0.1, 1)
	case part < whole && x >= 99.95:
		text = ">" + nbsp + s.decimal(99.9, 1)
	case x < 10 && part > 0 || x > 90 && x < 100:
		text = s.decimal(x, 1)
	default:
		text = s.decimal(x, 0)
	}
	return text + s.sign()
}

// share is percent with one place, for columns of a table.
func (s speaker) share(part, whole int64) string {
	x := 100 * float64(part) / float64(max(whole, 1))
	switch {
	case whole == 0:
		return "–"
	case part > 0 && x < 0.1 || part < whole && x >= 99.95:
		return s.percent(part, whole)
	}
	return s.decimal(x, 1) + s.sign()
}

func (s speaker) sign() string {
	if s.Locale == "es" {
		return nbsp + "%"
	}
	return "%"
}

// change writes how a count changed, "" when there was nothing before.
func (s speaker) change(now, before int64) string {
	if before == 0 {
		return ""
	}
	x := 100 * float64(now-before) / float64(before)
	places := 0
	if math.Abs(x) < 10 {
		places = 1
	}
	switch {
	case now == before:
		return "±0" + s.sign()
	case x >= 1000:
		return "×" + nbsp + s.decimal(float64(now)/float64(before), 0)
	case x > 0:
		return "+" + s.decimal(x, places) + s.sign()
	}
	return s.decimal(x, places) + s.sign()
}

// seconds writes how long something took: 0.42 s, 12 s, 3 min 20 s, 2 h 5 min.
func (s speaker) seconds(x float64) string {
	switch {
	case x < 0:
		return "–"
	case x > 0 && x < 0.005:
		return "<" + nbsp + s.decimal(0.01, 2) + nbsp + "s"
	case x < 9.995:
		return s.decimal(x, 2) + nbsp + "s"
	case x < 99.95:
		return s.decimal(x, 1) + nbsp + "s"
	}
	d := time.Duration(math.Round(x)) * time.Second
	parts := []struct {
		n    int64
		unit string
	}{
		{int64(d / (24 * time.Hour)), "d"}, {int64(d/time.Hour) % 24, "h"}, {int64(d/time.Minute) % 60, "min"}, {int64(d/time.Second) % 60, "s"},
	}
	for len(parts) > 1 && parts[0].n == 0 {
		parts = parts[1:]
	}
	text := s.Number(parts[0].n) + nbsp + parts[0].unit
	if len(parts) > 1 && parts[1].n > 0 {
		text += nbsp + s.Number(parts[1].n) + nbsp + parts[1].unit
	}
	return text
}

// age writes how long ago something was, in its largest unit.
func (s speaker) age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "<" + nbsp + "1" + nbsp + "min"
	case d < 2*time.Hour:
		return s.Number(int64(d/time.Minute)) + nbsp + "min"
	case d < 48*time.Hour:
		return s.Number(int64(d/time.Hour)) + nbsp + "h"
	}
	return s.Number(int64(d/(24*time.Hour))) + nbsp + "d"
}

// month is the short name of a month.
func (s speaker) month(m time.Month) string {
	return strings.Fields(s.say("months"))[m-1]
}

// day writes 28 Nov 2026, dayMonth without the year, moment with the time.
func (s speaker) day(t time.Time) string {
	return s.dayMonth(t) + nbsp + t.Format("2006")
}

func (s speaker) dayMonth(t time.Time) string {
	return t.Format("2") + nbsp + s.month(t.Month())
}

func (s speaker) moment(t time.Time) string {
	return s.day(t) + ", " + t.Format("15:04")
}

// span writes the days from a to b, with what they share once.
func (s speaker) span(a, b time.Time) string {
	switch {
	case a.Format(time.DateOnly) == b.Format(time.DateOnly):
		return s.day(b)
	case a.Year() == b.Year():
		return s.dayMonth(a) + nbsp + "– " + s.day(b)
	}
	return s.day(a) + nbsp + "– " + s.day(b)
}

// short leaves out the middle of a name that is too long for a table or a title.
func short(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	tail := most / 3
	return string(runes[:most-tail-1]) + "…" + string(runes[len(runes)-tail:])
}

// size writes bytes, its blank unbreakable.
func (s speaker) size(n int64) string { return strings.ReplaceAll(s.Size(n), " ", nbsp) }
