package parse

import (
	"fmt"
	"strings"
)

// style is how a table is written.
type style struct {
	delim, end string
	quote      string
	escaped    string // what stands for a quote inside a quoted cell
	always     []int  // columns that are always in quotes
}

var plainStyle = style{delim: ",", end: "\r\n", quote: `"`, escaped: `""`, always: []int{6, 7}}

// cell writes one cell.
func (s style) cell(column int, text string) string {
	always := false
	for _, c := range s.always {
		always = always || c == column
	}
	if !always && !strings.ContainsAny(text, s.delim+s.quote+"\r\n") {
		return text
	}
	return s.quote + strings.ReplaceAll(text, s.quote, s.escaped) + s.quote
}

// row writes one row with its line end.
func (s style) row(cells []string) string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = s.cell(i, c)
		if len(cells) == 1 && c == "" {
			out[i] = s.quote + s.quote
		}
	}
	return strings.Join(out, s.delim) + s.end
}

// table writes rows.
func (s style) table(rows [][]string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(s.row(r))
	}
	return b.String()
}

// products is an invented table whose columns no list of leads has: a header of
// words that name no field, free text with commas, quotes and apostrophes, and a
// last column without a value.
func products(rows int) [][]string {
	kinds := []string{
		"Carpenter's Bench", "Folding Ladder", "Chisel, Wide", "Baker's Scale", "Round Tray 12\"", "Oil Lamp",
		"Potter's Wheel, Small", "Hand Saw 20\"", "Copper Kettle", "Gardener's Gloves",
	}
	texts := []string{
		"Built for years of work in a cold shop, it stands on four legs and folds away.",
		"Light enough to carry with one hand; the steps don't slip when wet.",
		"A wide blade for soft wood, sharpened by hand, and a handle of ash.",
		"Weighs flour, sugar and salt to the gram. It's ready when you are.",
		"Tin tray with a rim of 1\" all around, made to be carried full.",
		"Burns eight hours on one filling and doesn't smoke",
		"The wheel turns on a steel ball: quiet, even, and slow to stop.",
		"Coarse teeth cut green wood, fine ones the rest. Length over all 24\".",
		"Holds two liters, pours without a drop beside the cup",
		"Thin leather, double seams at the thumb, and a cuff that's long enough.",
	}
	out := [][]string{{"WEEK", "SLOT", "Units", "STOCKNO", "Cost", "Family", "Details", "PAGE", "Remarks"}}
	for i := range rows {
		code := fmt.Sprintf("%c%c-%04d", 'A'+i%7, 'K'+i%5, 1000+i*37%9000)
		out = append(out, []string{
			fmt.Sprintf("%02d/%02d/2019", 1+i%28, 1+i/28), fmt.Sprintf("%02d:%02d", i/4%24, 15*(i%4)), fmt.Sprint(i * 7 % 23), code,
			fmt.Sprintf("$%d.%02d", 3+i*11%90, i*29%100), kinds[i%len(kinds)], texts[(i+i/10)%len(texts)],
			"https://shop.example/item/" + strings.ReplaceAll(code, "-", "_") + ".html", "",
		})
	}
	return out
}

// contacts is an invented list of leads.
func contacts(rows int) [][]string {
	names := []string{"Ana Souza", "Bento d'Avila", "Caio Prado", "Dora Lins", "Elis Matos", "Fabio Rangel", "Gil Torres"}
	cities := []string{"Canoas", "Olinda", "Santos", "Campos, RJ", "Natal"}
	notes := []string{"ligar depois das 18:00", "quer \"plano familia\"", "", "veio da feira; pediu proposta", "cliente antigo, atrasado"}
	out := [][]string{{"nome", "telefone", "e-mail", "cidade", "cadastro", "valor", "origem", "obs"}}
	for i := range rows {
		name := names[i%len(names)]
		out = append(out, []string{
			name, fmt.Sprintf("(51) 9%04d-%04d", 8000+i*13%1999, 1000+i*71%9000), fmt.Sprintf("%s%d@example.com", strings.ToLower(name[:3]), i),
			cities[i%len(cities)], fmt.Sprintf("2023-%02d-%02d", 1+i%12, 1+i%28), fmt.Sprintf("%d,%02d", 100+i*17, i%100), "feira", notes[i%len(notes)],
		})
	}
	return out
}

// polluted is one file and the table that is in it.
type polluted struct {
	name string
	data string
	want [][]string
}

