package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
)

// Export is a file of prospects that is being given out. Close must be called.
type Export struct {
	Name    string // as in schemas.ColumnExport
	a       *App
	account int32
	id      schemas.ImportID
	dir     string
	given   *stages.Exporter
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
	return &Export{schemas.ExportName(noted.ID), a, account.ID, noted.ID, dir, given}, nil
}

// Add remembers the cells of a prospect, in the order of schemas.ExportColumns.
func (e *Export) Add(ctx context.Context, prospect string, cells []string) error {
	return e.given.Add(ctx, prospect, cells)
}

// Save keeps what was given out. Without it rows of the file are refused when it comes
// back, so that it goes before the file itself. Error when somebody was erased meanwhile,
// who may be in it.
func (e *Export) Save(ctx context.Context) error {
	if err := e.given.Save(ctx, Files{e.a.Store}); err != nil {
		return err
	}
	known, err := e.a.DB.InExport(ctx, e.account, e.id, func() (bool, error) { return false, nil })
	if err != nil || known {
		return err
	}
	if _, err := e.a.Store.EraseBelow(ctx, schemas.ExportKey(e.id), nil); err != nil {
		return meaning("erase object", err)
	}
	return &pipeline.Error{Op: "keep export", Kind: pipeline.KindPermanent, Err: errors.New("somebody was erased meanwhile"), Hint: "Export again."}
}

// Close removes what was needed meanwhile.
func (e *Export) Close() error { return errors.Join(e.given.Close(), os.RemoveAll(e.dir)) }

// leaveExport is jobs.People.LeaveExport.
func (a *App) leaveExport(ctx context.Context, dir string, export schemas.ImportID, prospects []string) (had, unmade bool, err error) {
	if dir, err = os.MkdirTemp(dir, "export-"); err != nil {
		return false, false, err
	}
	defer os.RemoveAll(dir) // as all of the folder goes
	key, path, files := schemas.ExportKey(export), filepath.Join(dir, "given.parquet"), Files{a.Store}
	switch err := files.GetFile(ctx, key, path); {
	case errors.Is(err, fs.ErrNotExist):
		return false, true, nil
	case err != nil:
		return false, false, err
	}
	without, err := stages.ExportWithout(ctx, dir, path, prospects)
	if err != nil || without == "" {
		return false, false, err
	}
	if err := files.PutFile(ctx, key, without); err != nil {
		return false, false, err
	}
	versions, err := a.Store.Versions(ctx, key)
	for _, v := range versions {
		if !v.Latest && err == nil {
			err = a.Store.DeleteVersion(ctx, key, v.ID)
		}
	}
	return true, false, meaning("erase object", err)
}
