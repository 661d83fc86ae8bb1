package parse

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// formatKind is what a number format makes of a number, as far as it matters.
type formatKind uint8

const (
	formatNumber  formatKind = iota // the number as it is, percents too
	formatDate                      // a day
	formatTime                      // a time of day
	formatMoment                    // a day with a time
	formatElapsed                   // hours and minutes that may be more than a day
	formatZeros                     // a code with leading zeros
)

// numberFormat is the number format of a cell.
type numberFormat struct {
	kind  formatKind
	zeros int // digits of a code
}

// epoch is the day from which a workbook counts.
type epoch uint8

const (
	epoch1900 epoch = iota
	epoch1904
)

// builtIn are the formats with a meaning fixed by ECMA-376 (18.8.30) that are
// not numbers. Those of 27 to 58 are dates in East Asian programs only.
var builtIn = map[int]formatKind{
	14: formatDate, 15: formatDate, 16: formatDate, 17: formatDate,
	18: formatTime, 19: formatTime, 20: formatTime, 21: formatTime, 22: formatMoment,
	27: formatDate, 28: formatDate, 29: formatDate, 30: formatDate, 31: formatDate,
	32: formatTime, 33: formatTime, 34: formatTime, 35: formatTime, 36: formatDate,
	45: formatTime, 46: formatElapsed, 47: formatTime,
	50: formatDate, 51: formatDate, 52: formatDate, 53: formatDate, 54: formatDate,
	55: formatTime, 56: formatTime, 57: formatDate, 58: formatDate,
}

// numberFormats lists the formats of a workbook by the index that cells carry.
func numberFormats(f *excelize.File) []numberFormat {
	if f.Styles == nil || f.Styles.CellXfs == nil {
		return nil
	}
	custom := map[int]numberFormat{}
	if f.Styles.NumFmts != nil {
		for _, n := range f.Styles.NumFmts.NumFmt {
			if n != nil {
				custom[n.NumFmtID] = readFormat(n.FormatCode)
			}
		}
	}
	out := make([]numberFormat, len(f.Styles.CellXfs.Xf))
	for i, xf := range f.Styles.CellXfs.Xf {
		if xf.NumFmtID == nil {
			continue
		}
		if own, ok := custom[*xf.NumFmtID]; ok {
			out[i] = own
		} else {
			out[i] = numberFormat{kind: builtIn[*xf.NumFmtID]}
		}
	}
	return out
}

// readFormat tells what a format code such as dd/mm/yyyy or 000\.000\.000\-00
// makes of a number, by its part for positive ones.
func readFormat(code string) numberFormat {
	bare, elapsed := bareFormat(code)
	var day, clock bool
	for i, c := range bare {
		switch c {
		case 'd', 'y', 'e', 'g':
			// e and g are years and eras, unless they are 0.00E+00 or General.
			day = day || c == 'd' || c == 'y'
		case 'h', 's':
			clock = true
		case 'm':
			day = day || strings.HasPrefix(bare[i:], "mmm")
		}
	}
	// A lone m is a month, except beside hours and seconds.
	day = day || strings.Contains(bare, "m") && !clock
	digits := strings.ContainsAny(bare, "#?") || strings.Contains(bare, "0.") || strings.ContainsAny(bare, ",%e/")
	switch {
	case elapsed:
		return numberFormat{kind: formatElapsed}
	case day && clock:
		return numberFormat{kind: formatMoment}
	case day:
		return numberFormat{kind: formatDate}
	case clock:
		return numberFormat{kind: formatTime}
	case !digits && strings.Count(bare, "0") > 1:
		return numberFormat{kind: formatZeros, zeros: strings.Count(bare, "0")}
	}
	return numberFormat{}
}

// bareFormat takes from a format code what is shown as it stands, colors,
// conditions and everything behind the first part. elapsed tells [h] and its like.
func bareFormat(code string) (bare string, elapsed bool) {
	var out []byte
	code = strings.ToLower(code)
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return string(out), elapsed
			}
			i += end + 1
		case '\\', '_', '*':
			i++ // and the character behind it
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return string(out), elapsed
			}
			if inner := strings.Trim(code[i+1:i+end], "hms"); inner == "" && end > 1 {
				elapsed = true
			}
			i += end
		case ';':
			return cutHalfDays(out), elapsed
		default:
			out = append(out, c)
		}
	}
	return cutHalfDays(out), elapsed
}

