package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

type distributionCommand struct {
	Create distributionCreate `cmd:"" help:"Make a distribution."`
	List   distributionList   `cmd:"" help:"List distributions."`
	Show   distributionShow   `cmd:"" help:"Show one, and whose turn it is."`
	Add    distributionAdd    `cmd:"" help:"Add members at the end of the turn."`
	Remove distributionRemove `cmd:"" help:"Remove members."`
	Delete distributionDelete `cmd:"" help:"Delete a distribution; owners stay as they are."`
}

func (distributionCommand) Help() string {
	return `A distribution gives prospects to its members in turn, over all imports of the account: their shares never differ by more than one. Turns that end with an undo come back and are the next ones. An import uses it with --set owner=distribution:NAME, or a file with that in its column of owners. The account is the one that --account names.

Examples:

  bateia account distribution create Sul --member Ana --member Bia
  bateia account distribution add Sul Caio
  bateia import leads.csv --set owner=distribution:Sul`
}

type distributionCreate struct {
	Name   string   `arg:"" help:"Name, as in distribution:NAME."`
	Member []string `help:"Who gets prospects, in this order; may be repeated." placeholder:"M" sep:"none"`
}

type distributionList struct{}

type distributionShow struct {
	Name string `arg:"" help:"Name."`
}

type distributionAdd struct {
	Name   string   `arg:"" help:"Name."`
	Member []string `arg:"" help:"Who gets prospects from now on."`
}

type distributionRemove struct {
	Name   string   `arg:"" help:"Name."`
	Member []string `arg:"" help:"Who gets no more."`
}

type distributionDelete struct {
	Name string `arg:"" help:"Name."`
}

// Help implements kong.HelpProvider.
func (distributionCreate) Help() string {
	return "Example:\n\n  bateia account distribution create Sul --member Ana --member Bia"
}

// Help implements kong.HelpProvider.
func (distributionList) Help() string { return "Example:\n\n  bateia account distribution list --json" }

// Help implements kong.HelpProvider.
func (distributionShow) Help() string { return "Example:\n\n  bateia account distribution show Sul" }

// Help implements kong.HelpProvider.
func (distributionAdd) Help() string { return "Example:\n\n  bateia account distribution add Sul Caio" }

// Help implements kong.HelpProvider.
func (distributionRemove) Help() string {
	return "Example:\n\n  bateia account distribution remove Sul Ana"
}

// Help implements kong.HelpProvider.
func (distributionDelete) Help() string {
	return "Example:\n\n  bateia account distribution delete Sul"
}

// Run makes a distribution.
func (c distributionCreate) Run(s *session) error {
	name := strings.TrimSpace(c.Name)
	if name == "" || len(schemas.DistributionPrefix)+len(name) > 200 {
		return usage(errors.New("a distribution has a name of up to 180 bytes"))
	}
	members, err := memberNames(c.Member)
	if err != nil {
		return err
	}
	d := schemas.Distribution{Name: name}
	d.Join(members...)
	return s.inDistributions(func(a *app.App, account schemas.Account) error {
		err := a.DB.CreateDistribution(s.ctx, account.ID, d)
		if errors.Is(err, postgres.ErrExists) {
			return &exitError{exitFailed, fmt.Errorf("distribution %q exists already", name)}
		}
		if err != nil {
			return err
		}
		return s.showDistributions(true, d)
	})
}

// memberNames trims names; one that is blank or could not be told from a
// distribution is a mistake.
func memberNames(names []string) ([]string, error) {
	var out []string
	for _, n := range names {
		n = strings.Join(strings.Fields(n), " ")
		if n == "" || len(n) > 200 || strings.HasPrefix(strings.ToLower(n), schemas.DistributionPrefix) {
			return nil, usage(fmt.Errorf("%q: a member is the name of an owner", n))
		}
		out = append(out, n)
	}
	return out, nil
}

// inDistributions runs f with the account that was named.
func (s *session) inDistributions(f func(*app.App, schemas.Account) error) error {
	return s.open("account", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		return f(a, account)
	})
}

// Run lists distributions.
func (distributionList) Run(s *session) error {
	return s.inDistributions(func(a *app.App, account schemas.Account) error {
		list, err := a.DB.Distributions(s.ctx, account.ID)
		if err != nil {
			return err
		}
		return s.showDistributions(false, list...)
	})
}

