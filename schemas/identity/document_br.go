package identity

// scanBrazil collects the characters of a CPF or CNPJ that is written with the usual separators or none. It returns 0
// for everything else, which document.scan then looks at.
func scanBrazil(b *[14]byte, text string) (n int) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c-'0' <= 9:
		case c-'a' < 26:
			c -= 'a' - 'A'
		case c-'A' < 26:
		case c == '.' || c == '-' || c == '/' || c == ' ':
			continue
		default:
			return 0
		}
		if n == len(b) {
			return 0
		}
		b[n] = c
		n++
	}
	return n
}

// appendBrazil reads CPF (11 digits) and CNPJ (14 characters, the last two digits, the others also letters since July
// 2026). Zeros that a spreadsheet dropped are put back when the check digits then fit: two for a CPF, two for a CNPJ.
// Eleven digits are a CPF or wrong, never a CNPJ that lost three zeros: one mistyped CPF in a hundred would pass.
func (d *document) appendBrazil(dst []Value, problems []Problem) ([]Value, []Problem) {
	restored := false
	if d.digits(9, 13) {
		switch {
		case d.n < 11 && d.label != DocCNPJ:
			d.pad(11)
			restored = true
		case d.n > 11:
			d.pad(14)
			restored = true
		}
	}
	s := d.buf[:d.n]
	v := Value{Kind: Document, Country: "BR", Strength: Joining}
	switch {
	case d.n == 11 && validCPF(s):
		v.Sub = DocCPF
	case d.n == 14 && validCNPJ((*[14]byte)(s)):
		v.Sub = DocCNPJ
	default:
		return dst, refuse(problems, CodeDocumentInvalid)
	}
	placeholder := v.Sub == DocCPF && placeholderCPF(s)
	if restored && placeholder { // 1234567890 lost no zero
		return dst, refuse(problems, CodeDocumentInvalid)
	}
	if restored {
		problems = warn(problems, CodeDocumentZeros)
	}
	if placeholder {
		v.Strength = Shared
		problems = warn(problems, CodePlaceholder)
	}
	v.Canonical = intern(s)
	return append(dst, v), problems
}

// placeholderCPF reports the two numbers that people type who have none at hand, and whose check digits are right.
func placeholderCPF(s []byte) bool {
	return string(s) == "12345678909" || string(s) == "01234567890"
}

// pad puts zeros in front.
func (d *document) pad(length int) {
	zeros := length - d.n
	copy(d.buf[zeros:length], d.buf[:d.n])
	for i := range zeros {
		d.buf[i] = '0'
	}
	d.n = length
}

// validCPF checks both check digits, modulo 11, and refuses rows of one digit, which pass them.
func validCPF(s []byte) bool {
	var first, second, same int
	for i := range 11 {
		c := int(s[i]) - '0'
		if c < 0 || c > 9 {
			return false
		}
		if s[i] == s[0] {
			same++
		}
		if i < 9 {
			first += c * (10 - i)
		}
		if i < 10 {
			second += c * (11 - i)
		}
	}
	return same < 11 && int(s[9]-'0') == first*10%11%10 && int(s[10]-'0') == second*10%11%10
}

// cnpjWeights are those of the second check digit; the first one uses them from the second on.
var cnpjWeights = [13]int{6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}

// validCNPJ checks both check digits, modulo 11. A character counts its ASCII value less 48: digits as ever, A 17.
// Rows of one character are refused.
func validCNPJ(s *[14]byte) bool {
	var first, second int
	same := true
	for i := range 12 {
		c := s[i]
		if c-'0' > 9 && c-'A' >= 26 {
			return false
		}
		same = same && c == s[0]
		value := int(c) - '0'
		first += value * cnpjWeights[i+1]
		second += value * cnpjWeights[i]
	}
	if !isDigit(s[12]) || !isDigit(s[13]) || same && s[12] == s[0] && s[13] == s[0] {
		return false
	}
	second += int(s[12]-'0') * cnpjWeights[12]
	return int(s[12]-'0') == checkDigit11(first) && int(s[13]-'0') == checkDigit11(second)
}

// checkDigit11 is 11 less the remainder, and 0 where that has two digits.
func checkDigit11(sum int) int {
	if r := sum % 11; r >= 2 {
		return 11 - r
	}
	return 0
}
