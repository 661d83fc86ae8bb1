package postgres_test

import (
	"context"
	"testing"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

// setup gives a migrated database of its own, opened as the worker.
func setup(t *testing.T) (*postgres.DB, *postgrestest.DB) {
	t.Helper()
	own := postgrestest.New(t, "migrated", migrated)
	db, err := postgres.Open(t.Context(), own.URL(postgres.RoleWorker))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db, own
}

func migrated(ctx context.Context, adminURL string) error {
	return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
}
