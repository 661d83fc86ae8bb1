package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
)

// WouldPass plans a replay of the rows that an import refuses to this day, without
// registering one, and returns how many would be loaded by the code that refused
// them. Nothing is written. An error of kind rejected says that its file is gone or
// cannot be read any more.
func (a *App) WouldPass(ctx context.Context, account int32, id schemas.ImportID, progress func(pipeline.Progress)) (counts []stages.WouldPass, err error) {
	first, _, err := a.DB.LoadRun(ctx, account, id)
	if err != nil {
		return nil, err
	}
	dir, err := a.Scratch(id, "evaluate")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	workset, closeWorkset, err := a.openWorkset(1)(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeWorkset()) }()
	run := &pipeline.Run{
		// An id of its own, as the replay will have: it is later than the first one.
		ImportID: schemas.ImportID(time.Now().UnixMilli() << 12), ReplayOf: id,
		Account: first.Account, Object: first.Object, FileName: first.FileName, Source: first.Source,
		Request: schemas.Request{Mapping: first.Request.Mapping, Unattended: first.Request.Unattended, Replay: &schemas.ReplayRequest{}},
		Dir:     dir, Workset: workset, Now: time.Now().UTC(), Log: slog.New(slog.DiscardHandler), Progress: progress,
	}
	files := Files{a.Store}
	deps := stages.Deps{Objects: files, InAccount: a.DB.InAccount, Exports: a.DB.Exports, Files: files}
	if err := (pipeline.Runner{}).Run(ctx, run, stages.Replay(deps)); err != nil {
		return nil, err
	}
	return stages.CountWouldPass(ctx, run)
}
