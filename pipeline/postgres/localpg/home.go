package localpg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Names in a home.
const (
	clusterDir   = "data"     // PGDATA
	unfinished   = "data.new" // a cluster that initdb has not finished
	logFile      = "postgres.log"
	lockFile     = "lock"
	locationFile = "location" // in the wanted folder, when the home is elsewhere
	wantedFile   = "wanted"   // in such a home, the way back
)

// home is the folder a server lives in, locked by its owner.
type home struct {
	dir    string
	wanted string // what the options asked for; another folder than dir for root only
	who    *account
	lock   *os.File
}

func (h *home) path(name string) string { return filepath.Join(h.dir, name) }
func (h *home) data() string            { return h.path(clusterDir) }
func (h *home) moved() bool             { return h.dir != h.wanted }

// locate finds where the server of a wanted folder lives and as whom it runs.
// It makes nothing.
func locate(opts Options) (*home, error) {
	wanted, err := realPath(opts.DataDir)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	h := &home{dir: wanted, wanted: wanted}
	if h.who, err = accountOf(wanted); err != nil {
		return nil, err
	}
	pointed, err := readLocation(wanted)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	blocked := h.who.blockedAt(filepath.Dir(wanted))
	if pointed == "" && blocked == "" {
		return h, nil
	}
	if blocked != "" && exists(h.data()) {
		return nil, foreign(wanted, fmt.Sprintf("user %s, who owns its cluster, cannot traverse %s", h.who.name, blocked),
			"let others traverse that folder again (chmod o+x)")
	}
	h.dir = pointed
	if pointed == "" {
		sum := sha256.Sum256([]byte(wanted))
		h.dir = opts.shared(hex.EncodeToString(sum[:8]))
	}
	h.who, err = accountOf(h.dir)
	return h, err
}

// realPath resolves the symlinks of the part of dir that exists.
func realPath(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	rest := ""
	for d := dir; ; d = filepath.Dir(d) {
		real, err := filepath.EvalSymlinks(d)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(d) == d {
			return "", err
		}
		rest = filepath.Join(filepath.Base(d), rest)
	}
}

