package app

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline/omie/omietest"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// connection is the connection as it is now.
func (c *company) connection() schemas.Connection {
	c.t.Helper()
	conn, err := c.DB.Connection(c.t.Context(), c.account.ID, "Matriz")
	c.must(err)
	return conn
}

// What is due is read by itself; a webhook's signal brings one record in seconds,
// with one call; the schedule goes on.
func TestScheduledAndSignaled(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	ana := c.put(omietest.Record{"razao_social": "Ana Souza", "pessoa_fisica": "S", "telefone1_ddd": "51", "telefone1_numero": "98765-4321"})
	bia := c.put(omietest.Record{"razao_social": "Bia Lima", "pessoa_fisica": "S", "telefone1_ddd": "51", "telefone1_numero": "98765-1234"})
	conn := c.connect(func(conn *schemas.Connection) {
		conn.Settings.Every = "1h"
		conn.NextRun, conn.Due = time.Now(), time.Now()
	})
	c.until("the first sync is applied", func() bool { return len(c.people()) == 2 && !c.connection().LastSuccess.IsZero() })
	after := c.connection()
	if wait := time.Until(after.NextRun); wait < 50*time.Minute || wait > 62*time.Minute || !after.Due.Equal(after.NextRun) {
		t.Errorf("next run in %v, due in %v", wait, time.Until(after.Due))
	}

	c.put(omietest.Record{"codigo_cliente_omie": ana, "contato": "x", "razao_social": "Ana Maria Souza"})
	c.sim.Delete(c.omie, bia)
	before := len(c.sim.Calls())
	for i, s := range []postgres.Signal{{MessageID: "m1", Record: ana}, {MessageID: "m2", Record: bia, Deleted: true}, {MessageID: "m1", Record: ana}} {
		added, err := c.DB.AddSignal(t.Context(), c.account.ID, conn.ID, s)
		c.must(err)
		if added != (i < 2) {
			t.Errorf("message %d: added %v", i, added)
		}
	}
	began := time.Now()
	c.until("the signals are applied", func() bool {
		return len(c.gone()) == 1 && c.people()[0] == fmt.Sprintf("Ana Maria Souza|+5551987654321|omie:matriz:%d|2", ana)
	})
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("the signals took %v", took)
	}
	if n := len(c.sim.Calls()) - before; n != 1 {
		t.Errorf("%d calls, want one", n)
	}
	now := c.connection()
	if !now.NextRun.Equal(after.NextRun) || !now.Watermark.Equal(after.Watermark) {
		t.Errorf("signals moved schedule or watermark: %+v", now)
	}
}

// The first sync waits for a decision when that was asked for, and no other one
// starts meanwhile.
func TestHoldFirst(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.put(omietest.Record{"razao_social": "Ana Souza", "pessoa_fisica": "S", "telefone1_ddd": "51", "telefone1_numero": "98765-4321"})
	c.connect(func(conn *schemas.Connection) { conn.Settings.HoldFirst = true })
	held := c.sync(jobs.SyncOptions{})
	if held.State != schemas.Ready || !held.Held || held.Code != "HOLD_FIRST" || len(c.people()) != 0 {
		t.Fatalf("%s, held %v, %s", held.State, held.Held, held.Code)
	}
	insert, err := jobs.NewInserter(c.DB)
	c.must(err)
	err = c.DB.InAccount(t.Context(), c.account.ID, func(tx pgx.Tx) error {
		conn, err := postgres.LockConnection(t.Context(), tx, c.account.ID, c.connection().ID)
		if err != nil {
			return err
		}
		_, err = insert.SyncTx(t.Context(), tx, c.account, &conn, jobs.SyncOptions{})
		return err
	})
	if open := (*jobs.ErrSyncOpen)(nil); !errors.As(err, &open) || open.ImportID != held.ID {
		t.Errorf("another sync beside it: %v", err)
	}
	c.must(c.DB.InAccount(t.Context(), c.account.ID, func(tx pgx.Tx) error {
		_, err := insert.ApplyTx(t.Context(), tx, c.account.ID, held.ID)
		return err
	}))
	c.until("it is applied", func() bool { return len(c.people()) == 1 && !c.connection().Watermark.IsZero() })
	if next := c.sync(jobs.SyncOptions{}); next.State != schemas.Applied || next.Ledger.Unchanged != 1 {
		t.Errorf("the next sync: %s, %+v", next.State, next.Ledger)
	}
}

