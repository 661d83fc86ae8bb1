package validate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

const (
	givenID   = "ba01a2b3c4d5e6f700000001"
	givenSalt = "salt"
	givenName = "ex01a2b3c4d5e6f7"
)

// giving is Stage.Given of one export that gave out one prospect.
func giving(cells map[string]string) func(ctx context.Context, run *pipeline.Run, exports []schemas.ImportID) error {
	return func(ctx context.Context, run *pipeline.Run, exports []schemas.ImportID) error {
		names, values := []string{}, []string{}
		for _, name := range schemas.ExportColumns() {
			names, values = append(names, schemas.FieldColumn(name)+" bigint"), append(values, "null")
			if cells[name] != "" {
				values[len(values)-1] = fmt.Sprint(schemas.GivenHash(givenSalt, cells[name]))
			}
		}
		return run.Workset.Exec(ctx, fmt.Sprintf(`
create or replace table given (export_name varchar, salt varchar, bateia_id varchar, %s);
insert into given select * from (values ('%s', '%s', '%s', %s)) v where %v;`, strings.Join(names, ", "), givenName, givenSalt, givenID, strings.Join(values, ", "), slices.ContainsFunc(exports, func(id schemas.ImportID) bool { return schemas.ExportName(id) == givenName })))
	}
}

// said are the fields, identities and issues of the only row.
func said(t *testing.T, w pipeline.Workset) (out []string) {
	t.Helper()
	row := texts(t, w, "select * exclude (row, line, sheet_row, byte_offset, byte_length, statement) from rows")[0]
	for _, name := range slices.Sorted(maps.Keys(row)) {
		if field, ok := strings.CutPrefix(name, "f_"); ok {
			out = append(out, field+" = "+row[name])
		}
	}
	if row["status"] != "" {
		out = append(out, row["status"]+" "+row["reason"])
	}
	for _, id := range texts(t, w, "select value from identities order by seq") {
		out = append(out, id["value"])
	}
	for _, i := range texts(t, w, "select code from issues where row is not null") {
		out = append(out, i["code"])
	}
	return out
}

