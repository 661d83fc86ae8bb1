package jobs

import (
	"context"
	"os"
	"path"
	"path/filepath"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
)

// strays looks through what no import reads where files of the account lie: older
// versions that were overwritten before anybody saw them, files that are no drops,
// and drops that are not registered yet.
func (x *eraser) strays(ctx context.Context) error {
	for _, prefix := range []string{uploads + x.account.Slug + "/", "imports/" + x.account.Slug + "/"} {
		err := x.cfg.Store.EachVersion(ctx, prefix, func(v objstore.Version) error {
			if v.Marker {
				return nil
			}
			pinned, err := x.db.Pinned(ctx, x.e.Account, v.Pin())
			if err != nil || pinned {
				return err // it was looked through with its import
			}
			return x.stray(ctx, v)
		})
		if err != nil {
			return storeFailure(err)
		}
	}
	return nil
}

func (x *eraser) stray(ctx context.Context, v objstore.Version) error {
	local := filepath.Join(x.dir, "stray")
	defer os.Remove(local) // the folder goes as a whole
	_, err := x.cfg.Store.Download(ctx, v.Object, local, nil)
	if pinGone(err) {
		return nil // it is another one by now
	}
	if err != nil {
		return err
	}
	found, err := x.cfg.People.Find(ctx, pipeline.SearchFile{
		Path: local, Name: path.Base(v.Key), Dir: x.dir, AreaCode: x.account.Settings.DefaultAreaCode,
	}, x.person)
	if err != nil || len(found.Stretches) == 0 {
		return err
	}
	if v.Latest && !found.Packed && x.e.Uploads != uploadsDelete {
		if err := x.cfg.People.Redact(local, found.Dialect, found.Stretches); err != nil {
			return err
		}
		if _, err := x.cfg.Store.PutFile(ctx, v.Key, local, objstore.PutOptions{IfMatch: v.ETag}, nil); err != nil {
			return err
		}
		x.removed.Redacted++
		if v.ID == "" {
			return nil
		}
	}
	if err := x.cfg.Store.DeleteVersion(ctx, v.Key, v.ID); err != nil {
		return err
	}
	x.removed.Deleted++
	return nil
}
