package validate

import (
	"strings"
	"time"
	"unicode/utf8"
)

// dateOrder is the order of day, month and year in numeric dates.
type dateOrder uint8

// Orders of dates. A date that starts with a year of four digits is read year
// first whatever the order says.
const (
	orderDMY dateOrder = iota + 1
	orderMDY
	orderYMD
)

// String returns the order as people write it.
func (o dateOrder) String() string {
	switch o {
	case orderDMY:
		return "dd/mm/yyyy"
	case orderMDY:
		return "mm/dd/yyyy"
	case orderYMD:
		return "yyyy-mm-dd"
	}
	return ""
}

// parseDateFormat reads the format of a mapping, such as dd/mm/yyyy.
func parseDateFormat(format string) (dateOrder, bool) {
	letters := strings.Map(func(r rune) rune {
		switch r {
		case 'd', 'D', 't', 'T':
			return 'd'
		case 'm', 'M':
			return 'm'
		case 'y', 'Y', 'a', 'A':
			return 'y'
		}
		return -1
	}, format)
	compact := strings.NewReplacer("dd", "d", "mm", "m", "yyyy", "y", "yy", "y").Replace(letters)
	switch compact {
	case "dmy":
		return orderDMY, true
	case "mdy":
		return orderMDY, true
	case "ymd":
		return orderYMD, true
	}
	return 0, false
}

// dateParts is a date taken apart: three numbers in the order of the text, or
// two and a month by name.
type dateParts struct {
	n      [3]int
	digits [3]int // digits of each
	month  int    // month by name, 0 for none
	serial int    // days of a spreadsheet, 0 for none
}

// maxDate is the longest text that can be a date: a weekday, day, month and
// year in words, and a time.
const maxDate = 80

// splitDate takes a date apart and drops the time behind it.
func splitDate(text string) (p dateParts, ok bool) {
	text = trimBlanks(text)
	if text == "" || len(text) > maxDate {
		return p, false
	}
	count := 0
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			start, value := i, 0
			for i < len(text) && text[i] >= '0' && text[i] <= '9' && i-start < 9 {
				value = 10*value + int(text[i]-'0')
				i++
			}
			if i < len(text) && text[i] == ':' && count+b2i(p.month > 0) >= 3 {
				return p, true // the time
			}
			if count == 3 || count == 2 && p.month > 0 {
				return p, isTimeRest(text[start:])
			}
			p.n[count], p.digits[count] = value, i-start
			count++
		case isDateMark(c):
			i++
		case c == 'T' && count == 3:
			return p, i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9'
		default:
			word, next := dateWord(text, i)
			i = next
			switch kind, month := wordMeaning(word); kind {
			case wordMonth:
				if p.month > 0 {
					return p, false
				}
				p.month = month
			case wordFiller:
			default:
				return p, false
			}
		}
	}
	switch {
	case count <= 2 && p.month == 0:
		return compactDate(text, p)
	case p.month > 0:
		return p, count == 2
	}
	return p, count == 3
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func isDateMark(c byte) bool {
	switch c {
	case '/', '-', '.', ' ', ',', '\t', '\'':
		return true
	}
	return false
}

// isTimeRest reports whether what stands behind a whole date is a time or an
// offset: 10:30, 103000, +00:00.
func isTimeRest(text string) bool {
	return strings.Contains(text, ":") || strings.HasSuffix(text, "Z") || strings.Trim(text, "0. ") == ""
}

// compactDate reads eight digits, or the days that spreadsheets count.
func compactDate(text string, p dateParts) (dateParts, bool) {
	whole, fraction, parted := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
	for _, c := range []byte(fraction) {
		if c < '0' || c > '9' {
			return p, false
		}
	}
	switch {
	case len(whole) == 5 && p.digits[0] == 5 && (!parted || fraction != ""):
		p.serial = p.n[0]
		return p, true
	case len(whole) != 8 || p.digits[0] != 8 || parted:
		return p, false
	}
	n := p.n[0]
	if year := n / 10000; year >= 1900 && year < 2100 && n/100%100 <= 12 {
		p.n, p.digits = [3]int{year, n / 100 % 100, n % 100}, [3]int{4, 2, 2}
	} else {
		p.n, p.digits = [3]int{n / 1000000, n / 10000 % 100, n % 10000}, [3]int{2, 2, 4}
	}
	return p, true
}

// dateWord returns the letters that start at i, folded to lower-case ASCII, and
// where they end.
func dateWord(text string, i int) (word string, next int) {
	var stack [24]byte
	b := stack[:0]
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			if c |= 0x20; c < 'a' || c > 'z' {
				break
			}
			b = append(b, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch r {
		case 'ç', 'Ç':
			b = append(b, 'c')
		case 'á', 'Á', 'ã', 'à':
			b = append(b, 'a')
		case 'é', 'É':
			b = append(b, 'e')
		case 'º', 'ª', '°', '.', 0xa0, 0x202f:
		case '年', '月', '日':
			if len(b) == 0 {
				return string(r), i + size
			}
			return string(b), i
		default:
			return "", i + size
		}
		i += size
		if len(b) > 20 {
			return "", i
		}
	}
	if i < len(text) && len(b) == 0 && text[i] < utf8.RuneSelf && !isDateMark(text[i]) && (text[i] < '0' || text[i] > '9') {
		return "?", i + 1
	}
	return string(b), i
}