// Run shows a distribution.
func (c distributionShow) Run(s *session) error {
	return s.inDistributions(func(a *app.App, account schemas.Account) error {
		list, err := a.DB.Distributions(s.ctx, account.ID)
		if err != nil {
			return err
		}
		for _, d := range list {
			if schemas.FoldLabel(d.Name) == schemas.FoldLabel(c.Name) {
				return s.showDistributions(true, d)
			}
		}
		return errNoSuch("distribution", c.Name)
	})
}

// changeDistribution changes the members and shows what came of it.
func (s *session) changeDistribution(name string, change func(*schemas.Distribution) error) error {
	return s.inDistributions(func(a *app.App, account schemas.Account) error {
		d, err := a.DB.ChangeDistribution(s.ctx, account.ID, name, change)
		if errors.Is(err, postgres.ErrNotFound) {
			return errNoSuch("distribution", name)
		}
		if err != nil {
			return err
		}
		return s.showDistributions(true, d)
	})
}

// Run adds members.
func (c distributionAdd) Run(s *session) error {
	members, err := memberNames(c.Member)
	if err != nil {
		return err
	}
	return s.changeDistribution(c.Name, func(d *schemas.Distribution) error {
		d.Join(members...)
		return nil
	})
}

// Run removes members; one that is not there is a mistake, and nothing changes.
func (c distributionRemove) Run(s *session) error {
	return s.changeDistribution(c.Name, func(d *schemas.Distribution) error {
		for _, m := range c.Member {
			if !d.Leave(m) {
				return &exitError{exitFailed, fmt.Errorf("%q is no member of distribution %q", m, d.Name)}
			}
		}
		return nil
	})
}

// Run deletes a distribution.
func (c distributionDelete) Run(s *session) error {
	return s.inDistributions(func(a *app.App, account schemas.Account) error {
		err := a.DB.DeleteDistribution(s.ctx, account.ID, c.Name)
		if errors.Is(err, postgres.ErrNotFound) {
			return errNoSuch("distribution", c.Name)
		}
		return err
	})
}

// distributionDocument is a distribution as JSON.
type distributionDocument struct {
	Distribution string   `json:"distribution"`
	Members      []string `json:"members"`
	Next         *string  `json:"next"`     // whose turn it is
	Returned     []string `json:"returned"` // whose turns came back, the next ones, in order
}

func documentOf(d schemas.Distribution) distributionDocument {
	doc := distributionDocument{Distribution: d.Name, Members: notNil(d.Members), Returned: notNil(d.Returned)}
	if owners := d.Draw(1); len(owners) == 1 {
		doc.Next = &owners[0]
	}
	return doc
}

// showDistributions prints one with its members below each other, or several with
// one line each.
func (s *session) showDistributions(one bool, list ...schemas.Distribution) error {
	if s.out.JSON {
		for _, d := range list {
			if err := s.out.Document(documentOf(d)); err != nil {
				return err
			}
		}
		return nil
	}
	w := s.words
	if !one {
		if len(list) == 0 {
			s.out.Printf("%s\n", w.Say("nothing_found"))
			return nil
		}
		s.out.Table(s.distributionTable(list))
		return nil
	}
	for _, d := range list {
		s.out.Printf("%s%s\n", schemas.DistributionPrefix, d.Name)
		next := deref(documentOf(d).Next)
		var rows [][]string
		for _, m := range d.Members {
			turn := ""
			if m == next {
				turn = "← " + w.Say("th_turn")
			}
			rows = append(rows, []string{"  " + m, turn})
		}
		s.out.Table([]string{"", ""}, rows)
		if len(d.Returned) > 0 {
			s.out.Printf("%s\n", w.Say("turns_back", "members", cut(strings.Join(d.Returned, ", "), 200)))
		}
	}
	return nil
}

// distributionTable is one line a distribution.
func (s *session) distributionTable(list []schemas.Distribution) (heading []string, rows [][]string) {
	for _, d := range list {
		rows = append(rows, []string{d.Name, deref(documentOf(d).Next), cut(strings.Join(d.Members, ", "), 60)})
	}
	w := s.words
	return []string{w.Say("th_distribution"), w.Say("th_turn"), w.Say("th_members")}, rows
}
