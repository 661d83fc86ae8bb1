package stages_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

// setup returns a migrated database of its own, entered as the worker.
func setup(t testing.TB) *bench {
	t.Helper()
	const password = "worker"
	ctx := context.Background()
	d := postgrestest.New(t, "migrated", func(ctx context.Context, ownerURL string) error {
		return postgres.Migrate(ctx, ownerURL, postgres.MigrateOptions{WorkerPassword: password})
	})
	db, err := postgres.Open(ctx, d.URL(postgres.RoleWorker))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return &bench{db: db}
}

// reset empties the account's state and history.
func (b *bench) reset(ctx context.Context) error {
	return b.db.InAccount(ctx, 1, func(tx pgx.Tx) error {
		for _, table := range []string{"aliases", "merges", "identities", "prospects", "leads", "row_outcomes", "issues", "before_images"} {
			if _, err := tx.Exec(ctx, "delete from "+table); err != nil {
				return err
			}
		}
		return nil
	})
}

// tempDir returns a folder that goes with the test. Unlike TempDir it may be
// asked for by hundreds of property cases of one test.
func tempDir(t testing.TB) (string, error) {
	dir, err := os.MkdirTemp(t.TempDir(), "run")
	return dir, err
}
