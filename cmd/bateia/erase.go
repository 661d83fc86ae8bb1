package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

type eraseCommand struct {
	Phone    string `help:"Phone of the person, as people write it; - reads it from standard input." placeholder:"V" xor:"who"`
	Email    string `help:"E-mail of the person, or -." placeholder:"V" xor:"who"`
	Document string `help:"Document of the person, or -." placeholder:"V" xor:"who"`
	Prospect string `help:"Id of the prospect, also of one that was merged away, or -." placeholder:"ID" xor:"who"`
	Yes      bool   `help:"Do not ask."`
	Preview  bool   `help:"Say what the database would lose, and do nothing."`
	List     bool   `help:"List erasures: when, by whom, how much. Never who."`
	Revoke   bool   `help:"Take the person off the list of those who must not come back: they agreed to."`
}

func (eraseCommand) Help() string {
	return `Removes a person everywhere, for good: prospects with everything that merged into them, their leads, identities and history, and what carries them in the bucket: plans, results, datasets, and the rows in uploaded files, which are overwritten (“account set --erase-uploads delete” removes the files instead). Packed files and workbooks are removed. Of rows stays that they were there, so that counts are what they were.

What is kept is a keyed hash of each identity: a row of the person in a later import is skipped with SUPPRESSED. An identity that several prospects share erases nobody: it shows them, to be named with --prospect.

Examples:

  bateia erase --phone '(51) 98765-4321' --preview
  bateia erase --email ana@example.com --yes
  bateia erase --prospect ba019a3f2b1c4d5e00000001
  bateia erase --list --json
  bateia erase --revoke --phone - < number.txt

` + exitHelp
}

// Run erases a person.
func (c eraseCommand) Run(s *session) error {
	return s.open("erase", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		if c.List {
			return s.listErasures(a, account)
		}
		p, err := c.person(s, account)
		if err != nil {
			return err
		}
		if c.Revoke {
			return s.forgive(a, account, p)
		}
		if err := s.findPerson(a, account, &p); err != nil {
			return err
		}
		count, err := a.PreviewErasure(s.ctx, account.ID, p)
		if err != nil {
			return err
		}
		if c.Preview {
			if s.out.JSON {
				return s.out.Document(erasurePreview{p.Prospects, count.Prospects, count.Leads, count.Rows, count.Identities, count.Imports})
			}
			s.out.Printf("%s\n", s.words.Say("erase_preview"))
			s.showErased(count)
			return nil
		}
		if err := c.confirm(s, count); err != nil {
			return err
		}
		return s.erase(a, account, p)
	})
}

// erasurePreview is what “erase --preview --json” prints.
type erasurePreview struct {
	ProspectIDs []string `json:"prospect_ids"`
	Prospects   int64    `json:"prospects"`
	Leads       int64    `json:"leads"`
	Rows        int64    `json:"rows"`
	Identities  int64    `json:"identities"`
	Imports     int64    `json:"imports"`
}

// person reads what was typed. Messages never repeat it.
func (c eraseCommand) person(s *session, account schemas.Account) (p schemas.Person, err error) {
	o := identity.Options{Country: account.Country, DefaultAreaCode: account.Settings.DefaultAreaCode}
	for _, one := range []struct {
		flag, text string
		parse      func(string, identity.Options) (identity.Value, *identity.Problem)
	}{
		{"phone", c.Phone, identity.ParsePhone}, {"email", c.Email, identity.ParseEmail}, {"document", c.Document, identity.ParseDocument}, {"prospect", c.Prospect, nil},
	} {
		if one.text == "" {
			continue
		}
		text := one.text
		if text == "-" {
			if text, err = s.typed(); err != nil {
				return p, err
			}
		}
		text = strings.TrimSpace(text)
		if one.parse == nil {
			id := strings.ToLower(text)
			if _, _, err := schemas.ParseProspectID(id); err != nil {
				return p, usage(errors.New("--prospect: that is no id of a prospect"))
			}
			p.Prospects = []string{id}
			return p, nil
		}
		v, problem := one.parse(text, o)
		if v.Canonical == "" || problem != nil && problem.Severity == identity.Error {
			return p, usage(fmt.Errorf("--%s: that cannot be read as one", one.flag))
		}
		p.Named = []schemas.Identity{{Kind: v.Kind, Value: v.Canonical, Shared: v.Strength == identity.Shared}}
		return p, nil
	}
	return p, usage(errors.New("say who: --phone, --email, --document or --prospect"))
}

// typed reads a line of standard input.
func (s *session) typed() (string, error) {
	b, err := io.ReadAll(io.LimitReader(s.in, 4096))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if line == "" {
		return "", usage(errors.New("standard input is empty"))
	}
	return line, nil
}

