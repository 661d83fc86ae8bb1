package schemas

import "testing"

func TestDefects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		defect, code string
		column       int
	}{
		{"ROW_TOO_MANY_CELLS", "ROW_TOO_MANY_CELLS", -1},
		{Repaired(0), CodeRepaired, 0},
		{Repaired(17), CodeRepaired, 17},
		{"ROW_REPAIRED:x", CodeRepaired, -1},
		{"", "", -1},
	} {
		if code, column := SplitDefect(tt.defect); code != tt.code || column != tt.column {
			t.Errorf("SplitDefect(%q) = %q, %d; want %q, %d", tt.defect, code, column, tt.code, tt.column)
		}
	}
	if _, ok := CodeByName(CodeRepaired); !ok {
		t.Errorf("%s is no code", CodeRepaired)
	}
}