// Of what an export gave out only the cells that were edited are said.
func TestOnlyEditedCellsAreSaid(t *testing.T) {
	t.Parallel()
	given := map[string]string{
		"phone": "+5551999991234", "email": "ana@exemplo.com.br", "name": "Ana Souza", "first_name": "Ana", "last_name": "Souza", "city": "Canoas",
		"birthday": "1990-05-17", "is_company": "true", "tags": "quente, frio", "owner": "amigo", "notes": "linha\nduas",
	}
	for _, tt := range []struct {
		name, header, line string
		want               []string
	}{
		{"nothing", "phone;email;name;city;birthday;is_company;tags", "+5551999991234;ana@exemplo.com.br;Ana Souza;Canoas;1990-05-17;true;quente, frio", nil},
		{"a city", "phone;city", "+5551999991234;Lajeado", []string{"city = Lajeado"}},
		{"a value where there was none", "phone;company", "+5551999991234;Padaria Sol", []string{"company = Padaria Sol"}},
		{"another phone", "phone;city", "51 99999-0000;Canoas", []string{"phone = +5551999990000", "+5551999990000"}},
		{"a phone, date and answer in another spelling", "phone;birthday;is_company", "(51) 99999-1234;17/05/1990;sim", nil},
		{"marks that spreadsheets want", "phone;birthday", "'+5551999991234;'1990-05-17", nil},
		{"one part of the name brings the others", "name;first_name;last_name;city", "Ana Lima;Ana;Lima;Canoas", []string{"first_name = Ana", "last_name = Lima", "name = Ana Lima"}},
		{"a name beside a blank company", "name;company;first_name;last_name", "Ana Souza;;Ana;Souza", nil},
		{"a part of the name that is emptied", "name;first_name;last_name", "Ana Souza;Ana;", []string{"first_name = Ana", "name = Ana Souza", "EMPTIED_CELL_KEPT"}},
		{"a cell that is emptied says nothing", "phone;city;company", "+5551999991234;;", []string{"EMPTIED_CELL_KEPT"}},
		{"a phone that is emptied", "phone;city", " ;Canoas", []string{"EMPTIED_CELL_KEPT"}},
		{"tags", "phone;tags", "+5551999991234;quente, novo", []string{`tags = ["quente","novo"]`}},
		{"a second phone is no cell of the export", "phone;phone2", "+5551999991234;51 99999-0000", []string{"+5551999990000"}},
		{"a new phone, and the old one as a second", "phone;phone2", "51 99999-0000;+5551999991234", []string{"phone = +5551999990000", "+5551999990000", "+5551999991234"}},
		{"a new phone before a column with the old one", "phone;telefone", "51 99999-0000;+5551999991234", []string{"phone = +5551999990000", "+5551999990000"}},
		{"tags that are written in another way", "phone;tags", "+5551999991234;quente,frio ", nil},
		{"tags in two columns", "phone;tags;etiquetas", "+5551999991234;quente, frio;", nil},
		{"a bad answer", "phone;is_company", "+5551999991234;talvez", []string{"BOOLEAN_INVALID"}},
		{"an unknown word where there was none", "phone;status;lifecycle", "+5551999991234;;xyz", []string{"LIFECYCLE_UNKNOWN"}},
		{"a bad cell where there was none", "phone;document;state", "+5551999991234;123;", []string{"DOCUMENT_INVALID"}},
		{"what is as it was is right, whatever it is", "phone;owner", "+5551999991234;amigo", nil},
		{"a bad cell is told", "phone;email", "+5551999991234;ana@", []string{"EMAIL_INVALID"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run, w := setup(t, "bateia_id;"+tt.header+";bateia_export", []string{givenID + ";" + tt.line + ";" + givenName})
			if err := (Stage{Given: giving(given)}).Run(t.Context(), run); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, said(t, w)); diff != "" {
				t.Errorf("said mismatch (-want +got):\n%s", diff)
			}
			if n := number(t, w, "select count(*) from edited"); n != 1 {
				t.Errorf("%d rows are of an export, want 1", n)
			}
		})
	}
}

// The parts of a name that the export gave out blank are as they were.
func TestBlankPartsOfANameAreNoEdit(t *testing.T) {
	t.Parallel()
	run, w := setup(t, "bateia_id;name;first_name;last_name;country;state;bateia_export", []string{givenID + ";Ana Souza;;;AR;São Paulo;" + givenName})
	if err := (Stage{Given: giving(map[string]string{"name": "Ana Souza", "country": "AR"})}).Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	// The country is as it was, and says how the state is read.
	if diff := cmp.Diff([]string{"state = São Paulo"}, said(t, w)); diff != "" {
		t.Errorf("said mismatch (-want +got):\n%s", diff)
	}
}