// cutHalfDays takes away the m of am/pm, which is no month, and General.
func cutHalfDays(bare []byte) string {
	return strings.NewReplacer("am/pm", "h", "a/p", "h", "general", "").Replace(string(bare))
}

// value returns the text of a cell from what stands in the file, of the cell's
// type and style. empty reports a cell that shows something, an error such as
// #N/A, and has no value: taken as text it would become somebody's name.
// The result may share memory with raw.
func (b *workbook) value(raw []byte, kind, style string) (text []byte, empty bool, err error) {
	switch kind {
	case "s":
		index, err := strconv.Atoi(string(bytes.TrimSpace(raw)))
		if err != nil && len(raw) == 0 {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, damagedWorkbook()
		}
		text, err := b.texts.at(index)
		return text, false, err
	case "inlineStr", "str":
		return plainText(raw), false, nil
	case "e":
		return nil, true, nil
	case "b":
		switch string(bytes.TrimSpace(raw)) {
		case "1", "true":
			return []byte("true"), false, nil
		case "0", "false":
			return []byte("false"), false, nil
		}
		return raw, false, nil
	case "d":
		return isoDate(bytes.TrimSpace(raw)), false, nil
	}
	raw = bytes.TrimSpace(raw)
	var f numberFormat
	if style != "" {
		if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(b.styles) {
			f = b.styles[i]
		}
	}
	return number(raw, f, b.epoch), false, nil
}

// isoDate takes the T out of a date with a time, and a time that says nothing.
func isoDate(raw []byte) []byte {
	text := strings.TrimSuffix(strings.Replace(string(raw), "T", " ", 1), "Z")
	return []byte(strings.TrimSuffix(strings.TrimSuffix(text, ".000"), " 00:00:00"))
}

// number writes a number as its format means it: a date as yyyy-mm-dd, with
// hh:mm:ss when the format shows a time and there is one, a code with its zeros,
// everything else as a plain number with a point, never as 5.5E+12.
func number(raw []byte, f numberFormat, from epoch) []byte {
	whole := len(raw) > 0 && len(bytes.TrimLeft(raw, "0123456789")) == 0
	switch {
	case len(raw) == 0:
		return nil
	case f.kind == formatNumber && whole:
		return raw // digit for digit, however many
	case f.kind == formatZeros && whole:
		return append(bytes.Repeat([]byte("0"), max(0, f.zeros-len(raw))), raw...)
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return raw
	}
	switch f.kind {
	case formatDate, formatMoment, formatTime, formatElapsed:
		if text, ok := moment(v, f.kind, from); ok {
			return []byte(text)
		}
	case formatZeros:
		if v >= 0 && v < 1e15 && v == math.Trunc(v) {
			digits := strconv.FormatFloat(v, 'f', 0, 64)
			return []byte(strings.Repeat("0", max(0, f.zeros-len(digits))) + digits)
		}
	}
	// Spreadsheets count in 15 digits; what is behind them is noise of the binary
	// number: 0.1+0.2 stands as 0.30000000000000004 in the file.
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64); err == nil {
		v = rounded
	}
	return strconv.AppendFloat(nil, v, 'f', -1, 64)
}

// lastDay is 9999-12-31, the last one that spreadsheets know, in 1900 days.
const lastDay = 2958465

// moment writes a number of days as date or time. ok is false for what
// spreadsheets show as no date either.
func moment(v float64, kind formatKind, from epoch) (text string, ok bool) {
	if v < 0 || v >= lastDay+1 {
		return "", false
	}
	seconds := int64(math.Round(v * 86400)) // milliseconds are nobody's birthday
	day, clock := seconds/86400, seconds%86400
	hhmmss := time.Unix(clock, 0).UTC().Format(time.TimeOnly)
	switch {
	case kind == formatElapsed:
		hour := strconv.FormatInt(seconds/3600, 10)
		if len(hour) < 2 {
			hour = "0" + hour
		}
		return hour + hhmmss[2:], true
	case kind == formatTime:
		return hhmmss, true
	}
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from == epoch1904:
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day == 0 && clock > 0:
		return hhmmss, true // a time alone in a cell for both
	case day == 0:
		return "", false
	case day == 60:
		return "1900-02-29", true // a day that only spreadsheets know
	case day < 60:
		base = base.AddDate(0, 0, 1)
	}
	date := base.AddDate(0, 0, int(day)).Format(time.DateOnly)
	if kind == formatMoment && clock > 0 {
		date += " " + hhmmss
	}
	return date, true
}
