package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/objstoretest"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

// world is the program on services of its own, with a worker that runs, and
// everything that was imported into it.
type world struct {
	dir   string
	env   map[string]string
	files []*worldFile
	clock map[string]*time.Location
}

// worldFile is an imported file as it was written, before any of our code saw it.
type worldFile struct {
	id, account string
	text        string
	rows        []worldRow
	known       map[string]bool // phones of prospects that were there before
	heard       map[string]bool // what leads said before
	undone      bool
	at          time.Time
}

// worldRow is one line. Who has a phone has a name that follows from it.
type worldRow struct {
	phone, city string
	code        string // why it must be refused, "" when it must not
	sheet       int
	offset      int
	blank       bool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db := postgrestest.New(t, "migrated", func(ctx context.Context, adminURL string) error {
		return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
	})
	store := objstoretest.New(t).Config()
	w := &world{dir: t.TempDir(), clock: map[string]*time.Location{}}
	w.env = map[string]string{
		"BATEIA_LOCALE": "en", "BATEIA_SCRATCH_DIR": w.dir,
		"BATEIA_DATABASE_URL": db.URL(postgres.RoleWorker), "BATEIA_ADMIN_DATABASE_URL": db.URL(""),
		"BATEIA_S3_ENDPOINT": store.Endpoint, "BATEIA_S3_REGION": store.Region, "BATEIA_S3_BUCKET": store.Bucket,
		"BATEIA_S3_ACCESS_KEY_ID": store.AccessKeyID, "BATEIA_S3_SECRET_ACCESS_KEY": store.SecretAccessKey,
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan string, 1)
	go func() {
		var out, errs bytes.Buffer
		code := run(ctx, environment{args: []string{"worker", "--log-level", "error"}, in: strings.NewReader(""), out: &out, err: &errs, getenv: w.getenv})
		ended <- fmt.Sprintf("%d %s", code, errs.String())
	}()
	t.Cleanup(func() {
		cancel()
		if end := <-ended; !strings.HasPrefix(end, "0") && !strings.HasPrefix(end, "130") {
			t.Errorf("the worker ended with %s", end)
		}
	})
	for account, zone := range map[string]string{"near": "America/Sao_Paulo", "far": "Pacific/Kiritimati"} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		w.clock[account] = location
		w.run(t, 0, "account", "create", account, "--timezone", zone)
	}
	return w
}

func (w *world) getenv(name string) string { return w.env[name] }

// run runs the program in this process and returns its standard output.
func (w *world) run(t *testing.T, code int, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	got := run(t.Context(), environment{args: args, in: strings.NewReader(""), out: &out, err: &errs, getenv: w.getenv})
	if got != code {
		t.Fatalf("bateia %q: exit code %d, want %d\n%s", args, got, code, errs.String())
	}
	return out.Bytes()
}

// query returns the rows of a statement, each as its JSON without the names.
func (w *world) query(t *testing.T, sql string) (rows []string) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(w.run(t, 0, "query", sql, "--json")))
	for lines.Scan() {
		var row []json.RawMessage
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		for decoder.More() {
			token, err := decoder.Token()
			if err != nil {
				t.Fatal(err)
			}
			if _, isName := token.(string); !isName {
				continue
			}
			var value json.RawMessage
			if err := decoder.Decode(&value); err != nil {
				t.Fatal(err)
			}
			row = append(row, value)
		}
		rows = append(rows, strings.ReplaceAll(string(bytes.Join(toBytes(row), []byte(" "))), `"`, ""))
	}
	return rows
}

