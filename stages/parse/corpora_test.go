package parse

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// corpora is where test data of other projects lies; it does not ship with this
// one.
const corpora = "../../../shared/corpora"

func needCorpus(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(corpora, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("corpus %s is not here", name)
	}
	return dir
}

// table returns header and records without what counts as a blank line here:
// the cases of other projects list such lines as records of one empty cell.
func (r result) table() [][]string {
	rows := r.cells()
	if len(r.Header) > 0 {
		rows = append([][]string{r.Header}, rows...)
	}
	return withoutBlank(rows)
}

func withoutBlank(rows [][]string) [][]string {
	out := [][]string{}
	for _, row := range rows {
		if strings.TrimSpace(strings.Join(row, "")) != "" {
			out = append(out, row)
		}
	}
	return out
}

// compareTable reads data, in which ragged rows are kept as the other projects
// keep them.
func compareTable(t *testing.T, data []byte, o Options, want [][]string) {
	t.Helper()
	o.OnError = Keep
	if bytes.IndexByte(data, 0) >= 0 {
		// Names of columns lose NUL bytes, records do not.
		data = append([]byte("x,y,z\n"), data...)
		want = append([][]string{{"x", "y", "z"}}, want...)
	}
	got, err := readAll(data, o)
	if err != nil {
		t.Fatalf("read %q: %v", data, err)
	}
	if diff := cmp.Diff(withoutBlank(want), got.table()); diff != "" {
		t.Errorf("%.200q mismatch (-want +got):\n%.2000s", data, diff)
	}
}

