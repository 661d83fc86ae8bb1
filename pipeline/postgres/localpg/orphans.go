package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidFile is what the postmaster writes about itself into PGDATA.
type pidFile struct {
	pid, port int
	ready     bool // it has bound its port and accepts connections
}

func readPIDFile(data string) (pidFile, error) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, err
	}
	// pid, directory, start time, port, socket directory, address, shared
	// memory, status; the later lines come as it learns them.
	lines := strings.Split(string(b), "\n")
	var p pidFile
	if p.pid, err = strconv.Atoi(strings.TrimSpace(lines[0])); err != nil {
		return pidFile{}, fmt.Errorf("read postmaster.pid: %w", err)
	}
	if len(lines) > 3 {
		p.port, _ = strconv.Atoi(lines[3]) // 0 while it is being written
	}
	p.ready = len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
	return p, nil
}

// How long an orphaned server gets for a fast shutdown (a checkpoint of what
// is in shared buffers), for dropping everything, and for dying when killed.
var orphanPatience = []struct {
	sig  syscall.Signal
	wait time.Duration
}{
	{syscall.SIGINT, 30 * time.Second},
	{syscall.SIGQUIT, 6 * time.Second},
	{syscall.SIGKILL, 6 * time.Second},
}

// endOrphans stops every process of the cluster in data and removes its
// postmaster.pid. The caller holds the home's lock, so whoever started them is
// dead. Processes are recognized by the cluster's random name, never by a pid
// alone: the number in postmaster.pid may be anybody's by now, and Postgres
// itself would refuse to start for it.
func endOrphans(ctx context.Context, data string, log *slog.Logger) error {
	creds, err := readCredentials(data)
	if err != nil {
		return err
	}
	fi, err := os.Stat(data)
	if err != nil {
		return fmt.Errorf("clear old server: %w", err)
	}
	uid := 0
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		uid = int(st.Uid)
	}
	for _, step := range orphanPatience {
		left, err := processesOf(creds.Cluster, uid)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			break
		}
		if log != nil {
			log.WarnContext(ctx, "stop orphaned postgres", "signal", step.sig.String(), "processes", len(left))
		}
		if err := signalAll(data, left, step.sig); err != nil {
			return fmt.Errorf("clear old server: %w", err)
		}
		if _, err := waitGone(ctx, creds.Cluster, uid, step.wait); err != nil {
			return fmt.Errorf("clear old server: %w", err)
		}
	}
	left, err := processesOf(creds.Cluster, uid)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("clear old server: process %d does not end", left[0].pid)
	}
	if err := os.Remove(filepath.Join(data, "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear old server: %w", err)
	}
	return nil
}

// signalAll sends a signal to the postmaster, which passes it on, and to
// everybody when there is no postmaster any more or the end is to be forced.
func signalAll(data string, procs []proc, sig syscall.Signal) error {
	if p, err := readPIDFile(data); err == nil && sig != syscall.SIGKILL {
		if i := slices.IndexFunc(procs, func(x proc) bool { return x.pid == p.pid }); i >= 0 {
			procs = procs[i : i+1]
		} else if sig == syscall.SIGINT {
			sig = syscall.SIGTERM // to a backend SIGINT only cancels a statement
		}
	}
	for _, p := range procs {
		if err := syscall.Kill(p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal process %d: %w", p.pid, err)
		}
	}
	return nil
}

// waitGone waits until a cluster has no process left, at most for d.
func waitGone(ctx context.Context, cluster string, uid int, d time.Duration) (bool, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(d); time.Now().Before(end); {
		left, err := processesOf(cluster, uid)
		if err != nil || len(left) == 0 {
			return err == nil, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-tick.C:
		}
	}
	return false, nil
}
