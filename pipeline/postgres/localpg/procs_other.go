//go:build !linux

package localpg

import (
	"fmt"
	"os/exec"
)

// processes asks ps.
func processes() ([]proc, error) {
	out, err := exec.Command("/bin/ps", "-axww", "-o", "pid=,uid=,command=").Output()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	return parsePS(string(out)), nil
}
