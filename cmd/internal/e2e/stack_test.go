package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// stack is a data directory and the "bateia up" that runs in it.
type stack struct {
	dir      string   // of the data
	work     string   // working directory of the program, and of its output
	flags    []string // of up
	env      []string // of up
	given    []string // addresses for commands, when the stack is not embedded
	proc     *process // nil while none runs
	runs     int
	settings map[string]string // of the running one, as config prints them
	*bucket
}

// shared is the stack of the tests that need none of their own.
var shared struct {
	once  sync.Once
	stack *stack
	err   error
}

// use returns the shared stack.
func use(t *testing.T) *stack {
	t.Helper()
	shared.once.Do(func() {
		s, err := newStack("shared")
		if err == nil {
			err = s.start()
		}
		shared.stack, shared.err = s, err
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.stack
}

// own returns a stack that is stopped at the end of the test. It does not run.
func own(t *testing.T, name string, flags ...string) *stack {
	t.Helper()
	s, err := newStack(name, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() && s.proc != nil {
			t.Logf("the program said last:\n%s", s.proc.tail())
		}
		if err := s.end(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newStack(name string, flags ...string) (*stack, error) {
	work, err := os.MkdirTemp(root, name+"-")
	return &stack{dir: filepath.Join(work, "data"), work: work, flags: flags}, err
}

// start runs up and waits until its servers answer. Its worker may still be
// starting, and may be at work already.
func (s *stack) start() error {
	args := append([]string{"up", "--data-dir", s.dir}, s.flags...)
	s.runs++
	p, err := spawn(filepath.Join(s.work, fmt.Sprintf("up%d", s.runs)), s.work, s.env, args...)
	if err != nil {
		return err
	}
	s.proc = p
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if ready, err := s.readSettings(); ready || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-p.done:
			return fmt.Errorf("bateia up ended: %w\n%s", p.err, p.tail())
		case <-deadline.C:
			return fmt.Errorf("bateia up is not ready\n%s", p.tail())
		}
	}
}

// readSettings asks the program where everything is; false when nothing runs.
func (s *stack) readSettings() (bool, error) {
	r, err := command(s.work, nil, "config", "--show-secrets", "--json", "--data-dir", s.dir)
	if err != nil || r.code != 0 {
		return false, fmt.Errorf("bateia config: exit code %d, %w\n%s", r.code, err, r.stderr)
	}
	var all map[string]any
	if err := json.Unmarshal(r.stdout, &all); err != nil {
		return false, fmt.Errorf("bateia config: %w", err)
	}
	s.settings = map[string]string{}
	for name, v := range all {
		if text, ok := v.(string); ok {
			s.settings[name] = text
		}
	}
	if s.settings["database_url"] == "" || s.settings["s3_endpoint"] == "" {
		return false, nil
	}
	s.bucket = openBucket(s.settings)
	return true, nil
}

// stop ends up as Ctrl-C does, and wants a clean end.
func (s *stack) stop() error {
	if s.proc == nil {
		return nil
	}
	p := s.proc
	s.proc = nil
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		if p.err != nil {
			return fmt.Errorf("bateia up: %w\n%s", p.err, p.tail())
		}
		return nil
	case <-time.After(time.Minute):
		return errors.Join(errors.New("bateia up does not stop"), p.cmd.Process.Kill())
	}
}

// kill ends up at once, wherever it is, and returns when it is gone.
func (s *stack) kill() error {
	p := s.proc
	s.proc = nil
	err := p.cmd.Process.Kill()
	<-p.done
	return err
}

// end stops up and removes what lies outside the test's own folder.
func (s *stack) end() error {
	err := s.stop()
	// For root, Postgres may live elsewhere: the folder it was wanted in says where.
	if where := s.postgresDir(); strings.HasPrefix(where, "/var/lib/bateia/") {
		err = errors.Join(err, os.RemoveAll(where))
	}
	return err
}

func (s *stack) postgresDir() string {
	wanted := filepath.Join(s.dir, "postgres")
	if b, err := os.ReadFile(filepath.Join(wanted, "location")); err == nil {
		return strings.TrimSpace(string(b))
	}
	return wanted
}

// gone waits until neither Postgres nor the object store takes connections.
func (s *stack) gone(t *testing.T) {
	t.Helper()
	eventually(t, 15*time.Second, "Postgres and the object store end with the program", func() (bool, error) {
		for _, address := range []string{s.settings["database_url"], s.settings["s3_endpoint"]} {
			u, err := url.Parse(address)
			if err != nil {
				return false, err
			}
			if conn, err := net.DialTimeout("tcp", u.Host, time.Second); err == nil {
				return false, conn.Close()
			}
		}
		return true, nil
	})
}

// conn connects as the worker does, or as the owner, for as long as the test.
// slug is the account it sees, "" for none.
func (s *stack) conn(t *testing.T, slug string) *pgx.Conn {
	t.Helper()
	c := s.connect(t, "database_url")
	if slug != "" {
		var id string
		if err := c.QueryRow(t.Context(), "select account_id::text from bateia.accounts where slug = $1", slug).Scan(&id); err != nil {
			t.Fatalf("account %s: %v", slug, err)
		}
		if _, err := c.Exec(t.Context(), "select set_config('bateia.account', $1, false)", id); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (s *stack) connect(t *testing.T, setting string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.settings[setting])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// run runs a command against the stack and returns what it said.
func (s *stack) run(t testing.TB, args ...string) result {
	t.Helper()
	if s.given == nil {
		args = append(args, "--data-dir", s.dir)
	}
	r, err := command(s.work, s.given, args...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// must is run for a command that has to end with a code.
func (s *stack) must(t testing.TB, code int, args ...string) result {
	t.Helper()
	r := s.run(t, args...)
	if r.code != code {
		t.Fatalf("bateia %s: exit code %d, want %d\n%s\n%s", strings.Join(args, " "), r.code, code, r.stdout, r.stderr)
	}
	return r
}

// account makes an account for the test.
func (s *stack) account(t testing.TB, slug string, flags ...string) {
	t.Helper()
	s.must(t, 0, append([]string{"account", "create", slug}, flags...)...)
}

// result is what a command said.
type result struct {
	code           int
	stdout, stderr []byte
}

// lines are the documents on standard output.
func (r result) lines() [][]byte {
	return bytes.Split(bytes.TrimSuffix(r.stdout, []byte("\n")), []byte("\n"))
}

func command(dir string, env []string, args ...string) (result, error) {
	path, err := program()
	if err != nil {
		return result{}, err
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, environ(env...), &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		err = nil
	}
	return result{cmd.ProcessState.ExitCode(), stdout.Bytes(), stderr.Bytes()}, err
}

// process is a program that keeps running. Its output lies in files.
type process struct {
	cmd  *exec.Cmd
	out  string // path of its output, .out and .err
	done chan struct{}
	err  error // once done
}

func spawn(out, dir string, env []string, args ...string) (*process, error) {
	path, err := program()
	if err != nil {
		return nil, err
	}
	stdout, err := os.Create(out + ".out")
	if err != nil {
		return nil, err
	}
	defer stdout.Close()
	stderr, err := os.Create(out + ".err")
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	p := &process{cmd: exec.Command(path, args...), out: out, done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = dir, environ(env...), stdout, stderr, childAttr()
	started := make(chan error)
	go func() {
		// The kernel sends the death signal when the thread ends that started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

// tail is the end of what it said on standard error.
func (p *process) tail() string {
	b, err := os.ReadFile(p.out + ".err")
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-4000):])
}

// count counts what it said on standard error.
func (p *process) count(t testing.TB, text string) int {
	t.Helper()
	b, err := os.ReadFile(p.out + ".err")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(b, []byte(text))
}

// freeze stops the process where it is, whatever it is doing.
func (p *process) freeze() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

// thaw lets it go on.
func (p *process) thaw() error { return p.cmd.Process.Signal(syscall.SIGCONT) }
