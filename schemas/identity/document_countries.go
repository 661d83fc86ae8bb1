package identity

// check reads the document by the rules of a country: it validates, brings the number into canonical form and returns
// what it is, "" when it is nothing. known is false for countries without rules. Sources: the tax offices' published
// algorithms (AFIP, SII, DIAN, SAT, SUNAT, SRI, DNIT, DGI, SENIAT).
func (d *document) check(country string) (sub string, known bool) {
	switch country { // not a map of functions: the document stays on the stack
	case "AR":
		return checkArgentina(d), true
	case "CL":
		return checkChile(d), true
	case "CO":
		return checkColombia(d), true
	case "EC":
		return checkEcuador(d), true
	case "MX":
		return checkMexico(d), true
	case "PE":
		return checkPeru(d), true
	case "PY":
		return checkParaguay(d), true
	case "UY":
		return checkUruguay(d), true
	case "VE":
		return checkVenezuela(d), true
	}
	return "", false
}

// weighted is the sum of digits times weights.
func weighted(s []byte, weights ...int) (sum int) {
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return sum
}

// fromRight is the sum of digits times weights that start at the right.
func fromRight(s []byte, weights ...int) (sum int) {
	for i := range s {
		sum += int(s[len(s)-1-i]-'0') * weights[i%len(weights)]
	}
	return sum
}

