package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
)

// ScanLease is how long the claim on a scan holds without being renewed. It is
// shorter than that of imports, because nothing else finds new drops.
const ScanLease = 20 * time.Second

//go:embed sql/scan_claim.sql
var scanClaimSQL string

//go:embed sql/scan_finish.sql
var scanFinishSQL string

// Scan is the right to scan a bucket.
type Scan struct {
	Bucket string
	Epoch  int64
}

// ClaimScan takes the scan of a bucket when it is due and nobody is at it.
// ErrNotOwed otherwise.
func (db *DB) ClaimScan(ctx context.Context, bucket string) (Scan, error) {
	s := Scan{Bucket: bucket}
	if _, err := db.Pool.Exec(ctx, "insert into bateia.scans (bucket) values ($1) on conflict do nothing", bucket); err != nil {
		return s, StripDetail(fmt.Errorf("claim scan: %w", err))
	}
	err := db.Pool.QueryRow(ctx, scanClaimSQL, bucket, ScanLease).Scan(&s.Epoch)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return s, fmt.Errorf("claim scan: %w", ErrNotOwed)
	case err != nil:
		return s, StripDetail(fmt.Errorf("claim scan: %w", err))
	}
	return s, nil
}

// RenewScan pushes the end of the lease on. Error of kind fenced when another
// worker took over.
func (db *DB) RenewScan(ctx context.Context, s Scan) error {
	tag, err := db.Pool.Exec(ctx, "update bateia.scans set lease_until = clock_timestamp() + $3::interval where bucket = $1 and epoch = $2", s.Bucket, s.Epoch, ScanLease)
	if err != nil {
		return StripDetail(fmt.Errorf("renew scan: %w", err))
	}
	if tag.RowsAffected() == 0 {
		return &pipeline.Error{Op: "renew scan", Kind: pipeline.KindFenced, Err: errors.New("another worker took over")}
	}
	return nil
}

// FinishScan records a scan over so many objects, or one that broke when objects
// is negative. The next one is due after every, and no sooner than ten times as
// long as this one took, so that a bucket full of kept objects is not scanned
// all the time.
func (db *DB) FinishScan(ctx context.Context, s Scan, objects int64, every time.Duration) error {
	if _, err := db.Pool.Exec(ctx, scanFinishSQL, s.Bucket, s.Epoch, objects, every); err != nil {
		return StripDetail(fmt.Errorf("finish scan: %w", err))
	}
	return nil
}
