package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal returns the two ends of a terminal: a person's and a program's.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there is no terminal: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

func TestASecretIsNotEchoed(t *testing.T) {
	t.Parallel()
	person, program := openTerminal(t)
	p := Prompt{In: program, Err: program}
	if !p.Interactive() {
		t.Fatal("nobody can be asked")
	}
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := p.AskSecret(t.Context(), "Secret?")
		answers <- answer{text, err}
	}()
	shown := make([]byte, len("Secret? "))
	if _, err := io.ReadFull(person, shown); err != nil || string(shown) != "Secret? " {
		t.Fatalf("shown: %q, %v", shown, err)
	}
	fmt.Fprint(person, " hunter2 \n")
	if a := <-answers; a.text != "hunter2" || a.err != nil {
		t.Errorf("answer %+v", a)
	}
	go func() {
		text, err := p.Ask(t.Context(), "Name?")
		answers <- answer{text, err}
	}()
	shown = make([]byte, len("\r\nName? "))
	if _, err := io.ReadFull(person, shown); err != nil || string(shown) != "\r\nName? " {
		t.Errorf("shown: %q, %v", shown, err)
	}
	fmt.Fprint(person, "Ana\nBia\n")
	if a := <-answers; a.text != "Ana" || a.err != nil {
		t.Errorf("answer %+v", a)
	}
}

func TestAskingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	_, program := openTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Prompt{In: program, Err: program}).Ask(ctx, "?"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if (Prompt{In: os.Stdin, Err: io.Discard}).Interactive() {
		t.Error("somebody can be asked without a terminal")
	}
}
