package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/source.sql
var sourceSQL string

//go:embed sql/register.sql
var registerSQL string

//go:embed sql/drops_seen.sql
var dropsSeenSQL string

// Registration is what is known of an import when it is registered.
type Registration struct {
	// ID is the import's id when it was drawn before (NewImportID); 0 draws one.
	ID          schemas.ImportID
	Source      schemas.Source
	FileName    string // the name people gave the file
	List        string
	RequestedBy string
	Request     schemas.Request
	Object      schemas.ObjectPin
	// Versions are the names of this object version (DropVersions) when the
	// object is a drop: it becomes an import once. Without, it always does.
	Versions []string
	// Refused ends the import at once in state rejected, for this reason
	// (ACCOUNT_UNKNOWN, MAPPING_INVALID); only its report is owed.
	Refused *schemas.FileIssue

	UndoOf, RedoOf, ReplayOf schemas.ImportID // 0 when there is none
}

// Registered is what became of a Registration.
type Registered struct {
	ID      schemas.ImportID
	Existed bool // the drop was registered before: ID is that import
}

// DropVersions returns the names under which a version of an object is
// remembered: the version id where the bucket keeps versions, and ETag, size and
// time, which is all that a listing tells.
func DropVersions(o schemas.ObjectPin) []string {
	listed := ListedVersion(o)
	if o.VersionID == "" {
		return []string{listed}
	}
	return []string{"id " + o.VersionID, listed}
}

// ListedVersion names an object's version as far as a listing knows it.
func ListedVersion(o schemas.ObjectPin) string {
	return fmt.Sprintf("%s/%d/%d", o.ETag, o.Size, o.Modified.Unix())
}

// NewImportID draws an import id, for objects that are stored under it before
// the import is registered.
func (db *DB) NewImportID(ctx context.Context) (schemas.ImportID, error) {
	var id schemas.ImportID
	if err := db.Pool.QueryRow(ctx, "select bateia.new_import_id()").Scan(&id); err != nil {
		return 0, StripDetail(fmt.Errorf("draw import id: %w", err))
	}
	return id, nil
}

// Register registers imports of one account within a transaction of InAccount,
// in order: finds or makes their sources, inserts the imports with the phase
// that is owed, and makes the month's tables of history. A drop that is known
// changes nothing. The caller inserts the jobs in the same transaction.
func Register(ctx context.Context, tx pgx.Tx, account int32, list ...Registration) ([]Registered, error) {
	if len(list) == 0 {
		return nil, nil
	}
	sources := map[schemas.Source]int32{}
	input := make([]registerRow, len(list))
	for i, r := range list {
		id, ok := sources[r.Source]
		if !ok {
			var err error
			if id, err = ensureSource(ctx, tx, account, r.Source); err != nil {
				return nil, err
			}
			sources[r.Source] = id
		}
		row, err := newRegisterRow(i, id, r)
		if err != nil {
			return nil, err
		}
		input[i] = row
	}
	data, err := jsonb(input)
	if err != nil {
		return nil, err
	}
	// The issue of a refused import goes into a leaf of history.
	if _, err := tx.Exec(ctx, "select bateia.ensure_history(bateia.new_import_id())"); err != nil {
		return nil, fmt.Errorf("make tables of history: %w", err)
	}
	rows, err := tx.Query(ctx, registerSQL, account, data)
	if err != nil {
		return nil, fmt.Errorf("register imports: %w", err)
	}
	out := make([]Registered, len(list))
	var ord int
	var id schemas.ImportID
	_, err = pgx.ForEachRow(rows, []any{&ord, &id}, func() error {
		out[ord].ID = id
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("register imports: %w", err)
	}
	if err := ensureHistory(ctx, tx, out); err != nil {
		return nil, err
	}
	return out, findExisting(ctx, tx, account, list, out)
}

// registerRow is one element of the JSON array that sql/register.sql takes.
type registerRow struct {
	Ord         int             `json:"ord"`
	ID          *int64          `json:"id"`
	SourceID    int32           `json:"source_id"`
	FileName    string          `json:"file_name"`
	List        string          `json:"list"`
	RequestedBy string          `json:"requested_by"`
	Request     json.RawMessage `json:"request"`
	Bucket      string          `json:"bucket"`
	Key         string          `json:"key"`
	VersionID   string          `json:"version_id"`
	ETag        string          `json:"etag"`
	Size        int64           `json:"size"`
	Modified    *time.Time      `json:"modified"`
	Versions    []string        `json:"versions"`
	Code        *string         `json:"code"`
	Facts       json.RawMessage `json:"facts"`
	UndoOf      *int64          `json:"undo_of"`
	RedoOf      *int64          `json:"redo_of"`
	ReplayOf    *int64          `json:"replay_of"`
}

func newRegisterRow(ord int, source int32, r Registration) (registerRow, error) {
	if r.Request.Mapping.List == "" {
		r.Request.Mapping.List = r.List // apply reads it there
	}
	request, err := json.Marshal(r.Request)
	if err != nil {
		return registerRow{}, err
	}
	row := registerRow{
		Ord: ord, ID: optional(r.ID), SourceID: source, FileName: r.FileName, List: r.Request.Mapping.List,
		RequestedBy: r.RequestedBy, Request: request,
		Bucket: r.Object.Bucket, Key: r.Object.Key, VersionID: r.Object.VersionID, ETag: r.Object.ETag,
		Size: r.Object.Size, Versions: r.Versions,
		UndoOf: optional(r.UndoOf), RedoOf: optional(r.RedoOf), ReplayOf: optional(r.ReplayOf),
	}
	if !r.Object.Modified.IsZero() {
		row.Modified = &r.Object.Modified
	}
	var facts schemas.Facts
	if r.Refused != nil {
		issue := *r.Refused
		issue.Severity = schemas.SeverityError
		row.Code, facts.Issues = &issue.Code, []schemas.FileIssue{issue}
	}
	row.Facts, err = json.Marshal(facts)
	return row, err
}

func optional(id schemas.ImportID) *int64 {
	if id == 0 {
		return nil
	}
	n := int64(id)
	return &n
}

// ensureSource finds the source or makes it. Two that make it at once meet at
// its unique key: the second look sees what the other one committed.
func ensureSource(ctx context.Context, tx pgx.Tx, account int32, s schemas.Source) (int32, error) {
	var id int32
	for range 3 {
		err := tx.QueryRow(ctx, sourceSQL, account, s.Kind, s.System, s.Name, s.Instance).Scan(&id)
		if err == nil {
			return id, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return 0, fmt.Errorf("find source: %w", err)
		}
	}
	return 0, errors.New("find source: it keeps disappearing")
}

func ensureHistory(ctx context.Context, tx pgx.Tx, made []Registered) error {
	var last schemas.ImportID
	for _, r := range made {
		last = max(last, r.ID)
	}
	if last == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, "select bateia.ensure_history($1)", last); err != nil {
		return fmt.Errorf("make tables of history: %w", err)
	}
	return nil
}

// findExisting fills in the imports of drops that were known already.
func findExisting(ctx context.Context, tx pgx.Tx, account int32, list []Registration, out []Registered) error {
	for i := range out {
		if out[i].ID != 0 {
			continue
		}
		o := list[i].Object
		err := tx.QueryRow(ctx, "select import_id from bateia.drops where account_id = $1 and bucket = $2 and key = $3 and version = $4",
			account, o.Bucket, o.Key, list[i].Versions[0]).Scan(&out[i].ID)
		if err != nil {
			return fmt.Errorf("find registered drop: %w", err)
		}
		out[i].Existed = true
	}
	return nil
}

// erasing is the version under which a drop is remembered whose object is being
// overwritten: what lies there is no new drop, and what it is called is not known yet.
const erasing = "erasing"

// NewDrops returns which of the listed objects of one bucket are not registered
// for the account, as their positions in list. It is one query over the range of
// their keys, so list should be what a listing gave: neighbors.
func NewDrops(ctx context.Context, tx pgx.Tx, account int32, bucket string, list []schemas.ObjectPin) ([]int, error) {
	if len(list) == 0 {
		return nil, nil
	}
	first, last := list[0].Key, list[0].Key
	for _, o := range list {
		first, last = min(first, o.Key), max(last, o.Key)
	}
	rows, err := tx.Query(ctx, dropsSeenSQL, account, bucket, first, last)
	if err != nil {
		return nil, fmt.Errorf("find new drops: %w", err)
	}
	type drop struct{ key, version string }
	seen := make(map[drop]bool, len(list))
	var d drop
	_, err = pgx.ForEachRow(rows, []any{&d.key, &d.version}, func() error {
		seen[d] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find new drops: %w", err)
	}
	var fresh []int
	for i, o := range list {
		if !seen[drop{o.Key, ListedVersion(o)}] && !seen[drop{o.Key, erasing}] {
			fresh = append(fresh, i)
		}
	}
	return fresh, nil
}

// jsonb returns v as JSON that Postgres takes: a NUL, which a header may hold,
// cannot be stored and becomes U+FFFD.
func jsonb(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	const nul = `\u0000`
	if !strings.Contains(string(data), nul) {
		return data, nil
	}
	for i := 0; i+1 < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		if strings.HasPrefix(string(data[i:min(i+len(nul), len(data))]), nul) {
			copy(data[i+2:], "fffd")
		}
		i++ // what is escaped begins no escape
	}
	return data, nil
}
