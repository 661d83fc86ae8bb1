package schemas

import "testing"

// like returns the profile of a file of 100 rows.
func like(phone, valid, rejected, duplicate int64, code string) Profile {
	f := Facts{Ledger: Ledger{Read: 100, Rejected: rejected, Duplicate: duplicate, Created: 100 - rejected - duplicate}, Columns: []Column{
		{Field: "phone", Filled: phone / 2, Valid: valid / 2, Imported: true}, // a second column, less filled
		{Field: "phone", Filled: phone, Valid: valid, Imported: true},
		{Field: "name", Filled: 100, Valid: 100, Imported: true},
		{Field: "city", Filled: phone, Valid: valid, Imported: true},
	}}
	if code != "" {
		f.ByCode = []IssueCount{{Code: code, Severity: SeverityError, Rows: rejected}, {Code: "EMAIL_SUSPECT_DOMAIN", Severity: SeverityWarning, Rows: 100}}
	}
	return ProfileOf(f)
}

func TestDrift(t *testing.T) {
	t.Parallel()
	usual := []Profile{like(93, 92, 2, 5, ""), like(91, 90, 1, 4, ""), like(95, 93, 3, 5, "")}
	renamed := like(0, 0, 2, 5, "")
	delete(renamed, "phone")
	delete(renamed, "phone valid")
	second := like(93, 92, 2, 5, "")
	second["document"], second["document valid"] = 1, 1
	for _, tt := range []struct {
		name  string
		now   Profile
		past  []Profile
		above float64
		want  string
	}{
		{"as always", like(92, 90, 2, 6, ""), usual, 0.5, ""},
		{"phone filled 93 % before, 4 % now", like(4, 4, 2, 5, ""), usual, 0.5, "phone 91 % → 4 %"},
		{"the column is gone", renamed, usual, 0.5, "phone 91 % → 0 %"},
		{"filled, but with something else", like(93, 3, 2, 5, ""), usual, 0.5, "phone valid 90 % → 3 %"},
		{"refused for one reason", like(93, 92, 80, 5, "PHONE_INVALID"), usual, 0.5, "PHONE_INVALID 0 % → 80 %, rejected 3 % → 80 %"},
		{"the same person all over", like(93, 92, 0, 95, ""), usual, 0.5, "duplicate 5 % → 95 %"},
		{"exactly what the account allows", like(43, 92, 2, 5, ""), []Profile{usual[0]}, 0.5, ""},
		{"a stricter account", like(80, 80, 2, 5, ""), usual, 0.1, "phone 91 % → 80 %"},
		{"an account that wants none of it", like(0, 0, 100, 0, ""), usual, 1, ""},
		{"a field that nobody had", second, usual, 0.5, ""},
		{"let pass once", like(4, 4, 2, 5, ""), append(usual[:2:2], like(6, 6, 2, 5, "")), 0.5, ""},
		{"no row", ProfileOf(Facts{}), nil, 0.5, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.now.Drift(tt.past, tt.above); got != tt.want {
				t.Errorf("drift is %q, want %q", got, tt.want)
			}
		})
	}
}