// pollutions are kinds of damage and how much of what is found in open data each
// stands for, in files of about 4400: the shares that the survey behind the
// benchmark Pollock (Vitagliano and others, VLDB 2023) found.
var pollutions = []struct {
	kind   string
	weight float64
	make   func(t [][]string) []polluted
}{
	{"as it is", 1, func(t [][]string) []polluted { return one(plainStyle.table(t), t) }},
	{"no end of the last line", 184, func(t [][]string) []polluted { return one(strings.TrimSuffix(plainStyle.table(t), "\r\n"), t) }},
	{"blank line at the end", 5, func(t [][]string) []polluted { return one(plainStyle.table(t)+"\r\n", t) }},
	{"no header", 470, func(t [][]string) []polluted { return one(plainStyle.table(t[1:]), t[1:]) }},
	{"two header rows", 47, func(t [][]string) []polluted { return one(headers(t, 2)) }},
	{"three header rows", 47, func(t [][]string) []polluted { return one(headers(t, 3)) }},
	{"preamble", 282, func(t [][]string) []polluted {
		blanks := strings.Repeat(",", len(t[0])-1) + "\r\n"
		return one("ABOUT"+blanks+blanks+plainStyle.table(t), t)
	}},
	{"header only", 3, func(t [][]string) []polluted { return one(plainStyle.table(t[:1]), t[:1]) }},
	{"one record", 4, func(t [][]string) []polluted { return one(plainStyle.table(t[:2]), t[:2]) }},
	{"second table", 188, secondTables},
	{"line ends CR", 7, styled(func(s *style) { s.end = "\r" })},
	{"line ends LF", 1691, styled(func(s *style) { s.end = "\n" })},
	{"semicolons", 834, styled(func(s *style) { s.delim = ";" })},
	{"tabs", 4, styled(func(s *style) { s.delim = "\t" })},
	{"blanks", 4, styled(func(s *style) { s.delim = " " })},
	{"commas and blanks", 101, styled(func(s *style) { s.delim = ", " })},
	{"single quotes", 11, styled(func(s *style) { s.quote, s.escaped = "'", "''" })},
	{"backslashes", 1, styled(func(s *style) { s.escaped = `\"` })},
	{"quotes not escaped", 7, styled(func(s *style) { s.escaped = `"` })},
	{"a delimiter too few", 247, inRows(func(cells []string, c int) []string {
		if c == 0 {
			return nil
		}
		return append(append(append([]string{}, cells[:c-1]...), cells[c-1]+cells[c]), cells[c+1:]...)
	})},
	{"a delimiter too many", 280, inRows(func(cells []string, c int) []string {
		return append(append(append([]string{}, cells[:c]...), ""), cells[c:]...)
	})},
	{"a quote too many", 7, strayQuotes},
	{"a row of blanks", 4, inRows(func(cells []string, c int) []string {
		if c > 0 {
			return nil
		}
		return []string{strings.Join(cells, " ")}
	})},
}

func one(data string, want [][]string) []polluted { return []polluted{{data: data, want: want}} }

func styled(change func(s *style)) func(t [][]string) []polluted {
	s := plainStyle
	change(&s)
	return func(t [][]string) []polluted { return one(s.table(t), t) }
}

// headers repeats the header over n rows; the names are then joined.
func headers(t [][]string, n int) (string, [][]string) {
	joined := make([]string, len(t[0]))
	for i, name := range t[0] {
		joined[i] = strings.TrimSuffix(strings.Repeat(name+" ", n), " ")
	}
	above := ""
	for range n - 1 {
		above += plainStyle.row(t[0])
	}
	return above + plainStyle.table(t), append([][]string{joined}, t[1:]...)
}

// secondTables has a second table below, as wide as the first, narrower and wider.
func secondTables(t [][]string) (out []polluted) {
	width := len(t[0])
	for _, w := range []int{width - 1, width, width + 1} {
		second := make([][]string, len(t))
		for i, r := range t {
			second[i] = append([]string{}, r[:min(w, width)]...)
			for len(second[i]) < w && i == 0 {
				second[i] = append(second[i], "added")
			}
			for len(second[i]) < w {
				second[i] = append(second[i], r[width-1])
			}
		}
		out = append(out, polluted{name: fmt.Sprint(w), data: plainStyle.table(t) + plainStyle.table(second), want: t})
	}
	return out
}

// damagedRows are the rows that inRows and strayQuotes damage.
var damagedRows = []int{0, 1, 2, 5, 9, 10, 14, 27}

// inRows damages single rows: the cells as they are written are changed for
// every column, nil where there is nothing to change.
func inRows(change func(cells []string, c int) []string) func(t [][]string) []polluted {
	return func(t [][]string) (out []polluted) {
		s := plainStyle
		for _, row := range damagedRows {
			for c := range t[0] {
				cells := make([]string, len(t[row]))
				for i, text := range t[row] {
					cells[i] = s.cell(i, text)
				}
				if cells = change(cells, c); cells == nil {
					continue
				}
				data := s.table(t[:row]) + strings.Join(cells, s.delim) + s.end + s.table(t[row+1:])
				out = append(out, polluted{name: fmt.Sprintf("row %d column %d", row, c), data: data, want: t})
			}
		}
		return out
	}
}

// strayQuotes puts a quote in front of one value.
func strayQuotes(t [][]string) (out []polluted) {
	s := plainStyle
	for _, row := range damagedRows {
		for c := range t[0] {
			cells := make([]string, len(t[row]))
			for i, text := range t[row] {
				if cells[i] = s.cell(i, text); i != c {
					continue
				}
				if strings.HasPrefix(cells[i], s.quote) {
					cells[i] = s.quote + cells[i]
				} else {
					cells[i] = s.quote + text
				}
			}
			want := append([][]string{}, t...)
			want[row] = append([]string{}, t[row]...)
			want[row][c] = s.quote + t[row][c]
			data := s.table(t[:row]) + strings.Join(cells, s.delim) + s.end + s.table(t[row+1:])
			out = append(out, polluted{name: fmt.Sprintf("row %d column %d", row, c), data: data, want: want})
		}
	}
	return out
}
