package app

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/report"
)

// feedback is the CSV of refused rows beside the results of a file, once it is there.
func (c *company) feedback(of postgres.Import) (text string) {
	c.t.Helper()
	c.until("the rows of "+of.FileName+" to correct are written", func() bool {
		for page, err := range c.Store.List(c.t.Context(), "results/default/"+of.FileName+"/", "") {
			c.must(err)
			for _, o := range page.Objects {
				if strings.HasSuffix(o.Key, "-corrigir.csv") {
					body, err := c.Store.ReadRange(c.t.Context(), o, 0, o.Size)
					c.must(err)
					text = string(body)
				}
			}
		}
		return text != ""
	})
	return text
}

// dataset is what an import has in a dataset, as text.
func (c *company) dataset(name string, of postgres.Import) (text string) {
	c.t.Helper()
	dir := c.t.TempDir()
	w, err := duck.Open(c.t.Context(), dir, duck.Options{})
	c.must(err)
	defer w.Close()
	for page, err := range c.Store.List(c.t.Context(), "reports/"+name+"/", "") {
		c.must(err)
		for _, o := range page.Objects {
			if strings.Contains(o.Key, of.ID.String()) {
				body, err := c.Store.ReadRange(c.t.Context(), o, 0, o.Size)
				c.must(err)
				text += c.parquet(body, w, dir)
			}
		}
	}
	return text
}

// Rows that come back corrected in the feedback file close the refusals that it names,
// wherever they began; those that are refused again stay open, and the next file
// closes all of them.
func TestCorrectedRowsResolveTheRefusedOnes(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	first := c.upload("um.csv", []byte("nome,telefone\nAna,11987654321\nBia,123\nCaio,987650002\nDuda,789\n"), schemas.Options{})
	if first.Ledger.Rejected != 3 {
		t.Fatalf("%+v", first.Ledger)
	}
	resolved := func(of postgres.Import) []string {
		return c.texts("select row || ' ' || coalesce(resolved_by, 'open') from report.rows where import_id = $1 order by row", of.ID.String())
	}
	check := func(when string, of postgres.Import, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, resolved(of)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		open := []string{}
		for _, w := range want {
			if row, by, _ := strings.Cut(w, " "); by == "open" {
				open = append(open, row)
			}
		}
		if diff := cmp.Diff(open, c.texts("select row::text from open_refusals($1, $2, '') order by row", c.account.ID, int64(of.ID))); diff != "" {
			t.Errorf("open %s (-want +got):\n%s", when, diff)
		}
	}
	check("first", first, "2 open", "3 open", "4 open")

	// Bia is corrected, Caio is not, Duda is left out, and one names rows that are not there.
	var kept []string
	for _, line := range strings.SplitAfter(c.feedback(first), "\n") {
		if !strings.Contains(line, "Duda") {
			kept = append(kept, strings.ReplaceAll(line, ";123;", ";11987650001;"))
		}
	}
	text := strings.Join(kept, "")
	for _, ref := range []string{first.ID.String() + ":99", first.ID.String() + ":1", "00000000000001:2", "7fffffffffffff:999999999999999999", first.ID.String() + ":", "x"} {
		text += fmt.Sprintf("Zé;11987651%03d;%s;;;\r\n", len(text)%1000, ref)
	}
	second := c.upload("dois.csv", []byte(text), schemas.Options{})
	if second.Ledger.Rejected != 1 || second.Facts.Resolved != 1 {
		t.Fatalf("%+v, resolved %d, of:\n%s", second.Ledger, second.Facts.Resolved, text)
	}
	check("after the second", first, "2 "+second.ID.String(), "3 open", "4 open")
	check("of the second", second, "2 open")
	c.until("the first one's datasets say so", func() bool {
		return len(c.texts("select 'x' from work where import_id = $1 and phase = 'datasets' and state = 'done' and epoch > 1", int64(first.ID))) > 0
	})
	if rows := c.dataset("rows", first); strings.Count(rows, second.ID.String()) != 1 {
		t.Errorf("rows in dataset, want one taken by %s:\n%s", second.ID, rows)
	}

	if header, _, _ := strings.Cut(c.feedback(second), "\r\n"); header != "\ufeffnome;telefone;bateia_row;bateia_status;bateia_prospect_id;bateia_issues" {
		t.Errorf("the header of what came back twice is %q", header)
	}
	third := c.upload("tres.csv", []byte(strings.ReplaceAll(c.feedback(second), "987650002;", "11987650002;")), schemas.Options{})
	if third.Ledger.Rejected != 0 || third.Facts.Resolved != 2 {
		t.Fatalf("%+v, resolved %d", third.Ledger, third.Facts.Resolved)
	}
	check("after the third", first, "2 "+second.ID.String(), "3 "+third.ID.String(), "4 open")
	check("of the second, after the third", second, "2 "+third.ID.String())

	c.undone(third.ID)
	check("without the third", first, "2 "+second.ID.String(), "3 open", "4 open")
	check("of the second, without the third", second, "2 open")

	// So does a replay of the file that came back.
	id := c.replayed(second, "", schemas.Options{DefaultAreaCode: "11"})
	if row := c.ended(id); row.Ledger.Created != 1 || row.Facts.Resolved != 1 {
		t.Fatalf("replay: %+v, resolved %d", row.Ledger, row.Facts.Resolved)
	}
	check("after the replay", first, "2 "+second.ID.String(), "3 "+id.String(), "4 open")
	check("of the second, after the replay", second, "2 "+id.String())
}

