package jobs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// history writes an import of an account that ended at a time, with a row of
// everything that expires: an issue, a refused row, a lead, a sighting of it, an
// image, a file.
func (w *world) history(account int32, at time.Time, state schemas.State) schemas.ImportID {
	w.t.Helper()
	id := schemas.ImportID(at.UnixMilli()<<12 + int64(account))
	key := fmt.Sprintf("uploads/%s/%s.csv", map[int32]string{1: "default", 100: "other"}[account], id)
	obj := w.put(key, "nome\nAna\n")
	must(w.t, w.look.InAccount(w.t.Context(), account, func(tx pgx.Tx) error {
		for _, sql := range []string{
			"select ensure_history($2)",
			"insert into sources (account_id, kind) values ($1, 'upload') on conflict do nothing",
			"insert into imports (account_id, import_id, source_id, state, rows_read, rejected, created, finished_at, created_at) select $1, $2, source_id, '" + string(state) + "', 2, 1, 1, to_timestamp(($2::bigint >> 12) / 1000.0), to_timestamp(($2::bigint >> 12) / 1000.0) from sources where account_id = $1",
			"insert into issues (account_id, import_id, seq, row, severity, code, value) values ($1, $2, 1, 1, 'error', 'PHONE_TOO_SHORT', '51-9')",
			"insert into row_outcomes (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, outcome, reason_code, codes) values ($1, $2, 1, 2, 2, 0, 1, 'rejected', 'PHONE_TOO_SHORT', '{PHONE_TOO_SHORT}')",
			"insert into leads (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, prospect_id, outcome, statement) values ($1, $2, 2, 3, 3, 1, 1, 'ba', 'created', 1)",
			"insert into seen_leads (account_id, lead_import, lead_row, import_id, row, line, sheet_row, byte_offset, byte_length) values ($1, $2, 2, $2, 3, 4, 4, 2, 1)",
			"insert into before_images (account_id, import_id, prospect_id, image) values ($1, $2, 'ba', '{\"keys\": []}')",
		} {
			args := []any{account, id}
			if !strings.Contains(sql, "$2") {
				args = args[:1]
			}
			if strings.HasPrefix(sql, "select ensure") {
				sql, args = "select ensure_history($1)", args[1:]
			}
			if _, err := tx.Exec(w.t.Context(), sql, args...); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		_, err := tx.Exec(w.t.Context(), "update imports set bucket = $3, key = $4, etag = $5, size = $6 where account_id = $1 and import_id = $2", account, id, obj.Bucket, key, obj.ETag, obj.Size)
		return err
	}))
	return id
}

// left counts what is there of an import, by part.
func (w *world) left(account int32, id schemas.ImportID) map[string]int {
	w.t.Helper()
	out := map[string]int{}
	must(w.t, w.look.InAccount(w.t.Context(), account, func(tx pgx.Tx) error {
		for _, table := range []string{"issues", "row_outcomes", "leads", "seen_leads", "before_images"} {
			var n int
			if err := tx.QueryRow(w.t.Context(), "select count(*) from "+table+" where account_id = $1 and import_id = $2", account, id).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				out[table] = n
			}
		}
		return nil
	}))
	_, err := w.store.Head(w.t.Context(), fmt.Sprintf("uploads/%s/%s.csv", map[int32]string{1: "default", 100: "other"}[account], id), "")
	if err == nil {
		out["upload"] = 1
	}
	return out
}

