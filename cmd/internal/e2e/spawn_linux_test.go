package e2e

import "syscall"

// childAttr ends the program when the tests end before they could: after a
// timeout of the whole run, for one.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
