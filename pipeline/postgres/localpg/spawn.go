package localpg

import (
	"os/exec"
	"runtime"
)

// child is a process that was started and is being waited for.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read after done
}

// spawn starts cmd from a thread of its own that stays until the process has
// ended. The kernel sends the parent-death signal when the thread that made
// the child ends, not the process; and the runtime ends threads when it likes.
func spawn(cmd *exec.Cmd) (*child, error) {
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with this goroutine
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// onOwnThread runs a function that starts a process and waits for it, on a
// thread that outlives the process, for the reason given at spawn.
func onOwnThread[T any](run func() (T, error)) (T, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return run()
}