func TestHistoryExpiresByAccountAndPart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	other, err := w.db.CreateAccount(t.Context(), schemas.Account{Slug: "other"})
	must(t, err)
	now := time.Date(2026, 6, 10, 2, 0, 0, 0, time.UTC) // still the 9th in São Paulo
	def, err := w.db.AccountByID(t.Context(), postgres.AccountDefault)
	must(t, err)
	def.Settings.Keep = map[string]int{schemas.KeepIssues: 60, schemas.KeepRows: 30, schemas.KeepLeads: 30, schemas.KeepUploads: 30, schemas.KeepResults: 10, schemas.KeepReports: 10}
	must(t, w.db.UpdateAccount(t.Context(), def))
	s := w.service()

	old := w.history(1, time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), schemas.Applied)
	undone := w.history(1, time.Date(2026, 2, 15, 12, 0, 0, 0, time.UTC), schemas.Undone)
	shared := w.history(1, time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC), schemas.Applied)
	others := w.history(other.ID, time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC), schemas.Applied)
	edge := w.history(1, time.Date(2026, 5, 10, 4, 0, 0, 0, time.UTC), schemas.Applied)   // one hour into the last day that is kept
	before := w.history(1, time.Date(2026, 5, 10, 2, 0, 0, 0, time.UTC), schemas.Applied) // one hour before it
	keys := []string{
		"results/default/feira/x.csv/2026-05-20_10-00-00.000-applied.txt", "results/default/feira/x.csv/2026-06-05_10-00-00.000-applied.txt",
		"reports/leads/account=default/date=2026-05-20/x.parquet", "reports/leads/account=default/date=2026-06-05/x.parquet",
		"reports/leads/account=other/date=2026-05-20/x.parquet",
	}
	for _, key := range keys {
		_, err := w.store.Put(t.Context(), key, strings.NewReader("x"), objstore.PutOptions{})
		must(t, err)
	}
	must(t, s.purgeHistory(t.Context(), now))

	kept := func(issues, rows, sightings, images, upload bool) map[string]int {
		out := map[string]int{"leads": 1}
		for name, some := range map[string]bool{"issues": issues, "row_outcomes": rows, "seen_leads": sightings, "before_images": images, "upload": upload} {
			if some {
				out[name] = 1
			}
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		account int32
		id      schemas.ImportID
		want    map[string]int
	}{
		{"old, prospects stand on its lead", 1, old, kept(false, false, true, false, false)},
		{"taken back", 1, undone, map[string]int{}},
		{"of a month that another account keeps", 1, shared, kept(false, false, true, false, false)},
		{"of the other account", other.ID, others, kept(true, true, true, true, true)},
		{"of the last day that is kept", 1, edge, kept(true, true, true, true, true)},
		{"of the day before", 1, before, kept(true, false, true, false, false)},
	} {
		if diff := cmp.Diff(tt.want, w.left(tt.account, tt.id)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	w.checkLeaves(t, "issues", []string{"202603", "202605"})
	w.checkLeaves(t, "row_outcomes", []string{"202603", "202605"})
	w.checkKeys(t, keys[3], keys[4], keys[1])
	// Not again on the same day; the next day it is.
	late := w.history(1, time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC), schemas.Applied)
	must(t, s.purgeHistory(t.Context(), now.Add(30*time.Minute)))
	if got := w.left(1, late)["issues"]; got != 1 {
		t.Error("purged twice on one day")
	}
	must(t, s.purgeHistory(t.Context(), now.Add(2*time.Hour)))
	if got := w.left(1, late)["issues"]; got != 0 {
		t.Error("not purged on the next day")
	}
}

// checkKeys compares results and datasets with those that are to be there.
func (w *world) checkKeys(t *testing.T, want ...string) {
	t.Helper()
	var there []string
	for page, err := range w.store.List(t.Context(), "re", "") {
		must(t, err)
		for _, o := range page.Objects {
			there = append(there, o.Key)
		}
	}
	if diff := cmp.Diff(want, there); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

// checkLeaves compares the months of 2026 that a table has.
func (w *world) checkLeaves(t *testing.T, table string, want []string) {
	t.Helper()
	rows, err := w.look.Pool.Query(t.Context(), "select right(relname, 6) from pg_class where relname like $1 and relkind = 'r' order by 1", table+`\_2026%`)
	must(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	got = slices.DeleteFunc(got, func(month string) bool { return month > "202606" })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("months of %s (-want +got):\n%s", table, diff)
	}
}
