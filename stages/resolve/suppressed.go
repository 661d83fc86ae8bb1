package resolve

import (
	"context"
	_ "embed"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
)

//go:embed sql/stated_keys.sql
var statedKeysSQL string

// CodeKeyMissing: hashes on the list were made with a secret key that this program
// was not given.
const CodeKeyMissing = "SUPPRESSION_KEY_MISSING"

var suppressedRows = arrow.NewSchema([]arrow.Field{{Name: "row", Type: arrow.PrimitiveTypes.Int64}}, nil)

// askSuppressed writes suppressed: the rows that state an identity of somebody who
// must never come back. The list holds keyed hashes, and is short beside an import:
// all of it is read, and every key of the import is hashed, a quarter of a microsecond
// each.
func (s Stage) askSuppressed(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	out := newSink(run, "suppressed", suppressedRows)
	defer out.close()
	barred, err := s.barred(ctx, tx, run.Account.ID)
	if err != nil {
		return err
	}
	if len(barred) == 0 {
		return out.flush(ctx)
	}
	last := int64(-1)
	for b, err := range run.Workset.Read(ctx, statedKeysSQL) {
		if err != nil {
			return err
		}
		for i := range int(b.NumRows()) {
			row, k1, k2, named := integer(b, 0, i), integer(b, 1, i), integer(b, 2, i), integer(b, 3, i)
			if row == last || !barred.has(joinKey(k1, k2)) && (k2 == named || !barred.has(joinKey(k1, named))) {
				continue
			}
			last = row
			out.b.Field(0).(*array.Int64Builder).Append(row)
			if err := out.full(ctx); err != nil {
				return err
			}
		}
	}
	return out.flush(ctx)
}

// list is the hashes of an account, by the secret key that made them.
type list []struct {
	sum    func([16]byte) [32]byte
	hashes map[[32]byte]bool
}

func (l list) has(key [16]byte) bool {
	for _, one := range l {
		if one.hashes[one.sum(key)] {
			return true
		}
	}
	return false
}

// barred reads the list. Hashes whose secret key is missing would let people come
// back in silence, so they are an error.
func (s Stage) barred(ctx context.Context, tx pgx.Tx, account int32) (list, error) {
	rows, err := tx.Query(ctx, "select key_id, hash from suppressions where account_id = $1", account)
	if err != nil {
		return nil, pipeline.DatabaseError("read suppressions", err)
	}
	by := map[int32]map[[32]byte]bool{}
	var id int32
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &hash}, func() error {
		if by[id] == nil {
			by[id] = map[[32]byte]bool{}
		}
		by[id][[32]byte(hash)] = true
		return nil
	})
	if err != nil || len(by) == 0 {
		return nil, pipeline.DatabaseError("read suppressions", err)
	}
	missing := &pipeline.Error{Op: "read suppressions", Kind: pipeline.KindPermanent, Code: CodeKeyMissing,
		Err:  errors.New("people were erased under a secret key that is not given"),
		Hint: "Give BATEIA_SECRET_KEY that key too, behind the new one."}
	if s.Fingerprints == nil {
		return nil, missing
	}
	known, err := s.Fingerprints(account)
	if err != nil {
		return nil, missing
	}
	var out list
	for _, f := range known {
		if by[f.KeyID] != nil {
			out = append(out, struct {
				sum    func([16]byte) [32]byte
				hashes map[[32]byte]bool
			}{f.Sum, by[f.KeyID]})
			delete(by, f.KeyID)
		}
	}
	if len(by) > 0 {
		return nil, missing
	}
	return out, nil
}
