package localpg

import (
	"strconv"
	"strings"
)

// proc is a process of the machine, as far as it shows itself to everybody.
type proc struct {
	pid, uid int
	command  string // arguments joined by blanks, or the title it gave itself
}

// processesOf lists the living processes of a cluster: the postmaster has the
// cluster's name among its arguments, its children in their titles. Both can
// be read without rights over the process, unlike its working directory.
func processesOf(cluster string, uid int) ([]proc, error) {
	all, err := processes()
	if err != nil {
		return nil, err
	}
	var own []proc
	for _, p := range all {
		if p.uid == uid && (strings.Contains(p.command, "cluster_name="+cluster) ||
			strings.HasPrefix(p.command, "postgres: "+cluster+":")) {
			own = append(own, p)
		}
	}
	return own, nil
}

// parsePS reads lines of "pid uid command", as ps prints them.
func parsePS(out string) []proc {
	var procs []proc
	for line := range strings.Lines(out) {
		pid, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		uid, command, _ := strings.Cut(strings.TrimSpace(rest), " ")
		p, err1 := strconv.Atoi(pid)
		u, err2 := strconv.ParseInt(uid, 10, 64) // some systems print nobody as -2
		if err1 == nil && err2 == nil {
			procs = append(procs, proc{pid: p, uid: int(uint32(u)), command: strings.TrimSpace(command)})
		}
	}
	return procs
}
