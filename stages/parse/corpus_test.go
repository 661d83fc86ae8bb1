package parse

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the expectations in testdata/csv")

// corpus is the project's own collection of odd files, each named for what is
// odd about it, with what reading it gives beside it.
const corpus = "../../testdata/csv"

// TestCorpus reads every file of the corpus as an import does.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(corpus, "*.csv"))
	if err != nil || len(files) < 150 {
		t.Fatalf("%d files, %v; want 150", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".csv"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := read(t, string(data), Options{})
			if got.Dialect != nil {
				// Figures of the scoring, not of the file.
				got.Dialect.Confidence, got.Dialect.Evidence = 0, nil
			}
			expect := strings.TrimSuffix(file, ".csv") + ".json"
			if *update {
				writeExpectation(t, expect, got)
				return
			}
			text, err := os.ReadFile(expect)
			if err != nil {
				t.Fatal(err)
			}
			var want result
			dec := json.NewDecoder(bytes.NewReader(text))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if err := checkLoss(data, Options{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// writeExpectation writes one record a line, so that changes can be read.
func writeExpectation(t *testing.T, file string, r result) {
	t.Helper()
	records := r.Records
	r.Records = nil
	head := marshal(t, r)
	var out bytes.Buffer
	if len(records) > 0 {
		out.WriteString(strings.TrimSuffix(head, "}"))
		if head != "{}" {
			out.WriteString(",")
		}
		out.WriteString("\"records\":[\n")
		for i, rec := range records {
			out.WriteString(marshal(t, rec))
			if i+1 < len(records) {
				out.WriteString(",")
			}
			out.WriteString("\n")
		}
		out.WriteString("]}\n")
	} else {
		out.WriteString(head + "\n")
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}
