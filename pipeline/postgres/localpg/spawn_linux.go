package localpg

import "syscall"

// hasDeathSignal: the kernel tells children of their parent's end.
const hasDeathSignal = true

// childAttr makes a process die with us, as another user where that is asked
// for. The runtime asks for the death signal after it has changed the user,
// which would take it away, and exec keeps it since the programs are not
// set-uid. SIGINT is a fast shutdown for postgres and the end for all others.
// Its own session keeps the terminal's Ctrl-C away: the server goes last.
func childAttr(who *account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.credential(), Setsid: true, Pdeathsig: syscall.SIGINT}
}

func detachedAttr(who *account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.credential(), Setsid: true}
}
