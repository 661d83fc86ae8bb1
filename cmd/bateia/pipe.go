package main

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"syscall"
)

// pipe is standard output. When its reader has gone ("bateia prospects | head"),
// it ends the command in order: the signal that would end it at once would end
// the stack inside it like a crash.
type pipe struct {
	io.Writer
	cancel context.CancelFunc
	broken atomic.Bool
}

// Write implements io.Writer.
func (p *pipe) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		p.broken.Store(true)
		p.cancel()
	}
	return n, err
}
