package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/parse"
)

// objectText is the text of an import's object, in which the positions of its
// rows count. Of a packed one it is unpacked on scratch when it is first read.
// It is used by one goroutine.
type objectText struct {
	app  *App
	of   postgres.Import
	dir  string
	file *os.File
	text *parse.Unpacked
}

// packed reports whether positions count in what Unpack makes of the object.
func packed(d schemas.Dialect) bool { return d.Compression != "" || d.Sheet != "" }

// read returns n bytes from offset, fewer at the end of the text.
func (t *objectText) read(ctx context.Context, offset, n int64) ([]byte, error) {
	if !packed(t.of.Facts.Dialect) {
		b, err := t.app.Store.ReadRange(ctx, unpin(t.of.Object), offset, n)
		return b, meaning("read object", err)
	}
	if t.text == nil {
		if err := t.unpack(ctx); err != nil {
			return nil, err
		}
	}
	b := make([]byte, max(0, min(n, t.text.Size-offset)))
	if _, err := t.text.ReadAt(b, offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read unpacked object: %w", err)
	}
	return b, nil
}

// unpack fetches the object again and unpacks it as the import did.
func (t *objectText) unpack(ctx context.Context) (err error) {
	if t.dir, err = t.app.Scratch(t.of.ID, "unpack"); err != nil {
		return err
	}
	path := filepath.Join(t.dir, "object")
	if _, err := t.app.Store.Download(ctx, unpin(t.of.Object), path, func(int64) {}); err != nil {
		return meaning("download object", err)
	}
	if t.file, err = os.Open(path); err != nil {
		return fmt.Errorf("unpack object: %w", err)
	}
	// Its length was judged when it was imported, by the limit of that day.
	const unlimited = 1 << 50
	t.text, err = parse.Unpack(ctx, t.file, t.of.Object.Size, parse.UnpackOptions{
		Name: t.of.FileName, Dir: t.dir, MaxBytes: unlimited, Sheet: t.of.Facts.Dialect.Sheet,
	})
	return err
}

// close removes what was unpacked.
func (t *objectText) close() error {
	if t.dir == "" {
		return nil
	}
	err := t.text.Close()
	if t.file != nil {
		err = errors.Join(err, t.file.Close())
	}
	return errors.Join(err, os.RemoveAll(t.dir))
}
