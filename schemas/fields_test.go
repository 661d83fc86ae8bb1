package schemas

import "testing"

func TestFieldNamesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range Fields {
		if seen[f.Name] {
			t.Errorf("field %q stands twice in the catalogue", f.Name)
		}
		seen[f.Name] = true
		if f.Column != "" && f.Column != f.Name {
			t.Errorf("field %q is kept in column %q: one name is enough", f.Name, f.Column)
		}
	}
}

func TestIDsRoundTrip(t *testing.T) {
	t.Parallel()
	id := ImportID(0x1a1b2c3d4e5f60 & (1<<56 - 1))
	back, err := ParseImportID(id.String())
	if err != nil || back != id {
		t.Errorf("ParseImportID(%q) = %v, %v; want %v", id.String(), back, err, id)
	}
	p := ProspectID(id, 77)
	if len(p) != 24 {
		t.Errorf("prospect id %q has %d characters, want 24", p, len(p))
	}
	gotID, row, err := ParseProspectID(p)
	if err != nil || gotID != id || row != 77 {
		t.Errorf("ParseProspectID(%q) = %v, %d, %v", p, gotID, row, err)
	}
	lo, hi, err := PrefixRange("01A1")
	if err != nil || lo.String() != "01a10000000000" || hi.String() != "01a1ffffffffff" {
		t.Errorf("PrefixRange = %v, %v, %v", lo, hi, err)
	}
}