// Cells that a spreadsheet would alter carry a mark in the feedback file. On return it
// is taken off, however often a row goes back and forth, and a file that never was one
// keeps what looks like a mark.
func TestMarksOfTheFeedbackFileAreTakenOff(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	cells := []string{"=SOMA(1)", "00123", "'007", "''007", "+5", "'Ana", "2024-01-02", "5551999999999"}
	text := "nome,telefone,observações,Código,'01\n"
	for i, cell := range cells {
		text += fmt.Sprintf("P%d,12,%s,%s,%s\n", i, cell, cell, cell)
	}
	first := c.upload("um.csv", []byte(text), schemas.Options{})
	second := c.upload("dois.csv", []byte(c.feedback(first)), schemas.Options{})
	if first.Ledger.Rejected != int64(len(cells)) || second.Ledger.Rejected != int64(len(cells)) {
		t.Fatalf("%+v, %+v", first.Ledger, second.Ledger)
	}
	back := c.feedback(second)
	for i := range cells {
		back = strings.Replace(back, fmt.Sprintf("P%d;12;", i), fmt.Sprintf("P%d;119876540%02d;", i, i), 1)
	}
	third := c.upload("tres.csv", []byte(back), schemas.Options{})
	apart := c.upload("outro.csv", []byte("nome,telefone,observações,Código,'01\nQ,11987650099,'007,'007,'007\n"), schemas.Options{})
	if third.Ledger.Rejected != 0 || apart.Ledger.Rejected != 0 {
		t.Fatalf("%+v, %+v of:\n%s", third.Ledger, apart.Ledger, back)
	}
	got := c.texts("select concat_ws('|', name, notes, extra ->> 'codigo', extra ->> 'c01') from leads order by import_id, row")
	var want []string
	for i, cell := range cells {
		want = append(want, fmt.Sprintf("P%d|%[2]s|%[2]s|%[2]s", i, cell))
	}
	if diff := cmp.Diff(append(want, "Q|'007|'007|'007"), got); diff != "" {
		t.Errorf("leads (-want +got):\n%s", diff)
	}
}

// The workbook comes back as the CSV does, whatever is in its cells.
func TestFeedbackAsWorkbook(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	cells := []string{"=SOMA(1)", "00123", "'007", "''007", "1e5", "2024-01-02", "_x0041_", "linha 1\nlinha 2", "um\ttab", "R&D <b>\"x\"</b>", "Ação 😀", "a  b", "TRUE", "#N/A"}
	text := "nome,telefone,observações,Código\n"
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	for i, cell := range cells {
		text += fmt.Sprintf("P%d,12,%s,%s\n", i, quote(cell), quote(cell))
	}
	first := c.upload("um.csv", []byte(text), schemas.Options{})
	if first.Ledger.Rejected != int64(len(cells)) {
		t.Fatalf("%+v", first.Ledger)
	}
	w, err := report.NewWorkbook(t.TempDir(), first.ID, first.Facts.Header, "pt-BR")
	c.must(err)
	i := 0
	for r, err := range c.Refused(t.Context(), first, true) {
		c.must(err)
		r.Cells[1] = fmt.Sprintf("119876540%02d", i)
		c.must(w.Add(r))
		i++
	}
	var b bytes.Buffer
	_, err = w.WriteTo(&b)
	c.must(err)
	c.must(w.Close())
	second := c.upload("corrigido.xlsx", b.Bytes(), schemas.Options{})
	if second.Ledger.Created != int64(len(cells)) || second.Facts.Resolved != int64(len(cells)) {
		t.Fatalf("%s %s %+v, resolved %d", second.State, second.Code, second.Ledger, second.Facts.Resolved)
	}
	// As if they had been right from the beginning.
	for i := range cells {
		text = strings.Replace(text, fmt.Sprintf("P%d,12,", i), fmt.Sprintf("P%d,119876541%02d,", i, i), 1)
	}
	right := c.upload("certo.csv", []byte(text), schemas.Options{})
	said := func(of postgres.Import) []string {
		return c.texts("select concat_ws('|', name, notes, extra ->> 'codigo') from leads where import_id = $1 order by row", int64(of.ID))
	}
	if diff := cmp.Diff(said(right), said(second)); diff != "" || len(said(right)) != len(cells) {
		t.Errorf("leads (-want +got):\n%s", diff)
	}
}
