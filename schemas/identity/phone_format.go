package identity

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// formatPhone writes +55 51 99999-1234; other countries' numbers as libphonenumber groups them.
func formatPhone(v Value) string {
	s := v.Canonical
	if national, ok := strings.CutPrefix(s, "+55"); ok && v.Country == "BR" && isAllDigits(national) {
		switch {
		case v.Sub == LineTollFree && len(national) == 8:
			s = "+55 " + national[:4] + "-" + national[4:]
		case v.Sub == LineMobile && len(national) == 11:
			s = "+55 " + national[:2] + " " + national[2:7] + "-" + national[7:]
		case (v.Sub == LineLandline || v.Sub == LineMobile) && len(national) == 10:
			s = "+55 " + national[:2] + " " + national[2:6] + "-" + national[6:]
		case len(national) > 6:
			s = "+55 " + national[:3] + " " + national[3:6] + " " + national[6:]
		}
	} else if parsed, err := phonenumbers.Parse(s, "ZZ"); err == nil {
		s = phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
	}
	if v.Extension != "" {
		s += " ext. " + v.Extension
	}
	return s
}

// maskPhone keeps the calling code, the first two digits behind it and the last two: +55 51 *****-**34.
func maskPhone(v Value) string {
	v.Extension = ""
	s := formatPhone(v)
	code, national, ok := strings.Cut(s, " ")
	if !ok {
		return MaskText(s)
	}
	b := []byte(national)
	total, seen := countDigits(national), 0
	for i, c := range b {
		if isDigit(c) {
			seen++
			if seen > 2 && seen <= total-2 {
				b[i] = '*'
			}
		}
	}
	return code + " " + string(b)
}

func isAllDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}
