package postgrestest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// moduleRoot is the nearest folder upwards with a go.mod, "" without one: go
// test runs a binary in its package's folder.
var moduleRoot = sync.OnceValue(func() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
})

// repoCache is where scripts/ensure-postgres.sh lets npm unpack Postgres.
func repoCache() string {
	if moduleRoot() == "" {
		return ""
	}
	return filepath.Join(moduleRoot(), ".cache")
}

// sourceHash stands for everything a prepare function may do: migrations, the
// code that runs them, the versions of the modules. A server outlives a test
// run by some seconds, in which somebody may have edited a migration; its
// templates are then not those of the new run.
var sourceHash = sync.OnceValue(func() string {
	h := sha256.New()
	add := func(path string) error {
		b, err := os.ReadFile(path)
		if err == nil {
			fmt.Fprintf(h, "%s %d\n", path, len(b))
			h.Write(b)
		}
		return err
	}
	root := moduleRoot()
	if root == "" {
		// Outside of the repository the binary is all there is.
		self, err := os.Executable()
		if err == nil {
			err = add(self)
		}
		return hashOr(h.Sum(nil), err)
	}
	err := add(filepath.Join(root, "go.sum"))
	for _, dir := range []string{"schemas", filepath.Join("pipeline", "postgres")} {
		if err != nil {
			break
		}
		err = filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".go" && ext != ".sql" {
				return err
			}
			return add(path)
		})
	}
	return hashOr(h.Sum(nil), err)
})

// hashOr falls back to this process alone when the sources cannot be read.
func hashOr(sum []byte, err error) string {
	if err != nil {
		return fmt.Sprintf("process %d", os.Getpid())
	}
	return hex.EncodeToString(sum)
}
