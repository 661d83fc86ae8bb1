package validate

import (
	"strconv"
	"strings"
	"testing"

	"github.com/bateia/bateia/schemas"
)

func TestMissingAreaCodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, country, header string
		lines                 []string
		area                  string // of the options
		rows                  int64  // 0 for no issue
		names, detail         string
	}{
		{"most phones have none", "BR", "fone;nome", []string{"98765-4321;a", "98765-4322;b", "51 98765-4323;c"}, "", 2, "fone", ""},
		{"the others have one", "BR", "fone", []string{"98765-4321", "51 98765-4322", "51 98765-4323", "(51) 3333-4444"}, "", 1, "fone", "51"},
		{"the others have several", "BR", "fone", []string{"98765-4321", "51 98765-4322", "11 98765-4323", "21 98765-4324"}, "", 1, "fone", ""},
		{"a fifth is not enough", "BR", "fone", []string{"98765-4321", "51 98765-4322", "51 98765-4323", "51 98765-4324", "51 98765-4325"}, "", 0, "", ""},
		{"the option completes them", "BR", "fone", []string{"98765-4321", "98765-4322"}, "51", 0, "", ""},
		{"their cities go before other phones", "BR", "fone;cidade;uf",
			[]string{"98765-4321;Campinas;SP", "98765-4322;CAMPINAS;SP", "98765-4323;Limeira;", "11 98765-4324;São Paulo;SP", "11 98765-4325;;", "11 98765-4326;;"},
			"", 3, "fone", "19"},
		{"cities of several codes", "BR", "fone;cidade;uf",
			[]string{"98765-4321;Campinas;SP", "98765-4322;Santos;SP", "98765-4323;Bauru;SP", "11 98765-4324;;", "11 98765-4325;;", "11 98765-4326;;"},
			"", 3, "fone", ""},
		{"a state of one code", "BR", "fone;uf", []string{"98765-4321;Acre", "98765-4322;AC", "98765-4323;ac"}, "", 3, "fone", "68"},
		{"a state of several codes says nothing", "BR", "fone;uf", []string{"98765-4321;SP", "98765-4322;SP", "98765-4323;SP"}, "", 3, "fone", ""},
		{"one row with two of them counts once", "BR", "fone;celular", []string{"3333-4444;98765-4321", "51 3333-4444;51 98765-4322"}, "", 1, "fone,celular", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var records [][]string
			for _, l := range tt.lines {
				records = append(records, strings.Split(l, ";"))
			}
			cfg := Config{Country: tt.country, Now: testNow, Options: schemas.Options{DefaultAreaCode: tt.area}}
			_, issues, err := ReadAll(strings.Split(tt.header, ";"), schemas.Mapping{}, true, cfg, records, func(int, Row) {})
			if err != nil {
				t.Fatal(err)
			}
			var got schemas.FileIssue
			for _, i := range issues {
				if i.Code == "PHONE_AREA_MISSING" {
					got = i
				}
			}
			if got.Count != tt.rows || strings.Join(got.Names, ",") != tt.names || got.Detail != tt.detail {
				t.Errorf("issue = %+v, want %d rows, %s, area code %q", got, tt.rows, tt.names, tt.detail)
			}
			if remedy := schemas.Remedy("PHONE_AREA_MISSING", "en", got.Args()); tt.detail != "" && !strings.Contains(remedy, "--option default_area_code="+tt.detail+",") {
				t.Errorf("remedy: %s", remedy)
			}
		})
	}
}

func TestPlacesAreWellFormed(t *testing.T) {
	t.Parallel()
	lines := 0
	for line := range dataLines(areaFile) {
		parts := strings.Split(line, ";")
		area, err := strconv.Atoi(parts[len(parts)-1])
		if len(parts) != 3 || err != nil || area < 11 || area > 99 || stateNames()["BR"][strings.ToLower(parts[0])] != parts[0] {
			t.Errorf("bad line %q", line)
		}
		if parts[1] != "" && placeArea(parts[0], parts[1]) != area {
			t.Errorf("%q is not found", line)
		}
		lines++
	}
	if lines < 150 {
		t.Errorf("only %d places", lines)
	}
}
