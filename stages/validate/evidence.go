package validate

import "slices"

// maxEvidenceRows is how many sheet rows a piece of evidence names.
const maxEvidenceRows = 3

// Evidence says what the cells of a column showed of how it writes its dates or
// numbers. It names rows, never a value: dates of birth are personal.
type Evidence struct {
	Format    string  `json:"format"`               // dd/mm/yyyy, mm/dd/yyyy, yyyy-mm-dd, 1.234,56 or 1,234.56
	Decided   bool    `json:"decided"`              // a cell decided; else the account's country did
	For       int64   `json:"for"`                  // cells that can be read only so
	Against   int64   `json:"against"`              // cells that cannot be read so, and could in another format
	Open      int64   `json:"open"`                 // cells that both ways are a value
	SheetRows []int64 `json:"sheet_rows,omitempty"` // the first rows that decided
	Serial    int64   `json:"serial,omitempty"`     // dates as days since 1900, as spreadsheets count
	ByName    int64   `json:"by_name,omitempty"`    // dates with the month's name
}

// firstRows keeps the smallest row numbers, so that the order of counting does
// not matter.
type firstRows []int64

func (f *firstRows) add(row int64) {
	if row <= 0 {
		return
	}
	at, found := slices.BinarySearch(*f, row)
	if found || at >= maxEvidenceRows {
		return
	}
	*f = slices.Insert(*f, at, row)
	*f = (*f)[:min(len(*f), maxEvidenceRows)]
}

// dateVotes counts which orders the dates of a column allow.
type dateVotes struct {
	// barred counts the dates that an order cannot read while another can, only
	// those that one order alone can read, with their first rows.
	barred, only [orderYMD + 1]int64
	rows         [orderYMD + 1]firstRows
	open         int64 // dates that more than one order reads
	serial       int64
	named        int64
	iso          int64 // year of four digits in front
}

func (v *dateVotes) add(text string, row int64) {
	p, ok := splitDate(text)
	switch {
	case !ok:
		return
	case p.serial > 0:
		v.serial++
		return
	case p.month > 0:
		v.named++
		return
	case p.digits[0] == 4:
		v.iso++
		return
	}
	can, last := 0, dateOrder(0)
	var reads [orderYMD + 1]bool
	for order := orderDMY; order <= orderYMD; order++ {
		if _, month, day, ok := p.read(order); ok && dayExists(month, day) {
			reads[order] = true
			can, last = can+1, order
		}
	}
	// With the year behind, year first is no order of its own.
	if p.digits[2] == 4 {
		reads[orderYMD] = reads[orderDMY]
	}
	switch {
	case can == 0:
		return
	case can == 1:
		v.only[last]++
		v.rows[last].add(row)
	default:
		v.open++
	}
	for order := orderDMY; order <= orderYMD; order++ {
		if !reads[order] {
			v.barred[order]++
		}
	}
}

// read takes numbers as day, month and year in just that order, without the
// mercy that resolve has for a single cell.
func (p dateParts) read(order dateOrder) (year, month, day int, ok bool) {
	if p.digits[0] > 2 || p.digits[1] > 2 || p.digits[2] != 4 && p.digits[2] > 2 {
		return 0, 0, 0, false
	}
	switch order {
	case orderYMD:
		return p.n[0], p.n[1], p.n[2], p.digits[0] == 2 && p.digits[2] <= 2
	case orderMDY:
		return p.n[2], p.n[0], p.n[1], p.digits[2] >= 2
	}
	return p.n[2], p.n[1], p.n[0], p.digits[2] >= 2
}

// dayExists reports whether a month has such a day in some year.
func dayExists(month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(2000, month)
}

// decide returns the order of the column: the one that reads the most of its
// dates, and among those that read as many the one of the country. A column
// that is written in one order is therefore never read in another one as soon
// as a single cell tells them apart.
func (v dateVotes) decide(country string) dateOrder {
	best := orderDMY
	if writesMonthFirst[country] {
		best = orderMDY
	}
	for order := orderDMY; order <= orderYMD; order++ {
		if v.barred[order] < v.barred[best] {
			best = order
		}
	}
	return best
}

// evidence says why.
func (v dateVotes) evidence(order dateOrder) Evidence {
	e := Evidence{Format: order.String(), For: v.only[order], Against: v.barred[order], Open: v.open,
		SheetRows: v.rows[order], Serial: v.serial, ByName: v.named}
	for other := range v.barred {
		if dateOrder(other) != order && v.barred[other] > v.barred[order] {
			e.Decided = true
		}
	}
	// Where every date shows its year first the order of the others is nobody's.
	if v.iso > 0 && v.open == 0 && !e.Decided && e.Against == 0 {
		e.Format, e.Decided, e.For = orderYMD.String(), true, v.iso
	}
	return e
}

var writesMonthFirst = map[string]bool{"US": true, "PH": true, "PR": true}

// numberVotes counts how a column writes its decimals.
type numberVotes struct {
	dot, comma         int64
	dotRows, commaRows firstRows
	open               int64 // 1.234 or 1,234
}

func (v *numberVotes) add(text string, row int64) {
	n, ok := splitNumber(text)
	if !ok || n.marks == 0 || n.last != '.' && n.last != ',' {
		return
	}
	isDecimal, open := n.decimalMark()
	if open {
		v.open++
		return
	}
	// A grouping mark speaks for the other one.
	if isDecimal == (n.last == '.') {
		v.dot++
		v.dotRows.add(row)
	} else {
		v.comma++
		v.commaRows.add(row)
	}
}

// decide returns the decimal mark of the column: what its numbers show, else
// what the country writes.
func (v numberVotes) decide(country string) byte {
	switch {
	case v.dot > v.comma:
		return '.'
	case v.comma > v.dot || !writesPoint[country]:
		return ','
	}
	return '.'
}

// evidence says why.
func (v numberVotes) evidence(decimal byte) Evidence {
	e := Evidence{Format: numberFormats[decimal], Decided: v.dot != v.comma, For: v.comma, Against: v.dot, Open: v.open, SheetRows: v.commaRows}
	if decimal == '.' {
		e.For, e.Against, e.SheetRows = v.dot, v.comma, v.dotRows
	}
	return e
}

// numberFormats shows how numbers are written, by decimal mark.
var numberFormats = map[byte]string{',': "1.234,56", '.': "1,234.56"}

// writesPoint are the countries that write 1,234.56.
var writesPoint = map[string]bool{
	"MX": true, "US": true, "GB": true, "PA": true, "PR": true, "DO": true, "GT": true, "HN": true, "NI": true, "SV": true, "PE": true, "IE": true, "AU": true, "IN": true,
}
