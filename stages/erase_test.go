package stages_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/sealed"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/stages/history"
)

// Secret keys as BATEIA_SECRET_KEY has them.
var (
	secretKey = strings.Repeat("ab", 32)
	newerKey  = strings.Repeat("cd", 32)
)

func (b *bench) fingerprints(account int32) ([]pipeline.Fingerprint, error) {
	keys := b.keys
	if keys == "" {
		keys = secretKey
	}
	ring, err := sealed.ParseRing(keys)
	if err != nil {
		return nil, err
	}
	return ring.Fingerprints(account), nil
}

func (b *bench) erase(t testing.TB, p schemas.Person) (schemas.Person, []pipeline.RowPlace, schemas.Erased) {
	t.Helper()
	known, rows, count, err := b.tryErase(p)
	if err != nil {
		t.Fatal(err)
	}
	b.steady(t)
	return known, rows, count
}

func (b *bench) tryErase(p schemas.Person) (known schemas.Person, rows []pipeline.RowPlace, count schemas.Erased, err error) {
	prints, err := b.fingerprints(1)
	if err != nil {
		return known, nil, count, err
	}
	ctx := context.Background()
	err = b.db.InAccount(ctx, 1, func(tx pgx.Tx) error {
		if err := pipeline.LockAccount(ctx, tx, 1); err != nil {
			return err
		}
		known, rows, _, count, err = history.Erasure{Account: 1, ID: 1, Fingerprint: prints[0]}.Erase(ctx, tx, p)
		return err
	})
	return known, rows, count, err
}

