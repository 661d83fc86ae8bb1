package resolve

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

// What was said of a prospect is read for two reasons only: prospects that merge
// get the best of both's values, and of a source that sends whole records only
// what changed counts. Everything else needs the values of the base alone.

// baseStatements is the workset's table of statements about prospects that the
// import may merge.
func baseStatements() *arrow.Schema {
	fields := []arrow.Field{
		{Name: "prospect_id", Type: arrow.BinaryTypes.String},
		{Name: "import_id", Type: arrow.PrimitiveTypes.Int64},
		{Name: "row", Type: arrow.PrimitiveTypes.Int64},
		{Name: "said", Type: arrow.BinaryTypes.String},
	}
	return arrow.NewSchema(fields, nil)
}

// said is a statement as the workset keeps it.
type said struct {
	ByID    bool                       `json:"by_id,omitempty"`
	Applied int64                      `json:"applied"`
	Rank    int                        `json:"rank"`
	Kind    string                     `json:"kind"`
	Source  int32                      `json:"source"`
	Own     bool                       `json:"own,omitempty"` // of the source of this import
	Options schemas.Options            `json:"options"`
	Filled  []string                   `json:"filled,omitempty"`
	Fields  map[string]string          `json:"fields"`
	Extra   map[string]json.RawMessage `json:"extra,omitempty"`
}

func (s said) statement(id schemas.ImportID, row int64) survivorship.Statement {
	p := survivorship.NewPolicy(s.Rank, s.Kind, s.Source, s.Options, s.Filled)
	p.Applied = s.Applied
	return survivorship.Statement{Import: id, Row: row, ByID: s.ByID, Fields: s.Fields, Extra: s.Extra, Policy: p}
}

// askStatements hands on what was said of prospects, or only what the import's own
// source said.
func askStatements(ctx context.Context, tx pgx.Tx, run *pipeline.Run, ids []string, own bool, give func(id string, at schemas.ImportID, row int64, s said) error) error {
	var pairs []string
	for _, f := range schemas.ProspectColumns() {
		pairs = append(pairs, fmt.Sprintf("'%s', s.%s::text", f.Name, pgx.Identifier{f.Column}.Sanitize()))
	}
	query := strings.ReplaceAll(askStatementsSQL, "/*fields*/", strings.Join(pairs, ", "))
	for chunk := range chunks(ids, prospectChunk) {
		o := run.Source
		rows, err := tx.Query(ctx, query, run.Account.ID, chunk, o.Kind, o.System, o.Name, o.Instance, own)
		if err != nil {
			return pipeline.DatabaseError("read statements", err)
		}
		var (
			id, options, fields string
			extra               pgtype.Text
			importID, row       int64
			filled              []string
		)
		var s said
		_, err = pgx.ForEachRow(rows, []any{&id, &importID, &row, &s.ByID, &s.Applied, &s.Rank, &s.Kind, &s.Source, &options, &filled, &fields, &extra, &s.Own}, func() error {
			one := s
			one.Filled = slices.Clone(filled)
			for text, to := range map[string]any{options: &one.Options, fields: &one.Fields} {
				if err := json.Unmarshal([]byte(text), to); err != nil {
					return fmt.Errorf("statement of import %s: not JSON", schemas.ImportID(importID))
				}
			}
			if extra.Valid {
				if err := json.Unmarshal([]byte(extra.String), &one.Extra); err != nil {
					return fmt.Errorf("extra fields of import %s: not JSON", schemas.ImportID(importID))
				}
			}
			return give(id, schemas.ImportID(importID), row, one)
		})
		if err != nil {
			return pipeline.DatabaseError("read statements", err)
		}
	}
	return nil
}

// merging returns the prospects that may merge: those that a group touches together
// with another one.
func merging(ctx context.Context, run *pipeline.Run) ([]string, error) {
	return texts(ctx, run.Workset, `
select distinct n.prospect_id from edges e join base_nodes n on n.node = e.a
  semi join (select b from edges where a < 0 group by b having count(distinct a) > 1) k on k.b = e.b order by 1`)
}

// loadStatements brings what was said of the prospects that may merge.
func loadStatements(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	out := newSink(run, "base_statements", baseStatements())
	defer out.close()
	ids, err := merging(ctx, run)
	if err != nil {
		return err
	}
	err = askStatements(ctx, tx, run, ids, false, func(id string, at schemas.ImportID, row int64, s said) error {
		text, err := json.Marshal(s)
		if err != nil {
			return err
		}
		out.text(0, id)
		out.b.Field(1).(*array.Int64Builder).Append(int64(at))
		out.b.Field(2).(*array.Int64Builder).Append(row)
		out.text(3, string(text))
		return out.full(ctx)
	})
	if err != nil {
		return err
	}
	if err := out.flush(ctx); err != nil {
		return err
	}
	return loadDraws(ctx, tx, run, ids)
}

