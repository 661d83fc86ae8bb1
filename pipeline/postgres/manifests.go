package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/manifest_seen.sql
var manifestSeenSQL string

//go:embed sql/manifest_concerns.sql
var manifestConcernsSQL string

//go:embed sql/manifest_late.sql
var manifestLateSQL string

// SawManifest remembers a version of a manifest, so that NewDrops knows it.
func SawManifest(ctx context.Context, tx pgx.Tx, account int32, o schemas.ObjectPin) error {
	if _, err := tx.Exec(ctx, manifestSeenSQL, account, o.Bucket, o.Key, ListedVersion(o)); err != nil {
		return fmt.Errorf("remember manifest: %w", err)
	}
	return nil
}

// Concerned is an import that a new manifest may speak to.
type Concerned struct {
	ImportID schemas.ImportID
	Object   schemas.ObjectPin
	Mapping  schemas.Mapping // pinned
	State    schemas.State
}

// ConcernedBy returns the drops of the account with keys from first to last that
// are not applied yet, or were registered within recent before now.
func ConcernedBy(ctx context.Context, tx pgx.Tx, account int32, bucket, first, last string, recent time.Duration) ([]Concerned, error) {
	rows, err := tx.Query(ctx, manifestConcernsSQL, account, bucket, first, last, recent)
	if err != nil {
		return nil, fmt.Errorf("find imports of a manifest: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Concerned, error) {
		c := Concerned{Object: schemas.ObjectPin{Bucket: bucket}}
		var request []byte
		var r schemas.Request
		if err := row.Scan(&c.ImportID, &c.Object.Key, &c.Object.VersionID, &c.State, &request); err != nil {
			return c, err
		}
		err := json.Unmarshal(request, &r)
		c.Mapping = r.Mapping
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("find imports of a manifest: %w", err)
	}
	return list, nil
}

// Remap pins another mapping to an import that nobody confirmed and that is not
// being applied, and owes its plan again; whoever plans it now is fenced. An
// import that is applied gets the warning MANIFEST_LATE instead, and its report is
// owed again. It returns the phase that is owed, "" when nothing was done.
func Remap(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID, m schemas.Mapping) (Phase, error) {
	state, err := lockImport(ctx, tx, account, id)
	if err != nil {
		return "", err
	}
	c := Claim{Account: account, ImportID: id}
	switch state {
	case schemas.Received, schemas.Planning, schemas.Ready:
		mapping, err := jsonb(m)
		if err != nil {
			return "", err
		}
		tag, err := tx.Exec(ctx, "update bateia.imports set request = jsonb_set(request, '{mapping}', $3), list = $4 where account_id = $1 and import_id = $2 and not confirmed",
			account, id, mapping, m.List)
		if err != nil {
			return "", fmt.Errorf("pin mapping of import %s: %w", id, err)
		}
		if tag.RowsAffected() == 0 {
			return "", nil
		}
		if state == schemas.Ready {
			if err := move(ctx, tx, c, schemas.Planning, "", false, state); err != nil {
				return "", err
			}
		}
		return PhasePlan, Owe(ctx, tx, account, id, PhasePlan, ownJob)
	case schemas.Applied:
		tag, err := tx.Exec(ctx, manifestLateSQL, account, id)
		if err != nil {
			return "", fmt.Errorf("warn of a late manifest: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return "", nil
		}
		return PhaseReport, oweAfterwards(ctx, tx, c)
	}
	return "", nil
}
