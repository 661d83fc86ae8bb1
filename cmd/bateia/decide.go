package main

import (
	"errors"
	"fmt"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/schemas"
)

type mergeCommand struct {
	Survivor string   `arg:"" help:"Id of the prospect that stays."`
	Others   []string `arg:"" help:"Ids of those that become part of it."`
}

func (mergeCommand) Help() string {
	return `Says that prospects are one. The others' ids go on answering, no lead is lost, and no later import takes it back. “bateia undo” does.

Example:

  bateia merge ba019a3f2b1c4d5e00000001 ba019a3f2b1c4d5e00000007`
}

// Run merges prospects.
func (c mergeCommand) Run(s *session) error {
	return s.decideOn("merge", append([]string{c.Survivor}, c.Others...), schemas.Decision{Kind: schemas.DecideMerge, Prospect: c.Survivor, Others: c.Others})
}

type splitCommand struct {
	Prospect string   `arg:"" help:"Id of the prospect."`
	Leads    []string `arg:"" help:"Leads that are somebody else's, as “bateia prospect” shows them (import:row)."`
}

func (splitCommand) Help() string {
	return `Takes leads out of a prospect: they become one of their own, or the one again that had merged when all its leads leave. A phone or e-mail that both have joins nobody any more without the name, and no later import puts the two together. “bateia undo” takes it back.

Example:

  bateia prospect 51999990000
  bateia split ba019a3f2b1c4d5e00000001 019a3f2b1c4d5e:12`
}

// Run takes leads out of a prospect.
func (c splitCommand) Run(s *session) error {
	return s.decideOn("split", []string{c.Prospect}, schemas.Decision{Kind: schemas.DecideSplit, Prospect: c.Prospect, Leads: c.Leads})
}

type unmergeCommand struct {
	Alias string `arg:"" help:"Id that answers as an alias."`
}

func (unmergeCommand) Help() string {
	return `Gives a prospect that merged into another one back, with its leads. No later import merges the two again. “bateia undo” takes it back.

Example:

  bateia unmerge ba019a3f2b1c4d5e00000007`
}

// Run takes a merge back.
func (c unmergeCommand) Run(s *session) error {
	return s.decideOn("unmerge", []string{c.Alias}, schemas.Decision{Kind: schemas.DecideUnmerge, Prospect: c.Alias})
}

// decideOn finds the account of the prospects and carries a decision out.
func (s *session) decideOn(role string, ids []string, what schemas.Decision) error {
	for _, id := range ids {
		if _, _, err := schemas.ParseProspectID(id); err != nil {
			return usage(fmt.Errorf("%q: %w; look for it with “bateia prospect”", id, err))
		}
	}
	return s.open(role, func(a *app.App) error {
		account, err := s.accountOfProspects(a, ids)
		if err != nil {
			return err
		}
		return s.decide(a, account, what, 0)
	})
}

// accountOfProspects returns the account that has all of them: the named one, or
// else the one whose import founded the first.
func (s *session) accountOfProspects(a *app.App, ids []string) (schemas.Account, error) {
	if s.config.Account != "" {
		return s.account(a)
	}
	founder, _, err := schemas.ParseProspectID(ids[0])
	if err != nil {
		return schemas.Account{}, usage(err)
	}
	_, accounts, err := a.DB.FindImports(s.ctx, nil, founder.String())
	if err != nil {
		return schemas.Account{}, err
	}
	if len(accounts) != 1 {
		return schemas.Account{}, errNoSuch("prospect", ids[0])
	}
	account, err := a.DB.AccountByID(s.ctx, accounts[0])
	if err != nil {
		return account, errors.Join(errNoSuch("prospect", ids[0]), err)
	}
	s.speak(account)
	return account, nil
}
