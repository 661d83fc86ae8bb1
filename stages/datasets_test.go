package stages_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
)

// checkDatasets: the files that are written from the workset of a run that was just
// applied say what those say that are written from the tables.
func (b *bench) checkDatasets(run *pipeline.Run) error {
	ctx := context.Background()
	w := run.Workset.(*duck.Workset)
	return b.db.ReadDatasets(ctx, run.Account.ID, run.ImportID, func(r *postgres.DatasetReader) error {
		sentences, err := r.Sentences(ctx)
		if err != nil {
			return err
		}
		for _, d := range schemas.Datasets() {
			query, known := stages.AppliedDataset(run, d, stages.Applied{No: r.AppliedNo, Sentences: sentences})
			if !known {
				continue
			}
			_, err := w.WriteDataset(ctx, d, query)
			if err == nil {
				err = w.Import(ctx, "fresh", d.Name+".parquet")
			}
			if err == nil {
				_, err = w.WriteDatasetRows(ctx, d, r.Read(ctx, d))
			}
			if err == nil {
				err = w.Import(ctx, "told", d.Name+".parquet")
			}
			if err != nil {
				return fmt.Errorf("%s: %w", d.Name, err)
			}
			columns, those := "*", ""
			if d.Name == schemas.DatasetProspects {
				// JSON, and of the workset only those that were founded.
				columns, those = "* replace (entries(attributes)::varchar as attributes)", fmt.Sprintf(" where starts_with(prospect_id, 'ba%s')", run.ImportID)
			}
			var differ []string
			for _, way := range [][2]string{{"fresh", "told"}, {"told", "fresh"}} {
				sql := fmt.Sprintf("select x::varchar from (select %[1]s from %[2]s%[4]s except all select %[1]s from %[3]s%[4]s) x order by 1 limit 3", columns, way[0], way[1], those)
				for batch, err := range w.Read(ctx, sql) {
					if err != nil {
						return fmt.Errorf("%s: %w", d.Name, err)
					}
					for i := range int(batch.NumRows()) {
						differ = append(differ, way[0]+" "+batch.Column(0).(*array.String).Value(i))
					}
				}
			}
			if len(differ) > 0 {
				return fmt.Errorf("dataset %s from the workset and from the tables:\n%s", d.Name, strings.Join(differ, "\n"))
			}
		}
		return nil
	})
}

func (b *bench) mustHaveDatasets(t *testing.T, run *pipeline.Run) {
	t.Helper()
	b.learn(t, run)
	if err := b.checkDatasets(run); err != nil {
		t.Error(err)
	}
}

// Values are masked alike by both engines, whatever is in them.
func TestDatasetsMaskValues(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.plan(t, []lead{{Phone: phoneA, Name: "Ana"}, {}})
	for _, value := range []string{"", "x", "é", "\n", "ab", "+55 (51) 9999-8888", "Ação ]x[ ^y^ \\z", "a\nb\tc", "日本語", "👩‍👩‍👧 família", "e\u0301e\u0301", "'aspas'", "a_b+c-d@e.f;g,h:i/j"} {
		if err := run.Workset.Exec(t.Context(), "insert into issues values (1, 'Telefone', 'phone', 'warning', 'PHONE_TOO_SHORT', ?, '9')", value); err != nil {
			t.Fatal(err)
		}
	}
	b.apply(t, run)
	b.mustHaveDatasets(t, run)
}

// A row may repeat another one under an id that has merged into that one's.
func TestDatasetsOfARepeatedMerge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, []lead{{Email: "a@exemplo.com.br"}})
	late := b.plan(t, []lead{{Phone: phoneA, Email: "a@exemplo.com.br"}, {Phone: phoneA, Email: emailB, Name: "Ana"}})
	b.take(t, []lead{{Phone: phoneA, Email: emailB, Name: "Ana"}})
	b.apply(t, late)
	if l := ledgerOf(late); l.Duplicate != 1 || late.Facts.Counts.Merged != 1 {
		t.Fatalf("ledger %+v, %+v: want a merge and a repeated row", l, late.Facts.Counts)
	}
	b.mustHaveDatasets(t, late)
}