// valuesSchema is a table of values by node: all fields, extra and ranks.
func valuesSchema() *arrow.Schema {
	fields := []arrow.Field{{Name: "target", Type: arrow.PrimitiveTypes.Int64}}
	for _, f := range schemas.ProspectColumns() {
		fields = append(fields, arrow.Field{Name: schemas.FieldColumn(f.Name), Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return arrow.NewSchema(append(fields,
		arrow.Field{Name: "extra", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "ranks", Type: arrow.BinaryTypes.String, Nullable: true}), nil)
}

// putBest writes values as a row of valuesSchema.
func (s *sink) putBest(ctx context.Context, target int64, best survivorship.Best) error {
	s.b.Field(0).(*array.Int64Builder).Append(target)
	at := 1
	for _, f := range schemas.ProspectColumns() {
		v, ok := best.Fields[f.Name]
		s.nullable(at, v.Text, ok)
		at++
	}
	extra := make(map[string]json.RawMessage, len(best.Extra))
	for name, v := range best.Extra {
		extra[name] = v.Value
	}
	for _, object := range []struct {
		v  any
		ok bool
	}{{extra, len(extra) > 0}, {best.Ranks(), len(best.Ranks()) > 0}} {
		text, err := json.Marshal(object.v)
		if err != nil {
			return err
		}
		s.nullable(at, string(text), object.ok)
		at++
	}
	return s.full(ctx)
}

// joinValues writes joined_values: of each prospect into which others merge the
// best values of all statements about them; and joined_said, what the import's
// own source said of them last.
func joinValues(ctx context.Context, run *pipeline.Run) error {
	out := newSink(run, "joined_values", valuesSchema())
	defer out.close()
	before := newSink(run, "joined_said", valuesSchema())
	defer before.close()
	if err := run.Workset.Exec(ctx, "drop table if exists joined_values; drop table if exists joined_said"); err != nil {
		return err
	}
	var (
		target     int64
		statements []survivorship.Statement
		own        []survivorship.Statement
	)
	drew, err := joinedDraws(ctx, run)
	if err != nil {
		return err
	}
	survivors, joined := int64(0), int64(0)
	put := func() error {
		if len(statements) == 0 {
			return nil
		}
		joined++
		if len(own) > 0 {
			if err := before.putBest(ctx, target, survivorship.Fold(own)); err != nil {
				return err
			}
		}
		err := out.putBest(ctx, target, drew[target].fold(statements))
		statements, own = nil, nil
		return err
	}
	for b, err := range run.Workset.Read(ctx, joinedSQL("s.import_id, s.row, s.said", "base_statements s using (prospect_id)")) {
		if err != nil {
			return err
		}
		for i := range int(b.NumRows()) {
			if t := integer(b, 0, i); t != target {
				if err := put(); err != nil {
					return err
				}
				target = t
			}
			var s said
			if err := json.Unmarshal([]byte(text(b, 3, i)), &s); err != nil {
				return fmt.Errorf("statement of import %s: not JSON", schemas.ImportID(integer(b, 1, i)))
			}
			one := s.statement(schemas.ImportID(integer(b, 1, i)), integer(b, 2, i))
			statements = append(statements, one)
			if s.Own {
				own = latest(own, one)
			}
		}
	}
	if err := put(); err != nil {
		return err
	}
	if _, err := run.Workset.Scan(ctx, "select count(distinct survivor) from plan_merges", nil, &survivors); err != nil {
		return err
	}
	if survivors != joined {
		return &pipeline.Error{Op: "join values", Kind: pipeline.KindPermanent, Err: fmt.Errorf("%d prospects merge, %d of them have statements", survivors, joined)}
	}
	if err := before.flush(ctx); err != nil {
		return err
	}
	return out.flush(ctx)
}

// latest adds a statement to those of the last import; what it said counts, blank
// cells that clear too, whatever came of it.
func latest(of []survivorship.Statement, s survivorship.Statement) []survivorship.Statement {
	s.Policy = &survivorship.Policy{Applied: s.Policy.Applied, Clear: s.Policy.Clear, Filled: s.Policy.Filled}
	if len(of) > 0 {
		switch d := cmp.Or(cmp.Compare(of[0].Policy.Applied, s.Policy.Applied), cmp.Compare(of[0].Import, s.Import)); {
		case d > 0:
			return of
		case d < 0:
			of = nil
		}
	}
	return append(of, s)
}

// loadPrior writes source_said: what the import's source, which sends whole
// records, said last of each prospect that it touches.
func loadPrior(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	out := newSink(run, "source_said", valuesSchema())
	defer out.close()
	if err := run.Workset.Exec(ctx, "drop table if exists source_said"); err != nil {
		return err
	}
	if !survivorship.WholeRecords(run.Source.Kind) {
		return out.flush(ctx)
	}
	nodes := map[string]int64{}
	var ids []string
	for b, err := range run.Workset.Read(ctx, "select prospect_id, node from base_nodes order by 1") {
		if err != nil {
			return err
		}
		for i := range int(b.NumRows()) {
			id := text(b, 0, i)
			ids = append(ids, id)
			nodes[id] = integer(b, 1, i)
		}
	}
	// Its last import that spoke of the prospect, with one voice.
	last := map[string][]survivorship.Statement{}
	err := askStatements(ctx, tx, run, ids, true, func(id string, at schemas.ImportID, row int64, s said) error {
		last[id] = latest(last[id], s.statement(at, row))
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if len(last[id]) == 0 {
			continue
		}
		if err := out.putBest(ctx, nodes[id], survivorship.Fold(last[id])); err != nil {
			return err
		}
	}
	return out.flush(ctx)
}