// findPerson finds the prospect that an identity leads to. Of several nobody is
// chosen. An identity of nobody is looked for in files all the same.
func (s *session) findPerson(a *app.App, account schemas.Account, p *schemas.Person) error {
	id, values := "", []identity.Value(nil)
	if len(p.Prospects) > 0 {
		id = p.Prospects[0]
	}
	for _, one := range p.Named {
		if v, ok := identity.Restore(one.Kind, one.Value); ok {
			values = append(values, v)
		}
	}
	ids, err := a.DB.FindProspects(s.ctx, account.ID, id, values...)
	if err != nil {
		return err
	}
	found := ids[:0]
	for _, id := range ids {
		for one, err := range a.DB.ReadProspects(s.ctx, account.ID, postgres.ProspectFilter{ID: id}) {
			if err != nil {
				return err
			}
			found = append(found, one.ID)
		}
	}
	switch {
	case len(found) > 1:
		return usage(errors.New(s.words.Say("erase_several", "count", s.words.Number(int64(len(found))), "ids", strings.Join(found, ", "))))
	case len(found) == 0 && (len(p.Named) == 0 || p.Named[0].Shared):
		return &exitError{exitFailed, errors.New(s.words.Say("erase_nobody", "account", account.Slug))}
	}
	p.Prospects = found
	return nil
}

// confirm asks before anything is removed. A script says --yes.
func (c eraseCommand) confirm(s *session, count schemas.Erased) error {
	if c.Yes {
		return nil
	}
	prompt := terminal.Prompt{In: s.in, Err: s.out.Err}
	if !prompt.Interactive() {
		return usage(errors.New(s.words.Say("erase_needs_yes")))
	}
	s.out.Notef("%s", s.words.Say("erase_preview"))
	answer, err := prompt.Ask(s.ctx, s.words.Say("erase_sure", "prospects", s.words.Number(count.Prospects), "rows", s.words.Number(count.Rows)))
	if err != nil {
		return err
	}
	for _, yes := range []string{"y", "yes", "s", "sim", "si", "sí"} {
		if strings.EqualFold(strings.TrimSpace(answer), yes) {
			return nil
		}
	}
	return &exitError{exitFailed, errors.New(s.words.Say("erase_left"))}
}

// erase asks for the erasure and waits for its end.
func (s *session) erase(a *app.App, account schemas.Account, p schemas.Person) error {
	w := newWaiter(s, a, account)
	defer w.close()
	if err := w.work(); err != nil {
		return err
	}
	id, err := a.Erase(s.ctx, account, p, requester())
	if err != nil {
		return err
	}
	began, told := s.clock(), false
	for pause := pollFirst; ; pause = min(pause*3/2, pollMost) {
		list, err := a.DB.ReadErasures(s.ctx, account.ID, id)
		if err != nil {
			return err
		}
		if e := list[0]; e.State == postgres.ErasureDone {
			return s.showErasure(e)
		} else if !told && e.State == postgres.ErasureAsked && !w.inside && s.clock().Sub(began) > noWorkerAfter {
			told = true
			s.out.Notef("%s", s.words.Say("erase_no_worker"))
		}
		if err := sleep(s.ctx, pause); err != nil {
			s.out.Notef("%s", s.words.Say("erase_goes_on"))
			return exit(exitInterrupted)
		}
	}
}

func (s *session) showErasure(e postgres.ErasureRecord) error {
	if s.out.JSON {
		return s.out.Document(e)
	}
	s.out.Printf("%s\n", s.words.Say("erase_done"))
	s.showErased(e.Removed)
	return nil
}

// showErased writes counts, a line each.
func (s *session) showErased(c schemas.Erased) {
	for _, line := range []struct {
		key string
		n   int64
	}{
		{"erased_prospects", c.Prospects}, {"erased_leads", c.Leads}, {"erased_rows", c.Rows}, {"erased_identities", c.Identities}, {"erased_imports", c.Imports},
		{"erased_redacted", c.Redacted}, {"erased_deleted", c.Deleted}, {"erased_planned", c.PlannedAgain}, {"erased_unread", c.Unread}, {"erased_suppressed", c.Suppressed},
	} {
		if line.n > 0 {
			s.out.Printf("  %s\n", s.words.Say(line.key, "count", line.n))
		}
	}
	if c.Prospects+c.Rows == 0 {
		s.out.Printf("  %s\n", s.words.Say("erased_nothing"))
	}
}

func (s *session) listErasures(a *app.App, account schemas.Account) error {
	list, err := a.DB.ReadErasures(s.ctx, account.ID, 0)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, e := range list {
		if s.out.JSON {
			if err := s.out.Document(e); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{fmt.Sprint(e.ID), e.AskedAt.In(account.Location()).Format(time.DateTime), e.State, e.RequestedBy,
			s.words.Number(e.Removed.Prospects), s.words.Number(e.Removed.Rows), s.words.Number(e.Suppressed)})
	}
	if !s.out.JSON {
		s.out.Table([]string{"id", s.words.Say("th_when"), s.words.Say("th_state"), s.words.Say("th_by"), s.words.Say("th_prospects"), s.words.Say("th_rows"), s.words.Say("th_hashes")}, rows)
	}
	return nil
}

// forgive lets a person come back.
func (s *session) forgive(a *app.App, account schemas.Account, p schemas.Person) error {
	if len(p.Named) == 0 {
		return usage(errors.New("--revoke: give the phone, e-mail or document again; nothing else is kept of the person"))
	}
	n, err := a.Forgive(s.ctx, account.ID, p)
	if err != nil {
		return err
	}
	if n == 0 {
		return &exitError{exitFailed, errors.New(s.words.Say("erase_not_listed"))}
	}
	if s.out.JSON {
		return s.out.Document(map[string]int64{"revoked": n})
	}
	s.out.Printf("%s\n", s.words.Say("erase_revoked", "count", n))
	return nil
}
