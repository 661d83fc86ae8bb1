package history

import (
	"context"
	_ "embed"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/used_labels.sql
	usedLabelsSQL string
	//go:embed sql/used_tags.sql
	usedTagsSQL string
	//go:embed sql/drop_fields.sql
	dropFieldsSQL string
)

// dropLabels deletes the lists, tags and extra fields that the import made and
// nobody uses. Lists and tags of the import as a whole are those that other
// imports name; tags of rows stand in leads.
func (e *engine) dropLabels(ctx context.Context, s *Summary) error {
	lists, err := e.madeBy(ctx, "select folded, list_id from lists where account_id = $1 and created_by = $2")
	if err != nil {
		return err
	}
	tags, err := e.madeBy(ctx, "select folded, tag_id from tags where account_id = $1 and created_by = $2")
	if err != nil {
		return err
	}
	if len(lists)+len(tags) > 0 {
		if err := e.spareUsed(ctx, lists, tags); err != nil {
			return err
		}
	}
	s.Lists, s.Tags = int64(len(lists)), int64(len(tags))
	if e.dry {
		return nil
	}
	if err := e.exec(ctx, "delete lists", "delete from lists where account_id = $1 and list_id = any($2)", e.account, values(lists)); err != nil {
		return err
	}
	if err := e.exec(ctx, "delete tags", "delete from tags where account_id = $1 and tag_id = any($2)", e.account, values(tags)); err != nil {
		return err
	}
	tag, err := e.tx.Exec(ctx, dropFieldsSQL, e.account, int64(e.without))
	s.Fields = tag.RowsAffected()
	return pipeline.DatabaseError("delete field definitions", err)
}

func values(m map[string]int32) []int32 {
	out := make([]int32, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// madeBy returns the labels that the import made, by folded name.
func (e *engine) madeBy(ctx context.Context, sql string) (map[string]int32, error) {
	rows, err := e.tx.Query(ctx, sql, e.account, int64(e.without))
	if err != nil {
		return nil, pipeline.DatabaseError("read lists and tags", err)
	}
	out := map[string]int32{}
	var folded string
	var id int32
	_, err = pgx.ForEachRow(rows, []any{&folded, &id}, func() error {
		out[folded] = id
		return nil
	})
	return out, pipeline.DatabaseError("read lists and tags", err)
}

// spareUsed takes out the labels that somebody else uses.
func (e *engine) spareUsed(ctx context.Context, lists, tags map[string]int32) error {
	rows, err := e.tx.Query(ctx, usedLabelsSQL, e.account, int64(e.without))
	if err != nil {
		return pipeline.DatabaseError("read lists and tags in use", err)
	}
	var list string
	var mapped *string
	var named []byte
	_, err = pgx.ForEachRow(rows, []any{&list, &mapped, &named}, func() error {
		delete(lists, schemas.FoldLabel(list))
		if mapped != nil {
			delete(lists, schemas.FoldLabel(*mapped))
		}
		var names []string
		if err := json.Unmarshal(named, &names); err != nil {
			return err
		}
		for _, name := range names {
			delete(tags, schemas.FoldLabel(name))
		}
		return nil
	})
	if err != nil {
		return pipeline.DatabaseError("read lists and tags in use", err)
	}
	if len(tags) == 0 {
		return nil
	}
	rows, err = e.tx.Query(ctx, usedTagsSQL, e.account, int64(e.without), values(tags))
	if err != nil {
		return pipeline.DatabaseError("read tags in use", err)
	}
	used, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	for _, id := range used {
		for folded, tag := range tags {
			if tag == id {
				delete(tags, folded)
			}
		}
	}
	return pipeline.DatabaseError("read tags in use", err)
}

// known returns the ids of labels that exist.
func known(labels map[string]int32, names ...string) []int32 {
	var out []int32
	for _, name := range names {
		if id, some := labels[schemas.FoldLabel(name)]; some {
			out = append(out, id)
		}
	}
	return out
}

func (e *engine) loadLabels(ctx context.Context) error {
	for _, l := range []struct {
		into *map[string]int32
		sql  string
	}{
		{&e.lists, "select folded, list_id from lists where account_id = $1"},
		{&e.tags, "select folded, tag_id from tags where account_id = $1"},
	} {
		*l.into = map[string]int32{}
		rows, err := e.tx.Query(ctx, l.sql, e.account)
		if err != nil {
			return pipeline.DatabaseError("read lists and tags", err)
		}
		var folded string
		var id int32
		_, err = pgx.ForEachRow(rows, []any{&folded, &id}, func() error {
			(*l.into)[folded] = id
			return nil
		})
		if err != nil {
			return pipeline.DatabaseError("read lists and tags", err)
		}
	}
	return nil
}
