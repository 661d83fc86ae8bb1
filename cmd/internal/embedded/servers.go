package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/bateia/bateia/pipeline/objstore/locals3"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/localpg"
)

const (
	database = "bateia"
	bucket   = "bateia"
	region   = "us-east-1"
)

// stopTimeout bounds the shutdown of Postgres; after it the next start recovers.
const stopTimeout = 30 * time.Second

// servers are what an owner runs.
type servers struct {
	pg *localpg.Server
	s3 *locals3.Server
}

// startServers fills the stack's State.
func startServers(ctx context.Context, s *Stack, log *slog.Logger) (_ *servers, err error) {
	run := &servers{}
	defer func() {
		if err != nil {
			err = errors.Join(err, run.stop())
		}
	}()
	if err := run.startStore(ctx, s, log); err != nil {
		return nil, err
	}
	run.pg, err = localpg.Start(ctx, localpg.Options{
		DataDir: postgresDir(s.Dir), Log: log,
		// npm unpacks the binaries here when the machine has no other ones.
		CacheDir: filepath.Join(filepath.Dir(s.Dir), ".cache"),
	})
	if err != nil {
		return nil, err
	}
	if err := run.pg.EnsureDatabase(ctx, database, ""); err != nil {
		return nil, postgres.StripDetail(err)
	}
	s.AdminURL = run.pg.URL(localpg.Superuser, database)
	s.WorkerURL = run.pg.URL(postgres.RoleWorker, database)
	return run, postgres.Migrate(ctx, s.AdminURL, postgres.MigrateOptions{
		WorkerPassword: run.pg.Password(postgres.RoleWorker), Log: log,
	})
}

func (r *servers) startStore(ctx context.Context, s *Stack, log *slog.Logger) error {
	var k keys
	path := filepath.Join(s.Dir, keysName)
	if _, err := readJSON(path, &k); err != nil {
		return err
	}
	port := k.S3Port
	if k.S3AccessKey == "" || k.S3SecretKey == "" {
		k.S3AccessKey, k.S3SecretKey = locals3.RandomKeys()
	}
	o := locals3.Options{
		Root: filepath.Join(s.Dir, "s3"), SidecarDir: filepath.Join(s.Dir, "s3-meta"), Port: port,
		AccessKey: k.S3AccessKey, SecretKey: k.S3SecretKey, Region: region, Buckets: []string{bucket},
		Logger: log, OnEvent: s.objectEvent,
	}
	var err error
	if r.s3, err = locals3.Start(ctx, o); errors.Is(err, syscall.EADDRINUSE) && port != 0 {
		o.Port = 0 // somebody else has it by now
		r.s3, err = locals3.Start(ctx, o)
	}
	if err != nil {
		return err
	}
	s.S3Endpoint, s.S3Region, s.S3Bucket = r.s3.Endpoint(), region, bucket
	s.S3AccessKey, s.S3SecretKey = k.S3AccessKey, k.S3SecretKey
	if k.S3Port, err = portOf(s.S3Endpoint); err != nil {
		return err
	}
	return writeJSON(path, k)
}

func portOf(endpoint string) (int, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return 0, fmt.Errorf("read port of object store: %w", err)
	}
	return strconv.Atoi(u.Port())
}

// objectEvent hands on what was put; removals are of no interest.
func (s *Stack) objectEvent(name, key, event string) {
	if name != bucket || !strings.HasPrefix(event, "s3:ObjectCreated:") {
		return
	}
	if call := s.onObject.Load(); call != nil {
		(*call)(key)
	}
}

// Wait returns nil when ctx ends, and an error when one of the owner's servers
// ends by itself before that.
func (s *Stack) Wait(ctx context.Context) error {
	if !s.Owner {
		<-ctx.Done()
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.servers.pg.Done():
		return errors.New("the private Postgres ended; see postgres.log in its data directory")
	case <-s.servers.s3.Done():
		return errors.New("the local object store ended")
	}
}

func (r *servers) stop() error {
	if r == nil {
		return nil
	}
	var err error
	if r.s3 != nil {
		err = r.s3.Stop()
	}
	if r.pg != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		err = errors.Join(err, r.pg.Stop(ctx))
	}
	return err
}