func toBytes(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// refusals are cells that no reading makes a phone, with the code of each.
var refusals = map[string]string{"51-9999": "PHONE_TOO_SHORT", "5,55E+12": "PHONE_SCIENTIFIC", "": "IDENTIFIER_MISSING"}

// importFile writes a random file and imports it.
func (w *world) importFile(t *testing.T, r *rand.Rand, account string) {
	t.Helper()
	f := &worldFile{account: account, known: map[string]bool{}, heard: map[string]bool{}}
	for _, other := range w.files {
		for _, row := range other.rows {
			if other.account == account && !other.undone && row.code == "" && !row.blank {
				f.known[row.phone], f.heard[row.phone+row.city] = true, true
			}
		}
	}
	var text strings.Builder
	text.WriteString("nome;telefone;cidade\n")
	cells := []string{"51-9999", "5,55E+12", ""}
	for i := range 8 + r.IntN(25) {
		row := worldRow{sheet: i + 2, offset: text.Len(), city: []string{"Canoas", "Pelotas", "Torres", ""}[r.IntN(4)]}
		switch n := r.IntN(10); {
		case i > 0 && n == 0:
			row.blank = true
			text.WriteString(";;\n")
		case i > 0 && n <= 3:
			row.phone = cells[r.IntN(len(cells))]
			row.code = refusals[row.phone]
			fmt.Fprintf(&text, "Nobody;%s;%s\n", row.phone, row.city)
		default:
			k := r.IntN(14)
			row.phone = fmt.Sprintf("+55519876500%02d", k)
			fmt.Fprintf(&text, "Person %c;519876500%02d;%s\n", 'A'+k, k, row.city)
		}
		f.rows = append(f.rows, row)
	}
	f.text = text.String()
	path := filepath.Join(w.dir, fmt.Sprintf("file%d.csv", len(w.files)))
	if err := os.WriteFile(path, []byte(f.text), 0o600); err != nil {
		t.Fatal(err)
	}
	code := exitDone
	if slices.ContainsFunc(f.rows, func(row worldRow) bool { return row.code != "" }) {
		code = exitRefusedRows
	}
	var done struct {
		ID string    `json:"import_id"`
		At time.Time `json:"created_at"`
	}
	if err := json.Unmarshal(w.run(t, code, "import", path, "--account", account, "--json"), &done); err != nil {
		t.Fatal(err)
	}
	f.id, f.at = done.ID, done.At
	w.files = append(w.files, f)
}

// live are the files that still count.
func (w *world) live() (files []*worldFile) {
	for _, f := range w.files {
		if !f.undone {
			files = append(files, f)
		}
	}
	return files
}

// undo takes one of the imports back that still count.
func (w *world) undo(t *testing.T, r *rand.Rand) {
	t.Helper()
	live := w.live()
	f := live[r.IntN(len(live))]
	w.run(t, 0, "undo", f.id, "--json")
	f.undone = true
}

// sums is what the rows of a file add up to, counted from what was written.
type sums struct {
	read, accepted, rejected, duplicate, created, known, blank int
	leads                                                      int
	places                                                     map[string]bool
	codes                                                      map[string]int
	phones                                                     map[string]bool
	names, cities, phoneCells                                  int
}

func (f *worldFile) sums() sums {
	s := sums{codes: map[string]int{}, phones: map[string]bool{}, places: map[string]bool{}}
	heard := maps.Clone(f.heard)
	for _, row := range f.rows {
		if row.blank {
			s.blank++
			continue
		}
		s.read++
		s.names++
		if row.city != "" {
			s.cities++
		}
		if row.phone != "" {
			s.phoneCells++
		}
		switch {
		case row.code != "":
			s.rejected++
			s.codes[row.code]++
			continue
		case s.phones[row.phone]:
			s.duplicate++
		case f.known[row.phone]:
			s.known++
		default:
			s.created++
		}
		s.accepted++
		s.phones[row.phone] = true
		if row.city != "" {
			s.places[row.city] = true
		}
		if !heard[row.phone+row.city] {
			s.leads++
		}
		heard[row.phone+row.city] = true
	}
	return s
}

// TestViewsAgreeWithTheFiles compares the views with what is counted from random
// files themselves, after several imports into two accounts, some of them undone.
func TestViewsAgreeWithTheFiles(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("imports a dozen files")
	}
	w := newWorld(t)
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	for i := range 12 {
		if i == 6 || i > 3 && r.IntN(3) == 0 && len(w.live()) > 2 {
			w.undo(t, r)
		} else {
			w.importFile(t, r, []string{"near", "far"}[i%2])
		}
	}
	t.Run("imports", w.checkImports)
	t.Run("sums", w.checkSums)
	t.Run("lineage", w.checkLineage)
	t.Run("origins", w.checkOrigins)
	t.Run("datasets", w.checkDatasets)
}

func (w *world) compare(t *testing.T, what, sql string, want []string) {
	t.Helper()
	slices.Sort(want)
	got := w.query(t, sql)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-files +view):\n%s", what, diff)
	}
}

func (f *worldFile) state() string {
	if f.undone {
		return "undone"
	}
	return "applied"
}

