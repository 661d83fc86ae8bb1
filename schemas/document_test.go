package schemas

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The keys of an import are public: this test is where a change of them shows.
func TestImportDocumentKeys(t *testing.T) {
	t.Parallel()
	code := "FILE_HEADER_DUPLICATE"
	finished := time.Date(2026, 3, 4, 9, 0, 0, 0, time.FixedZone("", -3*3600))
	d := ImportDocument{ImportID: "0193c0ffee1234", State: Rejected, Code: &code, FinishedAt: &finished}
	d.Explain("pt-BR", []FileIssue{{Code: "FILE_EMPTY"}, {Code: code, Names: []string{"nome"}}})
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"import_id":"0193c0ffee1234","account":"","source":{"kind":"","system":"","name":"","instance":""},` +
		`"object":null,"list":"","requested_by":"","state":"rejected","held":false,"code":"FILE_HEADER_DUPLICATE",` +
		`"message":"Há colunas com o mesmo nome: nome, e não está claro qual delas vale.",` +
		`"remedy":"Dê um nome diferente a cada coluna ou retire esse nome do mapeamento.",` +
		`"ledger":{"read":0,"created":0,"updated":0,"unchanged":0,"duplicate":0,"rejected":0,"skipped":0,"conflict":0,"blank":0},` +
		`"prospects":{"created":0,"updated":0,"merged":0},"issues":{"errors":0,"warnings":0,"by_code":[]},"columns":[],` +
		`"dialect":null,"stages":[],"objects":{"feedback":null,"result":null,"plan":null},` +
		`"undo_of":null,"redo_of":null,"replay_of":null,"created_at":"0001-01-01T00:00:00Z",` +
		`"finished_at":"2026-03-04T12:00:00Z","seconds":null}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("document mismatch (-want +got):\n%s", diff)
	}
	d.Code = nil
	d.Explain("pt-BR", nil)
	if d.Message != nil || d.Remedy != nil {
		t.Errorf("message %v, remedy %v without a code", d.Message, d.Remedy)
	}
}