// A key that is revoked in the middle stops the sync and the schedule; with a new
// pair it goes on with the pages that are missing.
func TestAKeyRevokedInTheMiddle(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.sim.Generate(c.omie, 1600) // four pages
	c.connect(func(conn *schemas.Connection) { conn.NextRun = time.Now().Add(time.Hour); conn.Due = conn.NextRun })
	for range 4 {
		c.sim.Fail("ListarClientes", 2, omietest.BadKey)
	}
	failed := c.sync(jobs.SyncOptions{})
	conn := c.connection()
	if failed.State != schemas.Failed || failed.Code != "OMIE_AUTH" || conn.State != schemas.ConnectionInvalid || !conn.Due.IsZero() || !conn.NextRun.IsZero() {
		t.Fatalf("%s %s; connection %s, due %v", failed.State, failed.Code, conn.State, conn.Due)
	}
	if len(c.people()) != 0 || !conn.Watermark.IsZero() {
		t.Errorf("%d prospects, watermark %v", len(c.people()), conn.Watermark)
	}
	before := len(c.sim.Calls())
	c.connect(nil)
	if done := c.sync(jobs.SyncOptions{}); done.State != schemas.Applied || done.Ledger.Read != 1600 {
		t.Errorf("%s %s, %+v", done.State, done.Code, done.Ledger)
	}
	var pages []int
	for _, call := range c.sim.Calls()[before:] {
		pages = append(pages, call.Page)
	}
	// First a call by ids that tells whether the pair is of the same company.
	if diff := cmp.Diff([]int{1, 2, 1}, pages); diff != "" {
		t.Errorf("pages that were asked for with the new pair (-want +got):\n%s", diff)
	}
}

// What an undo takes back the next sync brings again.
func TestUndoOfASync(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.put(omietest.Record{"razao_social": "Ana Souza", "pessoa_fisica": "S", "telefone1_ddd": "51", "telefone1_numero": "98765-4321"})
	c.connect(nil)
	first := c.sync(jobs.SyncOptions{})
	undo, err := c.Register(t.Context(), c.account, postgres.Registration{
		Source: schemas.Source{Kind: "manual"}, UndoOf: first.ID, Request: schemas.Request{Decision: &schemas.Decision{Kind: schemas.DecideUndo}},
	})
	c.must(err)
	if done := c.ended(undo); done.State != schemas.Applied || len(c.people()) != 0 {
		t.Fatalf("undo: %s %s, prospects %q", done.State, done.Code, c.people())
	}
	if conn := c.connection(); !conn.Watermark.IsZero() {
		t.Errorf("watermark %v after the undo", conn.Watermark)
	}
	if again := c.sync(jobs.SyncOptions{}); again.Ledger.Created != 1 || len(c.people()) != 1 {
		t.Errorf("the next sync: %+v", again.Ledger)
	}
}

// A block stops the key until it is over; then the sync goes on by itself, at the
// page that it had come to.
func TestABlockIsSleptThrough(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.sim.Generate(c.omie, 1200) // three pages
	conn := c.connect(nil)
	c.sim.Fail("ListarClientes", 3, omietest.Blocked(900)) // four and a half seconds of ours
	done := c.sync(jobs.SyncOptions{})
	if done.State != schemas.Applied || done.Ledger.Read != 1200 {
		t.Errorf("%s %s, %+v", done.State, done.Code, done.Ledger)
	}
	var pages []int
	for _, call := range c.sim.Calls() {
		pages = append(pages, call.Page)
	}
	if diff := cmp.Diff([]int{1, 3, 3, 2, 1}, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if until, err := c.BlockedUntil(t.Context(), conn); err != nil || until.IsZero() {
		t.Errorf("blocked until %v, %v", until, err)
	}
}

// A sync that finds nothing is applied with no rows, and leaves everything as it is.
func TestASyncThatFindsNothing(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	id := c.put(omietest.Record{"razao_social": "Ana Souza", "pessoa_fisica": "S", "telefone1_ddd": "51", "telefone1_numero": "98765-4321"})
	c.connect(nil)
	c.sync(jobs.SyncOptions{})
	before := c.connection()
	c.sim.Delete(c.omie, id) // the only record that a filter could find
	empty := c.sync(jobs.SyncOptions{})
	if diff := cmp.Diff(schemas.Ledger{}, empty.Ledger); empty.State != schemas.Applied || diff != "" {
		t.Errorf("%s %s, ledger (-want +got):\n%s", empty.State, empty.Code, diff)
	}
	after := c.connection()
	if !after.Watermark.Equal(before.Watermark) || after.EmptyRuns != 1 || len(c.people()) != 1 || len(c.gone()) != 0 {
		t.Errorf("watermark %v → %v, %d empty runs, %q, gone %v", before.Watermark, after.Watermark, after.EmptyRuns, c.people(), c.gone())
	}
}

// What could not be read completely is begun anew, not gone on with.
func TestAnIncompleteSyncBeginsAnew(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.sim.Generate(c.omie, 1200) // three pages
	c.connect(nil)
	for range 3 {
		c.sim.Fail("ListarClientes", 2, omietest.NoRecords(2))
	}
	if failed := c.sync(jobs.SyncOptions{}); failed.State != schemas.Failed || failed.Code != "OMIE_INCOMPLETE" {
		t.Fatalf("%s %s", failed.State, failed.Code)
	}
	c.sim.Delete(c.omie, c.sim.Customers(c.omie)[0]["codigo_cliente_omie"].(int64))
	before := len(c.sim.Calls())
	if done := c.sync(jobs.SyncOptions{}); done.State != schemas.Applied || done.Ledger.Read != 1199 {
		t.Errorf("%s %s, %+v", done.State, done.Code, done.Ledger)
	}
	if n := len(c.sim.Calls()) - before; n != 4 {
		t.Errorf("%d calls, want those of a whole reading", n)
	}
}
