package layering

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/bateia/bateia/"

// rules says what each package of the project may import of the project. The
// first rule whose pattern matches counts; * is one path element, … any number.
var rules = []struct {
	pkg string
	may []string
}{
	{"schemas/identity/…", []string{"schemas/identity/…"}},
	{"schemas/spreadsheet", nil},
	{"schemas", []string{"schemas/identity"}},
	{"schemas/survivorship", []string{"schemas", "schemas/identity"}},
	{"pipeline", []string{"schemas", "schemas/identity", "schemas/survivorship"}},
	// Adapters never import each other; what starts the real thing for tests lies
	// beside them.
	{"pipeline/objstoretest", []string{"pipeline", "schemas", "pipeline/objstore", "pipeline/objstore/…"}},
	{"pipeline/objstore/…", []string{"pipeline", "schemas", "pipeline/objstore", "pipeline/objstore/…"}},
	{"pipeline/postgres/…", []string{"pipeline", "schemas", "schemas/identity", "schemas/survivorship", "pipeline/postgres", "pipeline/postgres/…"}},
	{"pipeline/omie/…", []string{"pipeline", "schemas", "schemas/identity", "pipeline/omie"}},
	{"pipeline/*", []string{"pipeline", "schemas", "schemas/identity"}},
	{"stages/dedupe", []string{"pipeline", "schemas", "schemas/identity", "schemas/survivorship", "pipeline/duck"}},
	{"stages/resolve", []string{"pipeline", "schemas", "schemas/identity", "schemas/survivorship", "pipeline/duck"}},
	// The records that sync reads are Omie's.
	{"stages/sync", []string{"pipeline", "pipeline/omie", "schemas", "schemas/identity", "schemas/survivorship"}},
	// Cells are marked on the way out and lose the mark on the way in.
	{"stages/report", []string{"pipeline", "schemas", "schemas/identity", "schemas/spreadsheet"}},
	{"stages/validate", []string{"pipeline", "schemas", "schemas/identity", "schemas/spreadsheet"}},
	{"stages/*", []string{"pipeline", "schemas", "schemas/identity", "schemas/survivorship"}},
	{"stages", []string{"pipeline", "pipeline/duck", "pipeline/omie", "schemas", "schemas/identity", "schemas/survivorship", "stages/*"}},
	{"jobs", []string{"pipeline", "pipeline/*", "schemas", "schemas/identity", "schemas/survivorship", "stages"}},
	{"cmd/…", []string{"…"}},
}

// engines says below which folders a library may be known.
var engines = []struct{ library, where string }{
	{"github.com/riverqueue/", "jobs cmd pipeline/postgres"}, // postgres migrates River's tables, and no more
	{"github.com/jackc/pgx/", "jobs cmd pipeline/postgres pipeline stages/resolve stages/apply stages/history stages"},
	{"github.com/duckdb/", "pipeline/duck"},
	{"github.com/aws/", "pipeline/objstore pipeline/objstoretest cmd"},
	{"github.com/versity/", "pipeline/objstore/locals3"},
	{"github.com/alecthomas/kong", "cmd"},
	{"github.com/chromedp/", ""}, // a browser looks at pages in tests, which are not read here
	{"flag", "cmd schemas/identity/gen"},
}

// source is one Go file that is no test.
type source struct {
	pkg, file string
	ast       *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..", "..")
	var out []source
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" || d.Name() == "bin" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		out = append(out, source{pkg: filepath.ToSlash(rel), file: file, ast: parsed})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d files found", len(out))
	}
	return out
}

func matches(pattern, pkg string) bool {
	if base, any := strings.CutSuffix(pattern, "…"); any {
		return base == "" || pkg == strings.TrimSuffix(base, "/") || strings.HasPrefix(pkg, base)
	}
	ok, err := path.Match(pattern, pkg)
	return ok && err == nil
}

func imports(s source) []string {
	var out []string
	for _, i := range s.ast.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			out = append(out, p)
		}
	}
	return out
}

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		i := slices.IndexFunc(rules, func(r struct {
			pkg string
			may []string
		}) bool {
			return matches(r.pkg, s.pkg)
		})
		if i < 0 {
			t.Errorf("%s: package %s has no place in the table", s.file, s.pkg)
			continue
		}
		for _, imported := range imports(s) {
			own, ok := strings.CutPrefix(imported, module)
			if ok && own != s.pkg && !slices.ContainsFunc(rules[i].may, func(p string) bool { return matches(p, own) }) {
				t.Errorf("%s: %s must not import %s", s.file, s.pkg, own)
			}
		}
	}
}

func TestEnginesAreKnownOnlyToTheirPackages(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, imported := range imports(s) {
			for _, e := range engines {
				if imported != e.library && !(strings.HasSuffix(e.library, "/") && strings.HasPrefix(imported, e.library)) {
					continue
				}
				if !slices.ContainsFunc(strings.Fields(e.where), func(w string) bool {
					return s.pkg == w || strings.HasPrefix(s.pkg, w+"/") && w != "pipeline" && w != "stages"
				}) {
					t.Errorf("%s: %s must not know %s", s.file, s.pkg, imported)
				}
			}
		}
	}
}

// TestOnlyCommandsReadTheEnvironment also forbids init functions, which would
// register something nobody sees.
func TestOnlyCommandsReadTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: has an init function", s.file)
			}
		}
		if strings.HasPrefix(s.pkg, "cmd") || strings.HasSuffix(s.pkg, "test") {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "Args"}, sel.Sel.Name) {
				t.Errorf("%s: reads os.%s", s.file, sel.Sel.Name)
			}
			return true
		})
	}
}