// checkImports compares what is told of each import.
func (w *world) checkImports(t *testing.T) {
	var ledgers, reasons, causes, qualities, funnels, columns, counts, issues []string
	for _, f := range w.files {
		s := f.sums()
		ledgers = append(ledgers, fmt.Sprint(f.id, " ", f.account, " ", f.state(), " ", s.read, " ", s.created, " ", s.known, " ", s.duplicate, " ", s.rejected, " 0 0 ", s.blank, " ", s.created, " 0 ", s.rejected))
		for code, n := range s.codes {
			reasons = append(reasons, fmt.Sprint(f.id, " ", code, " ", n))
			counts = append(counts, fmt.Sprint(f.id, " ", f.at.In(w.clock[f.account]).Format(time.DateOnly), " ", code, " error ", n))
		}
		for _, row := range f.rows {
			if row.code != "" {
				issues = append(issues, fmt.Sprint(f.id, " ", row.sheet, " ", row.offset, " ", row.code))
			}
		}
		if s.rejected > 0 {
			causes = append(causes, fmt.Sprint(f.id, " ", s.rejected))
		}
		valid := s.phoneCells - s.codes["PHONE_TOO_SHORT"] - s.codes["PHONE_SCIENTIFIC"]
		qualities = append(qualities, fmt.Sprint(f.id, " phone ", s.phoneCells, " ", valid, " ", s.phoneCells-valid, " ", s.phoneCells-valid, " 0 0 ", len(s.phones)),
			fmt.Sprint(f.id, " name ", s.names, " ", s.names, " 0 0 0 0 ", len(s.phones)), fmt.Sprint(f.id, " city ", s.cities, " ", s.cities, " 0 0 0 0 ", len(s.places)))
		columns = append(columns, fmt.Sprint(f.id, " 0 nome name ", s.names, " ", s.names), fmt.Sprint(f.id, " 1 telefone phone ", s.phoneCells, " ", valid),
			fmt.Sprint(f.id, " 2 cidade city ", s.cities, " ", s.cities))
		phones, leads := len(s.phones), s.leads
		if f.undone {
			phones, leads = 0, 0
		}
		funnels = append(funnels, fmt.Sprint(f.id, " ", f.at.In(w.clock[f.account]).Format(time.DateOnly), " ", s.read, " ", s.read-s.rejected, " ", s.accepted, " ", leads, " ", phones))
	}
	w.compare(t, "imports", "select import_id, account, state, rows_read, created, updated + unchanged as known, duplicate, rejected, skipped, conflict, blank, prospects_created, prospects_merged, errors from imports where source_kind = 'upload'", ledgers)
	w.compare(t, "rows by reason", "select import_id, reason_code, count(*) from rows group by 1, 2", reasons)
	w.compare(t, "the ledger of refused rows", "select import_id, rejected + skipped + conflict from imports where rejected + skipped + conflict > 0", causes)
	w.compare(t, "issues", "select import_id, sheet_row, byte_offset, code from issues where row is not null and severity = 'error'", issues)
	w.compare(t, "issue counts", "select import_id, day, code, severity, rows from issue_counts where severity = 'error'", counts)
	w.compare(t, "columns", "select import_id, position, name, field, filled, valid from import_columns", columns)
	w.compare(t, "quality", "select import_id, field, filled, valid, invalid, rows_with_errors, rows_with_warnings, changed, distinct_values from quality", qualities)
	w.compare(t, "funnel", "select import_id, day, rows_read, valid, accepted, leads, prospects from funnel where source_kind = 'upload'", funnels)
	for _, f := range w.files {
		total := 0
		for _, line := range strings.Split(strings.TrimSpace(string(w.run(t, 0, "query", "--run", "why", f.id, "--json"))), "\n") {
			var cause struct {
				Rows   int    `json:"rows"`
				Remedy string `json:"remedy"`
			}
			if line == "" {
				continue
			}
			if err := json.Unmarshal([]byte(line), &cause); err != nil {
				t.Fatal(err)
			}
			if cause.Remedy == "" {
				t.Errorf("why %s: no remedy in %s", f.id, line)
			}
			total += cause.Rows
		}
		if want := f.sums().rejected; total != want {
			t.Errorf("why %s adds up to %d rows, the file has %d that cannot be read", f.id, total, want)
		}
	}
}

