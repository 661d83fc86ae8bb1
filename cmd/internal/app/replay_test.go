package app

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// upload imports a file to its end.
func (c *company) upload(name string, body []byte, o schemas.Options) postgres.Import {
	c.t.Helper()
	obj, err := c.Store.Put(c.t.Context(), "imports/default/"+name, bytes.NewReader(body), objstore.PutOptions{})
	c.must(err)
	id, err := c.Register(c.t.Context(), c.account, postgres.Registration{Source: schemas.Source{Kind: "upload", Name: name}, FileName: name,
		Object: Pin(obj), Request: schemas.Request{Mapping: schemas.Mapping{Options: o}}})
	c.must(err)
	return c.ended(id)
}

// replayed registers a replay.
func (c *company) replayed(of postgres.Import, code string, o schemas.Options) schemas.ImportID {
	c.t.Helper()
	id, err := c.Register(c.t.Context(), c.account, postgres.Registration{Source: of.Source, FileName: of.FileName, Object: of.Object, ReplayOf: of.ID,
		Request: schemas.Request{Mapping: schemas.Mapping{Options: o}, Replay: &schemas.ReplayRequest{Code: code}}})
	c.must(err)
	return id
}

func (c *company) undone(id schemas.ImportID) {
	c.t.Helper()
	undo, err := c.Register(c.t.Context(), c.account, postgres.Registration{Source: schemas.Source{Kind: "manual", Name: "undo"}, UndoOf: id,
		Request: schemas.Request{Decision: &schemas.Decision{Kind: schemas.DecideUndo}}})
	c.must(err)
	if row := c.ended(undo); row.State != schemas.Applied {
		c.t.Fatalf("undo ended %s %s", row.State, row.Code)
	}
}

