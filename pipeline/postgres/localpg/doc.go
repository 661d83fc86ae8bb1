// Package localpg runs a private Postgres server over the binaries found on the
// machine: for the embedded stack, which must come up on a laptop where nothing
// is configured, and for the tests.
//
// [Start] finds the binaries ([Find]), makes a cluster when there is none,
// starts it on a free port of the loopback interface and ties its life to the
// calling process:
//
//	srv, err := localpg.Start(ctx, localpg.Options{DataDir: ".bateia/postgres"})
//	if err != nil { … }
//	defer srv.Stop(context.WithoutCancel(ctx))
//	err = srv.EnsureDatabase(ctx, "bateia", "")
//	pool, err := pgxpool.New(ctx, srv.URL(localpg.Superuser, "bateia"))
//
// A data directory holds
//
//	data/              the cluster (PGDATA)
//	data/credentials.json  the secret all passwords are derived from, 0600
//	postgres.log       what the server says, without statements or values
//	lock               locked (flock) for as long as the owner lives
//
// and is 0700. Every login needs a password (scram-sha-256), unix sockets are
// off, so other users of the machine stay out.
//
// Postgres refuses to run as root. For root it runs as user postgres, or else
// nobody, and the data directory belongs to that user; see [Options].
//
// When the owner dies, however it dies, the server shuts down: through the
// parent-death signal on Linux, through a pipe and a watching shell elsewhere.
// What a crash leaves behind (a postmaster.pid, a server that is still going
// down, backends that outlived their postmaster) is cleared by the next Start.
package localpg
