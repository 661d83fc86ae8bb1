package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

// Accounts that always exist.
const (
	AccountUnassigned int32 = 0 // drops that name no known account
	AccountDefault    int32 = 1
)

// ErrNotFound is what looking up an account or import by id or name may end in.
var ErrNotFound = errors.New("not found")

// ErrExists is what making an account ends in whose slug is taken.
var ErrExists = errors.New("exists already")

//go:embed sql/accounts.sql
var accountsSQL string

//go:embed sql/account_create.sql
var accountCreateSQL string

//go:embed sql/account_update.sql
var accountUpdateSQL string

// AccountBySlug returns the account of that name, or ErrNotFound.
func (db *DB) AccountBySlug(ctx context.Context, slug string) (schemas.Account, error) {
	return oneAccount(ctx, db.Pool, nil, &slug)
}

// AccountByID returns the account, or ErrNotFound.
func (db *DB) AccountByID(ctx context.Context, id int32) (schemas.Account, error) {
	return oneAccount(ctx, db.Pool, &id, nil)
}

// Accounts returns all accounts by slug, account 0 (unassigned drops) among them.
func (db *DB) Accounts(ctx context.Context) ([]schemas.Account, error) {
	list, err := queryAccounts(ctx, db.Pool, nil, nil)
	return list, StripDetail(err)
}

// CreateAccount makes an account with the next id and returns it; ErrExists when
// the slug is taken. Empty country, locale and timezone get the defaults of the
// table (BR, pt-BR, America/Sao_Paulo).
func (db *DB) CreateAccount(ctx context.Context, a schemas.Account) (schemas.Account, error) {
	settings, err := json.Marshal(a.Settings)
	if err != nil {
		return schemas.Account{}, err
	}
	err = db.Pool.QueryRow(ctx, accountCreateSQL, a.Slug, a.Country, a.Locale, a.Timezone, settings).Scan(&a.ID)
	switch {
	case SQLState(err) == "23505":
		return schemas.Account{}, fmt.Errorf("create account %s: %w", a.Slug, ErrExists)
	case err != nil:
		return schemas.Account{}, StripDetail(fmt.Errorf("create account: %w", err))
	}
	return db.AccountByID(ctx, a.ID)
}

// UpdateAccount stores country, locale, timezone and settings of the account
// a.ID; the slug stays. ErrNotFound when there is none.
func (db *DB) UpdateAccount(ctx context.Context, a schemas.Account) error {
	settings, err := json.Marshal(a.Settings)
	if err != nil {
		return err
	}
	tag, err := db.Pool.Exec(ctx, accountUpdateSQL, a.ID, a.Country, a.Locale, a.Timezone, settings)
	if err != nil {
		return StripDetail(fmt.Errorf("update account: %w", err))
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("update account: %w", ErrNotFound)
	}
	return nil
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func oneAccount(ctx context.Context, q querier, id *int32, slug *string) (schemas.Account, error) {
	list, err := queryAccounts(ctx, q, id, slug)
	if err != nil {
		return schemas.Account{}, StripDetail(err)
	}
	if len(list) == 0 {
		return schemas.Account{}, fmt.Errorf("find account: %w", ErrNotFound)
	}
	return list[0], nil
}

func queryAccounts(ctx context.Context, q querier, id *int32, slug *string) ([]schemas.Account, error) {
	rows, err := q.Query(ctx, accountsSQL, id, slug)
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (schemas.Account, error) {
		var a schemas.Account
		var settings []byte
		if err := row.Scan(&a.ID, &a.Slug, &a.Country, &a.Locale, &a.Timezone, &settings); err != nil {
			return a, err
		}
		return a, json.Unmarshal(settings, &a.Settings)
	})
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	return list, nil
}
