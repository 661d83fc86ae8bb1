package parse

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// oddFile is a sort of file that is no plain table: its lines are written by hand
// with ¦ for the delimiter and ¨ for the quote.
type oddFile struct {
	name   string
	delims []string
	quotes string
	make   func(r *rand.Rand) []string
}

func lines(n int, head string, line func(r *rand.Rand, i int) string) func(r *rand.Rand) []string {
	return func(r *rand.Rand) (out []string) {
		if head != "" {
			out = append(out, head)
		}
		for i := range n {
			out = append(out, line(r, i))
		}
		return out
	}
}

var usual = []string{",", ";", "\t", "|"}

var oddKinds = []oddFile{
	{"code in cells", []string{";", "\t", "|"}, `"`, lines(20, "", func(r *rand.Rand, i int) string {
		w := cellWord(r)
		return fmt.Sprintf("%s¦%d/%d¦Node.make(:name=>'%s',:path=>'%d/%d')", w, i%3, i%5, w, i%3, i%5)
	})},
	{"a word alone above", usual, `"`, lines(4, "SERIAL", func(r *rand.Rand, i int) string { return cellCode(r) + "¦host" + cellWord(r) + ".example.org" })},
	{"blank lines between", usual, `"`, lines(12, "kind¦of thing¦size", func(r *rand.Rand, i int) string { return "\n" + cellName(r) + "¦" + cellWord(r) + "¦" + cellFloat(r) })},
	{"one line", usual, `"`, lines(1, "", func(r *rand.Rand, i int) string {
		return cellName(r) + "¦" + cellWord(r) + "¦" + cellInt(r) + "¦¨" + cellProse(r) + "¨¦" + cellMail(r)
	})},
	{"keys and texts", usual, `"`, lines(25, "", func(r *rand.Rand, i int) string { return fmt.Sprintf("menu.item_%d¦¨%s¨", i, cellProse(r)) })},
	{"keys and texts in single quotes", usual, "'", lines(25, "", func(r *rand.Rand, i int) string { return fmt.Sprintf("¨menu.item_%d¨¦¨%s¨", i, cellProse(r)) })},
	{"long last cells", []string{"\t", "|", ";"}, `"`, lines(20, "n¦text", func(r *rand.Rand, i int) string {
		return fmt.Sprintf("%d¦%s, %s, %s", i, cellWord(r), cellWord(r), cellProse(r)[:r.IntN(20)+2])
	})},
	{"lists as last cells", []string{","}, `"`, lines(20, "id¦name¦tags", func(r *rand.Rand, i int) string {
		return fmt.Sprintf("%d¦%s¦%s", i, cellName(r), strings.Repeat(cellWord(r)+"¦", r.IntN(3))+cellWord(r))
	})},
	{"sections", usual, `"`, func(r *rand.Rand) (out []string) {
		for s := range 3 {
			out = append(out, fmt.Sprintf("'Section %d", s), "'name¦value¦unit¦mark¦limit"[:20+7*min(s, 1)])
			for range 6 {
				out = append(out, cellWord(r)+"¦"+cellFloat(r)+"¦"+cellWord(r)+strings.Repeat("¦"+cellInt(r), 1+s%2))
			}
		}
		return out
	}},
	{"markup", usual, `"`, lines(15, "id¦html¦note", func(r *rand.Rand, i int) string {
		return fmt.Sprintf(`%d¦¨<a href=¨¨/x/%d¨¨ class=¨¨b c¨¨>%s; more</a>¨¦%s`, i, i, cellWord(r), cellWord(r))
	})},
	{"markup without quoting", []string{"\t", "|"}, `"`, lines(15, "id¦html¦note", func(r *rand.Rand, i int) string {
		return fmt.Sprintf(`%d¦<a href="/x/%d" class="b c">%s; more</a>¦%s`, i, i, cellWord(r), cellWord(r))
	})},
	{"delimiters at the ends", usual, `"`, lines(20, "", func(r *rand.Rand, i int) string { return cellWord(r) + "¦" + cellInt(r) + "¦" + cellDate(r) + "¦" })},
	{"two columns of phrases", usual, `"`, lines(20, "", func(r *rand.Rand, i int) string { return cellName(r) + "¦" + cellWord(r) + " and " + cellWord(r) })},
	{"messages with commas", []string{";", "\t", "|"}, `"`, lines(30, "", func(r *rand.Rand, i int) string {
		return cellStamp(r) + "¦INFO¦" + cellAddress(r) + "¦" + cellProse(r)
	})},
	{"numbers of science", []string{",", ";", "\t", " "}, `"`, lines(30, "", func(r *rand.Rand, i int) string {
		return fmt.Sprintf("%.4E", r.Float64()/1e4) + "¦" + fmt.Sprintf("%.6f", r.Float64()) + "¦-" + cellFloat(r)
	})},
	{"quoted words between blanks", []string{" "}, `"`, lines(25, "¨carat¨ ¨cut¨ ¨color¨ ¨price¨", func(r *rand.Rand, i int) string {
		return fmt.Sprintf("¨%d¨ %s ¨%s¨ ¨%s¨ %s", i, cellFloat(r), cellWord(r), cellName(r), cellInt(r))
	})},
	{"number signs", []string{"#"}, `"`, lines(20, "", func(r *rand.Rand, i int) string {
		return "¨" + cellName(r) + "¨¦¨" + cellProse(r) + "¨¦¨" + cellInt(r) + "¨"
	})},
	{"texts of several lines", usual, `"`, lines(12, "id¦body¦date", func(r *rand.Rand, i int) string {
		return fmt.Sprintf("%d¦¨%s\n%s\n\nyours, %s¨¦%s", i, cellProse(r), cellProse(r), cellName(r), cellDate(r))
	})},
	{"mostly empty", usual, `"`, lines(15, "", func(r *rand.Rand, i int) string {
		return strings.Repeat("¦", 3) + cellBlank(r) + strings.Repeat("¦", 4) + cellInt(r)
	})},
	{"a few names", usual, `"`, lines(2, "", func(r *rand.Rand, i int) string { return cellName(r) + "¦" + cellWord(r) })},
	{"quoted numbers with commas", []string{",", ";"}, `"`, lines(20, "¨day¨¦¨amount¨¦¨rest¨", func(r *rand.Rand, i int) string {
		return "¨" + cellSlash(r) + "¨¦¨" + cellComma(r) + "¨¦¨" + cellGrouped(r) + "¨"
	})},
	{"pairs of keys and values", usual, `"`, lines(20, "", func(r *rand.Rand, i int) string {
		return "host=" + cellWord(r) + "¦port=" + cellInt(r) + "¦user=" + cellWord(r)
	})},
	{"header wider than rows", usual, `"`, lines(20, "a¦b¦c¦d¦e¦f¦g", func(r *rand.Rand, i int) string { return cellWord(r) + "¦" + cellInt(r) + "¦" + cellStamp(r) })},
	{"groups of letters", usual, `"`, lines(15, "", func(r *rand.Rand, i int) string {
		return cellCode(r) + "¦" + cellWord(r) + "-" + cellWord(r) + "_" + cellWord(r) + "¦" + cellWord(r) + ":" + cellWord(r)
	})},
	{"backslashes and quotes", usual, `"`, lines(15, "id¦said¦when", func(r *rand.Rand, i int) string {
		return fmt.Sprintf(`%d¦¨he said \¨%s\¨¦ and left¨¦%s`, i, cellWord(r), cellDate(r))
	})},
	{"lone quotes", usual, `"`, lines(30, "id¦tool¦size", func(r *rand.Rand, i int) string {
		return fmt.Sprintf(`%d¦%s %d"¦%s`, i, cellWord(r), i%9, cellFloat(r))
	})},
	{"questions with answers", []string{",", "|"}, `"`, lines(12, "", func(r *rand.Rand, i int) string {
		return fmt.Sprintf("¨What is %s?¨¦¨%s¨¦¨%s¨¦%d", cellWord(r), cellProse(r), cellProse(r), i%4)
	})},
}

// oddFiles makes every odd file in all its ways.
func oddFiles(r *rand.Rand) (files []messy) {
	for _, k := range oddKinds {
		for _, d := range k.delims {
			for range 3 {
				text := strings.Join(k.make(r), "\n") + "\n"
				text = strings.NewReplacer("¦", d, "¨", k.quotes).Replace(text)
				files = append(files, messy{k.name, d, k.quotes, text})
			}
		}
	}
	return files
}