// Meanings of a word inside a date.
const (
	wordUnknown = iota
	wordFiller
	wordMonth
)

// wordMeaning returns what a word in a date is, and the month it names.
func wordMeaning(word string) (kind, month int) {
	switch word {
	case "", "de", "del", "of", "the", "st", "nd", "rd", "th", "o", "a", "feira", "年", "月", "日":
		return wordFiller, 0
	}
	if m, ok := months[word]; ok {
		return wordMonth, m
	}
	if weekdays[word] {
		return wordFiller, 0
	}
	return wordUnknown, 0
}

var months = map[string]int{
	"jan": 1, "janeiro": 1, "ene": 1, "enero": 1, "january": 1,
	"fev": 2, "fevereiro": 2, "feb": 2, "febrero": 2, "february": 2,
	"mar": 3, "marco": 3, "marzo": 3, "march": 3,
	"abr": 4, "abril": 4, "apr": 4, "april": 4,
	"mai": 5, "maio": 5, "may": 5, "mayo": 5,
	"jun": 6, "junho": 6, "junio": 6, "june": 6,
	"jul": 7, "julho": 7, "julio": 7, "july": 7,
	"ago": 8, "agosto": 8, "aug": 8, "august": 8,
	"set": 9, "setembro": 9, "sep": 9, "sept": 9, "septiembre": 9, "setiembre": 9, "september": 9,
	"out": 10, "outubro": 10, "oct": 10, "octubre": 10, "october": 10,
	"nov": 11, "novembro": 11, "noviembre": 11, "november": 11,
	"dez": 12, "dezembro": 12, "dic": 12, "diciembre": 12, "dec": 12, "december": 12,
}

var weekdays = map[string]bool{
	"segunda": true, "terca": true, "quarta": true, "quinta": true, "sexta": true, "sabado": true, "domingo": true,
	"seg": true, "ter": true, "qua": true, "qui": true, "sex": true, "sab": true, "dom": true,
	"lunes": true, "martes": true, "miercoles": true, "jueves": true, "viernes": true,
	"lun": true, "mie": true, "jue": true, "vie": true,
	"monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true, "saturday": true, "sunday": true,
	"mon": true, "tue": true, "wed": true, "thu": true, "fri": true, "sat": true, "sun": true,
}

// date returns the canonical form of a date, 2006-01-02, and whether text is a
// date that exists. With past the date lies before now: a year of two digits
// is the latest that does, and a later date is refused. Without, years of two
// digits run from 1970 to 2069.
func (s *scratch) date(text string, order dateOrder, past bool, now time.Time) (string, bool) {
	p, ok := splitDate(text)
	if !ok {
		return "", false
	}
	year, month, day, ok := p.resolve(order)
	if !ok {
		return "", false
	}
	if p.serial == 0 && year < 100 {
		year += 1900
		switch {
		case past && !later(year+100, month, day, now), !past && year < 1970:
			year += 100
		}
	}
	if year < 1800 || year > 2200 || past && later(year, month, day, now) {
		return "", false
	}
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return "", false
	}
	start := len(s.buf)
	s.buf = append(s.buf,
		byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-',
		byte('0'+month/10), byte('0'+month%10), '-', byte('0'+day/10), byte('0'+day%10))
	return s.since(start), true
}

// resolve tells day, month and year apart. The year may have two digits.
func (p dateParts) resolve(order dateOrder) (year, month, day int, ok bool) {
	n, digits := p.n, p.digits
	switch {
	case p.serial > 0:
		// Day 1 is 1900-01-01, and day 60 a leap day that never was.
		t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, p.serial)
		return t.Year(), int(t.Month()), t.Day(), true
	case p.month > 0 && digits[0] == 4:
		return n[0], p.month, n[1], digits[1] <= 2
	case p.month > 0:
		return n[1], p.month, n[0], digits[0] <= 2 && (digits[1] == 2 || digits[1] == 4)
	case digits[0] == 4:
		return n[0], n[1], n[2], digits[1] <= 2 && digits[2] <= 2
	case digits[0] > 2 || digits[1] > 2:
		return 0, 0, 0, false
	case digits[2] == 4 && order == orderYMD:
		order = orderDMY
	case digits[2] != 4 && n[0] > 31 && digits[0] == 2:
		order = orderYMD // 85-03-12
	}
	switch {
	case order == orderYMD:
		return n[0], n[1], n[2], digits[0] == 2 && digits[2] <= 2
	case digits[2] != 2 && digits[2] != 4:
		return 0, 0, 0, false
	case order == orderMDY:
		return n[2], n[0], n[1], true
	}
	return n[2], n[1], n[0], true
}

func later(year, month, day int, now time.Time) bool {
	y, m, d := now.Date()
	return year > y || year == y && (month > int(m) || month == int(m) && day > d)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// emptyDate reports whether a cell is how systems write no date: 00/00/0000,
// 0000-00-00, 30/12/1899.
func emptyDate(text string) bool {
	text = trimBlanks(text)
	for i := range len(text) {
		if c := text[i]; c != '0' && !isDateMark(c) && c != ':' {
			return text == "30/12/1899" || text == "1899-12-30"
		}
	}
	return true
}
