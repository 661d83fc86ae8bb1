package identity

import "strings"

// formatDocument writes a document as its country does.
func formatDocument(v Value) string {
	s := v.Canonical
	switch v.Sub {
	case DocCPF:
		if len(s) == 11 {
			return s[:3] + "." + s[3:6] + "." + s[6:9] + "-" + s[9:]
		}
		return s
	case DocCNPJ:
		if len(s) == 14 {
			return s[:2] + "." + s[2:5] + "." + s[5:8] + "/" + s[8:12] + "-" + s[12:]
		}
		return s
	}
	country, number, ok := strings.Cut(s, ":")
	if !ok {
		return s
	}
	switch {
	case v.Sub == DocCUIT && len(number) == 11:
		number = number[:2] + "-" + number[2:10] + "-" + number[10:]
	case v.Sub == DocRUT && country == "CL" && len(number) > 2:
		number = grouped(number[:len(number)-1]) + "-" + number[len(number)-1:]
	case v.Sub == DocNIT:
		number = grouped(number) + "-" + string(nitCheck([]byte(number)))
	case v.Sub == DocDNI && country == "AR", v.Sub == DocCC:
		number = grouped(number)
	case v.Sub == DocRIF && len(number) == 10:
		number = number[:1] + "-" + number[1:9] + "-" + number[9:]
	case v.Sub == DocCI && country == "VE" && len(number) > 1:
		number = number[:1] + "-" + number[1:]
	case v.Sub == DocCI && country == "UY" && len(number) == 8:
		number = grouped(number[:7]) + "-" + number[7:]
	}
	return country + ":" + number
}

// grouped puts a dot before every three digits from the right.
func grouped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
