package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/read_profiles.sql
var readProfilesSQL string

// ReadProfiles returns the profiles of the last imports, at most so many, of the
// source and list of an import that have at least so many rows and are applied; the
// newest first.
func (db *DB) ReadProfiles(ctx context.Context, account int32, id schemas.ImportID, rows int64, most int) (out []schemas.Profile, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		out = nil
		found, err := tx.Query(ctx, readProfilesSQL, account, int64(id), rows, most)
		if err != nil {
			return err
		}
		texts, err := pgx.CollectRows(found, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, text := range texts {
			var f schemas.Facts
			if err := json.Unmarshal([]byte(text), &f); err != nil {
				return err
			}
			out = append(out, schemas.ProfileOf(f))
		}
		return nil
	})
	if err != nil {
		return nil, StripDetail(fmt.Errorf("read profiles of earlier imports of %s: %w", id, err))
	}
	return out, nil
}
