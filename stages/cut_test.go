package stages_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/stages"
)

var errCut = errors.New("cut")

// cutting is a transaction whose statement number at fails.
type cutting struct {
	pgx.Tx
	at *int
}

func (c cutting) cut() bool {
	*c.at--
	return *c.at == 0
}

func (c cutting) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if c.cut() {
		return pgconn.CommandTag{}, errCut
	}
	return c.Tx.Exec(ctx, sql, args...)
}

func (c cutting) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if c.cut() {
		return nil, errCut
	}
	return c.Tx.Query(ctx, sql, args...)
}

func (c cutting) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if c.cut() {
		return cutRow{}
	}
	return c.Tx.QueryRow(ctx, sql, args...)
}

type cutRow struct{}

func (cutRow) Scan(...any) error { return errCut }

// TestApplyIsTriedAgainFromAnyStatement: a transaction of apply that Postgres ends at
// any of its statements, as after a deadlock, is tried again with the same workset,
// and does what one that nothing disturbed does.
func TestApplyIsTriedAgainFromAnyStatement(t *testing.T) {
	t.Parallel()
	for _, confirmed := range []bool{false, true} {
		// prepare returns a plan of everything that an import can do, of a base that
		// moved since.
		prepare := func(t *testing.T) (*bench, *pipeline.Run) {
			b := setup(t)
			b.names = 2
			const landline, email = "+555133334444", "fiscal@exemplo.com.br"
			b.take(t, []lead{
				{Phone: phoneA, Name: "Ana", City: "Canoas"}, {Email: emailB, Name: "Ana"},
				{Phone: phoneB, CPF: cpfAna}, {Email: emailA, CPF: cpfBia},
				{Email: email, Name: "Caio"}, {Phone: landline, Shared: true, Name: "Dora"}})
			run := b.plan(t, []lead{
				{Phone: phoneA, Email: emailB, Name: "Ana Maria", Tags: `["quente"]`}, // a bridge
				{Phone: phoneB, Email: emailA, Name: "Eva"},                           // between two documents
				{Email: email, Name: "Bia"}, {Email: email, Name: "Fabio"},            // too many names
				{Phone: landline, Shared: true, Name: "Dora", City: "Lajeado"}, // an update
				{Phone: phoneC, Name: "Gil"}, {Phone: phoneC, Name: "Gil"}, {}, // new, again, refused
			}, func(r *pipeline.Run) { r.Request.Mapping.List, r.Request.Confirmed = "Feira", confirmed })
			b.take(t, []lead{{Phone: landline, Shared: true, Name: "Dora", City: "Canoas", Tags: `["frio"]`}, {Email: email, Name: "Hugo"}, {Phone: phoneA, City: "Lajeado"}})
			return b, run
		}
		t.Run(map[bool]string{false: "unattended", true: "confirmed"}[confirmed], func(t *testing.T) {
			t.Parallel()
			b, run := prepare(t)
			b.apply(t, run)
			want, err := b.outcome(t, run)
			if err != nil {
				t.Fatal(err)
			}
			b, run = prepare(t)
			d, nothing := b.deps(), func(context.Context, pgx.Tx, *pipeline.Run) error { return nil }
			at, tries := 0, 0
			d.InAccount = func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error {
				return b.db.InAccount(ctx, account, func(tx pgx.Tx) error { return fn(cutting{tx, &at}) })
			}
			stage := stages.Apply(d, stages.Hooks{Fence: nothing, Finish: register})[0]
			for {
				tries++
				at = tries
				if err := stage.Run(t.Context(), run); err == nil {
					break
				} else if !errors.Is(err, errCut) {
					t.Fatalf("cut at statement %d: %v", tries, err)
				}
			}
			if tries < 20 {
				t.Errorf("only %d statements", tries)
			}
			got, err := b.outcome(t, run)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after %d tries (-undisturbed +tried again):\n%s", tries, diff)
			}
			if _, broken := b.broken(t); broken != "" {
				t.Error(broken)
			}
			b.learn(t, run)
			b.steady(t)
		})
	}
}