// texts are the rows of a query of one column.
func (c *company) texts(sql string, args ...any) (out []string) {
	c.t.Helper()
	c.must(c.DB.InAccount(c.t.Context(), c.account.ID, func(tx pgx.Tx) error {
		rows, err := tx.Query(c.t.Context(), sql, args...)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	return out
}

// leads is what every row that came in says, and where it stands.
func (c *company) leads() []string {
	return c.texts(`
select concat_ws('|', row, line, sheet_row, byte_offset, byte_length, phone, email, name, city, birthday, notes, extra)
  from leads join imports i using (account_id, import_id) where i.state = 'applied' order by row`)
}

func (c *company) open(of postgres.Import) []string {
	return c.texts("select row || ' ' || sheet_row from open_refusals($1, $2, '') order by row", c.account.ID, int64(of.ID))
}

func gzipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// localNumbers is a file of which every third row has a phone without area code.
// Only one of the others tells that the month stands first in its dates.
func localNumbers(rows int) []byte {
	var b strings.Builder
	b.WriteString("Lista de março;;;\n\nnome;fone;nascimento;obs\n")
	for i := 1; i <= rows; i++ {
		phone, born := fmt.Sprintf("519%08d", 87000000+i), "03/04/1990"
		if i%3 == 0 {
			phone = phone[2:]
		}
		if i == 1 {
			born = "03/25/1990"
		}
		fmt.Fprintf(&b, "Pessoa %d;%s;%s;\"linha um\nlinha dois\"\n", i, phone, born)
		if i%10 == 0 {
			b.WriteString("\n")
		}
	}
	return []byte(b.String())
}

// badDates is a file in which every fifth row has a date that is none, and every
// tenth no phone that can be called.
func badDates(rows int) []byte {
	var b strings.Builder
	b.WriteString("nome,fone,nascimento\n")
	for i := 1; i <= rows; i++ {
		phone, born := fmt.Sprintf("519%08d", 87000000+i), "2001-02-03"
		if i%5 == 1 {
			born = "31/31/2001"
		}
		if i%10 == 0 {
			phone = "12"
		}
		fmt.Fprintf(&b, "Pessoa %d,%s,%s\n", i, phone, born)
	}
	return []byte(b.String())
}

// TestReplayIsWhatTheWholeFileWouldHaveSaid: a file under one setting and then its
// refused rows under another bring row for row what the whole file brings under the
// other one at once, under the same positions; once, and with balanced ledgers.
func TestReplayIsWhatTheWholeFileWouldHaveSaid(t *testing.T) {
	t.Parallel()
	ragged := func() []byte {
		var b strings.Builder
		b.WriteString("email,nome,cidade\n")
		for i := 1; i <= 60; i++ {
			switch i % 4 {
			case 0:
				fmt.Fprintf(&b, "p%d@exemplo.com.br,Sobra %d,Canoas,1,2,3\n", i, i)
			case 1:
				fmt.Fprintf(&b, "Falta %d\n", i)
			default:
				fmt.Fprintf(&b, "p%d@exemplo.com.br,Certo %d,Canoas\n", i, i)
			}
		}
		return []byte(b.String())
	}
	for _, tt := range []struct {
		name, file string
		body       []byte
		before     schemas.Options
		after      schemas.Options
		freed      int64
		left       int64
	}{
		{name: "phones without area code", file: "a.csv", body: localNumbers(120), after: schemas.Options{DefaultAreaCode: "51"}, freed: 40},
		{name: "packed", file: "a.csv.gz", body: gzipped(t, localNumbers(60)), after: schemas.Options{DefaultAreaCode: "51"}, freed: 20},
		{name: "cells that a milder rule lets go", file: "c.csv", body: badDates(90), before: schemas.Options{Validation: "strict"},
			after: schemas.Options{Validation: "lenient"}, freed: 18, left: 9},
		{name: "records with cells too many or too few", file: "b.csv", body: ragged(), after: schemas.Options{OnError: "keep"}, freed: 15, left: 15},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, whole := newCompany(t), newCompany(t)
			want := whole.upload(tt.file, tt.body, tt.after)
			first := c.upload(tt.file, tt.body, tt.before)
			refused := first.Ledger.Rejected
			if first.State != schemas.Applied || refused != tt.freed+tt.left {
				t.Fatalf("first import: %s, ledger %+v", first.State, first.Ledger)
			}
			for n, loaded := range []int64{tt.freed, 0} {
				row := c.ended(c.replayed(first, "", tt.after))
				l := row.Ledger
				if row.State != schemas.Applied || l.Check() != nil || l.Read != refused-int64(n)*tt.freed || l.Read-l.Rejected != loaded {
					t.Errorf("replay %d: %s %s, ledger %+v", n+1, row.State, row.Code, l)
				}
			}
			if diff := cmp.Diff(whole.leads(), c.leads()); diff != "" {
				t.Errorf("leads (-whole file +replay):\n%s", diff)
			}
			if diff := cmp.Diff(whole.people(), c.people()); diff != "" {
				t.Errorf("prospects (-whole file +replay):\n%s", diff)
			}
			if diff := cmp.Diff(whole.open(want), c.open(first)); diff != "" {
				t.Errorf("refused to this day (-whole file +replay):\n%s", diff)
			}
		})
	}
}

// TestReplaysAtOnce: of many that are asked for at the same time every row comes in
// once, and whoever was late is planned again on what is left.
func TestReplaysAtOnce(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	first := c.upload("a.csv", localNumbers(30), schemas.Options{})
	var ids []schemas.ImportID
	for range 4 {
		ids = append(ids, c.replayed(first, "", schemas.Options{DefaultAreaCode: "51"}))
	}
	var taken []int64
	for _, id := range ids {
		row := c.ended(id)
		if row.State != schemas.Applied || row.Ledger.Check() != nil {
			t.Errorf("replay ended %s %s", row.State, row.Code)
		}
		taken = append(taken, row.Ledger.Created)
	}
	slices.Sort(taken)
	if diff := cmp.Diff([]int64{0, 0, 0, 10}, taken); diff != "" {
		t.Errorf("rows that each of them brought (-want +got):\n%s", diff)
	}
	if n := len(c.leads()); n != 30 {
		t.Errorf("%d leads of 30 rows", n)
	}
	if got := c.texts("select count(*) || ' of ' || count(distinct row) from resolutions"); got[0] != "10 of 10" {
		t.Errorf("resolved %s", got[0])
	}
}

// TestReplayPlannedOnOtherRows: what people confirm is what they saw. When the rows
// of a plan are taken, or open again, by the time it is applied, nothing is written.
func TestReplayPlannedOnOtherRows(t *testing.T) {
	t.Parallel()
	area := schemas.Options{DefaultAreaCode: "51"}
	planned := area
	planned.PlanOnly = true
	for _, tt := range []struct {
		name  string
		moved func(c *company, first postgres.Import)
	}{
		{"another replay took them", func(c *company, first postgres.Import) { c.ended(c.replayed(first, "", area)) }},
		{"the first import is undone", func(c *company, first postgres.Import) { c.undone(first.ID) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCompany(t)
			first := c.upload("a.csv", localNumbers(30), schemas.Options{})
			id := c.replayed(first, "", planned)
			if row := c.ended(id); row.State != schemas.Ready || row.Ledger.Created != 10 {
				t.Fatalf("plan: %s, ledger %+v", row.State, row.Ledger)
			}
			tt.moved(c, first)
			before := c.texts("select count(*) || '' from leads")
			if _, err := c.Confirm(t.Context(), c.account, id); err != nil {
				t.Fatal(err)
			}
			var row postgres.Import
			c.until("the plan is held", func() bool {
				var err error
				row, err = c.DB.ReadImport(t.Context(), c.account.ID, id)
				c.must(err)
				return row.State.Terminal() || row.State == schemas.Ready && row.Held
			})
			if row.State != schemas.Ready || row.Code != "TARGET_CHANGED" || row.Ledger.Read != 0 {
				t.Errorf("it ended %s %s, ledger %+v", row.State, row.Code, row.Ledger)
			}
			if diff := cmp.Diff(before, c.texts("select count(*) || '' from leads")); diff != "" {
				t.Errorf("leads (-before +after):\n%s", diff)
			}
		})
	}
}

// TestUndoOfAReplay gives back what it brought and opens its rows again.
func TestUndoOfAReplay(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	first := c.upload("a.csv", localNumbers(30), schemas.Options{})
	people, open, leads := c.people(), c.open(first), c.leads()
	replay := c.ended(c.replayed(first, "PHONE_LOCAL_ONLY", schemas.Options{DefaultAreaCode: "51"}))
	if n := len(c.open(first)); n != 0 || replay.Ledger.Created != 10 {
		t.Fatalf("%d rows are open after the replay, ledger %+v", n, replay.Ledger)
	}
	resolved := func() []string {
		return c.texts("select distinct coalesce(resolved_by, 'nobody') from report.rows where import_id = $1", first.ID.String())
	}
	if diff := cmp.Diff([]string{replay.ID.String()}, resolved()); diff != "" {
		t.Errorf("resolved by (-want +got):\n%s", diff)
	}
	c.undone(replay.ID)
	if diff := cmp.Diff([]string{"nobody"}, resolved()); diff != "" {
		t.Errorf("resolved after undo by (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(people, c.people()); diff != "" {
		t.Errorf("prospects (-before +after undo):\n%s", diff)
	}
	if diff := cmp.Diff(open, c.open(first)); diff != "" {
		t.Errorf("open rows (-before +after undo):\n%s", diff)
	}
	again := c.ended(c.replayed(first, "", schemas.Options{DefaultAreaCode: "51"}))
	if again.Ledger != replay.Ledger || len(c.leads()) != len(leads)+10 {
		t.Errorf("replayed again: ledger %+v, first %+v; %d leads", again.Ledger, replay.Ledger, len(c.leads()))
	}
}

// TestReplayOfWhatCannotBeReadAgain leaves rows refused: a record that begins
// nowhere in the file today, and all of them when the file is gone.
func TestReplayOfWhatCannotBeReadAgain(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	first := c.upload("a.csv", localNumbers(30), schemas.Options{})
	area := schemas.Options{DefaultAreaCode: "51"}
	// As if an earlier version had taken the file apart in another way.
	c.texts("update row_outcomes set byte_offset = byte_offset + 2 where row = 6 returning row || ''")
	replay := c.ended(c.replayed(first, "", area))
	if want := (schemas.Ledger{Read: 10, Created: 9, Rejected: 1}); replay.State != schemas.Applied || replay.Ledger != want {
		t.Errorf("replay ended %s, ledger %+v", replay.State, replay.Ledger)
	}
	if diff := cmp.Diff([]string{"6 9"}, c.open(first)); diff != "" {
		t.Errorf("open rows (-want +got):\n%s", diff)
	}
	c.must(c.Store.Delete(t.Context(), first.Object.Key))
	gone := c.ended(c.replayed(first, "", area))
	if gone.State != schemas.Rejected || gone.Code != "FILE_CHANGED" {
		t.Errorf("without its file it ended %s %s", gone.State, gone.Code)
	}
	if diff := cmp.Diff([]string{"6 9"}, c.open(first)); diff != "" {
		t.Errorf("open rows without the file (-want +got):\n%s", diff)
	}
}
