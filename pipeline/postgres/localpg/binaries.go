package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/pipeline"
)

// Binaries are the programs of one Postgres installation.
type Binaries struct {
	Dir     string // symlinks resolved
	Major   int    // 17
	Version string // "17.10"
}

func (b Binaries) path(name string) string { return filepath.Join(b.Dir, name) }

// installed are the folders of the usual packages, in order of preference;
// within one pattern the newest version comes first.
var installed = []string{
	"/usr/lib/postgresql/*/bin",          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                   // PGDG on Fedora, Red Hat
	"/opt/homebrew/opt/postgresql@*/bin", // Homebrew on arm64
	"/usr/local/opt/postgresql@*/bin",    // Homebrew on amd64
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// places is where Find looks; tests have their own.
type places struct {
	lookPath  func(file string) (string, error)
	installed []string
	npm       []string // folders that hold node_modules
}

func (o Options) places() places {
	p := places{lookPath: exec.LookPath, installed: installed}
	if o.CacheDir != "" {
		p.npm = append(p.npm, o.CacheDir)
	}
	p.npm = append(p.npm, o.shared("npm"))
	return p
}

// Find returns the Postgres installation that Start would use for a new
// cluster. It looks at, in this order: opts.BinDir (nothing else when set);
// the folder of initdb in PATH; the folders of the usual packages, newest
// version first; and npm's @embedded-postgres below opts.CacheDir or
// /var/lib/bateia/npm. An installation counts when initdb, postgres and pg_ctl
// lie side by side, run, and are of MinMajor or newer; for root also when the
// user that the server will run as can reach them.
//
// The error is a *pipeline.Error around ErrNotFound; its hint says what to
// install.
func Find(opts Options) (Binaries, error) {
	opts = opts.withDefaults()
	who, err := defaultAccount()
	if err != nil {
		return Binaries{}, err
	}
	return find(opts, who, 0, opts.places())
}

// find is Find for a given user; major is the version an existing cluster
// needs, 0 for any.
func find(opts Options, who *account, major int, p places) (Binaries, error) {
	var refused []string
	for _, dir := range candidates(opts, p) {
		b, err := inspect(dir, who)
		switch {
		case err != nil:
			refused = append(refused, dir+": "+err.Error())
		case major != 0 && b.Major != major:
			refused = append(refused, fmt.Sprintf("%s: is version %s", dir, b.Version))
		default:
			return b, nil
		}
	}
	return Binaries{}, notFound(major, refused)
}

// candidates lists existing folders that hold an initdb, without duplicates.
func candidates(opts Options, p places) []string {
	if opts.BinDir != "" {
		return []string{opts.BinDir}
	}
	var dirs []string
	if initdb, err := p.lookPath("initdb"); err == nil {
		if initdb, err = filepath.EvalSymlinks(initdb); err == nil {
			dirs = append(dirs, filepath.Dir(initdb))
		}
	}
	for _, pattern := range p.installed {
		found, _ := filepath.Glob(pattern) // only a malformed pattern is an error
		slices.SortFunc(found, func(a, b string) int { return numberIn(b) - numberIn(a) })
		dirs = append(dirs, found...)
	}
	for _, cache := range p.npm {
		dirs = append(dirs, filepath.Join(cache, "node_modules", "@embedded-postgres", npmPlatform(), "native", "bin"))
	}
	var out []string
	for _, dir := range dirs {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) ((\d+)[^\s]*)`)

// inspect runs the programs of dir for their version: that also shows that
// their libraries are there.
func inspect(dir string, who *account) (Binaries, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Binaries{}, err
	}
	b := Binaries{Dir: dir}
	if _, err := os.Stat(b.path("pg_ctl")); err != nil {
		return Binaries{}, errors.New("has no pg_ctl")
	}
	if blocked := who.blockedAt(dir); blocked != "" {
		return Binaries{}, fmt.Errorf("user %s cannot traverse %s", who.name, blocked)
	}
	for _, name := range []string{"initdb", "postgres"} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		cmd := exec.CommandContext(ctx, b.path(name), "--version")
		cmd.Env = environment(b)
		out, err := cmd.Output()
		cancel()
		if err != nil {
			return Binaries{}, fmt.Errorf("run %s --version: %w", name, err)
		}
		m := versionLine.FindSubmatch(out)
		if m == nil {
			return Binaries{}, fmt.Errorf("%s --version says no version", name)
		}
		major, err := strconv.Atoi(string(m[2]))
		if err != nil {
			return Binaries{}, fmt.Errorf("read version of %s: %w", name, err)
		}
		if b.Major != 0 && b.Major != major {
			return Binaries{}, fmt.Errorf("initdb is version %d, postgres %d", b.Major, major)
		}
		b.Major, b.Version = major, string(m[1])
	}
	if b.Major < MinMajor {
		return Binaries{}, fmt.Errorf("version %s is older than %d", b.Version, MinMajor)
	}
	return b, nil
}

// environment is what the programs see of ours: nothing, lest PGDATA, PGPORT
// or a locale change what they do.
func environment(b Binaries) []string {
	return []string{"PATH=" + b.Dir + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
}

var digits = regexp.MustCompile(`\d+`)

// numberIn returns the last number in a path, 0 without one.
func numberIn(path string) int {
	all := digits.FindAllString(path, -1)
	if len(all) == 0 {
		return 0
	}
	n, err := strconv.Atoi(all[len(all)-1])
	if err != nil {
		return 0
	}
	return n
}

// npmPlatform names the package of this machine below @embedded-postgres.
func npmPlatform() string {
	arch := map[string]string{"amd64": "x64", "386": "ia32", "ppc64le": "ppc64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	return runtime.GOOS + "-" + arch
}

func notFound(major int, refused []string) error {
	cause, pkg := ErrNotFound, "postgresql"
	if major != 0 {
		cause = fmt.Errorf("%w (%d)", ErrVersion, major)
		pkg = fmt.Sprintf("postgresql-%d", major)
	}
	if len(refused) > 0 {
		cause = fmt.Errorf("%w (%s)", cause, strings.Join(refused, "; "))
	}
	brew := major
	if brew == 0 {
		brew = 17
	}
	return &pipeline.Error{
		Op:   "find postgres",
		Kind: pipeline.KindPermanent,
		Err:  cause,
		Hint: fmt.Sprintf("install Postgres %d or newer: `apt-get install %s` on Debian and Ubuntu, "+
			"`brew install postgresql@%d` on macOS, or `npm install --prefix .cache @embedded-postgres/%s`",
			max(MinMajor, major), pkg, brew, npmPlatform()),
	}
}
