package jobs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bateia/bateia/schemas"
)

// keepScratch is longer than any attempt: what is older in the scratch folder was
// left by a process that died.
const keepScratch = 2 * time.Hour

// MakeScratch makes a folder in scratch for something about an import; id is 0 when
// it is about none. Whoever makes it removes it; of a process that dies first
// PurgeScratch finds it by its name.
func MakeScratch(scratch string, id schemas.ImportID, what string) (string, error) {
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return "", fmt.Errorf("make scratch folder: %w", err)
	}
	dir, err := os.MkdirTemp(scratch, id.String()+"-"+what+"-")
	if err != nil {
		return "", fmt.Errorf("make scratch folder: %w", err)
	}
	return dir, nil
}

// PurgeScratch removes the folders that processes left hours ago when they died:
// those that MakeScratch and attempts name, but for those of which live says true. No
// other name is touched.
func PurgeScratch(scratch string, now time.Time, live func(dir string) bool) error {
	entries, err := os.ReadDir(scratch)
	if err != nil {
		return fmt.Errorf("purge scratch folder: %w", err)
	}
	var errs []error
	for _, e := range entries {
		dir := filepath.Join(scratch, e.Name())
		id, _, ok := strings.Cut(e.Name(), "-")
		if _, err := schemas.ParseImportID(id); !ok || err != nil || !e.IsDir() || live(dir) {
			continue
		}
		changed, err := newest(dir)
		if err != nil || now.Sub(changed) < keepScratch {
			continue // being removed by somebody else, or in use
		}
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// newest returns when anything in a folder was changed last.
func newest(dir string) (time.Time, error) {
	var last time.Time
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
		return err
	})
	return last, err
}
