package stages_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

// An edit by id goes together with rows that lead to the same prospect by a value that
// it repeats, and is in nobody's way whose edit is refused for it.
func TestAnEditBesideRowsWithItsOwnValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rows []lead // ID is the place of a prospect
		want schemas.Ledger
	}{
		{"a row of the same person", []lead{{ID: "0", Phone: phoneA, City: "Canoas"}, {Phone: phoneA, Name: "Ana Souza"}}, schemas.Ledger{Read: 2, Updated: 1, Duplicate: 1}},
		{"in another order", []lead{{Phone: phoneA, Name: "Ana Souza"}, {ID: "0", Phone: phoneA, City: "Canoas"}}, schemas.Ledger{Read: 2, Updated: 1, Duplicate: 1}},
		{"an edit of somebody else", []lead{{ID: "0", Phone: phoneA, City: "Canoas"}, {ID: "1", Phone: phoneA}}, schemas.Ledger{Read: 2, Updated: 1, Rejected: 1}},
		{"a row that brings the value too", []lead{{ID: "0", Email: "novo@exemplo.com.br"}, {Email: "novo@exemplo.com.br"}}, schemas.Ledger{Read: 2, Created: 1, Rejected: 1}},
		{"a row with another document", []lead{{ID: "2", Phone: phoneC, City: "Canoas"}, {Phone: phoneC, CPF: cpfBia}}, schemas.Ledger{Read: 2, Updated: 1, Created: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Bia"}, {Phone: phoneC, CPF: cpfAna, Name: "Caio"}})
			people := b.states(t)
			for i, l := range tt.rows {
				if l.ID != "" {
					tt.rows[i].ID = people[l.ID[0]-'0'].ID
				}
			}
			run := b.plan(t, tt.rows)
			b.finish(t, run)
			if diff := cmp.Diff(tt.want, ledgerOf(run)); diff != "" {
				t.Errorf("ledger mismatch (-want +got):\n%s\n%v", diff, codesOf(run))
			}
			b.steady(t)
			if _, broken := b.broken(t); broken != "" {
				t.Error(broken)
			}
		})
	}
}
