package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/bateia/bateia/pipeline/postgres/localpg"
)

// Names in a data directory.
const (
	lockName  = "lock"
	usersName = "users"
	stateName = "state.json"
	keysName  = "keys.json"
)

// ErrRunning: another process owns the data directory.
var ErrRunning = errors.New("the stack in this data directory is running already")

// ErrNotRunning: nobody owns the data directory.
var ErrNotRunning = errors.New("no stack is running in this data directory")

// RoleUp is the role of an owner that stays until it is told to stop.
const RoleUp = "up"

// pollEvery is how often an attaching process looks whether the owner is ready.
const pollEvery = 50 * time.Millisecond

// Options say which stack is wanted.
type Options struct {
	Dir  string
	Role string // RoleUp or the name of the command
	// OwnOnly fails with ErrRunning instead of attaching.
	OwnOnly bool
	// AttachOnly fails with ErrNotRunning instead of starting.
	AttachOnly bool
	// Starting is called when the stack is about to be started. May be nil.
	Starting func()
	Log      *slog.Logger
}

// Stack is a running stack, owned or attached to.
type Stack struct {
	State
	// Owner says that this process runs it.
	Owner bool
	// Dir is the data directory.
	Dir string

	lock     *fileLock // owner
	users    *fileLock // attached
	servers  *servers  // owner
	onObject *atomic.Pointer[func(key string)]
	closing  sync.Once
	closeErr error
}

// Scratch is where worksets of running imports lie.
func (s *Stack) Scratch() string { return filepath.Join(s.Dir, "scratch") }

// OnObject sets what is called, on one goroutine, with the key of every object
// put into the bucket from now on. Only the owner hears of them.
func (s *Stack) OnObject(call func(key string)) {
	if s.onObject != nil {
		s.onObject.Store(&call)
	}
}

// Open starts the stack of a data directory, or attaches to it when another
// process runs it. While another process starts or stops it, Open waits. ctx
// bounds the start. Close must be called.
func Open(ctx context.Context, o Options) (*Stack, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	if o.AttachOnly {
		if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
			return nil, ErrNotRunning
		}
	}
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	for {
		lock, err := tryLock(filepath.Join(dir, lockName), syscall.LOCK_EX)
		switch {
		case err != nil:
			return nil, err
		case lock != nil && o.AttachOnly:
			lock.release()
			return nil, ErrNotRunning
		case lock != nil:
			if o.Starting != nil {
				o.Starting()
			}
			return start(ctx, dir, lock, o)
		case o.OwnOnly:
			return nil, ErrRunning
		}
		s, err := attach(dir)
		if s != nil || err != nil {
			return s, err
		}
		wait := time.NewTimer(pollEvery)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return nil, fmt.Errorf("wait for the stack in %s: %w", o.Dir, ctx.Err())
		}
	}
}

// makeDir makes the data directory. It holds credentials and people's data, so
// nobody else may look into it.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if info.Mode().Perm() == 0o700 {
		return nil
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
			return fmt.Errorf("make data directory: %s holds other files; name an empty folder with --data-dir", dir)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("close data directory to others: %w", err)
	}
	return nil
}

// attach returns nil and no error when the owner is not ready, or on its way out.
func attach(dir string) (*Stack, error) {
	users, err := tryLock(filepath.Join(dir, usersName), syscall.LOCK_SH)
	if users == nil || err != nil {
		return nil, err
	}
	// From here on the owner waits for us before it stops.
	state, err := readState(dir)
	if err != nil || state == nil || !state.answers() {
		users.release()
		return nil, err
	}
	return &Stack{State: *state, Dir: dir, users: users}, nil
}

// readState returns the state of the start that holds the lock, nil when it has
// written none.
func readState(dir string) (*State, error) {
	start, err := readLock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	var state State
	found, err := readJSON(filepath.Join(dir, stateName), &state)
	if err != nil || !found || start == "" || state.Start != start {
		return nil, err
	}
	return &state, nil
}

// start runs the servers; the lock is ours.
func start(ctx context.Context, dir string, lock *fileLock, o Options) (_ *Stack, err error) {
	s := &Stack{Owner: true, Dir: dir, lock: lock, onObject: &atomic.Pointer[func(string)]{}}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	s.Start, s.PID, s.Role = rand.Text(), os.Getpid(), o.Role
	if err := lock.write(s.Start); err != nil {
		return nil, err
	}
	// Worksets of a crashed owner serve nobody: every attempt makes its own.
	if err := os.RemoveAll(s.Scratch()); err != nil {
		return nil, fmt.Errorf("clear scratch: %w", err)
	}
	for _, name := range []string{s.Scratch(), filepath.Join(dir, "logs")} {
		if err := os.MkdirAll(name, 0o700); err != nil {
			return nil, fmt.Errorf("make data directory: %w", err)
		}
	}
	if s.servers, err = startServers(ctx, s, o.Log); err != nil {
		return nil, err
	}
	s.StartedAt = time.Now().UTC()
	return s, writeJSON(filepath.Join(dir, stateName), s.State)
}

// WaitForUsers returns when no other process uses the stack any more, and keeps
// new ones out from then on; Close must follow. waiting is called when that is
// not at once. The error is the context's. For an attached stack it returns at
// once.
func (s *Stack) WaitForUsers(ctx context.Context, waiting func()) error {
	if !s.Owner || s.users != nil {
		return nil
	}
	users, err := waitLock(ctx, filepath.Join(s.Dir, usersName), waiting)
	s.users = users
	return err
}

// Close detaches, or stops the servers. It is quick for the owner too: whoever
// still uses the stack loses it, see WaitForUsers.
func (s *Stack) Close() error {
	s.closing.Do(func() { s.closeErr = s.stop() })
	return s.closeErr
}

func (s *Stack) stop() error {
	var err error
	if s.Owner {
		err = s.servers.stop()
		if failed := os.Remove(filepath.Join(s.Dir, stateName)); failed != nil && !errors.Is(failed, os.ErrNotExist) {
			err = errors.Join(err, failed)
		}
		if failed := s.lock.write(""); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	s.users.release()
	s.lock.release()
	return err
}

// Look returns the state of the running stack of a data directory, nil when
// none runs. It takes no lock and makes nothing.
func Look(dir string) (*State, error) {
	if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
		return nil, nil
	}
	state, err := readState(dir)
	if state == nil || err != nil || !state.answers() {
		return nil, err
	}
	return state, nil
}

// HasWorker reports whether the owner runs a worker for as long as it lives.
func (s *Stack) HasWorker() bool { return s.Role == RoleUp }

// Remove deletes a data directory and whatever Postgres keeps of it elsewhere.
// ErrRunning while it is in use; nothing to remove is no error.
func Remove(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := tryLock(filepath.Join(dir, lockName), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	if lock == nil {
		return ErrRunning
	}
	defer lock.release()
	if err := localpg.Remove(ctx, postgresDir(dir)); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove data directory: %w", err)
	}
	return nil
}

// postgresDir is where Postgres is asked to live.
func postgresDir(dir string) string { return filepath.Join(dir, "postgres") }