// checkSums compares what is told of accounts, sources and days.
func (w *world) checkSums(t *testing.T) {
	type total struct{ imports, applied, undone, read, rejected, duplicate, created int }
	totals := map[string]*total{"near": {}, "far": {}}
	days := map[string]*total{}
	alive := map[string]map[string]bool{"near": {}, "far": {}}
	for _, f := range w.files {
		s := f.sums()
		day := f.account + " " + f.at.In(w.clock[f.account]).Format(time.DateOnly)
		if days[day] == nil {
			days[day] = &total{}
		}
		for _, sum := range []*total{totals[f.account], days[day]} {
			sum.imports++
			if f.undone {
				sum.undone++
				continue
			}
			sum.applied++
			sum.read, sum.rejected, sum.duplicate, sum.created = sum.read+s.read, sum.rejected+s.rejected, sum.duplicate+s.duplicate, sum.created+s.created
		}
		for phone := range s.phones {
			alive[f.account][phone] = alive[f.account][phone] || !f.undone
		}
	}
	var sources, daily, prospects []string
	for account, sum := range totals {
		if sum.imports > 0 {
			sources = append(sources, fmt.Sprint(account, " ", sum.imports, " ", sum.applied, " ", sum.undone, " ", sum.read, " ", sum.rejected, " ", sum.duplicate, " true"))
		}
		for phone, lives := range alive[account] {
			if lives {
				prospects = append(prospects, account+" "+phone)
			}
		}
	}
	for day, sum := range days {
		daily = append(daily, fmt.Sprint(day, " ", sum.undone, " ", sum.read, " ", sum.rejected, " ", sum.duplicate, " ", sum.created))
	}
	w.compare(t, "sources", `select account, sum(imports), sum(applied), sum(undone), sum(rows_read), sum(rejected), sum(duplicate),
		bool_and(refusal_rate is not distinct from rejected::float8 / nullif(rows_read, 0)) from sources where source_kind = 'upload' group by 1`, sources)
	w.compare(t, "daily", "select account, day, undone, rows_read, rejected, duplicate, created from daily", daily)
	w.compare(t, "prospects", "select account, phone from prospects", prospects)
	w.compare(t, "identities", "select account, value from identities where kind = 'phone' and joins", prospects)
}

// checkLineage compares which rows said what of whom, and where they stand.
func (w *world) checkLineage(t *testing.T) {
	var said []string
	for _, f := range w.files {
		for _, row := range f.rows {
			if f.undone || row.blank || row.code != "" {
				continue
			}
			if rest := f.text[row.offset:]; !strings.HasPrefix(rest, "Person ") || !strings.Contains(strings.SplitN(rest, "\n", 2)[0], row.phone[3:]) {
				t.Fatalf("the test itself miscounts bytes: %q at %d", rest, row.offset)
			}
			said = append(said, fmt.Sprint(f.account, " ", row.phone, " phone ", row.phone, " ", f.id, " ", row.sheet, " ", row.offset))
			if row.city != "" {
				said = append(said, fmt.Sprint(f.account, " ", row.phone, " city ", row.city, " ", f.id, " ", row.sheet, " ", row.offset))
			}
		}
	}
	w.compare(t, "lineage", `select l.account, p.phone, l.field, l.value, l.import_id, l.sheet_row, l.byte_offset
		from field_lineage l join prospects p on p.account = l.account and p.prospect_id = l.prospect_id
		where l.field in ('phone', 'city')`, said)
	// A value that a prospect has was said by somebody.
	w.compare(t, "values that nobody said", `select p.account, p.phone, p.city from prospects p where p.city is not null and not exists
		(select from field_lineage l where l.account = p.account and l.prospect_id = p.prospect_id and l.field = 'city' and l.current and l.value = p.city)`, nil)
}

// checkOrigins: the row from which a value comes by the rules of survivorship, as
// "bateia prospect" tells, is the one that the view calls current.
func (w *world) checkOrigins(t *testing.T) {
	current := map[string]string{}
	for _, row := range w.query(t, "select prospect_id, field, import_id, sheet_row from field_lineage where current") {
		parts := strings.Fields(row)
		if at, some := current[parts[0]+" "+parts[1]]; some {
			t.Errorf("%s of %s comes from two rows: %s and %s", parts[1], parts[0], at, row)
		}
		current[parts[0]+" "+parts[1]] = parts[2] + " " + parts[3]
	}
	checked := 0
	for _, row := range w.query(t, "select prospect_id, account from prospects") {
		id, account, _ := strings.Cut(row, " ")
		var shown struct {
			Origins map[string]struct {
				Import string `json:"import_id"`
				Sheet  int    `json:"sheet_row"`
			} `json:"origins"`
		}
		if err := json.Unmarshal(w.run(t, 0, "prospect", id, "--account", account, "--json"), &shown); err != nil {
			t.Fatal(err)
		}
		for field, o := range shown.Origins {
			checked++
			if at := fmt.Sprint(o.Import, " ", o.Sheet); current[id+" "+field] != at {
				t.Errorf("%s of %s comes from %s, the view says %q", field, id, at, current[id+" "+field])
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d values were checked", checked)
	}
}
