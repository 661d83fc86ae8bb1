package history

import (
	"context"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

var (
	//go:embed sql/erase_temporary.sql
	eraseTemporarySQL string
	//go:embed sql/erase_owners.sql
	eraseOwnersSQL string
	//go:embed sql/erase_ids.sql
	eraseIDsSQL string
	//go:embed sql/erase_keys.sql
	eraseKeysSQL string
	//go:embed sql/erase_leads.sql
	eraseLeadsSQL string
	//go:embed sql/erase_rows.sql
	eraseRowsSQL string
	//go:embed sql/erase_refused_rows.sql
	eraseRefusedRowsSQL string
	//go:embed sql/erase_outcomes.sql
	eraseOutcomesSQL string
	//go:embed sql/erase_refused.sql
	eraseRefusedSQL string
	//go:embed sql/erase_issues.sql
	eraseIssuesSQL string
	//go:embed sql/erase_records.sql
	eraseRecordsSQL string
	//go:embed sql/erase_before_images.sql
	eraseBeforeImagesSQL string
	//go:embed sql/erase_decisions.sql
	eraseDecisionsSQL string
	//go:embed sql/erase_identities.sql
	eraseIdentitiesSQL string
	//go:embed sql/erase_others.sql
	eraseOthersSQL string
	//go:embed sql/erase_counts.sql
	eraseCountsSQL string
	//go:embed sql/erase_imports.sql
	eraseImportsSQL string
)

// Erasure is one erasure of a person from the database.
type Erasure struct {
	Account int32
	ID      int64 // of table erasures
	// Fingerprint makes the hashes that keep the person from coming back.
	Fingerprint pipeline.Fingerprint
	// Dry computes what would be removed and writes nothing but temporary tables.
	Dry bool
}

// Erase removes a person from the database, inside a transaction that holds the
// account's lock: the prospects that the person's ids and identities lead to, with
// everything that merged into them; their leads, those of imports that were taken
// back too; and what else remembers them. Of rows stays that they were there, so
// that ledgers balance. What people kept apart from the person is computed again.
// The identities go on the list of those who must never come back.
//
// It returns the person with all that was known of it, where the rows lie in the
// files of imports, which imports spoke of it, and counts. Doing it again changes
// nothing.
func (r Erasure) Erase(ctx context.Context, tx pgx.Tx, p schemas.Person) (schemas.Person, []pipeline.RowPlace, []schemas.ImportID, schemas.Erased, error) {
	e := &eraser{Erasure: r, engine: &engine{tx: tx, account: r.Account, reason: "erasure", dry: r.Dry}, person: p}
	err := e.run(ctx)
	return e.person, e.rows, e.imports, e.count, err
}

type eraser struct {
	Erasure
	*engine
	person  schemas.Person
	rows    []pipeline.RowPlace
	imports []schemas.ImportID
	count   schemas.Erased
}

func (e *eraser) run(ctx context.Context) error {
	if err := e.start(ctx); err != nil {
		return err
	}
	if _, err := e.tx.Exec(ctx, eraseTemporarySQL); err != nil {
		return pipeline.DatabaseError("make temporary tables", err)
	}
	for _, step := range []func(context.Context) error{e.findProspects, e.findRows, e.learn} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if e.Dry {
		return nil
	}
	for _, step := range []func(context.Context) error{e.keepCounts, e.remove, e.others, e.suppress, e.settled} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// findProspects fills the tables of ids and keys, and touches what is apart.
func (e *eraser) findProspects(ctx context.Context) error {
	if err := e.touch(ctx, e.person.Prospects); err != nil {
		return err
	}
	var named [][16]byte
	for _, one := range e.person.Named {
		if one.Personal() {
			named = append(named, identity.Key(one.Kind, one.Value))
		}
	}
	if err := e.exec(ctx, "find prospects", eraseOwnersSQL, e.account, named); err != nil {
		return err
	}
	if err := e.exec(ctx, "find merged prospects", eraseIDsSQL, e.account); err != nil {
		return err
	}
	if err := e.exec(ctx, "find keys", eraseKeysSQL, e.account, named); err != nil {
		return err
	}
	rows, err := e.tx.Query(ctx, "select prospect_id from erased_ids order by 1")
	if err != nil {
		return pipeline.DatabaseError("read prospects", err)
	}
	if e.person.Prospects, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return pipeline.DatabaseError("read prospects", err)
	}
	// They are computed again whatever the import: none is left out.
	return e.touchApart(ctx)
}

// findRows fills the tables of leads and rows, and reads where they lie.
func (e *eraser) findRows(ctx context.Context) error {
	for _, step := range []struct{ op, sql string }{
		{"find leads", eraseLeadsSQL}, {"find rows", eraseRowsSQL}, {"find refused rows", eraseRefusedRowsSQL},
	} {
		if err := e.exec(ctx, step.op, step.sql, e.account); err != nil {
			return err
		}
	}
	rows, err := e.tx.Query(ctx, "select import_id, row, byte_offset, byte_length from erased_rows order by 1, 2")
	if err != nil {
		return pipeline.DatabaseError("read rows", err)
	}
	if e.rows, err = pgx.CollectRows(rows, pgx.RowToStructByPos[pipeline.RowPlace]); err != nil {
		return pipeline.DatabaseError("read rows", err)
	}
	if rows, err = e.tx.Query(ctx, eraseImportsSQL, e.account); err != nil {
		return pipeline.DatabaseError("read imports", err)
	}
	if e.imports, err = pgx.CollectRows(rows, pgx.RowTo[schemas.ImportID]); err != nil {
		return pipeline.DatabaseError("read imports", err)
	}
	e.count.Rows, e.count.Imports = int64(len(e.rows)), int64(len(e.imports))
	err = e.tx.QueryRow(ctx, eraseCountsSQL, e.account).Scan(&e.count.Leads, &e.count.Prospects)
	return pipeline.DatabaseError("count what goes", err)
}

// keepCounts leaves of the rows that they were there.
func (e *eraser) keepCounts(ctx context.Context) error {
	for _, step := range []struct{ op, sql string }{
		{"forget records", eraseRecordsSQL}, {"keep outcomes", eraseOutcomesSQL}, {"keep refusals", eraseRefusedSQL}, {"empty issues", eraseIssuesSQL},
	} {
		if err := e.exec(ctx, step.op, step.sql, e.account); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes what speaks of the person.
func (e *eraser) remove(ctx context.Context) error {
	images, err := e.tx.Exec(ctx, eraseBeforeImagesSQL, e.account, e.halves())
	if err != nil {
		return pipeline.DatabaseError("delete before-images", err)
	}
	e.count.BeforeImages = images.RowsAffected()
	gone, err := e.tx.Exec(ctx, eraseIdentitiesSQL, e.account)
	if err != nil {
		return pipeline.DatabaseError("delete identities", err)
	}
	e.count.Identities = gone.RowsAffected()
	for _, step := range []struct{ op, sql string }{
		{"delete decisions", eraseDecisionsSQL},
		{"delete sightings", "delete from seen_leads s using erased_leads e where s.account_id = $1 and s.lead_import = e.import_id and s.lead_row = e.row"},
		{"delete leads", "delete from leads l using erased_leads e where l.account_id = $1 and l.import_id = e.import_id and l.row = e.row"},
		{"delete draws", "delete from draws d using erased_ids e where d.account_id = $1 and d.prospect_id = e.prospect_id"},
		{"delete merges", "delete from merges m using erased_ids e where m.account_id = $1 and e.prospect_id in (m.survivor_id, m.merged_id)"},
		{"delete pairs apart", "delete from apart a using erased_ids e where a.account_id = $1 and e.prospect_id in (a.prospect_id, a.other_id)"},
		{"delete aliases", "delete from aliases a using erased_ids e where a.account_id = $1 and e.prospect_id in (a.alias_id, a.survivor_id)"},
		{"delete prospects", "delete from prospects p using erased_ids e where p.account_id = $1 and p.prospect_id = e.prospect_id"},
	} {
		if err := e.exec(ctx, step.op, step.sql, e.account); err != nil {
			return err
		}
	}
	return e.forget(ctx)
}

// halves are the first halves of the keys of values that only one person has, as
// the text of a key begins.
func (e *eraser) halves() []string {
	out := []string{}
	for _, one := range slices.Concat(e.person.Named, e.person.Known) {
		if one.Personal() {
			k := identity.Key(one.Kind, one.Value)
			h := hex.EncodeToString(k[:8])
			out = append(out, h[:8]+"-"+h[8:12]+"-"+h[12:])
		}
	}
	return out
}

// others computes again what was kept apart from the person.
func (e *eraser) others(ctx context.Context) error {
	if err := e.exec(ctx, "leave out who is gone", eraseOthersSQL); err != nil {
		return err
	}
	ids, err := e.members(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	return e.each(ctx, ids, nil, nil, func(*bundle, *change) {})
}

// settled raises the version of the base, so that plans of before are made again,
// and notes that it happened.
func (e *eraser) settled(ctx context.Context) error {
	payload, err := json.Marshal(e.count)
	if err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if err := e.exec(ctx, "write event", "insert into events (account_id, kind, payload) values ($1, 'person.erased', $2)", e.account, payload); err != nil {
		return err
	}
	return e.exec(ctx, "raise base version", "update accounts set base_version = base_version + 1 where account_id = $1", e.account)
}
