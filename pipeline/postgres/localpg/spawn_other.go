//go:build !linux

package localpg

import "syscall"

const hasDeathSignal = false

// childAttr gives a process a session of its own, away from the terminal's
// Ctrl-C, and another user where that is asked for.
func childAttr(who *account) *syscall.SysProcAttr { return detachedAttr(who) }

func detachedAttr(who *account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.credential(), Setsid: true}
}
