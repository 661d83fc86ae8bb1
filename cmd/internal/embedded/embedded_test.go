package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
)

// open opens a stack for the test; the object store runs once per process, so
// the tests of this package that start one do not run in parallel.
func open(t *testing.T, o Options) *Stack {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) // a second Close says nothing new
	return s
}

// folder names a data directory that is removed at the end: for root, Postgres
// keeps a part of it elsewhere.
func folder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	t.Cleanup(func() {
		if err := Remove(context.Background(), dir); err != nil {
			t.Errorf("remove data directory: %v", err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Error("the data directory is still there")
		}
	})
	return dir
}

func TestOneOwnerOthersAttach(t *testing.T) {
	dir := folder(t)
	if state, err := Look(dir); state != nil || err != nil {
		t.Fatalf("Look at nothing = %v, %v", state, err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir, AttachOnly: true}); !errors.Is(err, ErrNotRunning) {
		t.Fatalf("attach to nothing: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("looking for a stack made its folder")
	}
	owner := open(t, Options{Dir: dir, Role: RoleUp})
	if !owner.Owner {
		t.Fatal("the first process does not own the stack")
	}
	put := make(chan string, 1)
	owner.OnObject(func(key string) { put <- key })

	if _, err := Open(t.Context(), Options{Dir: dir, OwnOnly: true}); !errors.Is(err, ErrRunning) {
		t.Errorf("a second owner: %v", err)
	}
	if err := Remove(t.Context(), dir); !errors.Is(err, ErrRunning) {
		t.Errorf("remove a running stack: %v", err)
	}
	user := open(t, Options{Dir: dir, Role: "imports"})
	if user.Owner || user.Role != RoleUp || user.WorkerURL != owner.WorkerURL {
		t.Errorf("attached stack: owner %v, role %q", user.Owner, user.Role)
	}
	db, err := postgres.Open(t.Context(), user.WorkerURL)
	if err != nil {
		t.Fatal(err)
	}
	var role string
	if err := db.Pool.QueryRow(t.Context(), "select current_user").Scan(&role); err != nil || role != postgres.RoleWorker {
		t.Errorf("the worker's role is %q, %v", role, err)
	}
	db.Close()
	store, err := objstore.Open(t.Context(), user.S3())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), "uploads/default/a.csv", strings.NewReader("x"), objstore.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	if key := <-put; key != "uploads/default/a.csv" {
		t.Errorf("the owner heard of %q", key)
	}

	waited := make(chan struct{})
	ended := make(chan error)
	go func() {
		err := owner.WaitForUsers(t.Context(), func() { close(waited) })
		ended <- errors.Join(err, owner.Close())
	}()
	<-waited
	select {
	case err := <-ended:
		t.Fatalf("the owner did not wait for its user: %v", err)
	default:
	}
	if err := user.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if state, err := Look(dir); state != nil || err != nil {
		t.Errorf("Look after the end = %v, %v", state, err)
	}
}

func TestDataAndKeysSurviveARestart(t *testing.T) {
	dir := folder(t)
	first := open(t, Options{Dir: dir, Role: "import"})
	before := first.State
	store, err := objstore.Open(t.Context(), first.S3())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), "uploads/a", strings.NewReader("kept"), objstore.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	checkModes(t, dir)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	// What a crash leaves: a state file and a lock file that nobody holds.
	if err := writeJSON(filepath.Join(dir, stateName), before); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte(before.Start), 0o600); err != nil {
		t.Fatal(err)
	}
	if state, err := Look(dir); state != nil || err != nil {
		t.Errorf("Look after a crash = %v, %v", state, err)
	}
	second := open(t, Options{Dir: dir, Role: "import"})
	if !second.Owner || second.S3SecretKey != before.S3SecretKey || second.S3Endpoint != before.S3Endpoint {
		t.Errorf("after a restart: owner %v, same secret %v, endpoint %s, was %s", second.Owner,
			second.S3SecretKey == before.S3SecretKey, second.S3Endpoint, before.S3Endpoint)
	}
	store, err = objstore.Open(t.Context(), second.S3())
	if err != nil {
		t.Fatal(err)
	}
	if obj, err := store.Head(t.Context(), "uploads/a", ""); err != nil || obj.Size != 4 {
		t.Errorf("object after a restart: %+v, %v", obj, err)
	}
}

// checkModes looks for anything in the data directory that others may read.
func checkModes(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data directory: mode %v, %v", info.Mode(), err)
	}
	for _, name := range []string{stateName, keysName, lockName, usersName} {
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) && name == usersName {
			continue
		}
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
}

func TestWaitLockEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "users")
	held, err := tryLock(path, syscall.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := waitLock(ctx, path, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("waitLock with a canceled context: %v", err)
	}
	held.release()
	// The abandoned wait lets go of the lock as soon as it has it.
	again, err := waitLock(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	again.release()
}

func TestForeignFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "other files") {
		t.Errorf("Open of a folder with other things: %v", err)
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the folder's mode became %v, %v", info.Mode(), err)
	}
}
