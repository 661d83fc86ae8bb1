package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// fileLock is an open file with a flock on it. The lock belongs to the open
// file, so two locks of one process on one path exclude each other too.
type fileLock struct{ file *os.File }

// tryLock takes the lock of a path, made when absent, and returns nil when
// somebody else has it.
func tryLock(path string, how int) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	switch err := flock(f, how|syscall.LOCK_NB); {
	case err == nil:
		return &fileLock{f}, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		f.Close()
		return nil, nil
	default:
		f.Close()
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
}

// flock goes on after a signal.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// release gives the lock back.
func (l *fileLock) release() {
	if l != nil && l.file != nil {
		l.file.Close() // what was written is of use only while the lock is held
		l.file = nil
	}
}

// write replaces the file's content.
func (l *fileLock) write(text string) error {
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	if _, err := l.file.WriteAt([]byte(text), 0); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	return nil
}

// readLock returns what the owner wrote, "" when there is nothing.
func readLock(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read lock: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return "", fmt.Errorf("read lock: %w", err)
	}
	return string(b), nil
}

// waitLock takes the exclusive lock as soon as nobody else has any. waiting is
// called once when that is not at once. The error is the context's.
func waitLock(ctx context.Context, path string, waiting func()) (*fileLock, error) {
	l, err := tryLock(path, syscall.LOCK_EX)
	if l != nil || err != nil {
		return l, err
	}
	if waiting != nil {
		waiting()
	}
	// flock(2) waits without regard to contexts, so it gets a goroutine of its
	// own; when ctx ends first, that one lets go of the lock as soon as it has it.
	type answer struct {
		lock *fileLock
		err  error
	}
	done := make(chan answer)
	go func() {
		f, err := os.OpenFile(path, os.O_RDWR|syscall.O_CLOEXEC, 0o600)
		if err == nil {
			err = flock(f, syscall.LOCK_EX)
		}
		a := answer{&fileLock{f}, err}
		select {
		case done <- a:
		case <-ctx.Done():
			a.lock.release()
		}
	}()
	select {
	case a := <-done:
		if a.err != nil {
			a.lock.release()
			return nil, fmt.Errorf("lock data directory: %w", a.err)
		}
		return a.lock, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
