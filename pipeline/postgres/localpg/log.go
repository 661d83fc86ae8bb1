package localpg

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

const (
	logLimit  = 1 << 20 // bytes after which a start begins a new log
	tailLimit = 2 << 10 // bytes of the log that an error quotes
)

// openLog opens the server's log for appending and returns how long it was.
// One older log is kept.
func (h *home) openLog() (*os.File, int64, error) {
	path := h.path(logFile)
	fi, err := os.Lstat(path)
	if err == nil && fi.Size() > logLimit {
		err = os.Rename(path, path+".1")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("open server log: %w", err)
	}
	f, err := openOwn(path, os.O_RDWR|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return nil, 0, fmt.Errorf("open server log: %w", err)
	}
	if err := h.who.give(path); err != nil {
		f.Close()
		return nil, 0, err
	}
	if fi, err = f.Stat(); err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("open server log: %w", err)
	}
	return f, fi.Size(), nil
}

// said returns what was appended to a log since an offset, at most its end.
func said(log *os.File, since int64) string {
	b, err := io.ReadAll(io.NewSectionReader(log, since, logLimit))
	if err != nil {
		return ""
	}
	return tail(b)
}

// tail returns the last lines of b.
func tail(b []byte) string {
	s := strings.TrimSpace(string(b))
	if len(s) > tailLimit {
		s = s[len(s)-tailLimit:]
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			s = s[i+1:]
		}
	}
	return s
}
