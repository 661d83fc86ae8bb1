package terminal

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

func TestEveryTextHasThreeLanguages(t *testing.T) {
	t.Parallel()
	placeholder := regexp.MustCompile(`\{[a-z]+`)
	for key, all := range texts() {
		names := func(locale string) []string {
			n := placeholder.FindAllString(all[locale], -1)
			slices.Sort(n)
			return n
		}
		for _, l := range schemas.Locales {
			if strings.TrimSpace(all[l]) == "" {
				t.Errorf("text %s has no %s", key, l)
			}
			if diff := cmp.Diff(names("en"), names(l)); diff != "" {
				t.Errorf("placeholders of %s in %s mismatch (-en +%s):\n%s", key, l, l, diff)
			}
		}
		if len(all) != len(schemas.Locales) {
			t.Errorf("text %s has %d languages, want %d", key, len(all), len(schemas.Locales))
		}
	}
	if len(texts()) < 50 {
		t.Errorf("only %d texts were read", len(texts()))
	}
}

func TestEveryStateAndStageHasAWord(t *testing.T) {
	t.Parallel()
	w := Words{Locale: "pt-BR"}
	keys := []string{}
	for _, s := range []schemas.State{schemas.Received, schemas.Planning, schemas.Ready, schemas.Applying,
		schemas.Applied, schemas.Rejected, schemas.Failed, schemas.Canceled, schemas.Undone} {
		keys = append(keys, "state_"+string(s))
	}
	for _, s := range []string{schemas.StageFetch, schemas.StageSync, schemas.StageParse, schemas.StageValidate, schemas.StageDedupe,
		schemas.StageResolve, schemas.StageApply, schemas.StageReport} {
		keys = append(keys, "stage_"+s)
	}
	for _, k := range keys {
		if w.Say(k) == k {
			t.Errorf("no text %s", k)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	tests := []struct{ got, want string }{
		{Words{"en"}.Number(1234567), "1,234,567"},
		{Words{"pt-BR"}.Number(-1234), "-1.234"},
		{Words{"es"}.Number(999), "999"},
		{Words{"es-AR"}.Size(1_500_000), "1,5 MB"},
		{Words{"en"}.Size(999), "999 B"},
		{Words{"en"}.Size(114_000_000), "114 MB"},
		{Words{"en"}.Say("rows", "count", 1000), "1,000 rows"},
		{Words{"pt-BR"}.Say("rows", "count", 1), "1 linha"},
		{Words{"es"}.Say("interrupted", "id", "{id}"), "Interrumpido. La importación {id} queda como está y sigue cuando haya un worker; véala con: bateia show {id}"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestTableAlignsAndDisarms(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	Output{Out: &out}.Table([]string{"name", ">rows"}, [][]string{{"João", "7"}, {"\x1b[31mx", "1.234"}})
	want := "name     rows\nJoão        7\n [31mx  1.234\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table mismatch (-want +got):\n%s", diff)
	}
}

// clock is moved by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestProgressInALog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := &clock{at: time.Unix(0, 0)}
	p := NewProgress(&out, Words{"en"}, c.now)
	for _, s := range []int{0, 1, 11, 12} {
		c.at = time.Unix(int64(s), 0)
		p.Update(pipeline.Progress{Stage: "parse", Rows: int64(s) * 1000, Bytes: int64(s) * 1e6, TotalBytes: 20e6})
	}
	p.Done(schemas.StageTime{Name: "parse", Seconds: 20, Rows: 20_000, Bytes: 20e6})
	p.Close()
	want := "read      11,000 rows  11.0 MB  1,000 rows/s  11 s\n" +
		"read      20,000 rows  20.0 MB  1,000 rows/s  20 s\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("log mismatch (-want +got):\n%s", diff)
	}
}

func TestProgressBar(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := &clock{at: time.Unix(0, 0)}
	p := NewProgress(&out, Words{"en"}, c.now)
	p.width = 120
	p.Update(pipeline.Progress{Stage: "parse", TotalBytes: 100})
	c.at = time.Unix(0, int64(50*time.Millisecond))
	p.Update(pipeline.Progress{Stage: "parse", Bytes: 1, TotalBytes: 100}) // too soon to draw
	c.at = time.Unix(30, 0)
	p.Update(pipeline.Progress{Stage: "parse", Rows: 600, Bytes: 50, TotalBytes: 100})
	p.Close()
	lines := strings.Split(out.String(), "\r\x1b[K")
	want := []string{
		"",
		"read      [························]   0%  0.0 s",
		"read      [████████████············]  50%  600 rows  50 B  20 rows/s  30 s  30 s left",
		"",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("bar mismatch (-want +got):\n%s", diff)
	}
}
