package main

import (
	"fmt"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
)

// checkErasures names erasures that do not come to an end, and accounts whose list of
// those who must not come back cannot be read, because a secret key is missing.
func (s *session) checkErasures(a *app.App) ([]finding, error) {
	accounts, err := a.DB.Accounts(s.ctx)
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, account := range accounts {
		list, err := a.DB.ReadErasures(s.ctx, account.ID, 0)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if age := s.clock().Sub(e.AskedAt); e.State != postgres.ErasureDone && age > overdueAfter {
				out = append(out, finding{Check: fmt.Sprintf("erasure %d", e.ID), Message: s.words.Say("doctor_erasure", "account", account.Slug, "state", e.State, "age", age.Round(time.Minute)),
					Remedy: text(s.words.Say("doctor_worker"))})
			}
		}
		missing, err := a.MissingKeys(s.ctx, account.ID)
		if err != nil {
			return nil, err
		}
		if missing {
			out = append(out, finding{Check: "secret key", Message: s.words.Say("doctor_suppressions", "account", account.Slug), Remedy: text(s.words.Say("doctor_suppressions_key"))})
		}
	}
	return out, nil
}
