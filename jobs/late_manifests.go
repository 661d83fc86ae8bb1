package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// lateFor is how long after its registration an applied drop may still have been
// meant by a manifest: one that is put into a folder of old files is for new ones.
const lateFor = 15 * time.Minute

// manifestAccount returns the account of a manifest's key.
func manifestAccount(key string) (slug string, ok bool) {
	rest, found := strings.CutPrefix(key, uploads)
	slug, below, deeper := strings.Cut(rest, "/")
	if !found || !deeper || slug == "" || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		return "", false
	}
	name := path.Base(below)
	return slug, name == folderManifest || strings.HasSuffix(name, fileManifest)
}

// late looks at the manifests of a page that are new: drops that were planned
// without them are planned again.
func (r *registrar) late(ctx context.Context, objects []objstore.Object) error {
	groups := map[int32][]schemas.ObjectPin{}
	for _, o := range objects {
		slug, ok := manifestAccount(o.Key)
		if account, known := r.accounts[slug]; ok && known {
			groups[account] = append(groups[account], pinOf(o))
		}
	}
	for account, pins := range groups {
		var fresh []int
		err := r.s.db.InAccount(ctx, account, func(tx pgx.Tx) error {
			var err error
			fresh, err = postgres.NewDrops(ctx, tx, account, r.s.cfg.Store.Bucket(), pins)
			return err
		})
		if err != nil {
			return err
		}
		for _, i := range fresh {
			if err := r.lateManifest(ctx, account, pins[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// lateManifest deals with one new manifest. It is remembered last: a scan that
// breaks in between looks again.
func (r *registrar) lateManifest(ctx context.Context, account int32, o schemas.ObjectPin) error {
	// A file's manifest speaks to its key, a folder's to everything below: from
	// "folder/" to before "folder0", which follows / in the order of bytes.
	first, last := strings.TrimSuffix(o.Key, fileManifest), strings.TrimSuffix(o.Key, fileManifest)
	if path.Base(o.Key) == folderManifest {
		first, last = path.Dir(o.Key)+"/", path.Dir(o.Key)+"0"
	}
	var list []postgres.Concerned
	err := r.s.db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var err error
		list, err = postgres.ConcernedBy(ctx, tx, account, o.Bucket, first, last, lateFor)
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := r.remap(ctx, account, c); err != nil {
			return err
		}
	}
	return r.s.db.InAccount(ctx, account, func(tx pgx.Tx) error { return postgres.SawManifest(ctx, tx, account, o) })
}

// remap gives an import the mapping that its manifests make now, when that is
// another one than was pinned.
func (r *registrar) remap(ctx context.Context, account int32, c postgres.Concerned) error {
	obj, err := r.s.cfg.Store.Head(ctx, c.Object.Key, c.Object.VersionID)
	if errors.Is(err, objstore.ErrNotFound) {
		return nil
	}
	if err != nil {
		return storeError(err)
	}
	mapping, err := r.manifests.of(ctx, obj)
	var wrong *manifestError
	switch {
	case errors.As(err, &wrong):
		return nil // nothing to plan with; the next drop is refused for it
	case err != nil:
		return err
	}
	if mapping.List == "" {
		d, _ := parseDrop(obj.Key)
		mapping.List = d.list
	}
	if same(mapping, c.Mapping) {
		return nil
	}
	return r.s.db.InAccount(ctx, account, func(tx pgx.Tx) error {
		phase, err := postgres.Remap(ctx, tx, account, c.ImportID, mapping)
		if err != nil || phase == "" {
			return err
		}
		return r.s.EnqueueTx(ctx, tx, postgres.Owed{Account: account, ImportID: c.ImportID, Phase: phase})
	})
}

// same compares mappings as they are stored: an empty list is none.
func same(a, b schemas.Mapping) bool {
	one, err1 := json.Marshal(a)
	two, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(one, two)
}
