package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
)

func TestScanTakesTurns(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	first, err := db.ClaimScan(ctx, "b")
	must(t, err)
	if _, err := db.ClaimScan(ctx, "b"); !errors.Is(err, postgres.ErrNotOwed) {
		t.Errorf("two scan at once: %v", err)
	}
	must(t, db.RenewScan(ctx, first))
	exec := func(sql string) {
		t.Helper()
		_, err := db.Pool.Exec(ctx, sql)
		must(t, err)
	}
	exec("update scans set lease_until = now() - interval '1 second'")
	second, err := db.ClaimScan(ctx, "b")
	must(t, err)
	if err := db.RenewScan(ctx, first); pipeline.KindOf(err) != pipeline.KindFenced {
		t.Errorf("the scan that was taken over renews: %v", err)
	}

	// A scan of three seconds is followed by half a minute of rest.
	exec("update scans set started_at = clock_timestamp() - interval '3 seconds'")
	must(t, db.FinishScan(ctx, second, 1000, 2*time.Second))
	var rest float64
	must(t, db.Pool.QueryRow(ctx, "select extract(epoch from next_at - finished_at) from scans where objects = 1000").Scan(&rest))
	if rest < 30 || rest > 35 {
		t.Errorf("next scan after %v s", rest)
	}
	if _, err := db.ClaimScan(ctx, "b"); !errors.Is(err, postgres.ErrNotOwed) {
		t.Errorf("scan before its time: %v", err)
	}
}
