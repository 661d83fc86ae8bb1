package identity

import "strings"

// read finds the number that the digits mean to someone in the account's country. It returns "" or the code of the
// refusal.
//
// Order is everything here. Digits without a plus sign are the home country's first, in every way its people write
// them; only when that fails are they read as starting with a calling code. So 51999999999 is a mobile of Porto Alegre
// in Brazil and a mobile of Peru only in Peru.
func (n *number) read(d *dialed, o *Options) string {
	digits := d.digits[:d.n]
	home := planOfRegion(o.country())
	if d.plus && (digits[0] != '0' || len(digits) > 1 && digits[1] == '0') {
		return n.readPlus(digits, home)
	}
	// "+051 …" has a plus sign too much: no calling code starts with zero.
	if home == nil {
		return n.readForeignHome(digits, o)
	}
	if n.readNational(home, digits, false) {
		return ""
	}
	if isLocal(home, digits) {
		return n.readLocal(home, digits, o)
	}
	if len(digits) > 7 && digits[0] == '0' && digits[1] == '0' {
		if n.readAfterExit(home, digits[2:]) {
			return ""
		}
	} else if home.region == "US" && len(digits) > 8 && string(digits[:3]) == "011" {
		if n.readPlus(digits[3:], home) == "" {
			return ""
		}
	} else if n.readAbroad(home, digits) {
		return ""
	}
	return refusal(home, digits)
}

// readPlus reads digits that start with a calling code.
func (n *number) readPlus(digits []byte, home *plan) string {
	if len(digits) > 2 && digits[0] == '0' && digits[1] == '0' { // +00 55 …
		digits = digits[2:]
	}
	if len(digits) < 4 {
		return CodePhoneTooShort
	}
	p := planOfCode(digits)
	if p == nil {
		return n.readLibrary(digits)
	}
	national := digits[len(p.code):]
	if n.readNational(p, national, true) {
		return ""
	}
	return lengthCode(p, national)
}

// readAbroad reads digits that no home reading fits as starting with a calling code that nobody marked. Digits that have
// a home number's length, or are one with a digit too many, are more often a mistyped home number than a call to the
// other end of the world: of those only mobiles and landlines of the countries with a table count.
func (n *number) readAbroad(home *plan, digits []byte) bool {
	if len(digits) > len(home.code) && string(digits[:len(home.code)]) == home.code {
		if n.readPlus(digits, home) == "" {
			return true
		}
	}
	if len(digits) < 10 || digits[0] == '0' || digits[0] == '1' && digits[1] == '1' {
		return false
	}
	if len(digits) > home.maxLength() && home.label(digits[:len(digits)-1]) == 0 {
		return n.readPlus(digits, home) == ""
	}
	p := planOfCode(digits)
	if p == nil || !n.readNational(p, digits[len(p.code):], true) {
		return false
	}
	return n.line == lineMobile || n.line == lineFixedOrMobile || n.line == lineFixed && len(digits) > home.maxLength()
}

// readAfterExit reads what follows the 00 of a call abroad: a calling code, in Brazil perhaps after the two digits of
// the carrier.
func (n *number) readAfterExit(home *plan, digits []byte) bool {
	if n.readPlus(digits, home) == "" {
		return true
	}
	return home.region == "BR" && len(digits) > 9 && n.readPlus(digits[2:], home) == ""
}

// readNational reads the digits as a number of one plan, in every way that people of the country write it.
// abroad says that a calling code came before.
func (n *number) readNational(p *plan, digits []byte, abroad bool) bool {
	if n.try(p, digits) {
		return true
	}
	if len(digits) < 3 {
		return false
	}
	switch p.region {
	case "BR":
		return n.readBrazil(p, digits, abroad)
	case "AR":
		return n.readArgentina(p, digits)
	case "MX":
		return n.readMexico(p, digits, abroad)
	case "US":
		return digits[0] == '1' && len(digits) == 11 && n.try(p, digits[1:])
	case "CO":
		return n.readTrunk(p, digits) || n.readCarrier(p, digits, "3", "5", "7", "9", "414", "444", "456")
	case "BO":
		return n.readTrunk(p, digits) || digits[1] == '1' && n.readCarrier(p, digits, string(digits[1:3]))
	case "CR":
		return n.readCarrierCostaRica(p, digits)
	}
	return n.readTrunk(p, digits)
}

// readTrunk drops a trunk zero.
func (n *number) readTrunk(p *plan, digits []byte) bool {
	return digits[0] == '0' && n.try(p, digits[1:])
}

// readCarrier drops a trunk zero and one of the carriers' codes behind it.
func (n *number) readCarrier(p *plan, digits []byte, carriers ...string) bool {
	if digits[0] != '0' {
		return false
	}
	for _, c := range carriers {
		if len(digits) > 1+len(c) && string(digits[1:1+len(c)]) == c && n.try(p, digits[1+len(c):]) {
			return true
		}
	}
	return false
}

// readCarrierCostaRica drops the four digits of a carrier.
func (n *number) readCarrierCostaRica(p *plan, digits []byte) bool {
	if len(digits) < 5 {
		return false
	}
	switch string(digits[:4]) {
	case "1900", "1901", "1902", "1904", "1906", "1908", "1910", "1919", "1920", "1966", "1977", "1999":
		return n.try(p, digits[4:])
	}
	return false
}

