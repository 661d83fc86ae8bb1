package stages_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/stages/history"
)

// decideIn is what a world decides by itself.
func (p *play) decideIn(n int, m move, people []state) error {
	var stage func(history.Hooks) pipeline.Stage
	switch {
	case m.What == "undecide" && len(p.own[n]) > 0:
		i := m.A % len(p.own[n])
		id := p.own[n][i]
		p.own[n] = slices.Delete(p.own[n], i, i+1)
		p.tell("undo %d", id&4095)
		return p.undoImport(id)
	case m.What == "merge" && len(people) > 1:
		a, o := people[m.A%len(people)], people[m.B%len(people)]
		p.tell("merge %s %s", short(a.ID), short(o.ID))
		stage = func(h history.Hooks) pipeline.Stage {
			return history.Merge{Hooks: h, Survivor: a.ID, Others: []string{o.ID}}
		}
	case m.What == "split" && len(people) > 0:
		who := people[m.A%len(people)]
		var leads []string
		for i, l := range who.Leads {
			if m.Bits>>(i%8)&1 == 1 {
				leads = append(leads, p.leadID(l))
			}
		}
		if len(leads) == len(who.Leads) {
			leads = leads[1:]
		}
		if len(leads) == 0 {
			return nil
		}
		p.tell("split %s: %v of %v", short(who.ID), leads, who.Leads)
		stage = func(h history.Hooks) pipeline.Stage { return history.Split{Hooks: h, Prospect: who.ID, Leads: leads} }
	case m.What == "erase" && len(people) > 0:
		return p.eraseOne(people[m.A%len(people)])
	case m.What == "join":
		return p.joinAgain(n, m.A)
	case m.What == "unmerge":
		var aliases []string
		for _, one := range people {
			aliases = append(aliases, one.Aliases...)
		}
		if len(aliases) == 0 {
			return nil
		}
		alias := aliases[m.A%len(aliases)]
		p.tell("unmerge %s", short(alias))
		stage = func(h history.Hooks) pipeline.Stage { return history.Unmerge{Hooks: h, Alias: alias} }
	default:
		return nil
	}
	run := p.manual()
	p.lived[run.ImportID] = []int{n}
	switch err := stage(p.hooks()).Run(context.Background(), run); {
	case pipeline.CodeOf(err) == history.CodeNothingOff:
		p.tell("… refused")
	case err != nil:
		return &wrong{n, "decide: " + err.Error()}
	default:
		p.own[n] = append(p.own[n], run.ImportID)
	}
	return nil
}

// joinAgain lets a value join that was found to be shared, whatever its names.
func (p *play) joinAgain(n, pick int) error {
	v := identity.Value{Kind: identity.Email, Canonical: emailIn(n, pick%3+1)}
	if pick%2 == 0 {
		v = identity.Value{Kind: identity.Phone, Canonical: phoneIn(n, pick%3+1)}
	}
	some, err := p.db.JoinAgain(context.Background(), 1, v)
	if err != nil {
		return &wrong{n, "join again: " + err.Error()}
	}
	if some {
		p.tell("join again: %s", v.Canonical)
	}
	return nil
}

// eraseOne erases a person, who must not come back by any value that was theirs
// alone.
func (p *play) eraseOne(who state) error {
	p.tell("erase %s", short(who.ID))
	before := p.shares(p.t)
	p.in(p.t, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select value from identities group by value having bool_or(joins) and bool_and(prospect_id = any($1))", append(who.Aliases, who.ID))
		if err != nil {
			return err
		}
		values, err := pgx.CollectRows(rows, pgx.RowTo[string])
		p.gone = append(p.gone, values...)
		return err
	})
	if _, _, _, err := p.tryErase(schemas.Person{Prospects: []string{who.ID}}); err != nil {
		return &wrong{p.of(who.ID), "erase: " + err.Error()}
	}
	for m, n := range p.shares(p.t) {
		p.ended[m] += before[m] - n
	}
	return nil
}

// leadID makes the id of a lead of what states shows.
func (b *bench) leadID(l string) string {
	var id, row int64
	fmt.Sscanf(l, "%d:%d", &id, &row)
	return schemas.LeadID(b.base()+schemas.ImportID(id), row)
}

// uneven tells how the shares of the members of Sul differ, with the turns that came
// back and those of the erased, which are not given again.
func (p *play) uneven() string {
	d := p.distributions(p.t)[1]
	shares := p.shares(p.t)
	for _, m := range d.Returned {
		shares[m]++
	}
	for m, n := range p.ended {
		shares[m] += n
	}
	low, high := min(shares["ana"], shares["beto"], shares["carla"]), max(shares["ana"], shares["beto"], shares["carla"])
	if high-low > 1 || high > low && shares[d.Members[d.Next]] > low {
		return fmt.Sprintf("shares %v, of which %d came back, and the next is %s", shares, len(d.Returned), d.Members[d.Next])
	}
	return ""
}

// cameBack returns a prospect that a value of somebody erased leads to.
func (p *play) cameBack() (id string) {
	if len(p.gone) == 0 {
		return ""
	}
	p.in(p.t, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select coalesce(min(prospect_id), '') from identities where joins and value = any($1)", p.gone).Scan(&id)
	})
	return id
}
