package stages

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/dataset_*.sql
var datasetSQL embed.FS

// Applied is what the workset of an import does not know of it.
type Applied struct {
	No        int64             // place among all that was applied to the account
	Sentences map[string]string // of codes, in the account's language
}

// AppliedDataset returns a statement on the workset of a run that was just applied: the
// rows of a dataset as the tables of Postgres have them too, from where they cost
// several times as much. Of the dataset prospects it gives those that the import founded
// and no others. False for datasets that it does not know.
func AppliedDataset(run *pipeline.Run, d schemas.Dataset, a Applied) (query string, ok bool) {
	text, err := datasetSQL.ReadFile("sql/dataset_" + d.Name + ".sql")
	if err != nil {
		return "", false
	}
	replace := []string{
		":id", run.ImportID.String(), ":now", strconv.FormatInt(run.Now.UnixMicro(), 10), ":no", strconv.FormatInt(a.No, 10),
		":texts", sentences(a.Sentences),
	}
	for _, c := range d.Columns {
		replace = append(replace, "{"+c.Name+"}", fieldOf(run, d, c.Name))
	}
	return strings.NewReplacer(replace...).Replace(string(text)), true
}

// fieldOf is a field of a row r or, of a prospect, of the one row or the several ones
// in i that it has.
func fieldOf(run *pipeline.Run, d schemas.Dataset, name string) string {
	if !slices.Contains(run.Facts.Fields, name) {
		return "null"
	}
	column := schemas.FieldColumn(name)
	if d.Name != schemas.DatasetProspects {
		return "r." + column
	}
	value := fmt.Sprintf("case when h.rows = 1 then r.%[1]s else i.%[1]s end", column)
	if name == "owner" {
		// By turn: the one that was drawn, "" when nobody was there.
		value = "case when d.owner is null then " + value + " else nullif(d.owner, '') end"
	}
	return value
}

func sentences(texts map[string]string) string {
	if len(texts) == 0 {
		return "select null::varchar as code, null::varchar as sentence"
	}
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	var rows []string
	for _, code := range slices.Sorted(maps.Keys(texts)) {
		rows = append(rows, "("+quote(code)+", "+quote(texts[code])+")")
	}
	return "select * from (values " + strings.Join(rows, ", ") + ") v(code, sentence)"
}
