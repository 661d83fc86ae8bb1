package parse

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// counter is a workset that counts the rows written to it.
type counter struct {
	pipeline.Workset
	table string
	rows  int64
}

func (c *counter) Write(_ context.Context, table string, schema *arrow.Schema, batches pipeline.Batches) (int64, error) {
	c.table = table
	for batch, err := range batches {
		if err != nil {
			return c.rows, err
		}
		if !batch.Schema().Equal(schema) {
			return c.rows, errors.New("schema differs")
		}
		c.rows += batch.NumRows()
	}
	return c.rows, nil
}

func newRun(t *testing.T, text string) (*pipeline.Run, *counter) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &counter{}
	return &pipeline.Run{Path: path, FileName: "leads.csv", Dir: t.TempDir(), Workset: w, Log: slog.New(slog.DiscardHandler)}, w
}

func TestStageWritesRecordsAndFacts(t *testing.T) {
	t.Parallel()
	text := "\xEF\xBB\xBFnome;telefone\r\nAna;1\r\n\r\nBia\r\n"
	run, w := newRun(t, text)
	var last pipeline.Progress
	run.Progress = func(p pipeline.Progress) { last = p }
	if err := (Stage{}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	if w.table != schemas.TableRecords || w.rows != 2 {
		t.Errorf("%d rows in table %q", w.rows, w.table)
	}
	size := int64(len(text))
	want := schemas.Facts{
		Dialect: schemas.Dialect{Encoding: "utf-8", Delimiter: ";", Quote: `"`, HeaderLine: 1, LineEnd: "\r\n", Confidence: run.Facts.Dialect.Confidence,
			Evidence: &schemas.DialectEvidence{Source: "sample", Records: 3, Shaped: 2, Typed: 0.92}},
		Header: []string{"nome", "telefone"}, Records: 2, Blank: 1, Bytes: size,
	}
	if diff := cmp.Diff(want, run.Facts); diff != "" {
		t.Errorf("facts mismatch (-want +got):\n%s", diff)
	}
	if want := (pipeline.Progress{Stage: schemas.StageParse, Rows: 2, Bytes: size, TotalBytes: size}); last != want {
		t.Errorf("progress %+v, want %+v", last, want)
	}
}

func TestStageTakesTheOptionsOfTheImport(t *testing.T) {
	t.Parallel()
	run, w := newRun(t, "a;b\n1;S\xe3o,2\n")
	run.Request.Mapping.Options = schemas.Options{Delimiter: ",", Encoding: "latin1", OnError: Keep}
	if err := (Stage{}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a;b"}, run.Facts.Header); diff != "" || w.rows != 1 {
		t.Errorf("%d rows, header mismatch (-want +got):\n%s", w.rows, diff)
	}
}

func TestStageRefusesFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, code string }{
		"workbook":    {"PK\x03\x04....xl/workbook.xml", CodeNotCSV},
		"header only": {"a;b\n", CodeNoDataRows},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, _ := newRun(t, tc.text)
			err := (Stage{}).Run(context.Background(), run)
			if pipeline.KindOf(err) != pipeline.KindRejected || pipeline.CodeOf(err) != tc.code {
				t.Errorf("error %v, want %s", err, tc.code)
			}
		})
	}
}

func TestRefusalsCarryNoCells(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"ana@example.com;1\n", "{\"nome\": \"ana@example.com\"}", "PK\x03\x04ana@example.com"} {
		_, err := Open(strings.NewReader(text), int64(len(text)), Options{})
		if err == nil || strings.Contains(err.Error(), "example") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func TestBatchesEndWithTheContext(t *testing.T) {
	t.Parallel()
	data := string(leads(100))
	r, err := Open(strings.NewReader(data), int64(len(data)), Options{BatchRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var got error
	for _, err := range r.Batches(ctx, memory.DefaultAllocator) {
		cancel()
		got = err
	}
	if !errors.Is(got, context.Canceled) {
		t.Errorf("last error %v, want canceled", got)
	}
	for _, err := range r.Batches(context.Background(), memory.DefaultAllocator) {
		if err == nil {
			t.Error("batches were handed out twice")
		}
	}
}
