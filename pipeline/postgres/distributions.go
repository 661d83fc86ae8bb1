package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

// Distributions returns the distributions of an account by name.
func (db *DB) Distributions(ctx context.Context, account int32) ([]schemas.Distribution, error) {
	var out []schemas.Distribution
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var err error
		out, err = distributions(ctx, tx, account, "name, members, next, returned")
		return err
	})
	return out, err
}

// distributions reads columns of an account's distributions.
func distributions(ctx context.Context, tx pgx.Tx, account int32, columns string) ([]schemas.Distribution, error) {
	rows, err := tx.Query(ctx, "select "+columns+" from bateia.distributions where account_id = $1 order by folded", account)
	if err != nil {
		return nil, fmt.Errorf("read distributions: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[schemas.Distribution])
	if err != nil {
		return nil, fmt.Errorf("read distributions: %w", err)
	}
	return list, nil
}

// CreateDistribution makes a distribution, ErrExists when the account has one of
// that name, whatever its case.
func (db *DB) CreateDistribution(ctx context.Context, account int32, d schemas.Distribution) error {
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into bateia.distributions (account_id, folded, name, members, next) values ($1, $2, $3, $4, $5)",
			account, schemas.FoldLabel(d.Name), d.Name, notNull(d.Members), d.Next)
		return err
	})
	if SQLState(err) == "23505" {
		err = ErrExists
	}
	if err != nil {
		return fmt.Errorf("create distribution: %w", err)
	}
	return nil
}

// ChangeDistribution lets change alter the members and the turns of a distribution
// and returns it; an import that draws from it meanwhile waits, or is waited for.
// ErrNotFound when the account has none of that name; an error of change is
// returned as it is, and nothing is written. change may be called again.
func (db *DB) ChangeDistribution(ctx context.Context, account int32, name string, change func(*schemas.Distribution) error) (schemas.Distribution, error) {
	var d schemas.Distribution
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		d = schemas.Distribution{}
		folded := schemas.FoldLabel(name)
		err := tx.QueryRow(ctx, "select name, members, next, returned from bateia.distributions where account_id = $1 and folded = $2 for update",
			account, folded).Scan(&d.Name, &d.Members, &d.Next, &d.Returned)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("find distribution: %w", ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("find distribution: %w", err)
		}
		if err := change(&d); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "update bateia.distributions set members = $3, next = $4, returned = $5 where account_id = $1 and folded = $2",
			account, folded, notNull(d.Members), d.Next, notNull(d.Returned))
		return err
	})
	return d, err
}

// DeleteDistribution deletes a distribution; who owns prospects by its turns goes
// on to own them. ErrNotFound when the account has none of that name.
func (db *DB) DeleteDistribution(ctx context.Context, account int32, name string) error {
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "delete from bateia.distributions where account_id = $1 and folded = $2", account, schemas.FoldLabel(name))
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("delete distribution: %w", err)
		}
		return nil
	})
}

// notNull is the list, empty for nil: the driver writes nil as null.
func notNull(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
