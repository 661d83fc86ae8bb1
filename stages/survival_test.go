package stages_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// The ERP and people outrank lists; among them the newest change wins, and what
// the ERP sends along unchanged is no change.
func TestRanks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	omie := func(run *pipeline.Run) { run.Source = schemas.Source{Kind: "omie", Name: "matriz"} }
	list := func(run *pipeline.Run) { run.Source = schemas.Source{Kind: "upload", Name: "feira"} }
	const phone = "+5551987654321"
	id := ""
	for _, step := range []struct {
		name string
		from func(*pipeline.Run)
		lead lead
		want [2]string // name, city
	}{
		{"the ERP founds", omie, lead{Phone: phone, Name: "Ana Omie"}, [2]string{"Ana Omie", ""}},
		{"a list fills blanks and replaces nothing", list, lead{Phone: phone, Name: "Ana Feira", City: "Canoas"}, [2]string{"Ana Omie", "Canoas"}},
		{"a later list outranks a list", list, lead{Phone: phone, Name: "Aninha", City: "Gravataí"}, [2]string{"Ana Omie", "Gravataí"}},
		{"an edit by hand is as good as the ERP", list, lead{ID: "id", Name: "Ana Maria"}, [2]string{"Ana Maria", "Gravataí"}},
		{"the ERP's name did not change", omie, lead{Phone: phone, Name: "Ana Omie", City: "Porto Alegre"}, [2]string{"Ana Maria", "Porto Alegre"}},
		{"no list gets at it again", list, lead{Phone: phone, Name: "Ana Feira", City: "Canoas"}, [2]string{"Ana Maria", "Porto Alegre"}},
		{"the ERP's name changed", omie, lead{Phone: phone, Name: "Ana Souza", City: "Porto Alegre"}, [2]string{"Ana Souza", "Porto Alegre"}},
		{"the same record again changes nothing", omie, lead{Phone: phone, Name: "Ana Souza", City: "Porto Alegre"}, [2]string{"Ana Souza", "Porto Alegre"}},
	} {
		l := step.lead
		if l.ID != "" {
			l.ID = id
		}
		b.apply(t, b.plan(t, []lead{l}, step.from))
		var got [2]string
		err := b.db.InAccount(context.Background(), 1, func(tx pgx.Tx) error {
			return tx.QueryRow(context.Background(), "select prospect_id, coalesce(name, ''), coalesce(city, '') from prospects").Scan(&id, &got[0], &got[1])
		})
		if err != nil {
			t.Fatal(err)
		}
		if got != step.want {
			t.Errorf("%s: got %q, want %q", step.name, got, step.want)
		}
	}
}
