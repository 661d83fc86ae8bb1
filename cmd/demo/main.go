// Command demo shows the main job from outside, with nothing but the program
// and an S3 client: it starts "bateia up" in a folder, drops four files into the
// bucket, waits for the results that Bateia lays beside them, and prints what
// became of each.
//
//	go run ./cmd/demo -bateia bin/bateia -dir demo
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// limit is how long the whole demonstration may take.
const limit = 5 * time.Minute

func main() {
	bateia := flag.String("bateia", "bin/bateia", "the program")
	dir := flag.String("dir", "demo", "folder for the data; it is emptied first")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(ctx, *bateia, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, dir string) (err error) {
	start := time.Now()
	if err := empty(dir); err != nil {
		return err
	}
	d := demo{program: program, data: filepath.Join(dir, "data")}
	say("Starting Postgres, an S3 server and a worker in %s …", d.data)
	stopStack, err := d.up(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopStack()) }()
	if err := d.connect(ctx); err != nil {
		return err
	}
	say("Running after %.1f s: Postgres and the bucket %s on loopback.\n", time.Since(start).Seconds(), d.bucket)

	for _, f := range files() {
		say("── %s\n   %s", f.key, f.about)
		dropped := time.Now()
		if err := d.drop(ctx, f); err != nil {
			return err
		}
		doc, err := d.result(ctx, f)
		if err != nil {
			return err
		}
		d.print(ctx, f, doc, time.Since(dropped))
		if doc.State != f.want {
			return fmt.Errorf("%s ended %s, expected %s", f.key, doc.State, f.want)
		}
	}
	if err := d.summary(ctx); err != nil {
		return err
	}
	say("Done in %.0f s. The bucket lies in %s: look into results/.", time.Since(start).Seconds(), filepath.Join(d.data, "s3"))
	say("Go on with:  %s up --data-dir %s", program, d.data)
	if home := postgresHome(d.data); home != "" {
		say("Postgres does not run as root, so its files lie in %s. \"make clean\" removes them too.", home)
	}
	return nil
}

// empty removes what an earlier demonstration left. It refuses a folder that is
// not one.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != "data" {
			return fmt.Errorf("%s holds %s, which is not the demo's: name another folder with -dir", dir, e.Name())
		}
	}
	data := filepath.Join(dir, "data")
	if home := postgresHome(data); home != "" {
		if err := os.RemoveAll(home); err != nil {
			return err
		}
	}
	return os.RemoveAll(data)
}

// postgresHome returns where Postgres keeps its files when that is not in the
// data folder: it refuses to run as root, and others cannot enter root's folder.
func postgresHome(data string) string {
	home, err := os.ReadFile(filepath.Join(data, "postgres", "location"))
	if err != nil || !strings.HasPrefix(string(home), "/var/lib/bateia/") {
		return ""
	}
	return strings.TrimSpace(string(home))
}

type demo struct {
	program, data, bucket string
	s3                    *client
}

// up starts the stack and returns what stops it.
func (d *demo) up(ctx context.Context) (stop func() error, err error) {
	cmd := exec.Command(d.program, "up", "--data-dir", d.data)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches it through us
	log, err := os.CreateTemp("", "bateia-demo-*.log")
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", d.program, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return nil // it ended before
		}
		<-ended
		return os.Remove(log.Name())
	}
	for {
		select {
		case err := <-ended:
			text, _ := os.ReadFile(log.Name())
			return nil, fmt.Errorf("bateia up ended: %w\n%s", err, text)
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), stop())
		case <-time.After(200 * time.Millisecond):
		}
		if d.bucketOf(ctx) != "" {
			return stop, nil
		}
	}
}

// settings asks the program for its effective settings.
func (d *demo) settings(ctx context.Context) map[string]string {
	out, err := exec.CommandContext(ctx, d.program, "config", "--show-secrets", "--json", "--data-dir", d.data).Output()
	if err != nil {
		return nil
	}
	var all map[string]any
	if json.Unmarshal(out, &all) != nil {
		return nil
	}
	values := map[string]string{}
	for k, v := range all {
		if s, ok := v.(string); ok {
			values[k] = s
		}
	}
	return values
}

func (d *demo) bucketOf(ctx context.Context) string {
	s := d.settings(ctx)
	if s["s3_endpoint"] == "" || s["database_url"] == "" {
		return ""
	}
	d.bucket = s["s3_bucket"]
	return d.bucket
}

// connect makes the S3 client: any other would do.
func (d *demo) connect(ctx context.Context) error {
	s := d.settings(ctx)
	d.s3 = newClient(s["s3_endpoint"], s["s3_region"], s["s3_bucket"], s["s3_access_key_id"], s["s3_secret_access_key"])
	return nil
}

func (d *demo) drop(ctx context.Context, f file) error { return d.s3.put(ctx, f.key, f.body) }

// document is what the demonstration reads of a result.
type document struct {
	ImportID string           `json:"import_id"`
	State    string           `json:"state"`
	Code     string           `json:"code"`
	Ledger   map[string]int64 `json:"ledger"`
	key      string
	text     string
}

// result waits for the result that Bateia lays beside the drop.
func (d *demo) result(ctx context.Context, f file) (document, error) {
	prefix := "results/" + strings.TrimPrefix(f.key, "uploads/") + "/"
	for {
		keys, err := d.s3.list(ctx, prefix)
		if err != nil {
			return document{}, err
		}
		for _, key := range keys {
			if !strings.HasSuffix(key, ".json") {
				continue
			}
			body, err := d.s3.get(ctx, key)
			if err != nil {
				return document{}, err
			}
			var doc document
			if err := json.Unmarshal(body, &doc); err != nil {
				return document{}, fmt.Errorf("read %s: %w", key, err)
			}
			text, err := d.s3.get(ctx, strings.TrimSuffix(key, ".json")+".txt")
			if err != nil {
				return document{}, err
			}
			doc.key, doc.text = strings.TrimSuffix(key, ".json")+".txt", string(text)
			return doc, nil
		}
		select {
		case <-ctx.Done():
			return document{}, fmt.Errorf("no result under %s: %w", prefix, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// print shows the result's own text, as the person who dropped the file finds it.
func (d *demo) print(_ context.Context, _ file, doc document, took time.Duration) {
	say("   %s after %.1f s, written to %s:\n", doc.State, took.Seconds(), doc.key)
	for line := range strings.Lines(doc.text) {
		say("     %s", strings.TrimRight(line, "\r\n"))
	}
	say("")
}

// summary asks the program itself what there is now.
func (d *demo) summary(ctx context.Context) error {
	for _, args := range [][]string{{"imports"}, {"prospects", "--json"}} {
		out, err := exec.CommandContext(ctx, d.program, append(args, "--data-dir", d.data)...).Output()
		if err != nil {
			return fmt.Errorf("bateia %s: %w", args[0], err)
		}
		if args[0] == "prospects" {
			say("%d prospects in Postgres.", strings.Count(string(out), "\n"))
			continue
		}
		say("$ bateia %s\n%s", strings.Join(args, " "), out)
	}
	return nil
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }
