package app

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"

	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// dropped puts an object and registers it as the embedded store does, and waits until
// its import ends.
func (c *company) dropped(key string, body []byte) postgres.Import {
	c.t.Helper()
	obj, err := c.Store.Put(c.t.Context(), key, bytes.NewReader(body), objstore.PutOptions{ContentType: "text/csv"})
	c.must(err)
	c.must(c.worker.service.ObjectCreated(c.t.Context(), obj.Bucket, key))
	var ids []schemas.ImportID
	c.must(c.DB.InAccount(c.t.Context(), c.account.ID, func(tx pgx.Tx) error {
		rows, err := tx.Query(c.t.Context(), "select import_id from imports where key = $1 order by 1 desc", key)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[schemas.ImportID])
		return err
	}))
	row := c.ended(ids[0])
	c.settled()
	return row
}

// settled waits until nothing is owed.
func (c *company) settled() {
	c.t.Helper()
	c.until("nothing is owed", func() bool {
		var n int
		c.must(c.DB.Pool.QueryRow(c.t.Context(), "select count(*) from bateia.work where state <> 'done'").Scan(&n))
		return n == 0
	})
}

// erased erases a person and waits for the end.
func (c *company) erased(p schemas.Person) postgres.ErasureRecord {
	c.t.Helper()
	id, err := c.Erase(c.t.Context(), c.account, p, "test")
	c.must(err)
	return c.erasureEnds(id)
}

func (c *company) erasureEnds(id int64) (out postgres.ErasureRecord) {
	c.t.Helper()
	c.until("the erasure ends", func() bool {
		list, err := c.DB.ReadErasures(c.t.Context(), c.account.ID, id)
		c.must(err)
		out = list[0]
		return out.State == postgres.ErasureDone
	})
	c.settled()
	return out
}

func byPhone(value string) schemas.Person {
	return schemas.Person{Named: []schemas.Identity{{Kind: identity.Phone, Value: value}}}
}

// tables are the rows of every table of the database as text, whoever owns it and
// whatever policies hide: pg_dump does not come with every Postgres.
func (c *company) tables() map[string]string {
	c.t.Helper()
	conn, err := pgx.Connect(c.t.Context(), c.own.URL(""))
	c.must(err)
	defer conn.Close(context.Background())
	rows, err := conn.Query(c.t.Context(), `
select format('%I.%I', s.nspname, t.relname) from pg_class t join pg_namespace s on s.oid = t.relnamespace
 where t.relkind = 'r' and s.nspname not in ('pg_catalog', 'information_schema') order by 1`)
	c.must(err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	c.must(err)
	out := map[string]string{}
	for _, name := range names {
		rows, err := conn.Query(c.t.Context(), "select t::text from "+name+" t")
		c.must(err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		c.must(err)
		out["table "+name] = strings.Join(lines, "\n")
	}
	if len(out) < 30 {
		c.t.Fatalf("only %d tables were read", len(out))
	}
	return out
}

// everything is all that is stored: the rows of the database, and every object as
// text, whatever it is packed in. Without decode Parquet stays as it is.
func (c *company) everything(decode bool) map[string]string {
	c.t.Helper()
	out := map[string]string{}
	for table, rows := range c.tables() {
		out[table] = rows
	}
	dir := c.t.TempDir()
	w, err := duck.Open(c.t.Context(), dir, duck.Options{})
	c.must(err)
	defer w.Close()
	for page, err := range c.Store.List(c.t.Context(), "", "") {
		c.must(err)
		for _, o := range page.Objects {
			if decode || !strings.HasSuffix(o.Key, ".parquet") {
				out[o.Key] = o.Key + "\n" + c.object(o, w, dir)
			}
		}
	}
	return out
}

// object is an object as text.
func (c *company) object(o objstore.Object, w *duck.Workset, dir string) string {
	c.t.Helper()
	body, err := c.Store.ReadRange(c.t.Context(), o, 0, o.Size)
	c.must(err)
	switch {
	case strings.HasSuffix(o.Key, ".parquet"):
		return string(body) + c.parquet(body, w, dir)
	case bytes.HasPrefix(body, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err := zstd.NewReader(bytes.NewReader(body))
		c.must(err)
		defer r.Close()
		text, err := io.ReadAll(r)
		c.must(err)
		return string(text)
	case bytes.HasPrefix(body, []byte("PK\x03\x04")): // also a workbook
		return c.unzipped(body)
	}
	return string(body)
}

func (c *company) unzipped(body []byte) string {
	c.t.Helper()
	r, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	c.must(err)
	var out strings.Builder
	for _, f := range r.File {
		member, err := f.Open()
		c.must(err)
		text, err := io.ReadAll(member)
		c.must(err)
		c.must(member.Close())
		fmt.Fprintln(&out, f.Name, string(text))
	}
	return out.String()
}

func (c *company) parquet(body []byte, w *duck.Workset, dir string) string {
	c.t.Helper()
	c.must(os.WriteFile(filepath.Join(dir, "x.parquet"), body, 0o600))
	c.must(w.Exec(c.t.Context(), "drop table if exists x"))
	if w.Import(c.t.Context(), "x", "x.parquet") != nil {
		return ""
	}
	var out strings.Builder
	for b, err := range w.Read(c.t.Context(), "select t::varchar from x t") {
		c.must(err)
		for i := range int(b.NumRows()) {
			fmt.Fprintln(&out, *textAt(b, 0, i))
		}
	}
	return out.String()
}

// nowhere fails when anything that is stored holds one of the texts.
func (c *company) nowhere(texts ...string) {
	c.t.Helper()
	for name, all := range c.everything(true) {
		lower := strings.ToLower(all)
		for _, text := range texts {
			at := strings.Index(lower, strings.ToLower(text))
			if at < 0 {
				continue
			}
			c.t.Errorf("%q is in %s: …%s…", text, name, all[max(0, at-120):min(len(all), at+80)])
		}
	}
}

// somewhere fails when nothing that is stored holds a text: a search that finds
// nothing anywhere proves nothing.
func (c *company) somewhere(t *testing.T, texts ...string) {
	t.Helper()
	all := c.everything(false)
	for _, text := range texts {
		found := false
		for _, body := range all {
			found = found || strings.Contains(strings.ToLower(body), strings.ToLower(text))
		}
		if !found {
			t.Errorf("%q is nowhere", text)
		}
	}
}