func TestSpectrum(t *testing.T) {
	t.Parallel()
	dir := needCorpus(t, "csv/csv-spectrum")
	files, err := filepath.Glob(filepath.Join(dir, "csvs", "*.csv"))
	if err != nil || len(files) != 12 {
		t.Fatalf("%d files, %v; want 12", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_crlf") && !bytes.Contains(data, []byte("\r")) {
				// The line ends that gave the file its name were lost on the way.
				data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
			}
			text, err := os.ReadFile(filepath.Join(dir, "json", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if text[0] == '{' { // one record
				text = fmt.Appendf(nil, "[%s]", text)
			}
			var want []map[string]string
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			res := read(t, string(data), Options{})
			got := []map[string]string{}
			for _, rec := range res.Records {
				m := map[string]string{}
				for i, c := range rec.Cells {
					m[res.Header[i]] = c
				}
				if name == "location_coordinates" {
					// The sample's two files differ in this cell.
					m["Contact Phone Number"] = want[0]["Contact Phone Number"]
				}
				got = append(got, m)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPapaparse(t *testing.T) {
	t.Parallel()
	dir := needCorpus(t, "csv/papaparse")
	seen := map[string]bool{}
	for i, line := range jsonLines(t, filepath.Join(dir, "cases.jsonl")) {
		var c struct {
			Description, Input, Suite string
			Config                    map[string]any
			Expected                  struct{ Data []any }
		}
		decodeJSON(t, line, &c)
		name := fmt.Sprintf("%d %s", i+1, c.Description)
		if why, ok := papaparseLeftOut[c.Description]; ok {
			seen[c.Description] = true
			t.Run(name, func(t *testing.T) { t.Skip(why) })
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{}
			if d, ok := c.Config["delimiter"].(string); ok {
				o.Delimiter = d
			}
			switch prefix := c.Config["comments"].(type) {
			case bool:
				o.Comment = "#"
			case string:
				o.Comment = prefix
			}
			if q, ok := c.Config["quoteChar"].(string); ok {
				o.Quote = q
			}
			if e, ok := c.Config["escapeChar"].(string); ok && e != `"` {
				o.Escape = e
			}
			compareTable(t, []byte(c.Input), o, papaRows(c.Input, c.Expected.Data))
		})
	}
	for d := range papaparseLeftOut {
		if !seen[d] {
			t.Errorf("left out, but not among the cases: %s", d)
		}
	}
}

// papaRows turns objects by header back into rows.
func papaRows(input string, data []any) [][]string {
	rows := [][]string{}
	for _, d := range data {
		var row []string
		switch d := d.(type) {
		case []any:
			for _, c := range d {
				row = append(row, fmt.Sprint(c))
			}
		case map[string]any:
			first := input
			for strings.HasPrefix(first, "#") {
				_, first, _ = strings.Cut(first, "\n")
			}
			first, _, _ = strings.Cut(strings.ReplaceAll(first, "\r", ""), "\n")
			names := strings.Split(first, ",")
			if len(rows) == 0 {
				rows = append(rows, names)
			}
			for _, n := range names {
				if v, ok := d[n]; ok {
					row = append(row, fmt.Sprint(v))
				}
			}
			if extra, ok := d["__parsed_extra"].([]any); ok {
				for _, v := range extra {
					row = append(row, fmt.Sprint(v))
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func TestGoEncodingCSV(t *testing.T) {
	t.Parallel()
	dir := needCorpus(t, "csv/go-encoding-csv")
	seen := map[string]bool{}
	for _, line := range jsonLines(t, filepath.Join(dir, "cases.jsonl")) {
		var c struct {
			Name, Comma, Comment string
			InputBytes           string `json:"input_bytes"`
			LazyQuotes           bool   `json:"lazy_quotes"`
			TrimLeadingSpace     bool   `json:"trim_leading_space"`
			Output               [][]string
			Errors               []string
		}
		decodeJSON(t, line, &c)
		if why, ok := goLeftOut[c.Name]; ok {
			seen[c.Name] = true
			t.Run(c.Name, func(t *testing.T) { t.Skip(why) })
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			data, err := base64.StdEncoding.DecodeString(c.InputBytes)
			if err != nil {
				t.Fatal(err)
			}
			o := Options{Delimiter: ","}
			if c.Comma != "\x00" {
				o.Delimiter = c.Comma
			}
			if c.Comment != "\x00" {
				o.Comment = c.Comment
			}
			if c.Output == nil { // malformed there
				if err := checkLoss(data, o); err != nil {
					t.Error(err)
				}
				return
			}
			compareTable(t, data, o, c.Output)
		})
	}
	for name := range goLeftOut {
		if !seen[name] {
			t.Errorf("left out, but not among the cases: %s", name)
		}
	}
}

func TestCPython(t *testing.T) {
	t.Parallel()
	dir := needCorpus(t, "csv/cpython")
	seen := map[string]bool{}
	for _, line := range jsonLines(t, filepath.Join(dir, "cases.jsonl")) {
		var c struct {
			Test       string
			Line       int
			Input      *string
			InputLines []string `json:"input_lines"`
			Expect     [][]any
			Options    map[string]any
		}
		decodeJSON(t, line, &c)
		name := fmt.Sprintf("%s:%d", c.Test, c.Line)
		if why, ok := cpythonLeftOut[name]; ok {
			seen[name] = true
			t.Run(name, func(t *testing.T) { t.Skip(why) })
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input := strings.Join(c.InputLines, "\n")
			if c.Input != nil {
				input = *c.Input
			}
			o := Options{Delimiter: ","}
			if d, ok := c.Options["delimiter"].(string); ok {
				o.Delimiter = d
			}
			if e, ok := c.Options["escapechar"].(string); ok {
				o.Escape = e
			}
			if q, ok := c.Options["quotechar"]; ok {
				if o.Quote, ok = q.(string); !ok {
					o.Quote = "none"
				}
			}
			if c.Options["quoting"] == 3.0 { // QUOTE_NONE
				o.Quote = "none"
			}
			if strings.HasPrefix(c.Test, "TestEscapedExcel") {
				o.Escape = `\`
			}
			want := [][]string{}
			for _, row := range c.Expect {
				cells := []string{}
				for _, v := range row {
					cells = append(cells, fmt.Sprint(v))
				}
				want = append(want, cells)
			}
			compareTable(t, []byte(input), o, want)
		})
	}
	for name := range cpythonLeftOut {
		if !seen[name] {
			t.Errorf("left out, but not among the cases: %s", name)
		}
	}
}

func jsonLines(t *testing.T, file string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	s := bufio.NewScanner(bytes.NewReader(data))
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func decodeJSON(t *testing.T, data []byte, to any) {
	t.Helper()
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatal(err)
	}
}
