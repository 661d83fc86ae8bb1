package identity

// checkMexico reads RFC (twelve characters for companies, thirteen for persons) and CURP (eighteen).
func checkMexico(d *document) string {
	s := d.buf[:d.n]
	switch d.n {
	case 12, 13:
		if validRFC(s) {
			return DocRFC
		}
	case 18:
		if validCURP(s) {
			return DocCURP
		}
	}
	return ""
}

// validRFC checks letters, date and check character. The two numbers that the office gives out for the public at large
// and for foreigners carry no check character.
func validRFC(s []byte) bool {
	if len(s) == 13 && (string(s) == "XAXX010101000" || string(s) == "XEXX010101000") {
		return true
	}
	name := len(s) - 9
	for _, c := range s[:name] {
		if isDigit(c) {
			return false
		}
	}
	if !validYMD(s[name : name+6]) {
		return false
	}
	sum := 0
	if name == 3 {
		sum = 37 * 13 // companies count as if a blank stood in front
	}
	for i, c := range s[:len(s)-1] {
		v := rfcValue(c)
		sum += v * (len(s) - i)
	}
	switch r := sum % 11; r {
	case 0:
		return s[len(s)-1] == '0'
	case 1:
		return s[len(s)-1] == 'A'
	default:
		return s[len(s)-1] == byte('0'+11-r)
	}
}

// rfcValue is a character's place in "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ".
func rfcValue(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c == '&':
		return 24
	case c == enye:
		return 38
	case c <= 'N':
		return int(c-'A') + 10
	}
	return int(c-'A') + 11
}

// validCURP checks shape, date, sex, state and check digit.
func validCURP(s []byte) bool {
	for i, c := range s {
		digit := isDigit(c)
		switch {
		case i < 4 || i >= 10 && i < 16:
			if digit || c == '&' || c == enye {
				return false
			}
		case i == 16: // a digit for people born before 2000, a letter after
		case !digit:
			return false
		}
	}
	if !validYMD(s[4:10]) || s[10] != 'H' && s[10] != 'M' && s[10] != 'X' || !curpStates[string(s[11:13])] {
		return false
	}
	sum := 0
	for i, c := range s[:17] {
		v := int(c - '0')
		if !isDigit(c) {
			v = int(c-'A') + 10
			if c > 'N' {
				v++ // Ñ stands between, though no CURP has one
			}
		}
		sum += v * (18 - i)
	}
	return (10-sum%10)%10 == int(s[17]-'0')
}

var curpStates = map[string]bool{
	"AS": true, "BC": true, "BS": true, "CC": true, "CL": true, "CM": true, "CS": true, "CH": true, "DF": true, "DG": true, "GT": true,
	"GR": true, "HG": true, "JC": true, "MC": true, "MN": true, "MS": true, "NT": true, "NL": true, "OC": true, "PL": true, "QT": true,
	"QR": true, "SP": true, "SL": true, "SR": true, "TC": true, "TS": true, "TL": true, "VZ": true, "YN": true, "ZS": true, "NE": true,
}

// validYMD checks a date without its century.
func validYMD(s []byte) bool {
	for _, c := range s {
		if !isDigit(c) {
			return false
		}
	}
	month, day := int(s[2]-'0')*10+int(s[3]-'0'), int(s[4]-'0')*10+int(s[5]-'0')
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	return day <= days[month-1]
}
