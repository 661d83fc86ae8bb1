package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

//go:embed sql/read_leads.sql
var readLeadsSQL string

// Lead is what one row said of a prospect: a lead, or a row that said again what
// a lead says.
type Lead struct {
	survivorship.Statement
	// LeadImport and LeadRow are where the lead is stored: Import and Row, but for a
	// row that said it again.
	LeadImport schemas.ImportID
	LeadRow    int64
	SheetRow   int64
	SourceRef  string          // the source's own name of the row, "" when it has none
	Outcome    schemas.Outcome // "" of a row that said it again
	FileName   string
	Source     schemas.Source
	ImportedAt time.Time
	Identities []string // <kind>:<canonical value>, of a lead
}

// Stored reports whether it is a lead and not a row that said one again.
func (l Lead) Stored() bool { return l.LeadImport == l.Import && l.LeadRow == l.Row }

// ReadLeads returns what was said of a prospect that is no alias, and of those
// that merged into it, by imports that are applied: in the order of imports, as
// they were applied, and rows, in which survivorship makes values of it. A
// prospect that is not there has none.
func (db *DB) ReadLeads(ctx context.Context, account int32, id string) ([]Lead, error) {
	var args []string
	for _, c := range schemas.ProspectColumns() {
		args = append(args, "'"+c.Column+"', s."+c.Column+"::text")
	}
	sql := strings.ReplaceAll(withoutHeader(readLeadsSQL), "/*fields*/", strings.Join(args, ", "))
	var out []Lead
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, account, id)
		if err != nil {
			return fmt.Errorf("read leads: %w", err)
		}
		policies := map[schemas.ImportID]*survivorship.Policy{}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Lead, error) { return scanLead(row, policies) })
		if err != nil {
			return fmt.Errorf("read leads: %w", err)
		}
		return nil
	})
	return out, err
}

// scanLead reads a row of read_leads.sql; policies keeps those of the imports
// that were met.
func scanLead(row pgx.CollectableRow, policies map[schemas.ImportID]*survivorship.Policy) (Lead, error) {
	var l Lead
	var applied int64
	var rank int
	var source int32
	var options, fields string
	var extra *string
	var filled []string
	o := &l.Source
	if err := row.Scan(&l.Import, &l.Row, &l.LeadImport, &l.LeadRow, &l.SheetRow, &l.SourceRef, &l.ByID,
		&l.Outcome, &l.FileName, &l.ImportedAt, &applied, &rank, &source, &o.Kind, &o.System, &o.Name, &o.Instance,
		&options, &filled, &l.Identities, &extra, &fields); err != nil {
		return l, err
	}
	if err := json.Unmarshal([]byte(fields), &l.Fields); err != nil {
		return l, fmt.Errorf("values of lead %s: not valid JSON", schemas.LeadID(l.Import, l.Row))
	}
	if extra != nil {
		if err := json.Unmarshal([]byte(*extra), &l.Extra); err != nil {
			return l, fmt.Errorf("extra fields of lead %s: not valid JSON", schemas.LeadID(l.Import, l.Row))
		}
	}
	if policies[l.Import] == nil {
		var chosen schemas.Options
		if err := json.Unmarshal([]byte(options), &chosen); err != nil {
			return l, fmt.Errorf("options of import %s: not valid JSON", l.Import)
		}
		policies[l.Import] = survivorship.NewPolicy(rank, o.Kind, source, chosen, filled)
		policies[l.Import].Applied = applied
	}
	l.Policy = policies[l.Import]
	return l, nil
}
