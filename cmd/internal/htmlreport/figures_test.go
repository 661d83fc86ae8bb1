package htmlreport

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// rows returns what a statement gives, each row with blanks between its cells.
func (w *world) rows(t *testing.T, sql string) (list []string) {
	t.Helper()
	err := w.reader.Read(t.Context(), postgres.Query{SQL: sql}, func([]postgres.Column) error { return nil },
		func(cells []postgres.Cell) (bool, error) {
			texts := make([]string, len(cells))
			for i, c := range cells {
				texts[i] = c.Text()
			}
			list = append(list, strings.Join(texts, " "))
			return true, nil
		})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return list
}

// found returns what an expression finds in a page, its groups with blanks between.
func found(html, expression string) (list []string) {
	for _, m := range regexp.MustCompile(expression).FindAllStringSubmatch(html, -1) {
		list = append(list, strings.Join(m[1:], " "))
	}
	return list
}

func compare(t *testing.T, what string, shown, views []string) {
	t.Helper()
	if len(views) == 0 {
		t.Errorf("%s: the views have nothing to compare", what)
	}
	slices.Sort(shown)
	slices.Sort(views)
	if diff := cmp.Diff(views, shown); diff != "" {
		t.Errorf("%s (-views +report):\n%s", what, diff)
	}
}

// What the page says of a period is what the views say, asked otherwise.
func TestFiguresOfAPeriodAgreeWithTheViews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 40)
	html := w.html(t, request(30))
	const days = "account = 'default' and day between '2026-10-30' and '2026-11-28'"
	compare(t, "headline and outcomes", found(html, `data-figure="((?:[ios]|rows|pro|rej|dup)[^" ]*)" data-value="(\d+)"`), w.rows(t, `
		select v.* from (select sum(imports) as imports, sum(applied) as applied, sum(undone) as undone, sum(rejected_files + failed) as lost, sum(rows_read) as rows_read,
			sum(created) as created, sum(updated) as updated, sum(unchanged) as unchanged, sum(duplicate) as duplicate, sum(skipped) as skipped,
			sum(conflict) as conflict, sum(rejected) as rejected, sum(prospects_created) as founded, sum(prospects_updated) as changed
			from daily where `+days+`) d
		cross join lateral (values ('imports', imports), ('rows_read', rows_read), ('prospects_created', founded), ('prospects_updated', changed),
			('rejected', rejected), ('duplicate', duplicate), ('o-created', created), ('o-updated', updated), ('o-unchanged', unchanged),
			('o-duplicate', duplicate), ('o-skipped', skipped), ('o-conflict', conflict), ('o-rejected', rejected),
			('s-applied', applied), ('s-undone', undone), ('s-failed', lost), ('s-open', imports - applied - undone - lost)) v (name, n)`))
	compare(t, "causes", found(html, `data-figure="cause (\S+) (\S+)" data-value="(\d+)"`), w.rows(t, `
		select r.outcome, r.reason_code, count(*) from rows r join imports i using (import_id)
		where i.account = 'default' and i.state = 'applied' and i.created_at >= '2026-10-30 00:00-03' group by 1, 2`))
	compare(t, "duplicates", found(html, `data-source="([^"]*)" data-duplicate="(\d+)" data-known="(\d+)"`), escaped(w.rows(t, `
		select source, sum(duplicate), sum(updated + unchanged) from imports
		where account = 'default' and state = 'applied' and created_at >= '2026-10-30 00:00-03' and rows_read > 0 group by 1`)))
	compare(t, "quality", found(html, `data-quality="([^"]* phone)" data-filled="(\d+)" data-valid="(\d+)"`), escaped(w.rows(t, `
		select i.source || ' phone', sum(q.filled), sum(q.valid) from quality q join imports i using (import_id, account)
		where i.account = 'default' and i.state = 'applied' and i.created_at >= '2026-10-30 00:00-03' and q.field = 'phone' group by 1`)))
	compare(t, "imports", found(html, `data-import="([^"]*)" data-rows="(\d+)" data-refused="(\d+)"`), w.rows(t, `
		select import_id, rows_read, rejected + conflict from imports where account = 'default' order by import_id desc limit 100`))
	// Columns of charts, whose sums stand in their titles.
	compare(t, "rows per day", found(html, `<title>([^:<]*2026): ([\d.]+); Prospect novo`)[:30], titles(w, t, days))
}

// titles are how a chart names the rows of each day in Portuguese.
func titles(w *world, t *testing.T, days string) (list []string) {
	t.Helper()
	byDay := map[string]string{}
	for _, row := range w.rows(t, "select day, rows_read from daily where "+days) {
		day, n, _ := strings.Cut(row, " ")
		byDay[day] = n
	}
	s := speak("pt-BR")
	for n := range 30 {
		day := time.Date(2026, 10, 30+n, 0, 0, 0, 0, time.UTC)
		var rows int64
		_, _ = fmt.Sscan(byDay[day.Format(time.DateOnly)], &rows)
		list = append(list, s.day(day)+" "+s.Number(rows))
	}
	return list
}

