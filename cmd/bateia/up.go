package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/cmd/internal/embedded"
	"github.com/bateia/bateia/cmd/internal/httpapi"
)

type upCommand struct {
	Listen  string `help:"Address of /healthz, /readyz, /metrics and /webhooks, such as 127.0.0.1:8080." placeholder:"HOST:PORT"`
	Workers int    `help:"Imports at once." default:"2" placeholder:"N"`
}

func (upCommand) Help() string {
	return `Runs a private Postgres, an S3-compatible server over a local folder, the migrations and a worker, all in one data directory and on the loopback interface only. Files dropped into s3://bateia/uploads/<account>/<list>/ are imported. Ctrl-C stops everything.

Examples:

  bateia up
  bateia up --data-dir /srv/bateia --listen 127.0.0.1:8080

The secret of the object store is not printed; “bateia config --show-secrets” does.`
}

// Run runs the stack until it is told to stop.
func (c upCommand) Run(s *session) error {
	if !s.config.Embedded() {
		return usage(errors.New("up runs its own Postgres and object store, but BATEIA_DATABASE_URL is set: use “bateia worker”"))
	}
	if c.Listen != "" {
		s.config.Listen = c.Listen
	}
	s.log = newLog(s.out.Err, s.config.LogLevel, slog.LevelInfo)
	o := app.Options{Role: embedded.RoleUp, OwnOnly: true, Log: s.log, Starting: func() {
		s.out.Notef("%s", s.words.Say("starting_stack", "dir", s.config.DataDir))
	}}
	a, err := app.Open(s.ctx, s.config, o)
	if errors.Is(err, embedded.ErrRunning) {
		return &exitError{exitFailed, errors.New(s.words.Say("already_up", "dir", s.config.DataDir))}
	}
	if err != nil {
		return err
	}
	err = serve(s, a, app.WorkerOptions{Workers: c.Workers, Version: programVersion()}, func() error { return s.announce(a) })
	closed := a.Close(s.ctx, nil)
	if err == nil && closed == nil {
		s.out.Notef("%s", s.words.Say("stopped"))
	}
	return joinExit(err, closed)
}

// serve works until the session ends, the stack fails or the HTTP server does.
func serve(s *session, a *app.App, o app.WorkerOptions, ready func() error) error {
	health, err := httpapi.Listen(s.ctx, s.config.Listen, a.DB, a, a.Store.Bucket(), a.Log)
	if err != nil {
		return err
	}
	s.config.Listen = health.Address() // with the port that the system chose
	if err := a.StartWorker(s.ctx, o); err != nil {
		return errors.Join(err, health.Close())
	}
	if err := ready(); err != nil {
		return errors.Join(err, health.Close())
	}
	group, ctx := errgroup.WithContext(s.ctx)
	group.Go(func() error { return health.Serve(ctx) })
	group.Go(func() error {
		if a.Stack == nil {
			<-ctx.Done()
			return nil
		}
		return a.Stack.Wait(ctx)
	})
	err = group.Wait()
	if s.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil // told to stop: that is how it ends
	}
	return err
}

// announce says where everything is.
func (s *session) announce(a *app.App) error {
	st := a.Stack.State
	if s.out.JSON {
		return s.out.Document(map[string]any{
			"pid": st.PID, "data_dir": a.Stack.Dir, "s3_endpoint": st.S3Endpoint, "s3_region": st.S3Region, "s3_bucket": st.S3Bucket,
			"s3_access_key_id": st.S3AccessKey, "drop": "s3://" + st.S3Bucket + "/uploads/default/", "folder": s.dropFolder(a), "listen": s.config.Listen,
		})
	}
	show := "bateia config --show-secrets"
	if s.flags.DataDir != "" {
		show += " --data-dir " + s.flags.DataDir
	}
	s.out.Printf("%s\n\n", s.words.Say("up_ready"))
	s.out.Table([]string{"", ""}, [][]string{
		{s.words.Say("up_drop"), "s3://" + st.S3Bucket + "/uploads/default/"},
		{s.words.Say("up_folder"), s.dropFolder(a)},
		{"BATEIA_S3_ENDPOINT", st.S3Endpoint},
		{"BATEIA_S3_REGION", st.S3Region},
		{"BATEIA_S3_BUCKET", st.S3Bucket},
		{"BATEIA_S3_ACCESS_KEY_ID", st.S3AccessKey},
		{s.words.Say("up_secrets"), show},
		{"BATEIA_LISTEN", s.config.Listen},
	})
	s.out.Printf("\n%s\n", s.words.Say("up_stop"))
	return nil
}

// dropFolder is where files may be copied to by hand.
func (s *session) dropFolder(a *app.App) string {
	return filepath.Join(a.Stack.Dir, "s3", a.Stack.S3Bucket, "uploads", "default")
}

type workerCommand struct {
	Listen  string `help:"Address of /healthz, /readyz, /metrics and /webhooks, such as :8080." placeholder:"HOST:PORT"`
	Workers int    `help:"Imports at once." default:"2" placeholder:"N"`
}

func (workerCommand) Help() string {
	return `Works on what is dropped into the bucket and on what others registered. Any number of workers on any number of machines share the work. SIGTERM stops it softly: running imports are finished or given back.

Example:

  BATEIA_DATABASE_URL=postgres://bateia_worker@db/bateia BATEIA_S3_BUCKET=leads bateia worker --listen :8080`
}

// Run works until it is told to stop.
func (c workerCommand) Run(s *session) error {
	if s.config.Embedded() {
		return usage(errors.New("a worker needs BATEIA_DATABASE_URL and BATEIA_S3_BUCKET; “bateia up” runs everything here"))
	}
	if c.Listen != "" {
		s.config.Listen = c.Listen
	}
	s.log = newLog(s.out.Err, s.config.LogLevel, slog.LevelInfo)
	a, err := app.Open(s.ctx, s.config, app.Options{Role: app.RoleWorker, Log: s.log})
	if err != nil {
		return err
	}
	probe := func() error {
		c, err := a.Store.Probe(s.ctx)
		for _, sentence := range c.Missing {
			s.log.Warn("object store", "missing", sentence)
		}
		s.log.Info("worker runs", "version", programVersion(), "bucket", a.Store.Bucket(), "listen", s.config.Listen)
		return err
	}
	err = serve(s, a, app.WorkerOptions{Workers: c.Workers, Version: programVersion()}, probe)
	return joinExit(err, a.Close(s.ctx, nil))
}
