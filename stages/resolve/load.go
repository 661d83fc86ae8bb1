package resolve

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// What is asked of Postgres; everything else in sql/ is the workset's.
var (
	//go:embed sql/ask_keys.sql
	askKeysSQL string
	//go:embed sql/ask_ids.sql
	askIDsSQL string
	//go:embed sql/ask_prospects.sql
	askProspectsSQL string
	//go:embed sql/ask_apart.sql
	askApartSQL string
	//go:embed sql/ask_held.sql
	askHeldSQL string
	//go:embed sql/ask_statements.sql
	askStatementsSQL string
)

// keyChunk is how many keys one statement asks for. The keys come in index
// order, so each statement reads one stretch of the index.
const keyChunk = 10_000

// prospectChunk is how many prospects one statement asks for.
const prospectChunk = 5_000

var (
	baseKeys = arrow.NewSchema([]arrow.Field{
		{Name: "k1", Type: arrow.PrimitiveTypes.Int64}, {Name: "k2", Type: arrow.PrimitiveTypes.Int64},
		{Name: "prospect_id", Type: arrow.BinaryTypes.String}, {Name: "name_hashes", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64)},
		{Name: "other_names", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64)}}, nil)
	baseIDs = arrow.NewSchema([]arrow.Field{
		{Name: "bateia_id", Type: arrow.BinaryTypes.String}, {Name: "prospect_id", Type: arrow.BinaryTypes.String}}, nil)
	tagNames = arrow.NewSchema([]arrow.Field{
		{Name: "tag", Type: arrow.BinaryTypes.String}, {Name: "folded", Type: arrow.BinaryTypes.String},
		{Name: "tag_id", Type: arrow.PrimitiveTypes.Int64}}, nil)
)

// load brings what the import touches into the workset, then draws the edges
// between its groups and prospects.
func (s Stage) load(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	w := run.Workset
	if err := tx.QueryRow(ctx, "select base_version from accounts where account_id = $1", run.Account.ID).Scan(&run.BaseVersion); err != nil {
		return pipeline.DatabaseError("read base version", err)
	}
	list, tags, err := labels(ctx, tx, run)
	if err != nil {
		return err
	}
	if err := variables(ctx, run, list, tags); err != nil {
		return err
	}
	// What an earlier resolve of this workset changed is taken back first.
	if err := w.Exec(ctx, restartSQL); err != nil {
		return err
	}
	if err := s.Renew(ctx, tx, run); err != nil {
		return err
	}
	if err := loadTags(ctx, tx, run); err != nil {
		return err
	}
	if err := s.loadKeys(ctx, tx, run); err != nil {
		return err
	}
	if err := loadIDs(ctx, tx, run); err != nil {
		return err
	}
	if err := loadEdits(ctx, tx, run); err != nil {
		return err
	}
	if err := keepValues(ctx, tx, run); err != nil {
		return err
	}
	if err := drawEdges(ctx, w); err != nil {
		return err
	}
	if err := loadProspects(ctx, tx, run); err != nil {
		return err
	}
	for _, step := range []func(context.Context, pgx.Tx, *pipeline.Run) error{veto, keepApart, loadStatements, loadHeld, loadPrior} {
		if err := step(ctx, tx, run); err != nil {
			return err
		}
	}
	return nil
}

// drawEdges writes edges, without those of rows that are refused for their id or
// because somebody must not come back: what they say joins nobody.
func drawEdges(ctx context.Context, w pipeline.Workset) error {
	if err := w.Exec(ctx, edgesSQL); err != nil {
		return err
	}
	var byID, byKey bool
	_, err := w.Scan(ctx, "select exists (select 1 from rows where bateia_id is not null and status = ''), exists (select 1 from suppressed)", nil, &byID, &byKey)
	if err != nil || !byID && !byKey {
		return err
	}
	if err := w.Exec(ctx, "create or replace table refusals (row bigint, rank integer, outcome varchar, reason varchar)"); err != nil {
		return err
	}
	if byID {
		if err := w.Exec(ctx, refusalsByIDSQL); err != nil {
			return err
		}
	}
	if byKey {
		if err := w.Exec(ctx, refusalsByKeySQL); err != nil {
			return err
		}
	}
	return w.Exec(ctx, refusedEdgesSQL)
}

// labels returns the ids of the import's list and tags, 0 and none for those
// that do not exist yet: then every prospect gains them.
func labels(ctx context.Context, tx pgx.Tx, run *pipeline.Run) (list int64, tags []int64, err error) {
	m := run.Request.Mapping
	if m.List != "" {
		err := tx.QueryRow(ctx, "select list_id from lists where account_id = $1 and folded = $2", run.Account.ID, schemas.FoldLabel(m.List)).Scan(&list)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return 0, nil, pipeline.DatabaseError("read list", err)
		}
		if errors.Is(err, pgx.ErrNoRows) {
			list = -1
		}
	}
	for _, tag := range m.Tags {
		id := int64(-1)
		err := tx.QueryRow(ctx, "select tag_id from tags where account_id = $1 and folded = $2", run.Account.ID, schemas.FoldLabel(tag)).Scan(&id)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return 0, nil, pipeline.DatabaseError("read tag", err)
		}
		tags = append(tags, id)
	}
	return list, tags, nil
}

