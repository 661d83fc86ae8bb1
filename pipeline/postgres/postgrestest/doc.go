// Package postgrestest gives every test a Postgres database of its own, cloned
// in some tens of milliseconds from a template that is prepared once:
//
//	db := postgrestest.New(t, "migrated", func(ctx context.Context, adminURL string) error {
//		return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
//	})
//	pool, err := pgxpool.New(t.Context(), db.URL("bateia_worker"))
//
// All test binaries of a user share one server (see [localpg]): go test runs
// the packages in several processes, and one server started once is cheaper
// than ten. The first binary that asks starts it; every binary holds the
// writing end of a named pipe open for as long as it lives, so the kernel
// itself says when the last one is gone, however it went. A keeper, a small
// shell script that reads the other end, waits a few seconds for the next
// package, stops the server and deletes its data. What stays is a folder with a
// lock in the temporary directory.
//
// The server gives up durability (fsync off) and autovacuum for speed, and lies
// in memory (/dev/shm) where there is room.
//
// Roles belong to the server, so tests of several packages see the same ones:
// a test that alters or drops the roles of the project needs a server of its
// own from package localpg. On this server those roles log in without looking
// at the password, so that no test can lock out another one by setting it.
package postgrestest
