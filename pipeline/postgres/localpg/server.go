package localpg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/bateia/bateia/pipeline"
)

// Server is a running Postgres that ends with the process that started it.
type Server struct {
	Endpoint
	// DataDir is where the server really lives: Options.DataDir, absolute, or
	// for root perhaps a folder below /var/lib/bateia.
	DataDir string
	// Version of the binaries that run, "15.18".
	Version string

	opts Options
	home *home
	proc *child

	stopping sync.Mutex // held by the one Stop that works
	dog      *watchdog  // nil where the kernel watches
}

// startTries bounds how often a start is tried again after a port was taken
// between finding and binding it, or after shared memory was still in use.
const startTries = 10

// Start runs a server on opts.DataDir and returns when it accepts connections.
// A missing cluster is made first. What a crash left behind is cleared: an
// orphaned server of this directory is stopped, a stale postmaster.pid removed.
//
// Errors: ErrInUse when a living process owns the directory, ErrNotFound
// without binaries, ErrVersion without binaries of the cluster's major version,
// ErrForeign for a folder with other things in it, else the server's own
// failure with the end of its log. When Start fails nothing is left running.
//
// ctx bounds the start only. The server ends by Stop or with this process.
func Start(ctx context.Context, opts Options) (*Server, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	h, err := locate(opts)
	if err != nil {
		return nil, err
	}
	if err := h.open(); err != nil {
		return nil, err
	}
	s, err := start(ctx, opts, h)
	if err != nil {
		h.close()
		return nil, err
	}
	return s, nil
}

// StartDetached runs a server that does not end with this process. Right
// before the server is started, detach may change its command: put a keeper
// before it, give it another standard input, edit the files of the cluster. The
// keeper runs as the server's user, ends the server, and owns the directory (for
// ErrInUse) for as long as it keeps descriptor 3 open, which the server must not
// inherit. dir is the folder of the server, which that user owns.
func StartDetached(ctx context.Context, opts Options, detach func(cmd *exec.Cmd, dir string) error) (Endpoint, error) {
	opts.detach = detach
	s, err := Start(ctx, opts)
	if err != nil {
		return Endpoint{}, err
	}
	s.home.lock.Close() // without giving it back: the keeper has it
	return s.Endpoint, nil
}

// start does Start in a locked home.
func start(ctx context.Context, opts Options, h *home) (*Server, error) {
	major, err := clusterMajor(h.data())
	if err != nil {
		return nil, err
	}
	bin, err := find(opts, h.who, major, opts.places())
	if err != nil {
		return nil, err
	}
	var creds credentials
	if major == 0 {
		opts.Log.InfoContext(ctx, "make postgres cluster", "dir", h.dir, "version", bin.Version)
		creds, err = h.initialize(ctx, bin, opts)
	} else {
		creds, err = readCredentials(h.data())
	}
	if err != nil {
		return nil, err
	}
	if err := h.configure(opts); err != nil {
		return nil, err
	}
	s := &Server{
		Endpoint: Endpoint{secret: []byte(creds.Secret)},
		DataDir:  h.dir, Version: bin.Version, opts: opts, home: h,
	}
	began := time.Now()
	if err := s.run(ctx, bin, creds); err != nil {
		return nil, err
	}
	if err := errors.Join(h.point(), h.sweep(ctx)); err != nil {
		return nil, errors.Join(err, s.Stop(ctx))
	}
	opts.Log.InfoContext(ctx, "postgres runs", "dir", h.dir, "version", bin.Version, "port", s.Port,
		"seconds", time.Since(began).Seconds())
	return s, nil
}

// run launches the server until it stands or fails for a reason of its own.
func (s *Server) run(ctx context.Context, bin Binaries, creds credentials) error {
	for try := 1; ; try++ {
		if err := endOrphans(ctx, s.home.data(), s.opts.Log); err != nil {
			return err
		}
		port, err := s.opts.freePort()
		if err != nil {
			return fmt.Errorf("find free port: %w", err)
		}
		logged, err := s.launch(ctx, bin, creds, port)
		if err == nil {
			s.Port = port
			return nil
		}
		again := strings.Contains(logged, "could not create any TCP/IP sockets") ||
			strings.Contains(logged, "shared memory block") && strings.Contains(logged, "still in use")
		if ctx.Err() != nil || !again || try == startTries {
			return broken("start postgres", err, logged)
		}
	}
}

