package identity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outcome is what a test compares of an Append call: canonical forms and codes.
type outcome struct {
	Values []string
	Codes  []string
}

func outcomeOf(values []Value, problems []Problem) (o outcome) {
	for _, v := range values {
		o.Values = append(o.Values, v.Canonical)
	}
	for _, p := range problems {
		o.Codes = append(o.Codes, p.Code)
	}
	return o
}

func TestPhoneSpellings(t *testing.T) {
	t.Parallel()
	const mobile, landline = "+5551987651234", "+555133331234"
	for _, tc := range []struct {
		name, text string
		o          Options
		want       string
		codes      []string
	}{
		{name: "national", text: "51987651234", want: mobile},
		{name: "calling code", text: "5551987651234", want: mobile},
		{name: "plus", text: "+5551987651234", want: mobile},
		{name: "brackets and dash", text: "(51) 98765-1234", want: mobile},
		{name: "dots", text: "51.98765.1234", want: mobile},
		{name: "all of it", text: " +55 (51) 9 8765-1234 ", want: mobile},
		{name: "plus after bracket", text: "(+55) 51 98765-1234", want: mobile},
		{name: "trunk zero", text: "051 98765-1234", want: mobile},
		{name: "trunk zero in brackets", text: "(051) 98765-1234", want: mobile},
		{name: "zero behind the code", text: "+55 (0)51 98765-1234", want: mobile},
		{name: "zero behind the code, no plus", text: "55051987651234", want: mobile},
		{name: "carrier", text: "0 15 51 98765-1234", want: mobile},
		{name: "carrier of a small company", text: "0 36 51 98765-1234", want: mobile},
		{name: "carrier left open", text: "0xx51 98765-1234", want: mobile},
		{name: "carrier left open, capitals and brackets", text: "(0XX51) 98765-1234", want: mobile},
		{name: "carrier as stars", text: "0**51 98765-1234", want: mobile},
		{name: "collect", text: "90 51 98765-1234", want: mobile},
		{name: "00", text: "005551987651234", want: mobile},
		{name: "00 with carrier", text: "0015 55 51 98765-1234", want: mobile},
		{name: "plus and 00", text: "+00 55 51 98765-1234", want: mobile},
		{name: "00 then the own code is not a carrier and Peru", text: "00 55 51999991234", want: "+5551999991234"},
		{name: "no-break blank", text: "51\u00a098765\u00a01234", want: mobile},
		{name: "thin blank", text: "51\u202f98765\u20091234", want: mobile},
		{name: "full width", text: "＋５５ （５１） ９８７６５－１２３４", want: mobile},
		{name: "arabic digits", text: "٥١٩٨٧٦٥١٢٣٤", want: mobile},
		{name: "non-breaking hyphen", text: "51 98765‑1234", want: mobile},
		{name: "en dash", text: "51 98765–1234", want: mobile},
		{name: "direction marks", text: "\u202a+55 51 98765-1234\u202c", want: mobile},
		{name: "zero-width blank", text: "51\u200b987651234", want: mobile},
		{name: "picture", text: "📱 51 98765-1234", want: mobile},
		{name: "tel uri", text: "tel:+55-51-98765-1234", want: mobile},
		{name: "tel uri with slashes", text: "tel://51987651234", want: mobile},
		{name: "tel uri with context", text: "tel:51987651234;phone-context=+55", want: mobile},
		{name: "whatsapp uri", text: "whatsapp:+5551987651234", want: mobile},
		{name: "wa.me", text: "https://wa.me/5551987651234", want: mobile},
		{name: "wa.me with text", text: "https://wa.me/5551987651234?text=Ol%C3%A1", want: mobile},
		{name: "wa.me, old number", text: "wa.me/555187651234", want: mobile, codes: []string{CodePhoneNinthDigitAdded}},
		{name: "api.whatsapp.com", text: "https://api.whatsapp.com/send?phone=5551987651234&text=oi", want: mobile},
		{name: "api.whatsapp.com with escaped plus", text: "https://api.whatsapp.com/send?phone=%2B5551987651234", want: mobile},
		{name: "whatsapp send", text: "whatsapp://send?phone=5551987651234", want: mobile},
		{name: "whatsapp address", text: "5551987651234@s.whatsapp.net", want: mobile},
		{name: "whatsapp address of a device", text: "5551987651234:12@s.whatsapp.net", want: mobile},
		{name: "label", text: "Cel: (51) 98765-1234", want: mobile},
		{name: "label behind", text: "(51) 98765-1234 (WhatsApp)", want: mobile},
		{name: "label with accent", text: "Móvil 51 98765 1234", want: mobile},
		{name: "spreadsheet apostrophe", text: "'51987651234", want: mobile},
		{name: "spreadsheet formula", text: `="51987651234"`, want: mobile},
		{name: "spreadsheet number", text: "5551987651234.0", want: mobile},
		{name: "spreadsheet number, two decimals", text: "51987651234.00", want: mobile},
		{name: "spreadsheet number with comma", text: "51987651234,0", want: mobile},
		{name: "trailing comma", text: "51 98765-1234,", want: mobile},
		{name: "thousands", text: "51.987.651.234", want: mobile},
		{name: "old mobile", text: "(51) 8765-1234", want: mobile, codes: []string{CodePhoneNinthDigitAdded}},
		{name: "old mobile with code", text: "+55 51 8765-1234", want: mobile, codes: []string{CodePhoneNinthDigitAdded}},
		{name: "old mobile with trunk zero", text: "051 8765-1234", want: mobile, codes: []string{CodePhoneNinthDigitAdded}},
		{name: "old mobile with carrier", text: "0 21 51 8765-1234", want: mobile, codes: []string{CodePhoneNinthDigitAdded}},
		{name: "landline", text: "(51) 3333-1234", want: landline},
		{name: "landline with code", text: "+55 51 3333 1234", want: landline},
		{name: "landline with carrier", text: "0 21 51 3333-1234", want: landline},
		{name: "trunked radio", text: "11 7012-3456", want: "+551170123456"},
		{name: "area 55 without code", text: "55 98765-1234", want: "+5555987651234"},
		{name: "area 55 with code", text: "55 55 98765-1234", want: "+5555987651234"},
		{name: "area 55 landline", text: "5532221234", want: "+555532221234"},
		{name: "0800", text: "0800 123 4567", want: "+558001234567"},
		{name: "0800, six digits", text: "0800-123456", want: "+55800123456"},
		{name: "4004", text: "4004-1234", want: "+5540041234"},
		{name: "4004 beside an area", text: "4004-1234", o: Options{AreaCode: "51"}, want: "+5540041234"},
		{name: "area column", text: "98765-1234", o: Options{AreaCode: "51"}, want: mobile},
		{name: "area column with zero and brackets", text: "98765-1234", o: Options{AreaCode: "(051)"}, want: mobile},
		{name: "area column with calling code", text: "98765-1234", o: Options{AreaCode: "+55 51"}, want: mobile},
		{name: "area column not needed", text: "(51) 98765-1234", o: Options{AreaCode: "11"}, want: mobile},
		{name: "area column, spreadsheet number", text: "98765-1234", o: Options{AreaCode: "51.0"}, want: mobile},
		{name: "area column, old mobile", text: "8765-1234", o: Options{AreaCode: "51"}, want: mobile, codes: []string{CodePhoneNinthDigitAdded}},
		{name: "area assumed", text: "98765-1234", o: Options{DefaultAreaCode: "51"}, want: mobile, codes: []string{CodePhoneAreaAssumed}},
		{name: "area assumed, old mobile", text: "9999-1234", o: Options{DefaultAreaCode: "51"}, want: "+5551999991234", codes: []string{CodePhoneAreaAssumed, CodePhoneNinthDigitAdded}},
		{name: "area column before assumed", text: "98765-1234", o: Options{AreaCode: "51", DefaultAreaCode: "11"}, want: mobile},
		{name: "blank area column", text: "98765-1234", o: Options{AreaCode: "-", DefaultAreaCode: "51"}, want: mobile, codes: []string{CodePhoneAreaAssumed}},
		{name: "wrong area column", text: "98765-1234", o: Options{AreaCode: "20"}, codes: []string{CodePhoneInvalid}},
		{name: "placeholder", text: "(11) 99999-9999", want: "+5511999999999", codes: []string{CodePlaceholder}},
		{name: "placeholder, old", text: "11 8888-8888", want: "+5511988888888", codes: []string{CodePhoneNinthDigitAdded, CodePlaceholder}},
		{name: "placeholder landline", text: "11 3333-3333", want: "+551133333333", codes: []string{CodePlaceholder}},
		{name: "no placeholder", text: "11 98765-4321", want: "+5511987654321"},
		{name: "Brazil before Peru", text: "51999991234", want: "+5551999991234"},
		{name: "Peru with a plus", text: "+51 999 991 234", want: "+51999991234"},
		{name: "Peru in Peru", text: "51999991234", o: Options{Country: "PE"}, want: "+51999991234"},
		{name: "Portugal without plus", text: "351912345678", want: "+351912345678"},
		{name: "Argentina without plus", text: "5491123456789", want: "+5491123456789"},
		{name: "Chile without plus", text: "56961234567", want: "+56961234567"},
		{name: "United States without plus", text: "1 305 555 0123", want: "+13055550123"},
		{name: "Germany without plus", text: "4915112345678", want: "+4915112345678"},
		{name: "Germany", text: "+49 (0)151 12345678", want: "+4915112345678"},
		{name: "Dominican Republic", text: "+1 809 555 1234", want: "+18095551234"},
		{name: "plus before the trunk zero", text: "+051 98765-1234", want: mobile},
		{name: "plus before zero and code", text: "+055 51 98765-1234", want: mobile},
		{name: "placeholder of a form", text: "(11) 1234-5678", want: "+5511912345678", codes: []string{CodePhoneNinthDigitAdded, CodePlaceholder}},
		{name: "date", text: "25/12/2024", o: Options{DefaultAreaCode: "51"}, codes: []string{CodePhoneMalformed}},
		{name: "date, year first", text: "2024-12-25", o: Options{DefaultAreaCode: "51"}, codes: []string{CodePhoneMalformed}},
		{name: "no date", text: "25.12.3024", o: Options{DefaultAreaCode: "51"}, want: "+555125123024", codes: []string{CodePhoneAreaAssumed}},
		{name: "blank", text: "  "},
		{name: "dash", text: "-"},
		{name: "not informed", text: "Não informado"},
		{name: "zero", text: "0"},
		{name: "empty mask", text: "(00) 00000-0000"},
		{name: "empty mask without digits", text: "(  )      -    "},
		{name: "words", text: "ligar depois", codes: []string{CodePhoneMalformed}},
		{name: "someone else's", text: "51 98765-1234 falar com Ana", codes: []string{CodePhoneMalformed}},
		{name: "e-mail", text: "ana@example.com", codes: []string{CodePhoneMalformed}},
		{name: "money", text: "R$ 51987651234", codes: []string{CodePhoneMalformed}},
		{name: "too short", text: "51-9999", codes: []string{CodePhoneTooShort}},
		{name: "landline too short", text: "(51) 333-1234", codes: []string{CodePhoneTooShort}},
		{name: "code alone", text: "55", codes: []string{CodePhoneTooShort}},
		{name: "too short behind plus", text: "+55 51 333", codes: []string{CodePhoneTooShort}},
		{name: "local behind plus", text: "+55 98765-1234", codes: []string{CodePhoneLocalOnly}},
		{name: "too long", text: "+55 51 98765-12345", codes: []string{CodePhoneTooLong}},
		{name: "much too long", text: "123456789012345678901234567890", codes: []string{CodePhoneTooLong}},
		{name: "no area", text: "98765-1234", codes: []string{CodePhoneLocalOnly}},
		{name: "no area, eight digits", text: "3333-1234", codes: []string{CodePhoneLocalOnly}},
		{name: "no such area", text: "+55 20 98765-1234", codes: []string{CodePhoneInvalid}},
		{name: "no such country", text: "+999 12345678", codes: []string{CodePhoneCountryInvalid}},
		{name: "scientific with comma", text: "5,55E+12", codes: []string{CodePhoneScientific}},
		{name: "scientific with dot", text: "5.551987651234e+12", codes: []string{CodePhoneScientific}},
		{name: "scientific without sign", text: "5E12", codes: []string{CodePhoneScientific}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := outcome{Codes: tc.codes}
			if tc.want != "" {
				want.Values = []string{tc.want}
			}
			got := outcomeOf(AppendPhone(nil, nil, tc.text, &tc.o))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q mismatch (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestPhoneCountries(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, country, text, want, sub string }{
		{"mobile with 15", "AR", "011 15-2345-6789", "+5491123456789", LineMobile},
		{"mobile with 15, no zero", "AR", "11 15 2345-6789", "+5491123456789", LineMobile},
		{"mobile with 9", "AR", "9 11 2345-6789", "+5491123456789", LineMobile},
		{"mobile with 9 and 15", "AR", "+54 9 11 15 2345-6789", "+5491123456789", LineMobile},
		{"mobile with code and 15", "AR", "+54 11 15 2345-6789", "+5491123456789", LineMobile},
		{"mobile with 9 and zero", "AR", "+54 9 011 2345-6789", "+5491123456789", LineMobile},
		{"mobile of a small town", "AR", "02284 15-412345", "+5492284412345", LineMobile},
		{"mobile of a province", "AR", "0351 15 312-3456", "+5493513123456", LineMobile},
		{"landline", "AR", "011 4321-5678", "+541143215678", LineLandline},
		{"free", "AR", "0800 123 4567", "+548001234567", LineTollFree},
		{"mobile 044", "MX", "044 55 1234 5678", "+525512345678", LineOther},
		{"mobile 045", "MX", "045 55 1234 5678", "+525512345678", LineOther},
		{"landline 01", "MX", "01 55 1234 5678", "+525512345678", LineOther},
		{"mobile +52 1", "MX", "+52 1 55 1234 5678", "+525512345678", LineOther},
		{"mobile 521 from abroad", "BR", "5215512345678", "+525512345678", LineOther},
		{"free", "MX", "01 800 123 4567", "+528001234567", LineTollFree},
		{"mobile", "CL", "9 6123 4567", "+56961234567", LineMobile},
		{"landline", "CL", "(2) 2123 4567", "+56221234567", LineLandline},
		{"mobile", "CO", "300 123 4567", "+573001234567", LineMobile},
		{"mobile with 03", "CO", "03 300 123 4567", "+573001234567", LineMobile},
		{"landline", "CO", "(601) 234 5678", "+576012345678", LineLandline},
		{"mobile", "PE", "987 654 321", "+51987654321", LineMobile},
		{"landline with zero", "PE", "(01) 234 5678", "+5112345678", LineLandline},
		{"mobile", "UY", "099 123 456", "+59899123456", LineMobile},
		{"landline", "UY", "2901 2345", "+59829012345", LineLandline},
		{"mobile", "PY", "0981 123 456", "+595981123456", LineMobile},
		{"mobile", "BO", "7123 4567", "+59171234567", LineMobile},
		{"mobile", "EC", "099 123 4567", "+593991234567", LineMobile},
		{"mobile", "VE", "0412-1234567", "+584121234567", LineMobile},
		{"mobile", "CR", "8312 3456", "+50683123456", LineMobile},
		{"mobile", "PA", "6123-4567", "+50761234567", LineMobile},
		{"mobile", "PT", "912 345 678", "+351912345678", LineMobile},
		{"mobile", "ES", "612 34 56 78", "+34612345678", LineMobile},
		{"nationwide, no place", "ES", "400 12 34 56", "+34400123456", LineLandline},
		{"either", "US", "(305) 555-0123", "+13055550123", LineOther},
		{"trunk 1", "US", "1-305-555-0123", "+13055550123", LineOther},
		{"either", "DO", "809-555-1234", "+18095551234", LineOther},
		{"mobile of a country without table", "DE", "0151 12345678", "+4915112345678", LineMobile},
		{"Brazil from a country without table", "DE", "+55 51 98765-1234", "+5551987651234", LineMobile},
	} {
		t.Run(tc.country+" "+tc.name, func(t *testing.T) {
			t.Parallel()
			v, p := ParsePhone(tc.text, Options{Country: tc.country})
			if v.Canonical != tc.want || v.Sub != tc.sub {
				t.Errorf("%q: got %q %q %+v, want %q %q", tc.text, v.Canonical, v.Sub, p, tc.want, tc.sub)
			}
		})
	}
}

func TestPhoneSeveral(t *testing.T) {
	t.Parallel()
	const a, b, c = "+5551987651234", "+555133331234", "+5551987655678"
	multiple := []string{CodeMultipleInCell}
	for _, tc := range []struct {
		name, text string
		values     []string
		codes      []string
	}{
		{"slash", "51 98765-1234 / 51 3333-1234", []string{a, b}, multiple},
		{"slash without blanks", "51987651234/5133331234", []string{a, b}, multiple},
		{"semicolon", "51987651234;5133331234", []string{a, b}, multiple},
		{"comma", "51 98765-1234, 51 3333-1234", []string{a, b}, multiple},
		{"bar", "51987651234 | 5133331234", []string{a, b}, multiple},
		{"line break", "51987651234\n5133331234", []string{a, b}, multiple},
		{"e", "(51) 98765-1234 e (51) 3333-1234", []string{a, b}, multiple},
		{"ou", "(51) 98765-1234 ou (51) 3333-1234", []string{a, b}, multiple},
		{"blank", "51987651234 5133331234", []string{a, b}, multiple},
		{"many blanks", "51 98765 1234 51 3333 1234", []string{a, b}, multiple},
		{"brackets", "(51) 98765-1234 (51) 3333-1234", []string{a, b}, multiple},
		{"dash", "51 98765-1234 - 51 3333-1234", []string{a, b}, multiple},
		{"plus", "+5551987651234+555133331234", []string{a, b}, multiple},
		{"labels", "Cel: 51 98765-1234 / Fixo: 51 3333-1234", []string{a, b}, multiple},
		{"three", "51987651234; 5133331234; 51987655678", []string{a, b, c}, multiple},
		{"three with blanks", "51987651234 5133331234 51987655678", []string{a, b, c}, multiple},
		{"brackets without blank", "(51)98765-1234(51)3333-1234", []string{a, b}, multiple},
		{"dash, area only once", "51 98765-1234 - 3333-1234", []string{a, b}, multiple},
		{"blanks, area only once", "51 98765 1234 98765 5678", []string{a, c}, multiple},
		{"other ending", "(51) 3333-1234/1235", []string{b, "+555133331235"}, multiple},
		{"other last digit", "(51) 3333-1234/5", []string{b, "+555133331235"}, multiple},
		{"area only once", "51 98765-1234 / 3333-1234", []string{a, b}, multiple},
		{"the same twice", "51987651234 / (51) 98765-1234", []string{a}, nil},
		{"the second is short", "51987651234; 3333-123", []string{a}, []string{CodePhoneTooShort}},
		{"slash inside one number", "51/98765-1234", []string{a}, nil},
		{"slash in the subscriber", "51 98765/1234", []string{a}, nil},
		{"nothing good", "123-4567 / 765-4321", nil, []string{CodePhoneTooShort}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := outcomeOf(AppendPhone(nil, nil, tc.text, nil))
			if diff := cmp.Diff(outcome{tc.values, tc.codes}, got); diff != "" {
				t.Errorf("%q mismatch (-want +got):\n%s", tc.text, diff)
			}
			if len(tc.values) > 1 {
				got = outcomeOf(AppendPhone(nil, nil, tc.text, &Options{RejectMultiple: true}))
				if diff := cmp.Diff(outcome{nil, multiple}, got); diff != "" {
					t.Errorf("%q with RejectMultiple mismatch (-want +got):\n%s", tc.text, diff)
				}
			}
		})
	}
}

func TestPhoneExtension(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"(51) 3333-1234 ramal 12", "51 3333-1234 Ramal: 12", "(51) 3333-1234 r. 12", "51 3333-1234 r12", "51 3333 1234 ext 12",
		"51 3333-1234 ext. 12", "51 3333-1234 (ramal 12)", "51 3333-1234 x12", "51 3333-1234, ramal 12", "tel:+55-51-3333-1234;ext=12",
		"51 3333-1234 #12", "51 3333-1234 - ramal 12", "51 3333-1234 extensão 12", "51 3333-1234 int. 12", "51 3333-1234 anexo 12",
	} {
		v, p := ParsePhone(text, Options{})
		if v.Canonical != "+555133331234" || v.Extension != "12" || p != nil {
			t.Errorf("%q: got %q extension %q %+v", text, v.Canonical, v.Extension, p)
		}
	}
}

func TestPhoneStrength(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, country, sub string
		strength           Strength
	}{
		{"51 98765-1234", "BR", LineMobile, Joining},
		{"11 7012-3456", "BR", LineMobile, Joining},
		{"51 3333-1234", "BR", LineLandline, Shared},
		{"0800 123 4567", "BR", LineTollFree, Shared},
		{"4004-1234", "BR", LineTollFree, Shared},
		{"0300 123 4567", "BR", LineTollFree, Shared},
		{"0900 123 456", "BR", LineOther, Shared},
		{"11 99999-9999", "BR", LineMobile, Shared},
		{"+54 9 11 2345-6789", "AR", LineMobile, Joining},
		{"+54 11 4321-5678", "AR", LineLandline, Shared},
		{"+52 55 1234 5678", "MX", LineOther, Joining},
		{"+52 55 5555 5555", "MX", LineOther, Shared},
		{"+56 9 6123 4567", "CL", LineMobile, Joining},
		{"+56 2 2123 4567", "CL", LineLandline, Shared},
		{"+56 44 123 4567", "CL", LineOther, Shared},
		{"+1 305 555 0123", "US", LineOther, Joining},
		{"+800 1234 5678", "", LineTollFree, Shared},
	} {
		v, p := ParsePhone(tc.text, Options{})
		if v.Country != tc.country || v.Sub != tc.sub || v.Strength != tc.strength {
			t.Errorf("%q: got %+v %+v, want %s %s %s", tc.text, v, p, tc.country, tc.sub, tc.strength)
		}
	}
}

func TestPhoneFormatAndMask(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, format, mask string }{
		{"51987651234", "+55 51 98765-1234", "+55 51 *****-**34"},
		{"5133331234", "+55 51 3333-1234", "+55 51 ****-**34"},
		{"0800 123 4567", "+55 800 123 4567", "+55 80* *** **67"},
		{"4004-1234", "+55 4004-1234", "+55 40**-**34"},
		{"+54 9 11 2345-6789", "+54 9 11 2345-6789", "+54 9 1* ****-**89"},
		{"51 3333-1234 ramal 12", "+55 51 3333-1234 ext. 12", "+55 51 ****-**34"},
	} {
		v, _ := ParsePhone(tc.text, Options{})
		if v.Format() != tc.format || v.Mask() != tc.mask {
			t.Errorf("%q: got %q and %q, want %q and %q", tc.text, v.Format(), v.Mask(), tc.format, tc.mask)
		}
	}
}
