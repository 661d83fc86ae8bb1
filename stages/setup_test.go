package stages_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
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
	b := &bench{db: db}
	t.Cleanup(b.close)
	return b
}

// close gives back the worksets of the plans made so far: properties make
// thousands.
func (b *bench) close() {
	for _, w := range b.open {
		w.Close()
	}
	b.open = nil
}

// register writes the import as the job does: applied, with what was asked.
func register(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	o := run.Source
	if o.Kind == "" {
		o.Kind = "upload"
	}
	request, err := json.Marshal(run.Request)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
insert into sources (account_id, kind, system, name, instance) values ($1, $2, $3, $4, $5) on conflict do nothing`,
		run.Account.ID, o.Kind, o.System, o.Name, o.Instance)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
with place as (update accounts set applied_no = applied_no + 1 where account_id = $1 returning applied_no)
insert into imports (account_id, import_id, applied_no, source_id, list, request, state, rank)
select $1, $2, (select applied_no from place), source_id, $7, $8, 'applied', $9 from sources where account_id = $1 and kind = $3 and system = $4 and name = $5 and instance = $6`,
		run.Account.ID, int64(run.ImportID), o.Kind, o.System, o.Name, o.Instance, run.Request.Mapping.List, string(request),
		run.Account.Settings.Rank(o.Kind))
	return err
}

// tempDir returns a folder that goes with the test. Unlike TempDir it may be
// asked for by hundreds of property cases of one test.
func tempDir(t testing.TB) (string, error) {
	dir, err := os.MkdirTemp(t.TempDir(), "run")
	return dir, err
}
