package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
)

// Export is a file of prospects that is being given out. Close must be called.
type Export struct {
	Name  string // as in schemas.ColumnExport
	a     *App
	dir   string
	given *stages.Exporter
}

// BeginExport begins a file of the account's prospects which may come back with edits.
func (a *App) BeginExport(ctx context.Context, account schemas.Account) (_ *Export, err error) {
	dir, err := a.Scratch(0, "export")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	noted, err := a.DB.NewExport(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	given, err := stages.NewExporter(ctx, dir, noted.ID, noted.Salt)
	if err != nil {
		return nil, err
	}
	return &Export{schemas.ExportName(noted.ID), a, dir, given}, nil
}

// Add remembers the cells of a prospect, in the order of schemas.ExportColumns.
func (e *Export) Add(ctx context.Context, prospect string, cells []string) error {
	return e.given.Add(ctx, prospect, cells)
}

// Save keeps what was given out. Without it rows of the file are refused when it comes
// back, so that it goes before the file itself.
func (e *Export) Save(ctx context.Context) error { return e.given.Save(ctx, Files{e.a.Store}) }

// Close removes what was needed meanwhile.
func (e *Export) Close() error { return errors.Join(e.given.Close(), os.RemoveAll(e.dir)) }

// leaveExport takes prospects out of what an export gave out, and reports whether they
// were in it. dir is a folder to work in.
func (a *App) leaveExport(ctx context.Context, dir string, export schemas.ImportID, prospects []string) (bool, error) {
	dir, err := os.MkdirTemp(dir, "export-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir) // as all of the folder goes
	key, path, files := schemas.ExportKey(export), filepath.Join(dir, "given.parquet"), Files{a.Store}
	switch err := files.GetFile(ctx, key, path); {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	}
	without, err := stages.ExportWithout(ctx, dir, path, prospects)
	if err != nil || without == "" {
		return false, err
	}
	// What a bucket with versions keeps goes too. Between the two nobody knows what the
	// export gave out, as ever after when the process dies here.
	if _, err := a.Store.EraseBelow(ctx, key, nil); err != nil {
		return false, meaning("erase object", err)
	}
	return true, files.PutFile(ctx, key, without)
}
