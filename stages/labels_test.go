package stages_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
)

// Lists, tags and fields go with the last import that used them, whoever made them.
func TestUndoTakesBackWhatNobodyUsesAnyMore(t *testing.T) {
	t.Parallel()
	for _, swapped := range []bool{false, true} {
		b := setup(t)
		color := func(r *pipeline.Run) {
			labeled("Feira", "vip")(r)
			r.Facts.Columns = []schemas.Column{{Name: "Cor", Field: "extra.cor", Imported: true}}
		}
		var ids []schemas.ImportID
		for _, phone := range []string{phoneA, phoneB} {
			id := b.take(t, []lead{{Phone: phone, Tags: `["quente"]`, Extra: `{"cor":"azul"}`}}, color)
			b.in(t, func(ctx context.Context, tx pgx.Tx) error { // as the job learns columns
				_, err := tx.Exec(ctx, `
insert into import_columns (account_id, import_id, position, name, field, confidence, reason, filled, valid, imported)
values (1, $1, 99, 'Cor', 'extra.cor', 1, 'header', 0, 0, true)`, int64(id))
				return err
			})
			ids = append(ids, id)
		}
		if swapped {
			ids[0], ids[1] = ids[1], ids[0]
		}
		b.undo(t, ids[0])
		if l, g, f := b.count(t, "lists"), b.count(t, "tags"), b.count(t, "field_definitions"); l != 1 || g != 2 || f != 1 {
			t.Errorf("in use: %d lists, %d tags, %d fields", l, g, f)
		}
		s := b.undo(t, ids[1])
		if l, g, f := b.count(t, "lists"), b.count(t, "tags"), b.count(t, "field_definitions"); l+g+f > 0 || s.Lists != 1 || s.Tags != 2 || s.Fields != 1 {
			t.Errorf("left: %d lists, %d tags, %d fields; said %+v", l, g, f, s)
		}
	}
}

// An import in the place of another one has its list from it, and takes it back.
func TestUndoOfARedoTakesItsListBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := []lead{{Phone: phoneA, Name: "Ana"}}
	first := b.take(t, file, labeled("Feira", "vip"))
	run := b.plan(t, file, labeled("Feira", "vip"), func(r *pipeline.Run) { r.RedoOf = first })
	state := func(ctx context.Context, tx pgx.Tx, s string) error {
		_, err := tx.Exec(ctx, "update imports set state = $2 where account_id = 1 and import_id = $1", int64(run.ImportID), s)
		return err
	}
	// As the jobs do it, the import stands there while the other one is taken back.
	b.in(t, func(ctx context.Context, tx pgx.Tx) error {
		if err := register(ctx, tx, run); err != nil {
			return err
		}
		return state(ctx, tx, "applying")
	})
	hooks := stages.Hooks{
		Fence:  func(context.Context, pgx.Tx, *pipeline.Run) error { return nil },
		Finish: func(ctx context.Context, tx pgx.Tx, _ *pipeline.Run) error { return state(ctx, tx, "applied") },
	}
	if err := stages.Apply(b.deps(), hooks)[0].Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	b.learn(t, run)
	if l, g := b.count(t, "lists"), b.count(t, "tags"); l != 1 || g != 1 {
		t.Errorf("made again: %d lists, %d tags", l, g)
	}
	b.undo(t, run.ImportID)
	if l, g := b.count(t, "lists"), b.count(t, "tags"); l+g > 0 {
		t.Errorf("left: %d lists, %d tags", l, g)
	}
}

// An import of which every row is refused makes no list and no tag.
func TestRefusedRowsMakeNoLabel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.plan(t, []lead{{Phone: phoneA, Name: "Ana", Tags: `["quente"]`}, {City: "Canoas"}}, labeled("Feira", "vip"), inMode(schemas.ModeUpdate))
	b.finish(t, run)
	if l := ledgerOf(run); l.Skipped != 1 || l.Rejected != 1 {
		t.Errorf("ledger %+v, want every row refused", l)
	}
	if l, g := b.count(t, "lists"), b.count(t, "tags"); l+g != 0 {
		t.Errorf("%d lists, %d tags", l, g)
	}
}
