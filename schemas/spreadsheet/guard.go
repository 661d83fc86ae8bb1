// Package spreadsheet writes what people open in spreadsheets: cells of CSV files that
// these do not alter on the way, and workbooks (.xlsx).
package spreadsheet

import (
	"regexp"
	"strings"
)

// The mark is an apostrophe before the text. Spreadsheets know it as "what
// follows is text": opened as CSV it stays in the cell, where it does no harm,
// and a cell typed anew with it loses it, which gives the value without mark.
const mark = "'"

// Guard returns the text of a cell so that a spreadsheet which opens the CSV
// and saves it again keeps it: cells it would take for a formula, a number, a
// date or a logical value, and write back in another form, get the mark. Guard
// never fails and changes nothing else.
func Guard(cell string) string {
	if needsMark(cell) {
		return mark + cell
	}
	return cell
}

// Unguard takes the mark off exactly: Unguard(Guard(x)) is x for every x. A
// text with an apostrophe of its own that needs no mark ('Ana) is left alone.
func Unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, mark); ok && needsMark(rest) {
		return rest
	}
	return cell
}

// needsMark also says yes to a marked text: its own apostrophe must survive the
// taking off.
func needsMark(cell string) bool {
	for strings.HasPrefix(cell, mark) {
		cell = cell[len(mark):]
	}
	return altered(cell)
}

// longest is the longest cell that can look like a number or date to anybody.
const longest = 64

// plainDigits is how many digits a number may have before spreadsheets show and
// save it as 5.55E+12.
const plainDigits = 11

// month is the beginning of every month's name in the three languages.
const month = `(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|fev|abr|mai|ago|set|out|dez|ene|dic)`

var (
	// number: digits with the signs of decimals, groups, money and percentages.
	number = regexp.MustCompile(`^[(]?(r\$|us\$|\$|€|£)?[ \x{a0}]*[0-9][0-9., \x{a0}]*(%|r\$|us\$|\$|€|£)?[)]?$|^[.,][0-9]+%?$`)
	// exponent: 1e5, 5,55E+12.
	exponent = regexp.MustCompile(`^[0-9]+([.,][0-9]*)?e[+-]?[0-9]+$`)
	// fraction: 1 1/2.
	fraction = regexp.MustCompile(`^[0-9]+ +[0-9]+ ?/ ?[0-9]+$`)
	// date: two or three numbers, or numbers and a word that begins like a month,
	// with or without a time of day behind them.
	date = regexp.MustCompile(`^([0-9]{1,4} ?[-/.] ?[0-9]{1,4}( ?[-/.] ?[0-9]{1,4})?|` +
		`[0-9]{1,4}( de |[-/. ]{0,2})` + month + `\p{L}*\.?(( de |[-/., ]{0,2})[0-9]{2,4})?|` +
		month + `\p{L}*\.?( de |[-/. ]{0,2})[0-9]{1,4}(,? [0-9]{2,4})?)` +
		`([ t]+[0-9]{1,2}:[0-9]{2}.*)?$`)
	// clock: 9:30, 09:30:15 pm.
	clock = regexp.MustCompile(`^[0-9]{1,4}:[0-9]{1,2}(:[0-9]{1,2}([.,][0-9]+)?)?( ?[ap]\.?m?\.?)?$`)
)

// altered reports whether a spreadsheet in English, Portuguese or Spanish may
// write the cell back in another form. It rather says yes once too often: a
// mark costs nothing.
func altered(cell string) bool {
	text := strings.ToLower(strings.Trim(narrow(cell), " \t\r\n\u00a0"))
	if text == "" {
		return false
	}
	switch text[0] {
	case '=', '+', '-', '@', '#':
		return true
	}
	if cell[0] == '\t' || cell[0] == '\r' || cell[0] == '\n' { // the start of known formula injections
		return true
	}
	if digitsOnly(text) {
		return len(text) > plainDigits || len(text) > 1 && text[0] == '0' || len(text) != len(cell)
	}
	switch text {
	case "true", "false", "verdadeiro", "falso", "verdadero":
		return true
	}
	if len(text) > longest {
		return digitsOnly(strings.NewReplacer(".", "", ",", "", " ", "").Replace(text))
	}
	return number.MatchString(text) || exponent.MatchString(text) || fraction.MatchString(text) ||
		date.MatchString(text) || clock.MatchString(text)
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// narrow replaces full-width forms (＝, １), which spreadsheets read like the
// usual ones.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
}