// loadTags lists the tags that rows name, with the ids of those that exist, and
// -1 for the others.
func loadTags(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	out := newSink(run, "tag_names", tagNames)
	defer out.close()
	if err := run.Workset.Exec(ctx, "drop table if exists tag_names"); err != nil {
		return err
	}
	if !slices.Contains(run.Facts.Fields, "tags") {
		return out.flush(ctx)
	}
	names, err := texts(ctx, run.Workset, "select distinct unnest(f_tags::json::varchar[]) as tag from rows where f_tags is not null and status = '' order by tag")
	if err != nil {
		return err
	}
	for _, name := range names {
		folded, id := schemas.FoldLabel(name), int64(-1)
		err := tx.QueryRow(ctx, "select tag_id from tags where account_id = $1 and folded = $2", run.Account.ID, folded).Scan(&id)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return pipeline.DatabaseError("read tag", err)
		}
		out.text(0, name)
		out.text(1, folded)
		out.b.Field(2).(*array.Int64Builder).Append(id)
		if err := out.full(ctx); err != nil {
			return err
		}
	}
	return out.flush(ctx)
}

// loadKeys asks for what the base knows of the import's keys. When base and
// import together have too many names for a value, the rows are grouped anew
// without it joining, and the other keys that they have then are asked for.
func (s Stage) loadKeys(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	if err := s.askAll(ctx, tx, run); err != nil {
		return err
	}
	if err := run.Workset.Exec(ctx, overSQL); err != nil {
		return err
	}
	var found bool
	if _, err := run.Workset.Scan(ctx, "select exists (select 1 from over)", nil, &found); err != nil || !found {
		return err
	}
	if err := run.Workset.Exec(ctx, "insert into found_shared select k1, max(names) from over group by k1"); err != nil {
		return err
	}
	if err := s.Regroup(ctx, run); err != nil {
		return err
	}
	if err := run.Workset.Exec(ctx, "drop table base_keys; drop table suppressed"); err != nil {
		return err
	}
	return s.askAll(ctx, tx, run)
}

// askAll asks for the prospects behind the import's keys, and which of them must
// never come back. An empty base is not asked.
func (s Stage) askAll(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	var some bool
	if err := tx.QueryRow(ctx, "select exists (select 1 from identities where account_id = $1)", run.Account.ID).Scan(&some); err != nil {
		return pipeline.DatabaseError("read identities", err)
	}
	if err := s.askSuppressed(ctx, tx, run); err != nil {
		return err
	}
	found := newSink(run, "base_keys", baseKeys)
	defer found.close()
	if !some {
		return found.flush(ctx)
	}
	merged, err := someMerged(ctx, tx, run.Account.ID)
	if err != nil {
		return err
	}
	ask := func(keys [][16]byte) error { return askKeys(ctx, tx, run.Account.ID, keys, merged, found) }
	if err := eachKeyChunk(ctx, run.Workset, "select * from (select k1, k2 from group_keys union select k1, k2 from frequent)", ask); err != nil {
		return err
	}
	return found.flush(ctx)
}

// someMerged reports whether the account has aliases: without any, half the time
// of asking for keys is saved.
func someMerged(ctx context.Context, tx pgx.Tx, account int32) (some bool, err error) {
	err = tx.QueryRow(ctx, "select exists (select 1 from aliases where account_id = $1)", account).Scan(&some)
	return some, pipeline.DatabaseError("read aliases", err)
}

// askKeys adds to found the prospects, read through aliases, that own the keys.
func askKeys(ctx context.Context, tx pgx.Tx, account int32, keys [][16]byte, merged bool, found *sink) error {
	rows, err := tx.Query(ctx, askKeysSQL, account, keys, merged)
	if err != nil {
		return pipeline.DatabaseError("read identities", err)
	}
	return found.keys(ctx, rows)
}

// keys adds rows of baseKeys.
func (s *sink) keys(ctx context.Context, rows pgx.Rows) error {
	var key pgtype.UUID
	var prospect string
	var names, others []int64
	_, err := pgx.ForEachRow(rows, []any{&key, &prospect, &names, &others}, func() error {
		s.key(key.Bytes)
		s.text(2, prospect)
		s.ints(3, names)
		s.ints(4, others)
		return s.full(ctx)
	})
	return pipeline.DatabaseError("read identities", err)
}

