package validate

import "strings"

// postal returns the canonical form of a postal code: for Brazil eight digits,
// with the zero that spreadsheets take away from those of São Paulo put back;
// elsewhere upper case with single blanks. What fits no rule stays as it is,
// because codes of other countries do come along.
func (s *scratch) postal(text, country string) string {
	text = s.text(text, false)
	text = strings.TrimSuffix(text, ".0")
	if country != "BR" {
		return upperASCII(s, text)
	}
	start := len(s.buf)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			s.buf = append(s.buf, c)
		case c != '-' && c != '.' && c != ' ':
			s.buf = s.buf[:start]
			return upperASCII(s, text)
		}
	}
	switch digits := len(s.buf) - start; digits {
	case 8:
		return s.since(start)
	case 7:
		s.buf = append(s.buf, 0)
		copy(s.buf[start+1:], s.buf[start:])
		s.buf[start] = '0'
		return s.since(start)
	}
	s.buf = s.buf[:start]
	return text
}

func upperASCII(s *scratch, text string) string {
	start := len(s.buf)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		s.buf = append(s.buf, c)
	}
	return s.since(start)
}
