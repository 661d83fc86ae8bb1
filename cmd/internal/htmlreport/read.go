package htmlreport

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/*.sql
var statements embed.FS

// Request says what a report is about. Zero means default.
type Request struct {
	// Accounts are slugs, in the order of their sections; nil for all that the
	// reader sees.
	Accounts []string
	// Import is the whole id of the import that the report is about; "" for all
	// imports of a period.
	Import string
	// Since says when the period of an account begins.
	Since func(schemas.Account) (time.Time, error)
	// Overdue says whether a connection is late by its schedule; nil for never.
	Overdue func(c schemas.Connection, now time.Time, zone *time.Location) bool
	Now     time.Time
	Locale  string // "" for that of the first account
}

// ErrNoAccount is what Read ends in when the reader sees none of the accounts.
var ErrNoAccount = errors.New("there is no such account")

// Report is what was read, ready to be written.
type Report struct {
	Locale   string
	Accounts []string // slugs, in the order of their sections
	From     time.Time
	Until    time.Time
	page     page
}

// Read reads what a report shows, all of it at one moment.
func Read(ctx context.Context, r *postgres.Reader, q Request) (out Report, err error) {
	err = r.Snapshot(ctx, func(read postgres.ReadFunc) error {
		b := base{read: read}
		if q.Import != "" {
			out, err = b.importReport(q)
		} else {
			out, err = b.periodReport(q)
		}
		return err
	})
	return out, err
}

// base reads the views.
type base struct{ read postgres.ReadFunc }

// load returns the rows of a statement in the folder sql, each as a T by the
// names of its columns. What is null leaves the zero value.
func load[T any](b base, name string, args ...any) ([]T, error) {
	text, err := statements.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return nil, err
	}
	var list []T
	var columns []postgres.Column
	err = b.read(postgres.Query{SQL: string(text), Args: args}, func(c []postgres.Column) error {
		columns = c
		return nil
	}, func(cells []postgres.Cell) error {
		row := make(map[string]any, len(cells))
		for i, c := range cells {
			row[columns[i].Name] = c.JSON()
		}
		document, err := json.Marshal(row)
		if err != nil {
			return err
		}
		var one T
		if err := json.Unmarshal(document, &one); err != nil {
			return err
		}
		list = append(list, one)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s for the report: %w", name, err)
	}
	return list, nil
}

// accountRow is an account as the view has it.
type accountRow struct {
	Account  string `json:"account"`
	Country  string `json:"country"`
	Locale   string `json:"locale"`
	Timezone string `json:"timezone"`
}

func (a accountRow) schema() schemas.Account {
	return schemas.Account{Slug: a.Account, Country: a.Country, Locale: a.Locale, Timezone: a.Timezone}
}

// accounts returns the accounts that were named, in that order, or all.
func (b base) accounts(slugs []string) ([]schemas.Account, error) {
	rows, err := load[accountRow](b, "accounts", slugs)
	if err != nil {
		return nil, err
	}
	byName := map[string]schemas.Account{}
	var list []schemas.Account
	for _, row := range rows {
		byName[row.Account] = row.schema()
		if slugs == nil {
			list = append(list, row.schema())
		}
	}
	for _, slug := range slugs {
		a, ok := byName[slug]
		if !ok {
			return nil, fmt.Errorf("account %q: %w", slug, ErrNoAccount)
		}
		list = append(list, a)
	}
	if len(list) == 0 {
		return nil, ErrNoAccount
	}
	return list, nil
}

// ledger is the count of rows by outcome.
type ledger struct {
	Read      int64 `json:"rows_read"`
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Duplicate int64 `json:"duplicate"`
	Skipped   int64 `json:"skipped"`
	Conflict  int64 `json:"conflict"`
	Rejected  int64 `json:"rejected"`
}

func (l ledger) plus(m ledger) ledger {
	return ledger{l.Read + m.Read, l.Created + m.Created, l.Updated + m.Updated, l.Unchanged + m.Unchanged,
		l.Duplicate + m.Duplicate, l.Skipped + m.Skipped, l.Conflict + m.Conflict, l.Rejected + m.Rejected}
}

// outcomes are the names of the ledger's parts, in the order in which charts
// stack them: what was used at the bottom, what was refused on top.
var outcomes = []string{"created", "updated", "unchanged", "duplicate", "skipped", "conflict", "rejected"}

// counts are the parts of the ledger in the order of outcomes.
func (l ledger) counts() []int64 {
	return []int64{l.Created, l.Updated, l.Unchanged, l.Duplicate, l.Skipped, l.Conflict, l.Rejected}
}

// causeRow is why rows became no lead.
type causeRow struct {
	Rows    int64    `json:"rows"`
	Outcome string   `json:"outcome"`
	Code    string   `json:"code"`
	Column  string   `json:"column"`
	Shape   string   `json:"shape"`
	Places  []string `json:"places"` // the first rows, as their source calls them
}