// checkArgentina reads CUIT and CUIL (eleven digits, one check digit) and DNI (seven or eight digits, none).
// A remainder of ten has no check digit: the office gives such a person another prefix.
func checkArgentina(d *document) string {
	switch {
	case d.digits(11, 11):
		s := d.buf[:11]
		switch string(s[:2]) {
		case "20", "23", "24", "25", "26", "27", "30", "33", "34", "50", "51", "55":
		default:
			return ""
		}
		check := (11 - weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
		if check != int(s[10]-'0') {
			return ""
		}
		return DocCUIT
	case d.digits(7, 8):
		d.trimZeros()
		if d.n < 7 {
			return ""
		}
		return DocDNI
	}
	return ""
}

// checkChile reads the RUT: up to eight digits and a check character, 0 to 9 or K.
func checkChile(d *document) string {
	d.trimZeros()
	if d.n < 7 || d.n > 9 {
		return ""
	}
	body := d.buf[:d.n-1]
	for _, c := range body {
		if !isDigit(c) {
			return ""
		}
	}
	check := byte('0' + (11-fromRight(body, 2, 3, 4, 5, 6, 7)%11)%11)
	if check == '0'+10 {
		check = 'K'
	}
	if d.buf[d.n-1] != check {
		return ""
	}
	return DocRUT
}

// checkColombia reads NIT and identity cards, which are one number space: a person's NIT is the card's number with a
// check digit. Canonical is the number without it. A check digit is recognised behind a hyphen, or as the tenth digit
// of a company's number (which start with 8 or 9).
func checkColombia(d *document) string {
	if !d.digits(5, 11) {
		return ""
	}
	company := d.buf[0] == '8' || d.buf[0] == '9'
	switch {
	case d.hyphen == 1 || d.n == 10 && company || d.n == 11:
		body := d.buf[:d.n-1]
		if nitCheck(body) != d.buf[d.n-1] {
			return ""
		}
		d.n--
	case d.n == 10 && d.buf[0] != '1':
		return ""
	}
	// Ten digits without a check digit are a card's, which begin with 1.
	if d.trimZeros(); d.n < 5 || d.n > 10 || d.n == 10 && d.buf[0] != '1' {
		return ""
	}
	if d.n == 9 && (d.buf[0] == '8' || d.buf[0] == '9') {
		return DocNIT
	}
	return DocCC
}

// nitCheck is the check digit of a Colombian number.
func nitCheck(body []byte) byte {
	r := fromRight(body, 3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71) % 11
	if r > 1 {
		r = 11 - r
	}
	return byte('0' + r)
}

// restoreZero puts back the one zero that numbers of these lengths have lost. It is called where a check digit then
// says whether that was right.
func (d *document) restoreZero(lengths ...int) {
	for _, n := range lengths {
		if d.digits(n, n) {
			d.pad(n + 1)
			d.restored = true
			return
		}
	}
}

// checkPeru reads the RUC (eleven digits, one check digit) and the DNI (eight digits).
func checkPeru(d *document) string {
	switch {
	case d.digits(11, 11):
		s := d.buf[:11]
		switch string(s[:2]) {
		case "10", "15", "16", "17", "20":
		default:
			return ""
		}
		if (11-weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%10 != int(s[10]-'0') {
			return ""
		}
		return DocRUC
	case d.digits(8, 8):
		return DocDNI
	}
	return ""
}

// checkEcuador reads the identity card (ten digits) and the RUC (thirteen): the third digit says whose it is and how
// it is checked. The zero of the first nine provinces is put back.
func checkEcuador(d *document) string {
	d.restoreZero(9, 12)
	if !d.digits(10, 10) && !d.digits(13, 13) {
		return ""
	}
	s := d.buf[:d.n]
	if province := int(s[0]-'0')*10 + int(s[1]-'0'); province == 0 || province > 24 && province != 30 && province != 50 {
		return ""
	}
	ruc := d.n == 13
	switch third := s[2]; {
	case third < '6':
		sum := 0
		for i := range 9 {
			v := int(s[i] - '0')
			if i%2 == 0 {
				if v *= 2; v > 9 {
					v -= 9
				}
			}
			sum += v
		}
		if (10-sum%10)%10 != int(s[9]-'0') || ruc && string(s[10:]) == "000" {
			return ""
		}
		if !ruc {
			return DocCI
		}
	case third == '6':
		if !ruc || (11-weighted(s, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11 != int(s[8]-'0') || string(s[9:]) == "0000" {
			return ""
		}
	case third == '9':
		if !ruc || (11-weighted(s, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11 != int(s[9]-'0') || string(s[10:]) == "000" {
			return ""
		}
	default:
		return ""
	}
	return DocRUC
}

// checkParaguay reads the RUC and the identity card, one number space: a person's RUC is the card's number with a
// check digit. Canonical is the number without it. Without a hyphen eight or nine digits carry a check digit, unless
// they are a company's eight (from 80000000 on).
func checkParaguay(d *document) string {
	if !d.digits(5, 9) {
		return ""
	}
	company := d.buf[0] == '8' && d.buf[1] == '0'
	if d.hyphen == 1 || d.n == 9 || d.n == 8 && !company {
		body := d.buf[:d.n-1]
		if (11-fromRight(body, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)%11)%11%10 != int(d.buf[d.n-1]-'0') {
			return ""
		}
		d.n--
	}
	// Cards have up to seven digits.
	if d.trimZeros(); d.n < 5 || d.n == 8 && !company {
		return ""
	}
	if d.n == 8 && company {
		return DocRUC
	}
	return DocCI
}

// checkUruguay reads the RUT (twelve digits) and the identity card (eight, or seven in older ones).
func checkUruguay(d *document) string {
	d.restoreZero(11)
	switch {
	case d.digits(12, 12):
		s := d.buf[:12]
		office := int(s[0]-'0')*10 + int(s[1]-'0')
		if office == 0 || office > 22 || string(s[2:8]) == "000000" || string(s[8:11]) != "001" {
			return ""
		}
		if (11-weighted(s, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)%11)%11 != int(s[11]-'0') {
			return ""
		}
		return DocRUT
	case d.digits(7, 8):
		if d.n == 7 {
			d.pad(8)
		}
		if (10-weighted(d.buf[:], 2, 9, 8, 7, 6, 3, 4)%10)%10 != int(d.buf[7]-'0') {
			return ""
		}
		return DocCI
	}
	return ""
}

// checkVenezuela reads the RIF, a letter, eight digits and a check digit, and the cards of residents (V and E), which
// may lack the check digit. Canonical is the card without it for persons, the whole number for others.
func checkVenezuela(d *document) string {
	letter := 0
	switch d.buf[0] {
	case 'V':
		letter = 1
	case 'E':
		letter = 2
	case 'J', 'C':
		letter = 3
	case 'P':
		letter = 4
	case 'G':
		letter = 5
	default:
		return ""
	}
	var digits document
	digits.n = copy(digits.buf[:], d.buf[1:d.n])
	if !digits.digits(5, 9) {
		return ""
	}
	person := letter <= 2
	if digits.n < 9 {
		if !person {
			return ""
		}
		if digits.trimZeros(); digits.n < 5 {
			return ""
		}
		d.n = 1 + copy(d.buf[1:], digits.buf[:digits.n])
		return DocCI
	}
	sum := letter*4 + weighted(digits.buf[:], 3, 2, 7, 6, 5, 4, 3, 2)
	check := 11 - sum%11
	if check >= 10 {
		check = 0
	}
	if check != int(digits.buf[8]-'0') {
		return ""
	}
	if !person {
		return DocRIF
	}
	digits.n = 8
	if digits.trimZeros(); digits.n < 5 {
		return ""
	}
	d.n = 1 + copy(d.buf[1:], digits.buf[:digits.n])
	return DocCI
}