// escaped writes texts as attributes have them.
func escaped(list []string) []string {
	for i, text := range list {
		list[i] = strings.NewReplacer(`"`, "&#34;", "<", "&lt;", ">", "&gt;").Replace(text)
	}
	return list
}

func TestFiguresOfAnImportAgreeWithTheViews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 40)
	id := w.id(t, "feira-12-11")
	html := w.html(t, with(request(30), "es", id))
	compare(t, "figures", found(html, `data-figure="((?:[o]|rows|pro|rej|dup|step)[^"]*)" data-value="(\d+)"`), w.rows(t, `
		select v.* from imports i join funnel f using (import_id) cross join lateral (values
			('rows_read', i.rows_read), ('prospects_created', i.prospects_created), ('prospects_updated', i.prospects_updated), ('rejected', rejected), ('duplicate', duplicate),
			('o-created', created), ('o-updated', updated), ('o-unchanged', unchanged), ('o-duplicate', duplicate), ('o-skipped', skipped), ('o-conflict', conflict), ('o-rejected', rejected),
			('step rows_read', f.rows_read), ('step valid', f.valid), ('step leads', f.leads), ('step prospects', created + updated + unchanged)) v (name, n)
		where i.import_id = '`+id+`'`))
	compare(t, "causes", found(html, `data-figure="cause (\S+) (\S+)" data-value="(\d+)"`), w.rows(t, `
		select outcome, reason_code, count(*) from rows where import_id = '`+id+`' group by 1, 2`))
}

// Cells never come into a page, and what names try stays text.
func TestNoCellIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 40)
	for _, q := range []Request{request(30), with(request(30), "pt-BR", w.id(t, "<script>")), with(request(30), "es", w.id(t, "feira-12-11"))} {
		html := w.html(t, q)
		if strings.Contains(html, "secret") || strings.Contains(html, "s*****") {
			t.Error("a value of a cell is on the page")
		}
		for _, tag := range []string{"<script", "<img", "<svg onload", "<b onclick", "http://", "https://", "url(http", "@import", " style="} {
			if strings.Contains(html, tag) {
				t.Errorf("%q is on the page", tag)
			}
		}
	}
}

// People find a row by what its source calls it: the row of the sheet, or the code
// that a customer has at Omie.
func TestRowsAreNamedAsTheirSourceDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 40)
	html := w.html(t, with(request(30), "en", w.id(t, "feira-12-11")))
	if !strings.Contains(html, `<span class="key">Rows</span> 4, 7, 8, `) {
		t.Error("the rows of a file are not named")
	}
	var id string
	err := w.admin.QueryRow(t.Context(), `with omie as (update bateia.row_outcomes r set source_ref = 7000000 + row from bateia.imports i, bateia.sources s
		where i.import_id = r.import_id and s.source_id = i.source_id and s.kind = 'omie' and i.rejected > 0 returning r.import_id)
		select bateia.import_id_text(max(import_id)) from omie`).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	html = w.html(t, with(request(30), "en", id))
	if !strings.Contains(html, `<span class="key">Codes</span> 700000`) || !strings.Contains(html, "Codes are those of customers at Omie.") {
		t.Error("the codes of customers are not named")
	}
	if strings.Contains(html, "bateia feedback") || strings.Contains(html, "bateia replay") {
		t.Error("what only files have is offered for a sync")
	}
	if got := placesOf([]string{"10", "9", "9", "100"}, 5); got != "9, 10, 100 …" {
		t.Errorf("rows %s", got)
	}
}

func TestAccountsAreSections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 40)
	w.do(t, "insert into bateia.accounts (slug, locale, timezone) values ('bravo', 'es', 'America/Argentina/Buenos_Aires')")
	q := request(30)
	q.Accounts = []string{"bravo", "default"}
	w.do(t, "insert into bateia.analysts select role_name, (select account_id from bateia.accounts where slug = 'bravo') from bateia.analysts where account_id = 1")
	html := w.html(t, q)
	if got := strings.Join(found(html, `<article data-account="([^"]*)"`), " "); got != "bravo default" {
		t.Errorf("sections %s", got)
	}
	if !strings.Contains(html, `<html lang="es">`) || !strings.Contains(html, "No se importó nada en este período.") {
		t.Error("the language is not that of the first account")
	}
	q.Accounts = []string{"nobody"}
	if _, err := Read(t.Context(), w.reader, q); !errors.Is(err, ErrNoAccount) {
		t.Errorf("an account that is not there: %v", err)
	}
	q.Accounts, q.Import = nil, "00000000000000"
	if _, err := Read(t.Context(), w.reader, q); !errors.Is(err, postgres.ErrNotFound) {
		t.Errorf("an import that is not there: %v", err)
	}
	q.Import, q.Since = "", func(schemas.Account) (time.Time, error) { return time.Time{}, errors.New("no time") }
	if _, err := Read(t.Context(), w.reader, q); err == nil {
		t.Error("a period without a beginning")
	}
}
