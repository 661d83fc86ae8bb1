package history

import (
	"context"
	_ "embed"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

var (
	//go:embed sql/erase_said.sql
	eraseSaidSQL string
	//go:embed sql/erase_owned.sql
	eraseOwnedSQL string
	//go:embed sql/erase_other_owners.sql
	eraseOtherOwnersSQL string
	//go:embed sql/erase_names.sql
	eraseNamesSQL string
	//go:embed sql/erase_shared.sql
	eraseSharedSQL string
	//go:embed sql/erase_ignored.sql
	eraseIgnoredSQL string
	//go:embed sql/suppress.sql
	suppressSQL string
)

// learn reads under which identities and names the person is known: what its
// prospects own, and what its leads say.
func (e *eraser) learn(ctx context.Context) error {
	rows, err := e.tx.Query(ctx, eraseOwnedSQL, e.account)
	if err != nil {
		return pipeline.DatabaseError("read identities", err)
	}
	var kind int16
	var value string
	var joins bool
	_, err = pgx.ForEachRow(rows, []any{&kind, &value, &joins}, func() error {
		e.person.Know(schemas.Identity{Kind: identity.Kind(kind), Value: value, Shared: !joins})
		return nil
	})
	if err != nil {
		return pipeline.DatabaseError("read identities", err)
	}
	owned := int64(len(e.person.Known))
	if rows, err = e.tx.Query(ctx, eraseSaidSQL, e.account); err != nil {
		return pipeline.DatabaseError("read leads", err)
	}
	said := make([]*string, 9)
	dest := make([]any, len(said))
	for i := range said {
		dest[i] = &said[i]
	}
	_, err = pgx.ForEachRow(rows, dest, func() error {
		text := func(i int) string {
			if said[i] == nil {
				return ""
			}
			return *said[i]
		}
		name := text(0)
		if name == "" {
			name = strings.TrimSpace(text(1) + " " + text(2))
		}
		if name == "" {
			name = text(3)
		}
		e.person.Call(name)
		for i, kind := range []identity.Kind{identity.Phone, identity.Email, identity.Document, identity.Instagram, identity.Telegram} {
			e.person.Know(schemas.Identity{Kind: kind, Value: text(4 + i)})
		}
		return nil
	})
	if err != nil {
		return pipeline.DatabaseError("read leads", err)
	}
	e.count.Identities = owned
	return e.share(ctx)
}

// share marks the identities that others have too: what a lead of the person says is
// somebody else's where people or guards kept the two apart.
func (e *eraser) share(ctx context.Context) error {
	for i := range e.person.Known {
		one := &e.person.Known[i]
		if one.Shared {
			continue
		}
		low, high := span(*one)
		if err := e.tx.QueryRow(ctx, eraseOtherOwnersSQL, e.account, low, high).Scan(&one.Shared); err != nil {
			return pipeline.DatabaseError("read identities", err)
		}
	}
	return nil
}

// span is the range of the keys of a value, whatever the names.
func span(one schemas.Identity) (low, high key) {
	low = identity.Key(one.Kind, one.Value)
	high = low
	for i := 8; i < len(low); i++ {
		low[i], high[i] = 0, 0xff
	}
	return low, high
}

// forget deletes what is remembered of values and names outside of prospects:
// that a value is shared which nobody has any more, and hashes of the names that it
// was said with.
func (e *eraser) forget(ctx context.Context) error {
	hashes := []int64{}
	for _, name := range e.person.Names {
		hashes = append(hashes, NameHash(name))
	}
	var values []string
	for _, one := range slices.Concat(e.person.Named, e.person.Known) {
		values = append(values, one.Value)
		low, high := span(one)
		if err := e.exec(ctx, "forget names", eraseNamesSQL, e.account, low, high, hashes); err != nil {
			return err
		}
		if err := e.exec(ctx, "forget shared value", eraseSharedSQL, e.account, low, high, half(low)); err != nil {
			return err
		}
	}
	return e.exec(ctx, "forget ignored values", eraseIgnoredSQL, e.account, values)
}

// suppress puts the identities on the list.
func (e *eraser) suppress(ctx context.Context) error {
	var hashes [][]byte
	for _, k := range e.person.Keys() {
		sum := e.Fingerprint.Sum(k)
		hashes = append(hashes, sum[:])
	}
	tag, err := e.tx.Exec(ctx, suppressSQL, e.account, e.Fingerprint.KeyID, hashes, e.ID)
	e.count.Suppressed = tag.RowsAffected()
	return pipeline.DatabaseError("write suppressions", err)
}
