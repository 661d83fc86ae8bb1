package jobs

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// worker names one service of one process so that others on the same machine can
// tell whether that process still lives.
type worker struct {
	host  string
	boot  string // of the machine, and of the process namespace: "" when unknown
	pid   int
	start string // of the process, in ticks since boot: "" when unknown
	nonce string
}

func thisWorker() worker {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return worker{
		host: host[:min(len(host), 40)], boot: bootID(), pid: os.Getpid(), start: startOf(os.Getpid()),
		nonce: strings.ToLower(rand.Text()[:6]),
	}
}

// String is host/boot/pid/start/nonce, at most 100 characters: also the id of
// the River client.
func (w worker) String() string {
	return fmt.Sprintf("%s/%s/%d/%s/%s", w.host, w.boot, w.pid, w.start, w.nonce)
}

func parseWorker(s string) (worker, bool) {
	parts := strings.Split(s, "/")
	if len(parts) != 5 {
		return worker{}, false
	}
	pid, err := strconv.Atoi(parts[2])
	if err != nil {
		return worker{}, false
	}
	return worker{host: parts[0], boot: parts[1], pid: pid, start: parts[3], nonce: parts[4]}, true
}

// containerName is the host name that Docker gives a container by default.
var containerName = regexp.MustCompile(`^[0-9a-f]{12}$`)

// knowsDead reports whether the process of other is certainly gone. It is only
// certain about processes this one could see: same host, same boot, same
// namespace of processes. Others are left to their leases, but for the earlier
// start of this same container: Docker names the host after the container, and a
// start ends with all its processes.
func (w worker) knowsDead(other worker) bool {
	if other.host != w.host || other.pid <= 0 {
		return false
	}
	if other.boot != w.boot {
		return containerName.MatchString(w.host) && other.boot != "" && w.boot != ""
	}
	if other.pid == w.pid {
		return other.start != w.start // an earlier process with our number
	}
	if start, state := stat(other.pid); start != "" {
		// The number may be somebody else's by now, or of a process that ended and
		// that nobody waited for.
		return state == "Z" || state == "X" || (other.start != "" && start != other.start)
	}
	p, err := os.FindProcess(other.pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}

// bootID names this boot of the machine and the namespace in which process
// numbers count: containers that share a host name do not share the latter.
func bootID() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	space = strings.Trim(strings.TrimPrefix(space, "pid:"), "[]")
	return string(boot[:min(len(boot), 8)]) + "." + space
}

// startOf returns when a process started, in ticks since boot, "" when unknown.
func startOf(pid int) string {
	start, _ := stat(pid)
	return start
}

// stat reads start and state of a process where /proc has them.
func stat(pid int) (start, state string) {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", ""
	}
	// The program's name, in parentheses, may hold anything, parentheses too.
	i := strings.LastIndex(string(line), ") ")
	if i < 0 {
		return "", ""
	}
	fields := strings.Fields(string(line)[i+2:])
	if len(fields) < 20 {
		return "", ""
	}
	return fields[19], fields[0] // fields 22 and 3 of the line
}
