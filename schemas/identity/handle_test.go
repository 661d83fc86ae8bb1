package identity

import "testing"

func TestHandles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		read func(string, Options) (Value, *Problem)
		text string
		want string
		code string
	}{
		{"instagram", ParseInstagram, "@Ana.Souza_1", "ana.souza_1", ""},
		{"instagram without sign", ParseInstagram, "anasouza", "anasouza", ""},
		{"instagram profile", ParseInstagram, "https://www.instagram.com/AnaSouza/?hl=pt-br", "anasouza", ""},
		{"instagram profile, short", ParseInstagram, "instagram.com/anasouza", "anasouza", ""},
		{"instagram post", ParseInstagram, "https://www.instagram.com/p/Cxyz/", "", CodeIdentifierInvalid},
		{"instagram of another site", ParseInstagram, "https://notinstagram.com/ana", "", CodeIdentifierInvalid},
		{"instagram with blank", ParseInstagram, "Ana Souza", "", CodeIdentifierInvalid},
		{"instagram with accent", ParseInstagram, "joao.", "", CodeIdentifierInvalid},
		{"instagram too long", ParseInstagram, "abcdefghijabcdefghijabcdefghijk", "", CodeIdentifierInvalid},
		{"instagram blank", ParseInstagram, "não tem", "", ""},
		{"telegram", ParseTelegram, "@AnaSouza", "anasouza", ""},
		{"telegram link", ParseTelegram, "https://t.me/AnaSouza", "anasouza", ""},
		{"telegram id", ParseTelegram, "123456789", "123456789", ""},
		{"telegram starts with digit", ParseTelegram, "1ana", "", CodeIdentifierInvalid},
		{"telegram short", ParseTelegram, "ana", "", CodeIdentifierInvalid},
		{"telegram with dot", ParseTelegram, "ana.souza", "", CodeIdentifierInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v, p := tc.read(tc.text, Options{})
			code := ""
			if p != nil {
				code = p.Code
			}
			if v.Canonical != tc.want || code != tc.code {
				t.Fatalf("%q: got %q %q, want %q %q", tc.text, v.Canonical, code, tc.want, tc.code)
			}
			if again, _ := tc.read(v.Format(), Options{}); v.Canonical != "" && again != v {
				t.Errorf("%q: formatted %q, read again as %+v", tc.text, v.Format(), again)
			}
		})
	}
}

func TestExternal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, system, want, code string }{
		{" 4711 ", "Omie", "omie:4711", ""},
		{"0047", "omie", "omie:0047", ""},
		{"A-17/b", "nectar", "nectar:A-17/b", ""},
		{"4711", "", "external:4711", ""},
		{"", "omie", "", ""},
		{"0", "omie", "", ""},
		{"-", "omie", "", ""},
		{"1,23E+15", "omie", "", CodeIdentifierInvalid},
		{"a\x00b", "omie", "", CodeIdentifierInvalid},
		{"17", "two words", "", CodeIdentifierInvalid},
	} {
		v, p := ParseExternal(tc.text, tc.system, Options{})
		code := ""
		if p != nil {
			code = p.Code
		}
		if v.Canonical != tc.want || code != tc.code {
			t.Errorf("%q: got %q %q, want %q %q", tc.text, v.Canonical, code, tc.want, tc.code)
		}
	}
}
