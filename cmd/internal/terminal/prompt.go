package terminal

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Prompt asks the person at a terminal.
type Prompt struct {
	In  io.Reader
	Err io.Writer // where the question is written
}

// Interactive reports whether somebody can be asked: both ends are a terminal.
func (p Prompt) Interactive() bool {
	f, ok := p.In.(*os.File)
	if !ok || Width(p.Err) == 0 {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	return err == nil
}

// Ask writes a question and returns the line that is typed, without blanks around
// it. It ends with ctx.
func (p Prompt) Ask(ctx context.Context, question string) (string, error) {
	if _, err := io.WriteString(p.Err, question+" "); err != nil {
		return "", err
	}
	return p.line(ctx)
}

// AskSecret is Ask without showing what is typed. The terminal is as before when
// it returns.
func (p Prompt) AskSecret(ctx context.Context, question string) (answer string, err error) {
	f, ok := p.In.(*os.File)
	if !ok {
		return "", errors.New("ask for a secret: there is no terminal")
	}
	before, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		return "", err
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(int(f.Fd()), setTermios, &quiet); err != nil {
		return "", err
	}
	answer, err = p.Ask(ctx, question)
	_, _ = io.WriteString(p.Err, "\n") // the one that was typed does not show
	return answer, errors.Join(err, unix.IoctlSetTermios(int(f.Fd()), setTermios, before))
}

// patience is how long reading waits before it looks whether ctx is over, in
// milliseconds: a read of a terminal cannot be interrupted.
const patience = 100

// line reads to the end of the line and not further.
func (p Prompt) line(ctx context.Context) (string, error) {
	var text strings.Builder
	var one [1]byte
	for {
		if err := p.ready(ctx); err != nil {
			return "", err
		}
		n, err := p.In.Read(one[:])
		switch {
		case n == 1 && one[0] == '\n', errors.Is(err, io.EOF):
			return strings.TrimSpace(text.String()), nil
		case err != nil:
			return "", err
		}
		text.Write(one[:n])
	}
}

// ready waits until there is something to read.
func (p Prompt) ready(ctx context.Context) error {
	f, ok := p.In.(*os.File)
	for ok {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}, patience)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return ctx.Err()
}
