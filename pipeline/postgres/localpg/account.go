package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is the user that a server started by root runs as. A nil account is
// the calling user itself.
type account struct {
	name     string
	uid, gid int
}

// defaultAccount returns whom root starts a new cluster as: postgres, which
// the Debian package makes, or else nobody. Nil for everybody but root.
func defaultAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &account{name: name, uid: int(uid), gid: int(gid)}, nil
		}
	}
	return nil, errors.New("start postgres: it refuses to run as root, and there is no user postgres or nobody")
}

// accountOf returns whom root starts the existing cluster in home as: its
// owner, so that a cluster made by another user, or before user postgres
// existed, goes on as it began.
func accountOf(home string) (*account, error) {
	if os.Geteuid() == 0 {
		if fi, err := os.Stat(filepath.Join(home, clusterDir)); err == nil {
			if st, ok := fi.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
				return &account{name: userName(st.Uid), uid: int(st.Uid), gid: int(st.Gid)}, nil
			}
		}
	}
	return defaultAccount()
}

func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// give makes the account the owner of path.
func (a *account) give(path string) error {
	if a == nil {
		return nil
	}
	if err := os.Lchown(path, a.uid, a.gid); err != nil {
		return fmt.Errorf("change owner: %w", err)
	}
	return nil
}

// blockedAt returns the topmost existing folder on the way into dir (dir
// itself included) that the account cannot traverse, "" when the way is free.
// It reads permission bits; access lists are beyond it.
func (a *account) blockedAt(dir string) string {
	if a == nil {
		return ""
	}
	for _, d := range ancestors(dir) {
		fi, err := os.Stat(d)
		if errors.Is(err, fs.ErrNotExist) {
			return ""
		}
		if err != nil || !a.traverses(fi) {
			return d
		}
	}
	return ""
}

func (a *account) traverses(fi fs.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	switch perm := fi.Mode().Perm(); {
	case int(st.Uid) == a.uid:
		return perm&0o100 != 0
	case int(st.Gid) == a.gid:
		return perm&0o010 != 0
	default:
		return perm&0o001 != 0
	}
}

// ancestors lists dir and every folder above it, the root first.
func ancestors(dir string) []string {
	out := []string{dir}
	for {
		up := filepath.Dir(dir)
		if up == dir {
			slices.Reverse(out)
			return out
		}
		out = append(out, up)
		dir = up
	}
}