// eachKeyChunk hands on the keys of a query in the order of the index.
func eachKeyChunk(ctx context.Context, w pipeline.Workset, query string, ask func(keys [][16]byte) error) error {
	keys := make([][16]byte, 0, keyChunk)
	for b, err := range w.Read(ctx, query+" order by k1 < 0, k1, k2 < 0, k2") {
		if err != nil {
			return err
		}
		k1, k2 := b.Column(0).(*array.Int64), b.Column(1).(*array.Int64)
		for i := range int(b.NumRows()) {
			keys = append(keys, joinKey(k1.Value(i), k2.Value(i)))
			if len(keys) == keyChunk {
				if err := ask(keys); err != nil {
					return err
				}
				keys = keys[:0]
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return ask(keys)
}

// loadIDs asks which of the prospect ids that rows name exist.
func loadIDs(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	out := newSink(run, "base_ids", baseIDs)
	defer out.close()
	ids, err := texts(ctx, run.Workset, "select distinct bateia_id from rows where bateia_id is not null and status = '' order by 1")
	if err != nil {
		return err
	}
	for chunk := range chunks(ids, prospectChunk) {
		rows, err := tx.Query(ctx, askIDsSQL, run.Account.ID, chunk)
		if err != nil {
			return pipeline.DatabaseError("read prospect ids", err)
		}
		var id, survivor string
		_, err = pgx.ForEachRow(rows, []any{&id, &survivor}, func() error {
			out.text(0, id)
			out.text(1, survivor)
			return out.full(ctx)
		})
		if err != nil {
			return pipeline.DatabaseError("read prospect ids", err)
		}
	}
	return out.flush(ctx)
}

// prospectSchema is the workset's table of existing prospects: all fields as
// canonical text.
func prospectSchema() *arrow.Schema {
	fields := []arrow.Field{{Name: "prospect_id", Type: arrow.BinaryTypes.String}}
	for _, f := range schemas.ProspectColumns() {
		fields = append(fields, arrow.Field{Name: schemas.FieldColumn(f.Name), Type: arrow.BinaryTypes.String, Nullable: true})
	}
	ints := arrow.ListOf(arrow.PrimitiveTypes.Int64)
	return arrow.NewSchema(append(fields,
		arrow.Field{Name: "extra", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "ranks", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "lead_hashes", Type: ints},
		arrow.Field{Name: "lead_imports", Type: ints},
		arrow.Field{Name: "lead_rows", Type: ints},
		arrow.Field{Name: "list_ids", Type: ints},
		arrow.Field{Name: "tag_ids", Type: ints},
		arrow.Field{Name: "keys", Type: arrow.PrimitiveTypes.Int64}), nil) // how many it has, joining or not
}

// loadProspects asks for the prospects that the import touches.
func loadProspects(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	out := newSink(run, "base_prospects", prospectSchema())
	defer out.close()
	ids, err := texts(ctx, run.Workset, "select prospect_id from base_nodes order by 1")
	if err != nil {
		return err
	}
	var columns strings.Builder
	n := 1
	for _, f := range schemas.ProspectColumns() {
		fmt.Fprintf(&columns, ", p.%s::text", pgx.Identifier{f.Column}.Sanitize())
		n++
	}
	query := strings.ReplaceAll(askProspectsSQL, "/*fields*/", columns.String())
	values := make([]pgtype.Text, n+2)
	lists := make([][]int64, 5)
	dest := make([]any, 0, len(values)+len(lists))
	for i := range values {
		dest = append(dest, &values[i])
	}
	for i := range lists {
		dest = append(dest, &lists[i])
	}
	var keys int64
	dest = append(dest, &keys)
	for chunk := range chunks(ids, prospectChunk) {
		rows, err := tx.Query(ctx, query, run.Account.ID, chunk)
		if err != nil {
			return pipeline.DatabaseError("read prospects", err)
		}
		_, err = pgx.ForEachRow(rows, dest, func() error {
			for i, v := range values {
				if i < n {
					out.nullable(i, v.String, v.Valid)
					continue
				}
				object, err := compact(v.String) // extra, ranks
				if err != nil {
					return err
				}
				out.nullable(i, object, v.Valid)
			}
			for i, l := range lists {
				out.ints(len(values)+i, l)
			}
			out.b.Field(len(values) + len(lists)).(*array.Int64Builder).Append(keys)
			return out.full(ctx)
		})
		if err != nil {
			return pipeline.DatabaseError("read prospects", err)
		}
	}
	return out.flush(ctx)
}

// compact takes out the blanks that Postgres puts into JSON, so that it reads
// like what the import states.
func compact(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		return "", &pipeline.Error{Op: "read extra fields", Kind: pipeline.KindPermanent, Err: errors.New("not JSON")}
	}
	return b.String(), nil
}
