//go:build linux || darwin

package fetch

import (
	"math"
	"syscall"
)

// freeBytes returns what an unprivileged user may still write below dir.
func freeBytes(dir string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, err
	}
	blocks, size := uint64(st.Bavail), uint64(st.Bsize)
	if size > 0 && blocks > math.MaxInt64/size {
		return math.MaxInt64, nil
	}
	return int64(blocks * size), nil
}
