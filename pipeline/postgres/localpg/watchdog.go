package localpg

import (
	"fmt"
	"io"
	"os/exec"
	"strconv"
)

// watchdogScript stops process $1 when its standard input ends without the
// word that it may go: then we are dead. Fast shutdown first, an immediate one
// after 30 s.
const watchdogScript = `read -r word
[ "$word" = done ] && exit 0
kill -INT "$1" 2>/dev/null || exit 0
n=0
while [ "$n" -lt 30 ]; do
	sleep 1
	kill -0 "$1" 2>/dev/null || exit 0
	n=$((n + 1))
done
kill -QUIT "$1" 2>/dev/null`

// watchdog stops the server after our death where the kernel does not.
type watchdog struct {
	proc *child
	in   io.WriteCloser
}

func startWatchdog(pid int, who *account, dir string) (*watchdog, error) {
	cmd := exec.Command("/bin/sh", "-c", watchdogScript, "watch-postgres", strconv.Itoa(pid))
	cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = detachedAttr(who)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watch server: %w", err)
	}
	proc, err := spawn(cmd)
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("watch server: %w", err)
	}
	return &watchdog{proc: proc, in: in}, nil
}

// release sends the watchdog home, after the server has ended.
func (w *watchdog) release() {
	if w == nil {
		return
	}
	// When the word does not arrive the watchdog is gone already, or takes our
	// closing for our death and finds no process to stop.
	_, _ = io.WriteString(w.in, "done\n")
	_ = w.in.Close()
	<-w.proc.done
}
