package validate

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		order      dateOrder
		past       bool
		want       string
	}{
		{"Brazilian", "05/03/1990", orderDMY, true, "1990-03-05"},
		{"English", "05/03/1990", orderMDY, true, "1990-05-03"},
		{"ISO", "1990-03-05", orderDMY, true, "1990-03-05"},
		{"ISO in a column with months first", "1990-03-05", orderMDY, true, "1990-03-05"},
		{"single digits", "5/3/1990", orderDMY, true, "1990-03-05"},
		{"dashes", "05-03-1990", orderDMY, true, "1990-03-05"},
		{"dots", "05.03.1990", orderDMY, true, "1990-03-05"},
		{"blanks between", "05 / 03 / 1990", orderDMY, true, "1990-03-05"},
		{"time behind", "05/03/1990 10:30:00", orderDMY, true, "1990-03-05"},
		{"ISO time and zone", "1990-03-05T10:30:00-03:00", orderDMY, true, "1990-03-05"},
		{"ISO in Zulu time", "1990-03-05T00:00:00.000Z", orderDMY, true, "1990-03-05"},
		{"time of a spreadsheet", "1990-03-05 00:00:00", orderDMY, true, "1990-03-05"},
		{"time after month by name", "5 mar 1990 10:30", orderDMY, true, "1990-03-05"},
		{"two-digit birth year of this century", "05/03/24", orderDMY, true, "2024-03-05"},
		{"two-digit birth year that would lie ahead", "05/03/26", orderDMY, true, "1926-03-05"},
		{"two-digit birth day that would lie ahead", "16/06/25", orderDMY, true, "1925-06-16"},
		{"two-digit birth day of today", "15/06/25", orderDMY, true, "2025-06-15"},
		{"two-digit year of no birthday", "05/03/26", orderDMY, false, "2026-03-05"},
		{"two-digit year of no birthday, last century", "05/03/85", orderDMY, false, "1985-03-05"},
		{"two-digit year in front", "85-03-12", orderDMY, true, "1985-03-12"},
		{"birthday ahead", "05/03/2030", orderDMY, true, ""},
		{"appointment ahead", "05/03/2030", orderDMY, false, "2030-03-05"},
		{"eight digits, day first", "05031990", orderDMY, true, "1990-03-05"},
		{"eight digits, year first", "19900305", orderDMY, true, "1990-03-05"},
		{"days of a spreadsheet", "32937", orderDMY, true, "1990-03-05"},
		{"days and hours of a spreadsheet", "32937.5", orderDMY, true, "1990-03-05"},
		{"month by name", "5 de março de 1990", orderDMY, true, "1990-03-05"},
		{"month by name without accent", "5 de marco de 1990", orderDMY, true, "1990-03-05"},
		{"month in capitals", "5 DE MARÇO DE 1990", orderDMY, true, "1990-03-05"},
		{"first of a month", "1º de maio de 1990", orderDMY, true, "1990-05-01"},
		{"month short", "05/mar/1990", orderDMY, true, "1990-03-05"},
		{"month short with dot", "05 mar. 1990", orderDMY, true, "1990-03-05"},
		{"month short, two-digit year", "5-mar-90", orderDMY, true, "1990-03-05"},
		{"Spanish", "5 de septiembre del 1990", orderDMY, true, "1990-09-05"},
		{"English, month first", "March 5, 1990", orderDMY, true, "1990-03-05"},
		{"English ordinal", "March 5th, 1990", orderDMY, true, "1990-03-05"},
		{"weekday in front", "segunda-feira, 5 de março de 1990", orderDMY, true, "1990-03-05"},
		{"Japanese", "1990年10月12日", orderDMY, true, "1990-10-12"},
		{"leap day", "29/02/2024", orderDMY, true, "2024-02-29"},
		{"no leap day", "29/02/2023", orderDMY, true, ""},
		{"no leap day in 1900", "29/02/1900", orderDMY, true, ""},
		{"thirty-first of April", "31/04/1990", orderDMY, true, ""},
		{"day beyond any month", "32/01/1990", orderDMY, true, ""},
		{"month first in a column with days first", "12/25/1990", orderDMY, true, ""},
		{"day first in a column with months first", "25/12/1990", orderMDY, true, ""},
		{"no year", "05/03", orderDMY, true, ""},
		{"only a year", "1990", orderDMY, true, ""},
		{"month and year", "03/1990", orderDMY, true, ""},
		{"three-digit year", "05/03/199", orderDMY, true, ""},
		{"long ago", "05/03/1690", orderDMY, true, ""},
		{"phone", "51999991234", orderDMY, true, ""},
		{"decimal number", "12,50", orderDMY, true, ""},
		{"address of a computer", "10.20.30.40", orderDMY, true, ""},
		{"word", "ontem", orderDMY, true, ""},
		{"two months", "mar abr 1990", orderDMY, true, ""},
		{"sentence", "nasceu 5 de março de 1990", orderDMY, true, ""},
		{"question mark", "05/03/1990?", orderDMY, true, ""},
		{"empty", "", orderDMY, true, ""},
		{"very long", strings.Repeat("1", 200), orderDMY, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s scratch
			got, ok := s.date(tt.text, tt.order, tt.past, testNow)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("date(%q, %s) = %q, %v; want %q", tt.text, tt.order, got, ok, tt.want)
			}
		})
	}
}

func TestDateReadsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	formats := []struct {
		layout string
		order  dateOrder
	}{
		{"02/01/2006", orderDMY}, {"2/1/2006", orderDMY}, {"01/02/2006", orderMDY}, {"2006-01-02", orderDMY}, {"2006/1/2", orderMDY},
		{"02.01.2006 15:04", orderDMY}, {"2006-01-02T15:04:05Z07:00", orderMDY}, {"Jan 2, 2006", orderDMY}, {"2-Jan-2006", orderMDY},
		{"Monday, 2 January 2006", orderDMY}, {"20060102", orderDMY},
	}
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1900, 1, 1, 13, 5, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 45_000).Draw(t, "day"))
		f := rapid.SampledFrom(formats).Draw(t, "format")
		var s scratch
		got, ok := s.date(day.Format(f.layout), f.order, false, testNow)
		if want := day.Format(time.DateOnly); !ok || got != want {
			t.Errorf("date(%q, %s) = %q, %v; want %q", day.Format(f.layout), f.order, got, ok, want)
		}
	})
}

func TestDateVotes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		country string
		cells   []string
		want    dateOrder
	}{
		{"open in Brazil", "BR", []string{"05/03/1990", "06/07/1991"}, orderDMY},
		{"open in the United States", "US", []string{"05/03/1990"}, orderMDY},
		{"one day above twelve", "US", []string{"05/03/1990", "25/03/1990"}, orderDMY},
		{"one month behind in Brazil", "BR", []string{"05/03/1990", "03/25/1990"}, orderMDY},
		{"more days first than months first", "US", []string{"25/03/1990", "26/03/1990", "03/25/1990"}, orderDMY},
		{"ISO says nothing", "US", []string{"1990-03-25"}, orderMDY},
		{"names say nothing", "US", []string{"25 de março de 1990"}, orderMDY},
		{"two-digit years in front", "BR", []string{"85-03-12", "90-05-25"}, orderYMD},
		{"impossible dates say nothing", "BR", []string{"45/45/1990"}, orderDMY},
		{"nothing", "BR", nil, orderDMY},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var v dateVotes
			for _, c := range tt.cells {
				v.add(c, 0)
			}
			if got := v.decide(tt.country); got != tt.want {
				t.Errorf("decide = %s, want %s", got, tt.want)
			}
		})
	}
}