// launch starts the server once and waits until it is ready. When it fails,
// the process is gone and the end of what it logged is returned.
func (s *Server) launch(ctx context.Context, bin Binaries, creds credentials, port int) (string, error) {
	log, since, err := s.home.openLog()
	if err != nil {
		return "", err
	}
	defer log.Close()
	cmd := exec.Command(bin.path("postgres"), "-D", s.home.data(), "-p", strconv.Itoa(port),
		"-c", "cluster_name="+creds.Cluster)
	cmd.Env, cmd.Dir = environment(bin), s.home.dir
	cmd.Stdout, cmd.Stderr = log, log
	watch := !hasDeathSignal || s.opts.pipeWatchdog
	cmd.SysProcAttr = childAttr(s.home.who)
	if watch {
		cmd.SysProcAttr = detachedAttr(s.home.who)
	}
	if s.opts.detach != nil {
		watch, cmd.SysProcAttr = false, detachedAttr(s.home.who)
		cmd.ExtraFiles = []*os.File{s.home.lock}
		if err := s.opts.detach(cmd, s.home.dir); err != nil {
			return "", err
		}
	}
	if s.proc, err = spawn(cmd); err != nil {
		return "", err
	}
	if watch {
		s.dog, err = startWatchdog(cmd.Process.Pid, s.home.who, s.home.dir)
	}
	if err == nil {
		err = s.ready(ctx, port)
	}
	if err != nil {
		// Nothing was written that a slow end could save.
		_ = cmd.Process.Signal(syscall.SIGQUIT) // an error means that it has ended
		<-s.proc.done
		s.dog.release()
		if s.opts.detach != nil { // it may outlive its keeper
			err = errors.Join(err, endOrphans(context.WithoutCancel(ctx), s.home.data(), s.opts.Log))
		}
		return said(log, since), err
	}
	return "", nil
}

// ready waits until our server, not another on the same port, says in its pid
// file that it accepts connections. No password is sent before that is known.
func (s *Server) ready(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.opts.StartTimeout,
		fmt.Errorf("not ready after %s", s.opts.StartTimeout))
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		p, err := readPIDFile(s.home.data())
		mine := p.pid == s.proc.cmd.Process.Pid || s.opts.detach != nil
		if err == nil && p.ready && p.port == port && mine {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.proc.done:
			return fmt.Errorf("server ended: %w", ended(s.proc.err))
		case <-tick.C:
		}
	}
}

func ended(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.proc.done }

// Alive reports whether the server runs.
func (s *Server) Alive() bool {
	select {
	case <-s.proc.done:
		return false
	default:
		return true
	}
}

// Stop ends the server and gives the data directory free: a fast shutdown
// (connections are cut, transactions rolled back, a checkpoint written), and
// when that takes longer than StopTimeout, or ctx ends, an immediate one, after
// which the next start recovers and Stop returns an error. The server is gone
// when Stop returns. A second Stop does nothing.
func (s *Server) Stop(ctx context.Context) error {
	s.stopping.Lock()
	defer s.stopping.Unlock()
	began := time.Now()
	alive := s.Alive()
	err := s.end(ctx)
	s.dog.release()
	s.dog = nil
	s.home.close()
	if alive {
		s.opts.Log.InfoContext(ctx, "postgres stopped", "dir", s.DataDir, "seconds", time.Since(began).Seconds())
	}
	return err
}

func (s *Server) end(ctx context.Context) error {
	var err error
	limit := time.NewTimer(s.opts.StopTimeout)
	defer limit.Stop()
	s.signal(syscall.SIGINT)
	select {
	case <-s.proc.done:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-limit.C:
		err = fmt.Errorf("fast shutdown took longer than %s", s.opts.StopTimeout)
	}
	s.signal(syscall.SIGQUIT)
	limit.Reset(10 * time.Second) // the postmaster kills its children after 5
	select {
	case <-s.proc.done:
	case <-limit.C:
		s.signal(syscall.SIGKILL)
		<-s.proc.done
	}
	return &pipeline.Error{Op: "stop postgres", Kind: pipeline.KindTransient, Err: err,
		Hint: "nothing is lost; the next start recovers what was committed"}
}

// signal has no error to report: it can only be that the process has ended.
func (s *Server) signal(sig os.Signal) { _ = s.proc.cmd.Process.Signal(sig) }

// Remove stops an orphaned server of a data directory and deletes everything
// that Start made for it. The error is ErrInUse while a living process owns it.
func Remove(ctx context.Context, dataDir string) error {
	opts := Options{DataDir: dataDir}.withDefaults()
	if err := opts.validate(); err != nil {
		return err
	}
	return remove(ctx, opts)
}

func remove(ctx context.Context, opts Options) error {
	h, err := locate(opts)
	if err != nil {
		return err
	}
	if exists(h.dir) {
		if err := h.open(); err != nil {
			return err
		}
		defer h.close()
		if err := h.removeAll(ctx); err != nil {
			return err
		}
	}
	if !h.moved() {
		return nil
	}
	if err := os.RemoveAll(h.wanted); err != nil {
		return fmt.Errorf("remove data directory: %w", err)
	}
	return nil
}

// freePort asks the system for a port nobody has. It may be taken before the
// server binds it; run tries again then.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}
