package e2e

import (
	"encoding/binary"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"
)

// counted is a file and what was counted while it was written.
type counted struct {
	body                  []byte
	about                 string
	read, rejected, blank int64
}

// kinds of lines that a random file is made of.
const (
	lineGood = iota
	lineRepeat
	linePlaceholder
	lineNobody // nothing that identifies
	lineBadPhone
	lineBadEmail
	lineFew
	lineMany
	lineEmpty
	lineBlanks
	lineDelimiters
	lineKinds
)

// randomFile draws a file. It counts as it writes, knowing nothing of how files
// are read.
func randomFile(t *rapid.T, nonce int) counted {
	delimiter := rapid.SampledFrom([]string{";", ",", "\t", "|"}).Draw(t, "delimiter")
	end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
	encoding := rapid.SampledFrom([]string{"utf-8", "utf-8 with mark", "windows-1252", "utf-16"}).Draw(t, "encoding")
	quote := rapid.SampledFrom([]string{"needed", "always", "sometimes"}).Draw(t, "quotes")
	f := counted{about: fmt.Sprintf("%q %q %s, quotes %s", delimiter, end, encoding, quote)}

	cell := func(text string) string {
		must := strings.ContainsAny(text, delimiter+"\"\r\n")
		if must || quote == "always" || quote == "sometimes" && rapid.Bool().Draw(t, "quoted") {
			return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		return text
	}
	record := func(cells ...string) string {
		for i, c := range cells {
			cells[i] = cell(c)
		}
		return strings.Join(cells, delimiter)
	}
	notes := []string{"", "", "ação", "ligou " + delimiter + " volta", `disse "não"`, "linha um" + end + "linha dois", "1.234,56"}
	person := func(n int) (phone, email, name, city string) {
		return fmt.Sprintf("5551%09d", 980000000+nonce*100+n), fmt.Sprintf("p%d.%d@exemplo.com.br", nonce, n),
			given[n%len(given)], cities[n%len(cities)]
	}
	lines := []string{record("telefone", "email", "nome", "cidade", "observações")}
	line := func(kind int) {
		phone, email, name, city := person(rapid.IntRange(0, 99).Draw(t, "person"))
		note := rapid.SampledFrom(notes).Draw(t, "note")
		switch kind {
		case lineRepeat:
			phone, email, name, city = person(7)
		case linePlaceholder:
			phone = "51 99999-9999"
		case lineNobody:
			phone, email = "", ""
		case lineBadPhone:
			phone, email = "51 98-76", ""
		case lineBadEmail:
			phone, email = "", "sem arroba"
		case lineFew:
			// More cells than one could be a record whose last ones are missing.
			lines = append(lines, record("sobra"))
		case lineMany:
			// At the end they could be a remark with the delimiter in it.
			lines = append(lines, record("sobra", "sobra", phone, email, name, city, note))
		case lineEmpty:
			lines = append(lines, "")
		case lineBlanks:
			lines = append(lines, "   ")
		case lineDelimiters:
			lines = append(lines, strings.Repeat(delimiter, 4))
		}
		switch kind {
		case lineEmpty, lineBlanks, lineDelimiters:
			f.blank++
			return
		case lineFew, lineMany:
		default:
			lines = append(lines, record(phone, email, name, city, note))
		}
		f.read++
		switch kind {
		case lineNobody, lineBadPhone, lineBadEmail, lineFew, lineMany:
			f.rejected++
		}
	}
	// A table begins and ends with a record; everything else may stand between.
	line(lineGood)
	for _, kind := range rapid.SliceOfN(rapid.IntRange(0, lineKinds-1), 0, 60).Draw(t, "lines") {
		line(kind)
	}
	line(lineGood)
	text := strings.Join(lines, end)
	if rapid.Bool().Draw(t, "last line ends") {
		text += end
	}
	f.body = encode(t, encoding, text)
	return f
}

func encode(t *rapid.T, encoding, text string) []byte {
	switch encoding {
	case "utf-8 with mark":
		return []byte("\ufeff" + text)
	case "windows-1252":
		b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	case "utf-16":
		b := []byte{0xff, 0xfe}
		for _, unit := range utf16.Encode([]rune(text)) {
			b = binary.LittleEndian.AppendUint16(b, unit)
		}
		return b
	}
	return []byte(text)
}

// ledgerBatches is how many times some files are dropped together; a file takes
// about a tenth of a second.
const ledgerBatches = 30

// TestLedger drops random files and counts their records without help: the
// ledger's read is that count and the sum of the outcomes.
func TestLedger(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "ledger", "--hold-above", "100%")
	c := s.conn(t, "ledger")
	batches := ledgerBatches
	if testing.Short() {
		batches /= 5
	}
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // nobody asked for another number
		if err := f.Value.Set(fmt.Sprint(batches)); err != nil {
			t.Fatal(err)
		}
	}
	began, batch, files, rows := time.Now(), 0, 0, int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		batch++
		drops := map[string]counted{}
		for i := range rapid.IntRange(1, 7).Draw(rt, "files") {
			f := randomFile(rt, batch*10+i)
			drops[fmt.Sprintf("uploads/ledger/%d/%d.csv", batch, i)] = f
			files++
			rows += f.read
		}
		for key, f := range drops {
			s.drop(t, key, f.body)
		}
		awaitLedgers(rt, c, batch, drops)
	})
	// The tables say the same of all of them together.
	off := column[int](t, c, `select count(*)::int from bateia.imports i
		where state <> 'applied' or rows_read <> created + updated + unchanged + duplicate + rejected + skipped + conflict
		or rejected + skipped + conflict <> (select count(*) from bateia.row_outcomes r where r.import_id = i.import_id)
		or (select sum(rows) from bateia.import_stages g where g.import_id = i.import_id and stage = 'parse') <> rows_read`)[0]
	total := column[int64](t, c, "select sum(rows_read)::bigint from bateia.imports")[0]
	if off != 0 || total != rows {
		t.Errorf("%d imports do not balance in the tables; %d rows read, %d written", off, total, rows)
	}
	t.Logf("%d files in %d batches, %d rows, %.1f s", files, batch, rows, time.Since(began).Seconds())
}

// awaitLedgers waits for the imports of a batch and compares their ledgers with
// what was counted.
func awaitLedgers(t *rapid.T, c *pgx.Conn, batch int, drops map[string]counted) {
	t.Helper()
	const over = "key like 'uploads/ledger/' || $1::int || '/%' and state = any('{applied,rejected,failed,ready}')"
	eventually(t, time.Minute, "the drops end", func() (bool, error) {
		return column[int](t, c, "select count(*)::int from bateia.imports where "+over, batch)[0] == len(drops), nil
	})
	rows, err := c.Query(t.Context(), `select key, state, coalesce(code, ''), rows_read, created, updated, unchanged, duplicate, rejected, skipped, conflict, blank
		from bateia.imports where `+over, batch)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var key, state, code string
		var l ledger
		if err := rows.Scan(&key, &state, &code, &l.Read, &l.Created, &l.Updated, &l.Unchanged, &l.Duplicate, &l.Rejected, &l.Skipped, &l.Conflict, &l.Blank); err != nil {
			t.Fatal(err)
		}
		f := drops[key]
		want := counted{read: f.read, rejected: f.rejected, blank: f.blank}
		got := counted{read: l.Read, rejected: l.Rejected, blank: l.Blank}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(counted{})); diff != "" || state != "applied" || l.sum() != l.Read {
			t.Errorf("%s: %s %s, %+v (-want +got):\n%s\n%s\n%s", key, state, code, l, diff, f.about, f.body)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
