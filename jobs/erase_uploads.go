package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// uploadsDelete is the policy by which files go as a whole.
const uploadsDelete = "delete"

// erasedBy is the metadata of an object that an erasure wrote: whoever goes on after
// a crash knows it by that.
const erasedBy = "erasure"

func (x *eraser) token(group []postgres.ErasureImport) string {
	return fmt.Sprintf("%d-%s", x.e.ID, group[0].ID)
}

// file removes the person from the object of imports, and adds the rows it found to
// rows. It reports whether the object spoke of the person.
func (x *eraser) file(ctx context.Context, group []postgres.ErasureImport, ids []schemas.ImportID, rows map[int64]bool) (bool, error) {
	pin := group[0].Object
	if pin.Key == "" || pin.Bucket != x.cfg.Store.Bucket() {
		return false, nil
	}
	if adopted, err := x.adopt(ctx, group); err != nil || adopted {
		return adopted, err
	}
	local := filepath.Join(x.dir, "object")
	_, err := x.cfg.Store.Download(ctx, objstore.Pinned(pin), local, nil)
	if pinGone(err) {
		return false, nil // somebody replaced or removed it: nothing of ours is left
	}
	if err != nil {
		return false, storeFailure(err)
	}
	defer os.Remove(local) // the folder goes as a whole
	search, err := x.cfg.People.Find(ctx, pipeline.SearchFile{
		Path: local, Name: group[0].FileName, Dir: x.dir, Options: group[0].Options, AreaCode: x.account.Settings.DefaultAreaCode,
	}, x.person)
	if err != nil {
		return false, err
	}
	if search.Unread {
		x.removed.Unread++
	}
	parts, err := x.parts(ctx, group, ids, search, rows)
	if err != nil {
		return false, err
	}
	named := x.says(pin.Key)
	if len(parts) == 0 && !named {
		return false, nil
	}
	open := slices.ContainsFunc(group, postgres.ErasureImport.Open)
	if search.Packed && len(parts) > 0 || x.e.Uploads == uploadsDelete && !open {
		return true, x.remove(ctx, pin)
	}
	if err := x.cfg.People.Redact(local, search.Dialect, parts); err != nil {
		return true, err
	}
	return true, x.overwrite(ctx, group, local, named)
}

// parts are the stretches that are the person's: those where the database had rows,
// and what was found in the file unless it is somebody else's today.
func (x *eraser) parts(ctx context.Context, group []postgres.ErasureImport, ids []schemas.ImportID, search pipeline.Search, rows map[int64]bool) ([]pipeline.Stretch, error) {
	by := map[int64]pipeline.Stretch{} // offset
	for _, i := range group {
		for n, row := range i.Rows {
			by[i.Offsets[n]] = pipeline.Stretch{Row: row, Offset: i.Offsets[n], Length: i.Lengths[n]}
		}
	}
	var numbers []int64
	for _, s := range search.Stretches {
		numbers = append(numbers, s.Row)
	}
	others, err := x.db.OthersRows(ctx, x.e.Account, ids, numbers)
	if err != nil {
		return nil, err
	}
	for _, s := range search.Stretches {
		if _, known := by[s.Offset]; known || others[s.Row] {
			continue
		}
		by[s.Offset] = s
		if s.Row > 0 {
			rows[s.Row] = true
		}
	}
	return slices.SortedFunc(maps.Values(by), func(a, b pipeline.Stretch) int { return int(a.Offset - b.Offset) }), nil
}

// remove deletes an object for good, or the one version that was imported.
func (x *eraser) remove(ctx context.Context, pin schemas.ObjectPin) error {
	versions, err := x.cfg.Store.Versions(ctx, pin.Key)
	if err != nil {
		return storeFailure(err)
	}
	for _, v := range versions {
		if v.Marker || v.ETag != pin.ETag || v.VersionID != pin.VersionID {
			continue
		}
		if err := x.cfg.Store.DeleteVersion(ctx, pin.Key, v.ID); err != nil {
			return storeFailure(err)
		}
		x.removed.Deleted++
	}
	return nil
}

// overwrite puts a local file in the place of the imports' object. What cannot be
// written in place, an older version or a file that is called by the person's name,
// moves to where imported files lie that were no drops.
func (x *eraser) overwrite(ctx context.Context, group []postgres.ErasureImport, local string, named bool) error {
	pin := group[0].Object
	var open []schemas.ImportID
	for _, i := range group {
		if i.Open() {
			open = append(open, i.ID)
		}
	}
	err := x.db.InAccount(ctx, x.e.Account, func(tx pgx.Tx) error {
		if err := postgres.FenceErasure(ctx, tx, x.e); err != nil {
			return err
		}
		return postgres.Overwriting(ctx, tx, x.e.Account, pin, group[0].ID, open)
	})
	if err != nil {
		return err
	}
	was, err := x.cfg.Store.Head(ctx, pin.Key, pin.VersionID)
	if err != nil {
		return storeFailure(err)
	}
	now, err := x.cfg.Store.Head(ctx, pin.Key, "")
	current := err == nil && now.ETag == pin.ETag && now.VersionID == pin.VersionID
	if err != nil && !pinGone(err) {
		return storeFailure(err)
	}
	key := pin.Key
	o := objstore.PutOptions{ContentType: was.ContentType, Metadata: map[string]string{}}
	maps.Copy(o.Metadata, was.Metadata)
	o.Metadata[erasedBy] = x.token(group)
	if current && !named {
		o.IfMatch = pin.ETag
	} else {
		key = fmt.Sprintf("imports/%s/%s/file", x.account.Slug, group[0].ID)
	}
	made, err := x.cfg.Store.PutFile(ctx, key, local, o, nil)
	if err != nil {
		return storeFailure(err)
	}
	sum, err := fileSum(local)
	if err != nil {
		return err
	}
	return x.repin(ctx, group, made, sum)
}

// repin makes the imports read the object that was written, and removes the old one.
func (x *eraser) repin(ctx context.Context, group []postgres.ErasureImport, made objstore.Object, sum string) error {
	pin := group[0].Object
	err := x.db.InAccount(ctx, x.e.Account, func(tx pgx.Tx) error {
		if err := postgres.FenceErasure(ctx, tx, x.e); err != nil {
			return err
		}
		return postgres.Repin(ctx, tx, x.e.Account, pin, pinOf(made), sum, group[0].ID)
	})
	if err != nil {
		return err
	}
	x.removed.Redacted++
	if pin.VersionID == "" && made.Key == pin.Key {
		return nil
	}
	if err := x.cfg.Store.DeleteVersion(ctx, pin.Key, pin.VersionID); err != nil {
		return storeFailure(err)
	}
	x.removed.Deleted++
	return nil
}

// adopt goes on where a worker died that had written the object and did not come to
// say so.
func (x *eraser) adopt(ctx context.Context, group []postgres.ErasureImport) (bool, error) {
	pin := group[0].Object
	now, err := x.cfg.Store.Head(ctx, pin.Key, "")
	if pinGone(err) {
		return false, nil
	}
	if err != nil {
		return false, storeFailure(err)
	}
	if now.Metadata[erasedBy] != x.token(group) || now.ETag == pin.ETag {
		return false, nil
	}
	local := filepath.Join(x.dir, "object")
	defer os.Remove(local) // the folder goes as a whole
	sum, err := x.cfg.Store.Download(ctx, now, local, nil)
	if err != nil {
		return false, storeFailure(err)
	}
	return true, x.repin(ctx, group, now, hex.EncodeToString(sum[:]))
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open file: %w", err)
	}
	defer f.Close() // read only: nothing can be lost
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read file: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
