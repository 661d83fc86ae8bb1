package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/stages"
	"github.com/bateia/bateia/stages/history"
)

// fingerprints make the hashes by which people are known who must never come back.
func (a *App) fingerprints(account int32) ([]pipeline.Fingerprint, error) {
	keys, err := a.Keys()
	if err != nil {
		return nil, err
	}
	return keys.Fingerprints(account), nil
}

// people is what erasures need of the stages.
func (a *App) people() jobs.People {
	return jobs.People{
		Keys: a.Keys, Find: stages.FindPerson, Redact: stages.Redact, Says: stages.SaysPerson, LeaveExport: a.leaveExport,
		Erase: func(ctx context.Context, tx pgx.Tx, account int32, erasure int64, f pipeline.Fingerprint, p schemas.Person) (
			schemas.Person, []pipeline.RowPlace, []schemas.ImportID, schemas.Erased, error) {
			return history.Erasure{Account: account, ID: erasure, Fingerprint: f}.Erase(ctx, tx, p)
		},
	}
}

// errPreview ends the transaction of a preview.
var errPreview = errors.New("only a preview")

// PreviewErasure counts what the database would lose of a person, and writes
// nothing.
func (a *App) PreviewErasure(ctx context.Context, account int32, p schemas.Person) (count schemas.Erased, err error) {
	err = a.DB.InAccount(ctx, account, func(tx pgx.Tx) error {
		_, _, _, count, err = history.Erasure{Account: account, Dry: true}.Erase(ctx, tx, p)
		if err != nil {
			return err
		}
		return errPreview
	})
	if errors.Is(err, errPreview) {
		err = nil
	}
	return count, err
}

// Erase asks for the erasure of a person and inserts its job. What it is about is
// sealed.
func (a *App) Erase(ctx context.Context, account schemas.Account, p schemas.Person, requestedBy string) (id int64, err error) {
	keys, err := a.Keys()
	if err != nil {
		return 0, err
	}
	insert, err := jobs.NewInserter(a.DB)
	if err != nil {
		return 0, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return 0, fmt.Errorf("seal person: %w", err)
	}
	err = a.DB.InAccount(ctx, account.ID, func(tx pgx.Tx) error {
		seal := func(id int64) ([]byte, error) { return keys.Seal(text, postgres.ErasureOf(id)), nil }
		if id, err = postgres.AskErasure(ctx, tx, account.ID, requestedBy, account.Settings.WithDefaults().EraseUploads, seal); err != nil {
			return err
		}
		return insert.ErasePersonTx(ctx, tx, postgres.OwedErasure{Account: account.ID, ID: id})
	})
	return id, err
}

// Forgive takes a person off the list of those who must not come back, and reports
// how many hashes that were.
func (a *App) Forgive(ctx context.Context, account int32, p schemas.Person) (int64, error) {
	prints, err := a.fingerprints(account)
	if err != nil {
		return 0, err
	}
	var hashes [][]byte
	for _, f := range prints {
		for _, key := range p.Keys() {
			sum := f.Sum(key)
			hashes = append(hashes, sum[:])
		}
	}
	return a.DB.Forgive(ctx, account, hashes)
}

// Person is everything that is held about somebody.
type Person struct {
	Prospects []postgres.Prospect
	Leads     [][]postgres.Lead // of each prospect
	postgres.PersonRecord
	// Erasure is the one that keeps the person away, 0 for none.
	Erasure int64
}

// ReadPerson gathers everything that is held about the prospects that an id or
// identities lead to, and about refused rows of which a cell names the person.
func (a *App) ReadPerson(ctx context.Context, account schemas.Account, id string, values []identity.Value) (out Person, err error) {
	ids, err := a.DB.FindProspects(ctx, account.ID, id, values...)
	if err != nil {
		return out, err
	}
	who := schemas.Person{}
	for _, v := range values {
		who.Named = append(who.Named, schemas.Identity{Kind: v.Kind, Value: v.Canonical})
	}
	found := []string{}
	for _, id := range ids {
		for p, err := range a.DB.ReadProspects(ctx, account.ID, postgres.ProspectFilter{ID: id}) {
			if err != nil {
				return out, err
			}
			if err := a.DB.MarkRecords(ctx, account.ID, &p); err != nil {
				return out, err
			}
			leads, err := a.DB.ReadLeads(ctx, account.ID, p.ID)
			if err != nil {
				return out, err
			}
			found = append(found, p.ID)
			out.Prospects, out.Leads = append(out.Prospects, p), append(out.Leads, leads)
			for _, one := range p.Identities {
				who.Know(schemas.Identity{Kind: one.Kind, Value: one.Value})
			}
		}
	}
	var imports []schemas.ImportID
	var rows []int64
	says := stages.SaysPerson(who)
	err = a.DB.EachIssueValue(ctx, account.ID, func(id schemas.ImportID, row int64, value string) error {
		if says(value) {
			imports, rows = append(imports, id), append(rows, row)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	if out.PersonRecord, err = a.DB.ReadPerson(ctx, account.ID, found, imports, rows); err != nil {
		return out, err
	}
	out.Erasure, err = a.erasureOf(ctx, account.ID, who)
	return out, err
}

// erasureOf returns the erasure that put a person on the list of those who must not
// come back. Without a secret key there is no list.
func (a *App) erasureOf(ctx context.Context, account int32, p schemas.Person) (int64, error) {
	prints, err := a.fingerprints(account)
	if err != nil {
		return 0, nil
	}
	var hashes [][]byte
	for _, f := range prints {
		for _, key := range p.Keys() {
			sum := f.Sum(key)
			hashes = append(hashes, sum[:])
		}
	}
	return a.DB.Suppressed(ctx, account, hashes)
}

// MissingKeys reports whether the account's list of those who must not come back was
// made with a secret key that is not given here.
func (a *App) MissingKeys(ctx context.Context, account int32) (bool, error) {
	var known []int32
	if prints, err := a.fingerprints(account); err == nil {
		for _, f := range prints {
			known = append(known, f.KeyID)
		}
	}
	return a.DB.OtherKeys(ctx, account, known)
}
