package parse

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// leastDialects is the share of files of which delimiter and quote must be found
// out: the F1 score where every file gets one answer.
const leastDialects = 0.98

// messy is a file and how it is written.
type messy struct {
	kind, delim, quote string
	data               string
}

// TestDialects finds out the dialect of some hundred generated files of the sorts
// that lead detection astray.
func TestDialects(t *testing.T) {
	t.Parallel()
	right, all := map[string]int{}, map[string]int{}
	var wrong []string
	total := 0
	files := messyFiles()
	for i, f := range files {
		if strings.TrimSpace(f.data) == "" {
			t.Fatalf("%s: no data", f.kind)
		}
		l := sniff([]byte(f.data), true, lineEnds([]byte(f.data)) == "\r", asked{})
		delim := strings.TrimRight(l.delimiter, " ")
		if l.delimiter == " " {
			delim = " "
		}
		quoteRight := f.quote == "" || !strings.Contains(f.data, f.quote) || string(rune(l.quote)) == f.quote
		all[f.kind]++
		if delim == f.delim && quoteRight {
			right[f.kind]++
			total++
		} else {
			wrong = append(wrong, fmt.Sprintf("%s (%d): delimiter %q quote %q, want %q %q:\n%.200s", f.kind, i, l.delimiter, string(rune(l.quote)), f.delim, f.quote, f.data))
		}
	}
	var kinds []string
	for k, n := range all {
		kinds = append(kinds, fmt.Sprintf("%-34s %3d of %3d", k, right[k], n))
	}
	slices.Sort(kinds)
	share := float64(total) / float64(len(files))
	t.Logf("delimiter and quote: F1 %.3f over %d files\n%s", share, len(files), strings.Join(kinds, "\n"))
	for _, w := range wrong[:min(len(wrong), 40)] {
		t.Log(w)
	}
	if share < leastDialects {
		t.Errorf("F1 %.3f, want %.2f", share, leastDialects)
	}
}

// cellMaker makes one value.
type cellMaker func(r *rand.Rand) string

func pick(list ...string) cellMaker {
	return func(r *rand.Rand) string { return list[r.IntN(len(list))] }
}

func filled(layout string, limits ...int) cellMaker {
	return func(r *rand.Rand) string {
		args := make([]any, len(limits))
		for i, n := range limits {
			args[i] = r.IntN(n)
		}
		return fmt.Sprintf(layout, args...)
	}
}

var (
	cellInt      = filled("%d", 5000)
	cellFloat    = filled("%d.%03d", 90, 1000)
	cellComma    = filled("%d,%02d", 900, 100)
	cellGrouped  = filled("%d.%03d,%02d", 90, 1000, 100)
	cellThousand = filled("%d,%03d", 90, 1000)
	cellDate     = filled("20%02d-%02d-%02d", 20, 12, 28)
	cellSlash    = filled("%02d/%02d/20%02d", 28, 12, 20)
	cellStamp    = filled("2021-0%d-1%d %02d:%02d:%02d", 9, 9, 24, 60, 60)
	cellTime     = filled("%02d:%02d", 24, 60)
	cellAddress  = filled("10.%d.%d.%d", 255, 255, 255)
	cellHardware = filled("a%d:0%d:f%d:%d%d:c0:0%d", 9, 9, 9, 9, 9, 9)
	cellCode     = filled("KX-%04d", 9999)
	cellWord     = pick("amber", "basalt", "cedar", "dune", "ember", "flint", "grove", "heath", "inlet", "jetty")
	cellName     = pick("Ana Souza", "Rui Prado", "Lia Mota", "Ivo Lins", "Noa Reis", "Caio Sá")
	cellQuoteful = pick("D'Ávila", "it's new", "O'Neil", "l'eau", "Sant'Ana")
	cellProse    = pick("The lamp, the chair and a box; all in oak", "Sold as seen: no returns", "Well made, light, and warm",
		"Call first, then mail; never both", "One of two | see list", "Works, mostly. Ask for the key")
	cellLink     = pick("https://a.example/x?p=1&q=2", "http://b.example/path/to,it", "https://c.example:8080/z")
	cellMail     = filled("user%d@mail.example", 900)
	cellBlank    = pick("", "", "", "x")
	cellList     = pick("red|green|blue", "red|blue", "green", "red|green")
	cellSemis    = pick("one;two;three", "one", "two;three", "one;three")
	cellCommas   = pick("one,two,three", "one", "two,three", "one,three", "four,five")
	cellJSON     = pick(`{"a": 1, "b": [2, 3]}`, `{"a": 4}`, `{"c": {"d": "e"}}`)
	cellGeometry = pick("POINT (1.5 2.5)", "LINESTRING (1 2, 3 4, 5 6)", "POLYGON ((0 0, 1 0, 1 1, 0 0))")
	cellYes      = pick("yes", "no")
)

// tableKind is a sort of table: its columns, and the delimiters with which they
// can be written at all.
type tableKind struct {
	name    string
	delims  string // each character is one
	columns []cellMaker
}

