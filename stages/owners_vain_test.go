package stages_test

import (
	"context"
	"testing"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// erp lets an import come from the ERP, which sends whole records.
func erp(r *pipeline.Run) { r.Source = schemas.Source{Kind: "omie", Name: "matriz"} }

// clearing lets blank cells of an import clear.
func clearing(r *pipeline.Run) { r.Request.Mapping.Options.Blank = "clear" }

// Who asks for an owner in vain takes none away from somebody who has one, when the two
// become one.
func TestMergeWithWhoAskedInVain(t *testing.T) {
	t.Parallel()
	split := func(b *bench, first schemas.ImportID) {
		b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
	}
	two := []lead{{Phone: phoneA, Owner: sul}, {Phone: phoneA, Name: "Ana", Email: emailA, Owner: sul}}
	bridge := []lead{{Email: emailB, CPF: cpfAna}, {Email: emailA, CPF: cpfAna}}
	for _, tt := range []struct {
		name string
		do   func(b *bench)
		want string
	}{
		{"the other one drew before", func(b *bench) {
			b.take(t, []lead{{Email: emailB, Owner: sul}})
			split(b, b.take(t, two))
			b.steady(t)
			b.take(t, bridge)
		}, `"ana" of [1:1 2:2 4:1 4:2]`},
		{"the other one's owner was cleared since", func(b *bench) {
			b.take(t, []lead{{Email: emailB, Owner: sul}})
			b.take(t, []lead{{Email: emailB}}, clearing)
			split(b, b.take(t, two))
			b.steady(t)
			b.take(t, bridge)
		}, `"ana" of [1:1 2:1 3:2 5:1 5:2]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := distributed(t)
			tt.do(b)
			if got := b.owners(t); got[0] != tt.want {
				t.Errorf("%v, want %s", got, tt.want)
			}
			b.steady(t)
		})
	}
}

// The plan of a merge shows the owner who was drawn before, and no change of him.
func TestMergeShowsNoChangeOfAKeptOwner(t *testing.T) {
	t.Parallel()
	b := distributed(t)
	b.take(t, []lead{{Phone: phoneA, Owner: sul}, {Email: emailB}, {Phone: phoneB}, {Email: emailA, Owner: sul}})
	run := b.plan(t, []lead{{Phone: phoneA, Email: emailB}, {Phone: phoneB, Email: emailA}})
	var kept, gained int64
	query := "select count(*) filter (old is not null), count(*) filter (old is null and new = 'beto') from plan_changes where field = 'owner'"
	if _, err := run.Workset.Scan(t.Context(), query, nil, &kept, &gained); err != nil {
		t.Fatal(err)
	}
	if kept != 0 || gained != 1 {
		t.Errorf("%d owners change and %d are gained, want none, and the one who was drawn for whom merges", kept, gained)
	}
	b.finish(t, run)
	if got := b.owners(t); got[0] != `"ana" of [1:1 1:2 2:1]` || got[1] != `"beto" of [1:3 1:4 2:2]` {
		t.Errorf("owners %v", got)
	}
	b.steady(t)
}

// An owner whom nobody drew has no rank.
func TestNoRankOfAnOwnerNobodyDrew(t *testing.T) {
	t.Parallel()
	const leste = "distribution:Leste"
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Owner: leste, Name: "Ana"}, {Phone: phoneC, Owner: leste}}, erp)
	b.steady(t)
	b.take(t, []lead{{Phone: phoneB}, {Email: emailB}})
	b.take(t, []lead{{Phone: phoneB, Owner: leste, City: "Canoas"}, {Email: emailB, Owner: leste}}, erp)
	b.steady(t)
	b.take(t, []lead{{ID: schemas.ProspectID(first, 2), Owner: leste, City: "Canoas"}})
	b.steady(t)
}

// Ranks that an account gave sources after a plan was made are those of the plan, too.
func TestRanksChangeBeforeApply(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, ranks := range [][2]map[string]int{{nil, {"upload": 3}}, {{"upload": 3}, nil}} {
		b := setup(t)
		account, err := b.db.AccountByID(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		set := func(ranks map[string]int) {
			account.Settings.SourceRanks = ranks
			if err := b.db.UpdateAccount(ctx, account); err != nil {
				t.Fatal(err)
			}
		}
		set(ranks[0])
		b.take(t, []lead{{Phone: phoneA, City: "Canoas"}}, erp)
		run := b.plan(t, []lead{{Phone: phoneA, City: "Torres"}, {Phone: phoneB, City: "Torres"}}, func(r *pipeline.Run) {
			r.Source.Kind, r.Account.Settings.SourceRanks = "upload", ranks[0]
		})
		set(ranks[1])
		run.Account.Settings.SourceRanks = ranks[1] // as the job reads it
		b.finish(t, run)
		b.steady(t)
		if got := b.states(t)[0].City; (got == "Torres") != (ranks[1] != nil) {
			t.Errorf("city %q after ranks %v were set", got, ranks[1])
		}
	}
}
