package stages_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Owners are drawn in turn over all imports; who has one keeps it, and the same
// file again draws nobody.
func TestOwnersInTurn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	exec := func(sql string) {
		t.Helper()
		if err := b.db.InAccount(ctx, 1, func(tx pgx.Tx) error { _, err := tx.Exec(ctx, sql); return err }); err != nil {
			t.Fatal(err)
		}
	}
	exec("insert into distributions (account_id, folded, name, members) values (1, 'sul', 'Sul', '{ana,beto,carla}')")
	shares := func() map[string]int {
		t.Helper()
		out := map[string]int{}
		err := b.db.InAccount(ctx, 1, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, "select coalesce(owner, '') from prospects")
			if err != nil {
				return err
			}
			owners, err := pgx.CollectRows(rows, pgx.RowTo[string])
			for _, o := range owners {
				out[o]++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	file := func(from, to int, owner string) (leads []lead) {
		for i := from; i < to; i++ {
			leads = append(leads, lead{Email: fmt.Sprintf("p%d@exemplo.com.br", i), Owner: owner})
		}
		return leads
	}
	b.mustHaveDatasets(t, b.load(t, slices.Concat(file(0, 4, "distribution:Sul"), file(2, 3, "distribution:Sul"))...))
	b.load(t, file(4, 8, "distribution:sul ")...)
	if got := shares(); got["ana"] != 3 || got["beto"] != 3 || got["carla"] != 2 {
		t.Errorf("after eight turns: %v", got)
	}
	b.load(t, file(0, 8, "distribution:Sul")...)
	b.mustHaveDatasets(t, b.load(t, append(file(8, 9, ""), file(9, 10, "dora")...)...))
	b.load(t, slices.Concat(file(8, 9, "distribution:Sul"), file(9, 10, "distribution:Sul"))...)
	if got := shares(); got["ana"] != 3 || got["beto"] != 3 || got["carla"] != 3 || got["dora"] != 1 {
		t.Errorf("after the tenth prospect: %v", got)
	}
	exec("update distributions set members = '{}'")
	b.mustHaveDatasets(t, b.load(t, file(20, 21, "distribution:Sul")...))
	if got := shares(); got[""] != 1 {
		t.Errorf("nobody there to draw: %v", got)
	}
}
