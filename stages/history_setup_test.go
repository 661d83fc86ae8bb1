package stages_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/history"
)

// take imports leads as load does, and stores what the import learnt, as the job
// does.
func (b *bench) take(t testing.TB, leads []lead, adjust ...func(*pipeline.Run)) schemas.ImportID {
	t.Helper()
	run := b.plan(t, leads, adjust...)
	b.finish(t, run)
	return run.ImportID
}

// finish applies a plan, and stores what the import learnt.
func (b *bench) finish(t testing.TB, run *pipeline.Run) {
	t.Helper()
	b.apply(t, run)
	b.learn(t, run)
}

// learn stores what an import found out about its columns and rows.
func (b *bench) learn(t testing.TB, run *pipeline.Run) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
insert into import_columns (account_id, import_id, position, name, field, confidence, reason, filled, valid, imported)
select $1, $2, row_number() over (), f, f, 1, 'header', 0, 0, true from unnest($3::text[]) f`, run.Account.ID, int64(run.ImportID), run.Facts.Fields)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
insert into issue_counts (account_id, import_id, code, severity, rows)
select account_id, import_id, code, severity, count(distinct row) from issues where account_id = $1 and import_id = $2 group by 1, 2, 3, 4`, run.Account.ID, int64(run.ImportID))
		if err != nil {
			return err
		}
		l := run.Facts.Ledger
		_, err = tx.Exec(ctx, `
update imports set created_at = $3, rows_read = $4, created = $5, updated = $6, unchanged = $7, duplicate = $8, rejected = $9, skipped = $10, conflict = $11
 where account_id = $1 and import_id = $2`, run.Account.ID, int64(run.ImportID), run.Now, l.Read, l.Created, l.Updated, l.Unchanged, l.Duplicate, l.Rejected, l.Skipped, l.Conflict)
		return err
	})
}

func (b *bench) in(t testing.TB, fn func(ctx context.Context, tx pgx.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := b.inAccount(ctx, 1, func(tx pgx.Tx) error { return fn(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

// manual is a run without rows: an undo or a decision.
func (b *bench) manual() *pipeline.Run {
	b.next++
	return &pipeline.Run{
		ImportID: schemas.ImportID(int64(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).UnixMilli())<<12) + b.next,
		Account:  schemas.Account{ID: 1, Slug: "default", Country: "BR"},
		Source:   schemas.Source{Kind: "manual"},
		Log:      slog.New(slog.DiscardHandler),
		Now:      time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

// hooks register the import at the end, as the job does.
func (b *bench) hooks() history.Hooks {
	return history.Hooks{
		InAccount: b.inAccount,
		Fence:     func(context.Context, pgx.Tx, *pipeline.Run) error { return nil },
		Finish: func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
			if err := register(ctx, tx, run); err != nil {
				return err
			}
			if run.UndoOf == 0 {
				return nil
			}
			_, err := tx.Exec(ctx, "update imports set undo_of = $3 where account_id = $1 and import_id = $2", run.Account.ID, int64(run.ImportID), int64(run.UndoOf))
			return err
		},
	}
}

// tryUndo takes an import back and compares what was done with what the preview
// said.
func (b *bench) tryUndo(t testing.TB, id schemas.ImportID) (s, preview history.Summary, err error) {
	t.Helper()
	ctx := context.Background()
	err = b.inAccount(ctx, 1, func(tx pgx.Tx) error {
		var err error
		preview, err = history.Preview(ctx, tx, 1, id)
		return err
	})
	if err != nil {
		return s, preview, err
	}
	run := b.manual()
	run.UndoOf = id
	err = history.Undo{Hooks: b.hooks(), Done: func(done history.Summary) { s = done }}.Run(ctx, run)
	return s, preview, err
}

func (b *bench) mustUndo(t testing.TB, run *pipeline.Run) {
	t.Helper()
	if err := (history.Undo{Hooks: b.hooks()}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
}

// decide runs a decision and returns its import.
func (b *bench) decide(t testing.TB, stage func(history.Hooks) pipeline.Stage) schemas.ImportID {
	t.Helper()
	run := b.manual()
	if err := stage(b.hooks()).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	return run.ImportID
}

func (b *bench) merge(t testing.TB, survivor string, others ...string) schemas.ImportID {
	t.Helper()
	return b.decide(t, func(h history.Hooks) pipeline.Stage {
		return history.Merge{Hooks: h, Survivor: survivor, Others: others}
	})
}

func (b *bench) split(t testing.TB, prospect string, leads ...string) schemas.ImportID {
	t.Helper()
	return b.decide(t, func(h history.Hooks) pipeline.Stage { return history.Split{Hooks: h, Prospect: prospect, Leads: leads} })
}

func (b *bench) unmerge(t testing.TB, alias string) schemas.ImportID {
	t.Helper()
	return b.decide(t, func(h history.Hooks) pipeline.Stage { return history.Unmerge{Hooks: h, Alias: alias} })
}

// verify computes everything again.
func (b *bench) verify(t testing.TB) (drifts []history.Drift) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx pgx.Tx) (err error) {
		drifts, err = history.Verify(ctx, tx, 1)
		return err
	})
	return drifts
}

// state is a prospect with everything that an undo gives back.
type state struct {
	ID, Name, City, Phone, Email string
	Owner                        string
	Identities, Lists, Tags      []string
	Leads                        []string
	Aliases                      []string
}

// states reads the live prospects, in the order of their ids.
func (b *bench) states(t testing.TB) (out []state) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
select prospect_id, coalesce(name, ''), coalesce(city, ''), coalesce(phone, ''), coalesce(email, ''), coalesce(owner, ''),
       array(select i.value from identities i where i.account_id = p.account_id and i.key = any(p.keys)
              and coalesce((select survivor_id from aliases a where a.account_id = p.account_id and a.alias_id = i.prospect_id), i.prospect_id) = p.prospect_id order by 1),
       array(select l.name from lists l where l.account_id = p.account_id and l.list_id = any(p.list_ids) order by 1),
       array(select l.name from tags l where l.account_id = p.account_id and l.tag_id = any(p.tag_ids) order by 1),
       array(select (u.i & 4095) || ':' || u.r from unnest(p.lead_imports, p.lead_rows) u (i, r) order by u.i, u.r),
       array(select alias_id from aliases a where a.account_id = p.account_id and a.survivor_id = p.prospect_id order by 1)
  from prospects p where not exists (select 1 from aliases a where a.account_id = p.account_id and a.alias_id = p.prospect_id)
 order by prospect_id`)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (p state, err error) {
			return p, r.Scan(&p.ID, &p.Name, &p.City, &p.Phone, &p.Email, &p.Owner, &p.Identities, &p.Lists, &p.Tags, &p.Leads, &p.Aliases)
		})
		return err
	})
	return out
}

// count returns how many rows a table of the account has.
func (b *bench) count(t testing.TB, table string) (n int) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select count(*) from "+table+" where account_id = 1").Scan(&n)
	})
	return n
}