// A row of an export is read as a whole where it names none, and is refused where nobody
// knows what it gave out.
func TestRowsOfOtherExports(t *testing.T) {
	t.Parallel()
	given := map[string]string{"phone": "+5551999991234", "city": "Canoas"}
	for _, tt := range []struct {
		name, id, export string
		want             []string
	}{
		{"of this one", givenID, givenName, nil},
		{"in capitals", strings.ToUpper(givenID), " " + strings.ToUpper(givenName), nil},
		{"of none", givenID, "", []string{"city = Canoas", "phone = +5551999991234", "+5551999991234"}},
		{"a new row", "", givenName, []string{"city = Canoas", "phone = +5551999991234", "+5551999991234"}},
		{"of one that is gone", givenID, "ex01a2b3c4d5e6f8", []string{"rejected EXPORT_UNKNOWN", "EXPORT_UNKNOWN"}},
		{"another prospect", "ba01a2b3c4d5e6f700000002", givenName, []string{"rejected EXPORT_UNKNOWN", "EXPORT_UNKNOWN"}},
		{"with blanks that are none", givenID + "\u00a0", "\t" + givenName + "\u00a0", nil},
		{"something else", givenID, "feira", []string{"rejected EXPORT_UNKNOWN", "EXPORT_UNKNOWN"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run, w := setup(t, "bateia_id;phone;city;bateia_export", []string{tt.id + ";51 99999-1234;Canoas;" + tt.export})
			if err := (Stage{Given: giving(given)}).Run(t.Context(), run); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, said(t, w)); diff != "" {
				t.Errorf("said mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// Every value that validate writes is read as the same one when it comes back in an
// export.
func TestWhatValidateWritesIsNoEdit(t *testing.T) {
	t.Parallel()
	cells := map[string]string{
		"phone": "51 8765-4321", "email": " ANA@Exemplo.com.br", "document": "12345678909", "instagram": "https://instagram.com/ana.souza/", "telegram": "@ana_souza",
		"name": "ANA  MARIA de SOUZA", "first_name": "Ana", "last_name": "d'Ávila", "company": "=1+1", "job_title": "'Chefe", "birthday": "17/05/1990", "street": "Rua 7, 12",
		"street_number": "0012", "complement": "1/2", "district": "1e5", "city": "porto alegre", "state": "Rio Grande do Sul", "postal_code": "90010-000", "country": "Brasil",
		"website": "HTTPS://Exemplo.com.br/x", "source": "-5", "status": "quente", "lifecycle": "cliente", "owner": "dora", "is_company": "sim", "notes": "linha  um",
		"utm_source": "google", "utm_medium": "007", "utm_campaign": "20,5", "tags": "quente, frio",
	}
	names := schemas.ExportColumns()
	line := make([]string, len(names))
	for i, name := range names {
		if line[i] = cells[name]; line[i] == "" {
			t.Errorf("no cell for %s", name)
		}
	}
	run, w := setup(t, strings.Join(names, ";"), []string{strings.Join(line, ";")})
	if err := (Stage{}).Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	row := texts(t, w, "select * from rows")[0]
	given := map[string]string{"tags": cells["tags"]}
	for i, name := range names {
		if name != "tags" {
			given[name] = row[schemas.FieldColumn(name)]
		}
		if line[i] = given[name]; line[i] == "" {
			t.Errorf("%s was not read", name)
		}
	}
	run, w = setup(t, "bateia_id;"+strings.Join(names, ";")+";bateia_export", []string{givenID + ";" + strings.Join(line, ";") + ";" + givenName})
	if err := (Stage{Given: giving(given)}).Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string(nil), said(t, w)); diff != "" {
		t.Errorf("said mismatch (-want +got):\n%s", diff)
	}
}

// A cell that is as it was counts as filled and read: nothing seems to be missing.
func TestUneditedCellsCount(t *testing.T) {
	t.Parallel()
	run, _ := setup(t, "bateia_id;phone;city;bateia_export", []string{givenID + ";+5551999991234;Canoas;" + givenName, ";98765-4321;;"})
	if err := (Stage{Given: giving(map[string]string{"phone": "+5551999991234", "city": "Canoas"})}).Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	got := map[string][2]int64{} // filled, valid
	for _, c := range run.Facts.Columns[1:3] {
		got[c.Name] = [2]int64{c.Filled, c.Valid}
	}
	if diff := cmp.Diff(map[string][2]int64{"phone": {2, 1}, "city": {1, 1}}, got); diff != "" {
		t.Errorf("counts mismatch (-want +got):\n%s", diff)
	}
}

// A redo of a file whose export is kept no more ends before anything is taken back.
func TestRedoOfAnExportThatIsGone(t *testing.T) {
	t.Parallel()
	run, _ := setup(t, "bateia_id;phone;city;bateia_export", []string{givenID + ";+5551999991234;Canoas;ex01a2b3c4d5e6f8"})
	run.RedoOf = 1
	err := (Stage{Given: giving(map[string]string{"phone": "+5551999991234"})}).Run(t.Context(), run)
	var e *pipeline.Error
	if !errors.As(err, &e) || e.Kind != pipeline.KindRejected || e.Code != "EXPORT_UNKNOWN" {
		t.Errorf("got %v", err)
	}
}
