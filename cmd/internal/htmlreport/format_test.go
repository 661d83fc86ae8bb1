package htmlreport

import (
	"strings"
	"testing"
	"time"
)

func TestNumbersAreOfTheLanguage(t *testing.T) {
	t.Parallel()
	en, pt, es := speak("en"), speak("pt-BR"), speak("es")
	for _, tt := range []struct{ what, got, want string }{
		{"a fraction", en.decimal(1234.56, 1), "1,234.6"},
		{"a fraction", pt.decimal(1234.56, 1), "1.234,6"},
		{"a fraction", es.decimal(-1234.56, 1), "−1.234,6"},
		{"rounded up to a whole", en.decimal(0.96, 1), "1.0"},
		{"no places", pt.decimal(1999.5, 0), "2.000"},
		{"a share", en.percent(24, 1000), "2.4%"},
		{"a share", pt.percent(24, 1000), "2,4%"},
		{"a share", es.percent(24, 1000), "2,4 %"},
		{"a share of nothing", en.percent(0, 0), "–"},
		{"nothing of something", en.percent(0, 10), "0%"},
		{"all", en.percent(10, 10), "100%"},
		{"next to nothing is not nothing", en.percent(1, 100_000), "< 0.1%"},
		{"next to all is not all", en.percent(99_999, 100_000), "> 99.9%"},
		{"a share in a column", en.share(1, 4), "25.0%"},
		{"more", en.change(110, 100), "+10%"},
		{"a little less", pt.change(99, 100), "−1,0%"},
		{"as before", en.change(7, 7), "±0%"},
		{"many times", en.change(5000, 10), "× 500"},
		{"against nothing", en.change(5, 0), ""},
		{"an instant", en.seconds(0.0001), "< 0.01 s"},
		{"seconds", pt.seconds(4.579), "4,58 s"},
		{"minutes", en.seconds(200), "3 min 20 s"},
		{"a minute and a half", en.seconds(99.96), "1 min 40 s"},
		{"hours", en.seconds(7500), "2 h 5 min"},
		{"days", en.seconds(90061), "1 d 1 h"},
		{"just now", en.age(time.Second), "< 1 min"},
		{"hours ago", en.age(29 * time.Hour), "29 h"},
		{"days ago", en.age(72 * time.Hour), "3 d"},
		{"a day", en.day(testNow), "28 Nov 2026"},
		{"a day", pt.day(testNow), "28 nov 2026"},
		{"a moment", es.moment(testNow), "28 nov 2026, 18:00"},
		{"within a year", en.span(testNow.AddDate(0, 0, -29), testNow), "30 Oct – 28 Nov 2026"},
		{"over two", pt.span(testNow.AddDate(0, 0, -400), testNow), "24 out 2025 – 28 nov 2026"},
		{"one day", en.span(testNow, testNow), "28 Nov 2026"},
		{"a long name", short(strings.Repeat("á", 40)+"fim.csv", 20), strings.Repeat("á", 13) + "…im.csv"},
	} {
		if got := strings.ReplaceAll(tt.got, nbsp, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
		}
	}
}

func TestPeriodsAreWholeDaysOfTheAccount(t *testing.T) {
	t.Parallel()
	zone := func(name string) *time.Location {
		l, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, tt := range []struct {
		what       string
		since, now string
		zone       *time.Location
		days       int
		first      string
		before     string
		unit       string
	}{
		{"yesterday there is today here", "2026-11-28T01:00:00Z", "2026-11-28T04:00:00Z", zone("America/Sao_Paulo"), 2, "2026-11-27T03:00:00Z", "2026-11-25T03:00:00Z", "day"},
		{"a day of 23 hours", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", zone("Europe/Madrid"), 3, "2026-03-27T23:00:00Z", "2026-03-24T23:00:00Z", "day"},
		{"a day of 25 hours", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", zone("Europe/Madrid"), 3, "2026-10-23T22:00:00Z", "2026-10-20T22:00:00Z", "day"},
		{"a leap day", "2028-02-28T12:00:00Z", "2028-03-01T12:00:00Z", time.UTC, 3, "2028-02-28T00:00:00Z", "2028-02-25T00:00:00Z", "day"},
		{"weeks", "2026-01-01T12:00:00Z", "2026-11-28T12:00:00Z", time.UTC, 332, "2026-01-01T00:00:00Z", "2025-02-03T00:00:00Z", "week"},
		{"months", "2023-01-01T12:00:00Z", "2026-11-28T12:00:00Z", time.UTC, 1428, "2023-01-01T00:00:00Z", "2019-02-03T00:00:00Z", "month"},
	} {
		since, _ := time.Parse(time.RFC3339, tt.since)
		now, _ := time.Parse(time.RFC3339, tt.now)
		p, err := newPeriod(since, now, tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		format := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
		if p.days != tt.days || format(p.first) != tt.first || format(p.beforeFrom()) != tt.before || p.unit() != tt.unit {
			t.Errorf("%s: %d days by %s from %s, before from %s", tt.what, p.days, p.unit(), format(p.first), format(p.beforeFrom()))
		}
		// A day that two columns had, or none, would be counted twice or lost.
		var rows []dayRow
		for n := range p.days {
			rows = append(rows, dayRow{Day: p.day(n).Format(time.DateOnly), Imports: 1})
		}
		var sum int64
		for _, b := range p.buckets(rows) {
			sum += b.sum.Imports
		}
		if sum != int64(tt.days) {
			t.Errorf("%s: the columns hold %d days of %d", tt.what, sum, tt.days)
		}
	}
	if _, err := newPeriod(testNow.AddDate(0, 0, 2), testNow, time.UTC); err == nil {
		t.Error("a report begins tomorrow")
	}
	if _, err := newPeriod(testNow.AddDate(-20, 0, 0), testNow, time.UTC); err == nil {
		t.Error("a report is over 20 years")
	}
}