// tables returns the rows of every table of the account as text.
func (b *bench) tables(t testing.TB) string {
	t.Helper()
	var out strings.Builder
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'bateia' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'analysts' and c.relname <> 'code_texts' and has_table_privilege(c.oid, 'select')
 order by 1`)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, table := range tables {
			var text string
			if err := tx.QueryRow(ctx, fmt.Sprintf("select coalesce(string_agg(t::text, E'\\n'), '') from %s t", pgx.Identifier{table}.Sanitize())).Scan(&text); err != nil {
				return err
			}
			fmt.Fprintf(&out, "%s:\n%s\n", table, text)
		}
		return nil
	})
	return out.String()
}

// lasting is tables without what counts erasures.
func (b *bench) lasting(t testing.TB) string {
	t.Helper()
	_, all, _ := strings.Cut(b.tables(t), "\naliases:")
	before, after, _ := strings.Cut(all, "\nevents:")
	_, after, _ = strings.Cut(after, "\nfield_definitions:")
	return before + after
}

// free fails when a table holds one of the texts.
func (b *bench) free(t testing.TB, texts ...string) {
	t.Helper()
	all := b.tables(t)
	for _, text := range texts {
		for _, line := range strings.Split(all, "\n") {
			if strings.Contains(line, text) {
				t.Errorf("%q is left: %.200s", text, line)
			}
		}
	}
}

func phoneOf(value string) schemas.Person {
	return schemas.Person{Named: []schemas.Identity{{Kind: identity.Phone, Value: value}}}
}

const (
	phoneC = "+5551987654323"
	emailA = "ana.planted@exemplo.com.br"
)

// traces of the keys of a value, as uuids read.
func traces(kind identity.Kind, value string) string {
	k := identity.Key(kind, value)
	return fmt.Sprintf("%x-%x-%x", k[:4], k[4:6], k[6:8])
}

func TestErase(t *testing.T) {
	t.Parallel()
	others := []lead{{Phone: phoneB, Name: "Bia", City: "Canoas"}, {Email: emailB, Name: "Caio"}}
	for _, tt := range []struct {
		name string
		make func(t *testing.T, b *bench)
	}{
		{"one row", func(t *testing.T, b *bench) {
			b.take(t, append([]lead{{Phone: phoneA, Email: emailA, Name: "Ana Planted"}}, others...))
		}},
		{"who merged from two, one of them under an edited name", func(t *testing.T, b *bench) {
			b.take(t, append([]lead{{Phone: phoneA, Name: "Ana Planted"}}, others...))
			b.take(t, []lead{{Email: emailA, Name: "Planted A."}})
			b.take(t, []lead{{Phone: phoneA, Email: emailA, Name: "Ana Planted"}})
		}},
		{"whom people merged", func(t *testing.T, b *bench) {
			b.take(t, append([]lead{{Phone: phoneA, Name: "Ana Planted"}}, others...))
			b.take(t, []lead{{Email: emailA, Name: "Planted A."}})
			p := b.states(t)
			b.merge(t, p[0].ID, p[len(p)-1].ID)
		}},
		{"seen again by a later import", func(t *testing.T, b *bench) {
			rows := append([]lead{{Phone: phoneA, Email: emailA, Name: "Ana Planted"}}, others...)
			b.take(t, rows)
			b.take(t, rows)
			b.take(t, rows[:1])
		}},
		{"whose first import was taken back", func(t *testing.T, b *bench) {
			rows := append([]lead{{Phone: phoneA, Email: emailA, Name: "Ana Planted"}}, others...)
			id := b.take(t, rows)
			b.take(t, rows)
			b.undo(t, id)
			b.undo(t, b.take(t, []lead{{Phone: phoneA, Name: "Ana Outra Planted"}}))
		}},
		{"of whom only an import speaks that was taken back", func(t *testing.T, b *bench) {
			b.take(t, others)
			b.undo(t, b.take(t, []lead{{Phone: phoneA, Email: emailA, Name: "Ana Planted"}}))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			tt.make(t, b)
			b.eraseAna(t, len(others))
		})
	}
}

// eraseAna erases the person of TestErase, twice, and imports her again.
func (b *bench) eraseAna(t *testing.T, others int) {
	t.Helper()
	rows := b.count(t, "leads") + b.count(t, "seen_leads")
	b.erase(t, phoneOf(phoneA))
	b.free(t, phoneA, emailA, "Planted", traces(identity.Phone, phoneA), traces(identity.Email, emailA))
	if left := b.count(t, "leads") + b.count(t, "seen_leads") + b.count(t, "forgotten_rows"); left != rows {
		t.Errorf("%d rows are left of %d", left, rows)
	}
	got := b.states(t)
	if len(got) != others || got[0].Name != "Bia" || got[1].Name != "Caio" {
		t.Errorf("others mismatch: %+v", got)
	}
	all := b.lasting(t)
	b.erase(t, phoneOf(phoneA))
	if diff := cmp.Diff(all, b.lasting(t)); diff != "" {
		t.Errorf("erasing twice is not erasing once (-once +twice):\n%s", diff)
	}
	run := b.load(t, lead{Phone: phoneA, Name: "Ana Planted"}, lead{Phone: phoneC})
	if got := ledgerOf(run); got.Skipped != 1 || got.Created != 1 {
		t.Errorf("imported again: %+v", got)
	}
	if n := codesOf(run)["SUPPRESSED"]; n != 1 {
		t.Errorf("%d rows say SUPPRESSED", n)
	}
	b.free(t, phoneA, emailA, "Planted")
}

// Taking imports back, or merges apart, brings nobody back.
func TestNothingBringsTheErasedBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana Planted"}, {Phone: phoneB, Name: "Bia"}})
	b.take(t, []lead{{Email: emailA, Name: "Planted A."}, {Phone: phoneB, Name: "Bia", City: "Canoas"}})
	bridge := b.take(t, []lead{{Phone: phoneA, Email: emailA}, {Phone: phoneC, Name: "Caio"}})
	p := b.states(t)
	decided := b.merge(t, p[1].ID, p[2].ID)
	b.erase(t, phoneOf(phoneA))
	for _, id := range []schemas.ImportID{bridge, decided, first} {
		b.undo(t, id)
		b.free(t, phoneA, emailA, "Planted")
	}
	for _, p := range b.states(t) {
		if p.Name != "Bia" {
			t.Errorf("left: %+v", p)
		}
	}
}

// Who shares a value with the person, or was taken for it, keeps what is theirs.
func TestEraseLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	const landline = "+555133334444"
	b := setup(t)
	b.take(t, []lead{{Phone: landline, Shared: true, Name: "Ana Planted"}, {Phone: landline, Shared: true, Name: "Bia"}, {Phone: landline, Shared: true, Name: "Caio"}})
	b.take(t, []lead{{Phone: phoneA, Name: "Dora"}, {Phone: phoneA, Email: emailA, Name: "Eva Planted"}})
	p := b.states(t)
	last := p[len(p)-1]
	b.split(t, last.ID, b.leadID(last.Leads[1]))
	b.erase(t, schemas.Person{Prospects: []string{p[0].ID}})
	var names []string
	for _, s := range b.states(t) {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"Bia", "Caio", "Dora", "Eva Planted"}, names); diff != "" {
		t.Fatalf("names mismatch (-want +got):\n%s", diff)
	}
	all := b.states(t)
	b.erase(t, schemas.Person{Prospects: []string{all[len(all)-1].ID}})
	b.free(t, emailA, "Planted")
	if got := b.states(t); len(got) != 3 || got[2].Name != "Dora" || got[2].Phone != phoneA {
		t.Errorf("others mismatch: %+v", got)
	}
	// Of a value that people share only who was erased stays away.
	run := b.load(t, lead{Phone: landline, Shared: true, Name: "Ana Planted"}, lead{Phone: landline, Shared: true, Name: "Fabio"}, lead{Phone: landline, Shared: true, Name: "Bia"})
	if got := ledgerOf(run); got.Skipped != 1 || got.Created != 1 || got.Unchanged != 1 {
		t.Errorf("imported again: %+v", got)
	}
}

// Whichever comes first, an import and an erasure that race leave nobody.
func TestEraseRacesWithApply(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 6 {
		phone := fmt.Sprintf("+55519876600%02d", i)
		run := b.plan(t, []lead{{Phone: phone, Name: "Ana Planted"}, {Phone: phoneB, Name: "Bia"}})
		insist := func(do func() error) error {
			for {
				if err := do(); pipeline.KindOf(err) != pipeline.KindBusy || err == nil {
					return err
				}
			}
		}
		var wg sync.WaitGroup
		var applied, erased error
		apply := func() { applied = insist(func() error { return b.tryApply(run) }) }
		erase := func() {
			erased = insist(func() error { _, _, _, err := b.tryErase(phoneOf(phone)); return err })
		}
		switch i % 3 {
		case 0: // the plan is older than the erasure
			erase()
			apply()
		case 1:
			apply()
			erase()
		default:
			wg.Go(apply)
			wg.Go(erase)
			wg.Wait()
		}
		if applied != nil || erased != nil {
			t.Fatal(applied, erased)
		}
		if i%3 == 0 && run.Facts.Ledger.Skipped != 1 {
			t.Errorf("planned before, applied after: %+v", run.Facts.Ledger)
		}
		b.learn(t, run)
		b.free(t, phone)
		if got := b.states(t); len(got) != 1 || got[0].Name != "Bia" {
			t.Fatalf("left: %+v", got)
		}
		b.close()
	}
	b.steady(t)
}

// Hashes of an older secret key count as long as the key is given, and importing
// without it is no way around them.
func TestSuppressionsOutliveTheirKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.erase(t, phoneOf(phoneA))
	b.keys = newerKey + "," + secretKey
	b.erase(t, phoneOf(phoneC))
	run := b.load(t, lead{Phone: phoneA}, lead{Phone: phoneC}, lead{Phone: phoneB})
	if got := ledgerOf(run); got.Skipped != 2 || got.Created != 1 {
		t.Errorf("ledger: %+v", got)
	}
	b.keys = newerKey
	if _, err := b.tryPlan(t, []lead{{Phone: phoneB}}); pipeline.CodeOf(err) != "SUPPRESSION_KEY_MISSING" {
		t.Errorf("without the older key: %v", err)
	}
}