// readBrazil adds the ninth digit and takes off the trunk zero, the carrier's digits and the 90 of a collect call.
func (n *number) readBrazil(p *plan, digits []byte, abroad bool) bool {
	if n.addNinth(p, digits, abroad) {
		return true
	}
	var rest []byte
	switch {
	case digits[0] == '0':
		rest = digits[1:]
	case digits[0] == '9' && digits[1] == '0':
		rest = digits[2:]
	default:
		return false
	}
	if len(rest) < 10 {
		// 0800 and 0300 have ten digits or fewer; 0 51 3333-444 is short.
		return n.try(p, rest)
	}
	if len(rest) <= 11 {
		return n.try(p, rest) || n.addNinth(p, rest, abroad)
	}
	if len(rest) > 13 || rest[0] == '0' {
		return false
	}
	rest = rest[2:]
	return len(rest) >= 10 && (n.try(p, rest) || n.addNinth(p, rest, abroad))
}

// addNinth reads ten digits as an area and an old mobile of eight digits, which gained a 9 between 2012 and 2016.
// Landlines (2 to 5) and trunked radio (7) never come here: the plan has them as they are. A subscriber number that
// starts with 0 or 1 can only be a newer mobile whose 9 was taken off by a program that shortens every number; that
// happens to national spellings, and with a calling code in front the digits are as likely to be noise.
func (n *number) addNinth(p *plan, digits []byte, abroad bool) bool {
	if len(digits) != 10 {
		return false
	}
	switch digits[2] {
	case '6', '8', '9':
	case '0', '1':
		if abroad {
			return false
		}
	default:
		return false
	}
	var b [11]byte
	b[0], b[1], b[2] = digits[0], digits[1], '9'
	copy(b[3:], digits[2:])
	if !n.try(p, b[:]) {
		return false
	}
	n.ninthAdded = true
	return true
}

// readArgentina knows the two ways to write a mobile: +54 9 11 2345-6789 from abroad and 011 15-2345-6789 inside,
// where the 15 follows the area code of two to four digits. The plan says where the area code ends.
func (n *number) readArgentina(p *plan, digits []byte) bool {
	if digits[0] == '0' {
		digits = digits[1:]
		if n.try(p, digits) {
			return true
		}
	}
	if digits[0] == '9' && len(digits) >= 12 { // 9 11 15-2345-6789, 9 011 2345-6789
		digits = digits[1:]
		if digits[0] == '0' {
			digits = digits[1:]
			if n.tryJoined(p, []byte{'9'}, digits) {
				return true
			}
		}
	}
	if len(digits) != 12 {
		return false
	}
	for area := 2; area <= 4; area++ {
		if digits[area] != '1' || digits[area+1] != '5' {
			continue
		}
		var b [11]byte
		b[0] = '9'
		k := 1 + copy(b[1:], digits[:area])
		copy(b[k:], digits[area+2:])
		if n.try(p, b[:]) {
			return true
		}
	}
	return false
}

// readMexico drops what was dialed before the ten digits until 2019: 01 to landlines, 044 and 045 to mobiles, and the
// 1 after +52.
func (n *number) readMexico(p *plan, digits []byte, abroad bool) bool {
	switch {
	case len(digits) == 11 && digits[0] == '1' && abroad:
		return n.try(p, digits[1:])
	case len(digits) == 12 && digits[0] == '0' && digits[1] == '1':
		return n.try(p, digits[2:])
	case len(digits) == 13 && digits[0] == '0' && digits[1] == '4' && (digits[2] == '4' || digits[2] == '5'):
		return n.try(p, digits[3:])
	}
	return false
}

// isLocal reports whether the digits can be a number dialed inside an area, so that only the area code is missing.
func isLocal(p *plan, digits []byte) bool {
	k := len(digits)
	switch p.region {
	case "BR":
		return k == 8 && digits[0] >= '2' || k == 9 && digits[0] == '9'
	case "AR":
		if k >= 8 && digits[0] == '1' && digits[1] == '5' {
			k -= 2
		}
	}
	return k < 16 && p.local&(1<<k) != 0 && digits[0] != '0'
}

// readLocal completes a number without an area code.
func (n *number) readLocal(p *plan, digits []byte, o *Options) string {
	found, known := n.readInArea(p, o.AreaCode, digits)
	if found {
		return ""
	}
	found, assumed := n.readInArea(p, o.DefaultAreaCode, digits)
	switch {
	case found:
		n.areaAssumed = true
		return ""
	case known || assumed: // there is an area, and it has no such number
		return CodePhoneInvalid
	}
	return CodePhoneLocalOnly
}

// readInArea reads local digits behind an area code, which may itself carry a trunk zero, brackets or the calling code.
// known says that area holds a code at all.
func (n *number) readInArea(p *plan, area string, local []byte) (found, known bool) {
	var b [maxDigits + 16]byte
	k := 0
	area = strings.TrimSuffix(area, ".0")
	for i := 0; i < len(area) && k < 8; i++ {
		if isDigit(area[i]) && (k > 0 || area[i] != '0') {
			b[k] = area[i]
			k++
		}
	}
	if k == 0 {
		return false, false
	}
	if k > len(p.code)+1 && string(b[:len(p.code)]) == p.code {
		k = copy(b[:], b[len(p.code):k])
	}
	k += copy(b[k:], local)
	return n.readNational(p, b[:k], false), true
}

// refusal is the code for digits that have no reading at home nor abroad.
func refusal(home *plan, digits []byte) string {
	national := digits
	if code := len(home.code); len(digits) > home.maxLength() && string(digits[:code]) == home.code {
		national = digits[code:]
	}
	return lengthCode(home, national)
}

// lengthCode says what is wrong with a national number that its plan does not have.
func lengthCode(p *plan, national []byte) string {
	switch k := len(national); {
	case isLocal(p, national):
		return CodePhoneLocalOnly
	case k < p.minLength():
		return CodePhoneTooShort
	case k > p.maxLength():
		return CodePhoneTooLong
	}
	return CodePhoneInvalid
}

func isDigit(c byte) bool { return c-'0' <= 9 }
