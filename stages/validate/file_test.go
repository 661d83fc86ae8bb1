package validate

import (
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

func TestFileIssues(t *testing.T) {
	t.Parallel()
	warning := func(code string, count int64, detail string, names ...string) schemas.FileIssue {
		return schemas.FileIssue{Code: code, Severity: schemas.SeverityWarning, Count: count, Detail: detail, Names: names}
	}
	for _, tt := range []struct {
		name, header string
		mapping      schemas.Mapping
		lines        []string
		want         []schemas.FileIssue
	}{
		{"national phones", "fone", schemas.Mapping{}, []string{"51999991234", "5133334444", "051999991235"},
			[]schemas.FileIssue{warning("PHONE_COUNTRY_ASSUMED", 3, "BR")}},
		{"international phones, with and without plus", "fone", schemas.Mapping{}, []string{"+5551999991234", "5551999991235", "555187654321"}, nil},
		{"both", "fone;celular", schemas.Mapping{}, []string{"+5551999991234;", ";51999991235"},
			[]schemas.FileIssue{warning("PHONE_COUNTRY_ASSUMED", 1, "BR"), warning("MIXED_PHONE_FORMATS", 1, "")}},
		{"an area code that looks like the country's", "fone", schemas.Mapping{}, []string{"55999991234"},
			[]schemas.FileIssue{warning("PHONE_COUNTRY_ASSUMED", 1, "BR")}},
		{"the row names the country", "ddi;fone", schemas.Mapping{}, []string{"55;51999991234", ";+5551999991234"}, nil},
		{"bad phones count for nothing", "fone", schemas.Mapping{}, []string{"123", "+5551999991234"}, nil},
		{"columns that nobody takes", "email;Cor;;Time;vazia;", schemas.Mapping{Rest: "ignore"}, []string{"ana@exemplo.com.br;azul;x;a;;"},
			[]schemas.FileIssue{warning("COLUMNS_NOT_IMPORTED", 3, "", "Cor", "#3", "Time")}},
		{"columns that the mapping ignores", "email;Cor", schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"Cor": {Field: "ignore"}}},
			[]string{"ana@exemplo.com.br;azul"}, nil},
		{"columns of our own", "email;bateia_issues", schemas.Mapping{}, []string{"ana@exemplo.com.br;O telefone está sem DDD."}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var records [][]string
			for _, l := range tt.lines {
				records = append(records, strings.Split(l, ";"))
			}
			_, issues, err := ReadAll(strings.Split(tt.header, ";"), tt.mapping, true, Config{Country: "BR", Now: testNow}, records, func(int, Row) {})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, issues); diff != "" {
				t.Errorf("file issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStrictFormatsRefuseMixedPhones(t *testing.T) {
	t.Parallel()
	run, _ := setup(t, "fone", []string{"+5551999991234", "51999991235"})
	run.Request.Mapping.Options.StrictFormats = true
	err := (Stage{}).Run(context.Background(), run)
	if pipeline.KindOf(err) != pipeline.KindRejected || pipeline.CodeOf(err) != "MIXED_PHONE_FORMATS" {
		t.Errorf("Run = %v", err)
	}
	last := run.Facts.Issues[len(run.Facts.Issues)-1]
	if last.Code != "MIXED_PHONE_FORMATS" || last.Severity != schemas.SeverityError {
		t.Errorf("last file issue = %+v", last)
	}
}

func TestIgnoredAndSharedValuesDoNotJoin(t *testing.T) {
	t.Parallel()
	run, w := setup(t, "fone;email;nome", []string{
		"51999991234;ana@exemplo.com.br;Ana", "51999991234;bia@exemplo.com.br;Bia", "5133334444;contato@exemplo.com.br;Ana", "5133334444;;ANA",
	})
	run.Account.Settings.IgnoreValues = []string{"+5551999991234"}
	if err := (Stage{}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range texts(t, w, "select * from identities order by row, seq") {
		got = append(got, i["row"]+" "+i["value"]+" "+i["joins"])
	}
	if diff := cmp.Diff([]string{
		"1 +5551999991234 false", "1 ana@exemplo.com.br true", "2 +5551999991234 false", "2 bia@exemplo.com.br true",
		"3 +555133334444 false", "3 contato@exemplo.com.br false", "4 +555133334444 false",
	}, got); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
	for query, want := range map[string]int64{
		"select count(distinct (k1, k2)) from identities where row in (1, 2) and kind = 1": 2, // two names
		"select count(distinct (k1, k2)) from identities where row in (3, 4) and kind = 1": 1, // one name
	} {
		if n := number(t, w, query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
}

// Chatwoot's own contact files: nothing that it loads is lost here.
func TestContactsOfChatwoot(t *testing.T) {
	t.Parallel()
	const folder = "../../../shared/corpora/importers/chatwoot/"
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skip("../shared/corpora is not here")
	}
	for _, tt := range []struct {
		file string
		want []string
	}{
		{"with_bom.csv", []string{" +971501234567 ahmed@example.com Ahmed"}},
		{"inline_existing_records.csv", []string{
			" +918080808080 cuzzell0@mozilla.org Clarice Uzzell", " +918080808081 mcreegan1@cornell.edu Marieann Creegan",
			" +918080808082 nwindibank2@bluehost.com Nancey Windibank",
		}},
		{"inline_duplicate_email.csv", []string{
			" +918484848484 cuzzell0@mozilla.org Clarice Uzzell", " +918484848485 mcreegan1@cornell.edu Marieann Creegan",
			"  cuzzell0@mozilla.org Nancey Windibank", // a digit short, kept for its e-mail
		}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(folder + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			records, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			_, _, err = ReadAll(records[0], schemas.Mapping{}, true, Config{Country: "BR", Now: testNow}, records[1:], func(_ int, r Row) {
				got = append(got, strings.Join([]string{string(r.Status), r.Fields["phone"], r.Fields["email"], r.Fields["name"]}, " "))
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("contacts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAllRowsOfAMessyFileLoad(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../../shared/corpora/importers/react-spreadsheet-import/exampleFile.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("../shared/corpora is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	loaded, refused := 0, 0
	columns, _, err := ReadAll(records[0], schemas.Mapping{}, true, Config{Country: "BR", Now: testNow}, records[1:], func(i int, r Row) {
		// Three people carry the blank of their first name into their address.
		if whole := !strings.Contains(records[i+1][5], " "); (r.Status == "") != whole || !whole && r.Reason != "EMAIL_INVALID" {
			t.Errorf("row %d: status %q, reason %q", i+1, r.Status, r.Reason)
		}
		if r.Status == "" {
			loaded++
		} else {
			refused++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if loaded != 997 || refused != 3 {
		t.Errorf("%d rows loaded, %d refused", loaded, refused)
	}
	for _, c := range columns {
		if !c.Imported {
			t.Errorf("column %q is not imported", c.Name)
		}
	}
}