func readLocation(wanted string) (string, error) {
	b, err := os.ReadFile(filepath.Join(wanted, locationFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	dir := strings.TrimSpace(string(b))
	if !filepath.IsAbs(dir) {
		return "", fmt.Errorf("%s names no folder", filepath.Join(wanted, locationFile))
	}
	return dir, nil
}

// open makes the home when it is missing and takes its lock. The lock ends
// with the process, however it ends, so it says whether an owner lives.
func (h *home) open() error {
	if err := os.MkdirAll(filepath.Dir(h.dir), 0o755); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	// A strict umask makes the new folders too narrow for the server's user.
	if blocked := h.who.blockedAt(filepath.Dir(h.dir)); blocked != "" {
		return foreign(h.dir, fmt.Sprintf("user %s cannot traverse %s", h.who.name, blocked),
			"let others traverse that folder (chmod o+x)")
	}
	switch err := os.Mkdir(h.dir, 0o700); {
	case err == nil:
	case !errors.Is(err, fs.ErrExist):
		return fmt.Errorf("make data directory: %w", err)
	default:
		if err := h.checkOwn(); err != nil {
			return err
		}
	}
	if err := h.who.give(h.dir); err != nil {
		return err
	}
	if err := os.Chmod(h.dir, 0o700); err != nil {
		return fmt.Errorf("close data directory to others: %w", err)
	}
	if err := h.takeLock(); err != nil {
		return err
	}
	return h.settle()
}

// takeLock makes the caller the owner, or returns ErrInUse.
func (h *home) takeLock() error {
	lock, err := openOwn(h.path(lockFile), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return fmt.Errorf("lock data directory: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return inUse(h.dir)
		}
		return fmt.Errorf("lock data directory: %w", err)
	}
	h.lock = lock
	return nil
}

func (h *home) close() {
	if h.lock != nil {
		// Closing alone would leave the lock to a child that another goroutine
		// has just forked and that has not executed its program yet.
		_ = syscall.Flock(int(h.lock.Fd()), syscall.LOCK_UN)
		h.lock.Close()
		h.lock = nil
	}
}

// checkOwn refuses an existing folder with anything in it but a home: it is
// about to change owner and mode.
func (h *home) checkOwn() error {
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return fmt.Errorf("open data directory: %w", err)
	}
	for _, e := range entries {
		switch e.Name() {
		case clusterDir, unfinished, logFile, logFile + ".1", lockFile, locationFile, wantedFile, pwFile:
		default:
			return foreign(h.dir, "it is not empty and "+e.Name()+" is not the server's", "choose an empty folder")
		}
	}
	return nil
}

// settle keeps the wanted folder and a home elsewhere in step. When the wanted
// folder has lost the file that names the home, someone removed it, and means
// to begin anew: the cluster is set aside in <home>.old, where one is kept.
func (h *home) settle() error {
	if !h.moved() || exists(filepath.Join(h.wanted, locationFile)) || !exists(h.data()) {
		return nil
	}
	if err := endOrphans(context.Background(), h.data(), nil); err != nil {
		return err
	}
	old := h.dir + ".old"
	if err := os.RemoveAll(old); err != nil {
		return fmt.Errorf("set old cluster aside: %w", err)
	}
	if err := os.Rename(h.data(), old); err != nil {
		return fmt.Errorf("set old cluster aside: %w", err)
	}
	return nil
}

// point writes into the wanted folder where the home is, and into the home whose
// it is.
func (h *home) point() error {
	if !h.moved() {
		return nil
	}
	if err := os.MkdirAll(h.wanted, 0o700); err != nil {
		return fmt.Errorf("note data directory: %w", err)
	}
	if err := os.WriteFile(filepath.Join(h.wanted, locationFile), []byte(h.dir+"\n"), 0o600); err != nil {
		return fmt.Errorf("note data directory: %w", err)
	}
	if err := h.write(h.path(wantedFile), []byte(h.wanted+"\n")); err != nil {
		return fmt.Errorf("note data directory: %w", err)
	}
	return nil
}

// sweep deletes the homes beside this one whose wanted folder was a temporary
// one and is gone: of tests and trials, whose end nobody told us. Other homes
// stay, since a folder that is not there may only be not mounted.
func (h *home) sweep(ctx context.Context) error {
	if !h.moved() {
		return nil
	}
	notes, err := filepath.Glob(filepath.Join(filepath.Dir(h.dir), "*", wantedFile))
	if err != nil {
		return fmt.Errorf("clear old homes: %w", err)
	}
	for _, note := range notes {
		old := &home{dir: filepath.Dir(note), who: h.who}
		b, err := os.ReadFile(note)
		if err != nil || old.dir == h.dir {
			continue // somebody else clears it
		}
		old.wanted = strings.TrimSpace(string(b))
		if !temporary(old.wanted) || exists(old.wanted) {
			continue
		}
		switch err := old.takeLock(); {
		case errors.Is(err, ErrInUse), errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		}
		err = old.removeAll(ctx)
		old.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// temporary reports whether path lies below a folder for temporary files.
func temporary(path string) bool {
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) && rel != "." {
			return true
		}
	}
	return false
}

// removeAll stops an orphaned server of a locked home and deletes the home.
func (h *home) removeAll(ctx context.Context) error {
	// Without credentials an earlier removal was cut off.
	if exists(filepath.Join(h.data(), credentialsFile)) {
		if err := endOrphans(ctx, h.data(), nil); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(h.dir); err != nil {
		return fmt.Errorf("remove data directory: %w", err)
	}
	if h.moved() {
		if err := os.RemoveAll(h.dir + ".old"); err != nil {
			return fmt.Errorf("remove data directory: %w", err)
		}
	}
	return nil
}

// openOwn opens a file of a home. The home may belong to another user than the
// caller (root), so a symlink in it is not followed.
func openOwn(path string, flags int) (*os.File, error) {
	return os.OpenFile(path, flags|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0o600)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
