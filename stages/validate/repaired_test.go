package validate

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

// A repaired record is loaded and keeps a warning that names the column; every
// other defect of a record refuses it.
func TestRepairedRecordsAreLoaded(t *testing.T) {
	t.Parallel()
	run, w := setup(t, "fone;nome;obs", []string{
		"!" + schemas.Repaired(2) + " 51999991234;Ana;volta, liga",
		"!" + schemas.Repaired(2) + " 51999991235;Bia", // padded
		"!" + schemas.Repaired(1) + " ;Caio, Souza;x",
		"!ROW_TOO_MANY_CELLS 51999991236;Davi;x;y",
		"!" + schemas.CodeRepaired + " 51999991237;Eva;x",
	})
	if err := (Stage{}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	want := []map[string]string{
		{"row": "1", "status": "", "f_name": "Ana", "f_notes": "volta, liga"},
		{"row": "2", "status": "", "f_name": "Bia"},
		{"row": "3", "status": "rejected", "reason": "IDENTIFIER_MISSING"},
		{"row": "4", "status": "rejected", "reason": "ROW_TOO_MANY_CELLS"},
		{"row": "5", "status": "", "f_name": "Eva", "f_notes": "x"},
	}
	if diff := cmp.Diff(want, texts(t, w, "select row, status, reason, f_name, f_notes from rows order by row")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	issues := []map[string]string{
		{"row": "1", "column": "obs", "severity": "warning", "code": "ROW_REPAIRED", "value": "volta, liga"},
		{"row": "2", "column": "obs", "severity": "warning", "code": "ROW_REPAIRED", "value": ""},
		{"row": "3", "severity": "error", "code": "IDENTIFIER_MISSING"},
		{"row": "3", "column": "nome", "severity": "warning", "code": "ROW_REPAIRED", "value": "Caio, Souza"},
		{"row": "4", "severity": "error", "code": "ROW_TOO_MANY_CELLS"},
		{"row": "5", "severity": "warning", "code": "ROW_REPAIRED"},
	}
	if diff := cmp.Diff(issues, texts(t, w, "select row, \"column\", severity, code, value from issues order by row, code")); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
}
