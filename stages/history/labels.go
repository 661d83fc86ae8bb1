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
	//go:embed sql/made_fields.sql
	madeFieldsSQL string
)

// dropLabels deletes the lists, tags and extra fields that the import made and
// nobody uses; those that others use are handed on to the first of them, so that they
// go when that one is taken back, too. Lists and tags of the import as a whole are
// those that other imports name; tags of rows stand in leads.
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
	if s.Fields, err = e.dropFields(ctx); err != nil || e.dry {
		return err
	}
	if err := e.exec(ctx, "delete lists", "delete from lists where account_id = $1 and list_id = any($2)", e.account, values(lists)); err != nil {
		return err
	}
	return e.exec(ctx, "delete tags", "delete from tags where account_id = $1 and tag_id = any($2)", e.account, values(tags))
}

// dropFields deletes the extra fields that only this import filled, and returns how
// many these are.
func (e *engine) dropFields(ctx context.Context) (int64, error) {
	rows, err := e.tx.Query(ctx, madeFieldsSQL, e.account, int64(e.without))
	if err != nil {
		return 0, pipeline.DatabaseError("read field definitions", err)
	}
	type field struct {
		Name string
		Heir *int64
	}
	fields, err := pgx.CollectRows(rows, pgx.RowToStructByPos[field])
	if err != nil {
		return 0, pipeline.DatabaseError("read field definitions", err)
	}
	n := int64(0)
	for _, f := range fields {
		op, sql := "hand field on", "update field_definitions set created_by = $3 where account_id = $1 and name = $2"
		args := []any{e.account, f.Name, f.Heir}
		if f.Heir == nil {
			n++
			op, sql, args = "delete field definition", "delete from field_definitions where account_id = $1 and name = $2", args[:2]
		}
		if e.dry {
			continue
		}
		if err := e.exec(ctx, op, sql, args...); err != nil {
			return 0, err
		}
	}
	return n, nil
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

// spareUsed takes out the labels that somebody else uses, and hands them on.
func (e *engine) spareUsed(ctx context.Context, lists, tags map[string]int32) error {
	rows, err := e.tx.Query(ctx, usedLabelsSQL, e.account, int64(e.without))
	if err != nil {
		return pipeline.DatabaseError("read lists and tags in use", err)
	}
	var id int64
	var list string
	var mapped *string
	var named []byte
	heirs := map[string]map[int32]int64{"list": {}, "tag": {}}
	inherit := func(kind string, labels map[string]int32, name string) {
		folded := schemas.FoldLabel(name)
		if label, some := labels[folded]; some {
			heirs[kind][label] = id
			delete(labels, folded)
		}
	}
	_, err = pgx.ForEachRow(rows, []any{&id, &list, &mapped, &named}, func() error {
		inherit("list", lists, list)
		if mapped != nil {
			inherit("list", lists, *mapped)
		}
		var names []string
		if err := json.Unmarshal(named, &names); err != nil {
			return err
		}
		for _, name := range names {
			inherit("tag", tags, name)
		}
		return nil
	})
	if err != nil {
		return pipeline.DatabaseError("read lists and tags in use", err)
	}
	if len(tags) > 0 {
		rows, err = e.tx.Query(ctx, usedTagsSQL, e.account, int64(e.without), values(tags))
		if err != nil {
			return pipeline.DatabaseError("read tags in use", err)
		}
		var used int32
		if _, err = pgx.ForEachRow(rows, []any{&used, &id}, func() error {
			for folded, tag := range tags {
				if tag == used {
					inherit("tag", tags, folded)
				}
			}
			return nil
		}); err != nil {
			return pipeline.DatabaseError("read tags in use", err)
		}
	}
	if e.dry {
		return nil
	}
	for kind, by := range heirs {
		for label, heir := range by {
			sql := "update " + kind + "s set created_by = $3 where account_id = $1 and " + kind + "_id = $2"
			if err := e.exec(ctx, "hand "+kind+" on", sql, e.account, label, heir); err != nil {
				return err
			}
		}
	}
	return nil
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