var tableKinds = []tableKind{
	{"numbers", ",;\t|^~ ", []cellMaker{cellInt, cellFloat, cellInt, cellFloat, cellInt}},
	{"words", ",;\t|^~:", []cellMaker{cellWord, cellWord, cellYes}},
	{"names and dates", ",;\t|^~:", []cellMaker{cellName, cellDate, cellMail, cellInt}},
	{"times", ",;\t|", []cellMaker{cellTime, cellTime, cellWord, cellTime}},
	{"dates with times", ",;\t|", []cellMaker{cellStamp, cellStamp, cellFloat}},
	{"decimal commas", ";\t|", []cellMaker{cellComma, cellComma, cellInt, cellComma}},
	{"groups of thousands", ";\t|", []cellMaker{cellName, cellGrouped, cellThousand, cellSlash}},
	{"free text", ",;\t|", []cellMaker{cellInt, cellProse, cellCode, cellFloat}},
	{"free text first", ",;\t|", []cellMaker{cellProse, cellInt, cellDate}},
	{"mostly free text", ",;\t|", []cellMaker{cellProse, cellProse}},
	{"links", ",;\t|", []cellMaker{cellCode, cellLink, cellInt, cellLink}},
	{"lists with bars", ",;\t", []cellMaker{cellInt, cellList, cellWord, cellList}},
	{"lists with semicolons", ",\t|", []cellMaker{cellCode, cellSemis, cellInt, cellSemis}},
	{"lists with commas", ";\t|", []cellMaker{cellCode, cellCommas, cellInt, cellCommas}},
	{"JSON", ",;\t|", []cellMaker{cellInt, cellJSON, cellName}},
	{"shapes", ";\t|", []cellMaker{cellInt, cellGeometry, cellWord}},
	{"addresses of machines", ",;\t|", []cellMaker{cellAddress, cellHardware, cellStamp}},
	{"sparse", ",;\t|", []cellMaker{cellInt, cellBlank, cellBlank, cellWord, cellBlank, cellBlank, cellBlank}},
	{"apostrophes", ",;\t|", []cellMaker{cellQuoteful, cellProse, cellQuoteful, cellInt}},
	{"slashes", ",;\t|", []cellMaker{cellSlash, cellSlash, cellWord, cellInt}},
}

// variants are ways to write one table.
var variants = []struct {
	name   string
	rows   int
	quote  string
	all    bool // every cell in quotes
	back   bool // quotes escaped by backslashes
	header bool
	above  string
	ragged bool
	end    string
}{
	{name: "plain", rows: 30, quote: `"`, header: true},
	{name: "no header", rows: 25, quote: `"`},
	{name: "all quoted", rows: 12, quote: `"`, all: true, header: true},
	{name: "single quotes", rows: 20, quote: "'", all: true, header: true},
	{name: "few rows", rows: 3, quote: `"`, header: true},
	{name: "one row and header", rows: 1, quote: `"`, header: true},
	{name: "title above", rows: 20, quote: `"`, header: true, above: "Report of the year\nmade on 3 May, by hand\n\n"},
	{name: "comments above", rows: 20, quote: `"`, header: true, above: "# made by a machine; version 1.2, beta\n# do not edit: it is written anew\n"},
	{name: "ragged", rows: 30, quote: `"`, header: true, ragged: true},
	{name: "backslashes", rows: 20, quote: `"`, header: true, all: true, back: true},
	{name: "CR", rows: 20, quote: `"`, header: true, end: "\r"},
}

// messyFiles makes every table in every way.
func messyFiles() (files []messy) {
	r := rand.New(rand.NewPCG(7, 11))
	for _, k := range tableKinds {
		for _, d := range k.delims {
			for v := range variants {
				files = append(files, makeMessy(r, k, string(d), v))
			}
		}
		for _, d := range []string{"||", "::"} {
			if !strings.ContainsAny(k.name, "J") && strings.Contains(k.delims, ",;\t") {
				files = append(files, makeMessy(r, k, d, 0))
			}
		}
	}
	return slices.Concat(files, loneFiles(r), oddFiles(r))
}

func makeMessy(r *rand.Rand, k tableKind, delim string, variant int) messy {
	v := variants[variant]
	s := style{delim: delim, end: "\n", quote: v.quote, escaped: v.quote + v.quote}
	if v.back {
		s.escaped = `\` + v.quote
	}
	if v.end != "" {
		s.end = v.end
	}
	for i := range k.columns {
		if v.all {
			s.always = append(s.always, i)
		}
	}
	var rows [][]string
	if v.header {
		var names []string
		for i := range k.columns {
			names = append(names, []string{"kind", "of thing", "size", "made", "seen", "left_over", "zz"}[i])
		}
		rows = append(rows, names)
	}
	for range v.rows {
		var cells []string
		for _, make := range k.columns {
			cells = append(cells, make(r))
		}
		if v.ragged && r.IntN(6) == 0 {
			cells = cells[:1+r.IntN(len(cells))]
		}
		rows = append(rows, cells)
	}
	return messy{k.name + ", " + v.name, delim, v.quote, strings.ReplaceAll(v.above, "\n", s.end) + s.table(rows)}
}

// loneFiles are files of one column, and what is no table at all.
func loneFiles(r *rand.Rand) (files []messy) {
	for _, make := range []cellMaker{cellInt, cellFloat, cellWord, cellName, cellMail, cellDate, cellStamp, cellProse, cellLink, cellCode, cellTime, cellSlash, cellComma, cellAddress} {
		for _, rows := range []int{1, 3, 40} {
			var b strings.Builder
			b.WriteString("things\n")
			for range rows {
				b.WriteString(make(r) + "\n")
			}
			files = append(files, messy{"one column", "", "", b.String()})
		}
	}
	return files
}
