package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// lake is what a question to the datasets needs: who asks, and where they lie.
type lake struct {
	s        *session
	analyst  *postgres.Reader
	store    *objstore.Store
	dir      string   // of this query alone
	accounts []string // that may be seen
}

// queryScratch makes a folder for the datasets that a query reads. Analysts have no
// worker that purges what an earlier query left that was killed.
func queryScratch(scratch string) (string, error) {
	scratch = app.WorkDirIn(scratch)
	dir, err := jobs.MakeScratch(scratch, 0, "query")
	if err == nil {
		// What others left there is theirs to purge, and what cannot be removed is no
		// reason not to answer.
		_ = jobs.PurgeScratch(scratch, time.Now(), func(dir string) bool { return !strings.Contains(filepath.Base(dir), "-query-") })
	}
	return dir, err
}

// inLake runs do with the datasets of the accounts that the asker may see, which
// are those of the asker's login, as for the views.
func (s *session) inLake(do func(*lake) error) error {
	ask := func(store *objstore.Store) func(*postgres.Reader) error {
		return func(r *postgres.Reader) (err error) {
			l := &lake{s: s, analyst: r, store: store}
			if l.dir, err = queryScratch(s.config.ScratchDir); err != nil {
				return err
			}
			defer func() { err = joinExit(err, os.RemoveAll(l.dir)) }()
			if l.accounts, err = l.visible(); err != nil {
				return err
			}
			return do(l)
		}
	}
	if s.config.Embedded() && s.config.AnalystDatabaseURL == "" {
		return s.open("query", func(a *app.App) error { return s.borrowed(a.Stack.AdminURL, ask(a.Store)) })
	}
	if s.config.S3Bucket == "" {
		return usage(errors.New("BATEIA_S3_BUCKET is not set: the datasets lie in the bucket"))
	}
	store, err := app.OpenStore(s.ctx, s.config)
	if err != nil {
		return err
	}
	return s.asAnalyst("query", ask(store))
}

// visible are the accounts of whoever is logged in.
func (l *lake) visible() (list []string, err error) {
	err = l.ask("select distinct account from report.codes order by account", func(cells []postgres.Cell) error {
		list = append(list, cells[0].Text())
		return nil
	})
	return list, err
}

// ask reads a statement in Postgres.
func (l *lake) ask(sql string, row func([]postgres.Cell) error) error {
	return l.analyst.Read(l.s.ctx, postgres.Query{SQL: sql}, func([]postgres.Column) error { return nil },
		func(cells []postgres.Cell) (bool, error) { return true, row(cells) })
}

// codesDataset is what the view codes is read from. The texts are the program's, in
// the account's language, so they lie in no bucket.
var codesDataset = schemas.Dataset{Name: "codes", Columns: []schemas.DatasetColumn{
	{Name: "code", Type: schemas.DatasetText}, {Name: "message", Type: schemas.DatasetText}, {Name: "remedy", Type: schemas.DatasetText},
}}

// readable are the datasets that views are made of.
func readable() []schemas.Dataset {
	list := slices.DeleteFunc(schemas.Datasets(), func(d schemas.Dataset) bool { return d.Name == schemas.DatasetSnapshot })
	return append(list, codesDataset)
}

// read answers a statement from the datasets.
func (l *lake) read(q duck.Query, head func([]duck.Column) error, row func([]duck.Cell) (bool, error)) error {
	var names []string
	err := l.making(func(make maker) error {
		for _, d := range readable() {
			names = append(names, d.Name)
			// A dataset always has a file: it tells the columns.
			if err := make(d, "", nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var o duck.ReaderOptions
	if limit := l.s.config.MemoryLimit; limit > 0 {
		o.MemoryLimit = fmt.Sprintf("%dMiB", max(128<<20, limit*6/10)>>20)
	}
	r, err := duck.OpenReader(l.s.ctx, l.dir, names, o)
	if err != nil {
		return err
	}
	// What is wrong with the statement is said before anything is fetched.
	err = r.Check(q)
	if err == nil {
		err = l.fetch(q, names)
	}
	if err == nil {
		err = r.Read(l.s.ctx, q, head, row)
	}
	return joinExit(err, r.Close())
}

// maker makes the file of a dataset of texts, of an account, on no day.
type maker func(d schemas.Dataset, account string, rows [][]string) error

// making lets do make files in the scratch folder.
func (l *lake) making(do func(maker) error) (err error) {
	dir, err := os.MkdirTemp(l.dir, "made-")
	if err != nil {
		return fmt.Errorf("make scratch folder: %w", err)
	}
	defer func() { err = joinExit(err, os.RemoveAll(dir)) }()
	w, err := duck.Open(l.s.ctx, dir, duck.Options{Threads: 1})
	if err != nil {
		return err
	}
	defer func() { err = joinExit(err, w.Close()) }()
	return do(func(d schemas.Dataset, account string, rows [][]string) error {
		f, err := w.WriteDatasetRows(l.s.ctx, d, textRows(d, rows))
		if err != nil {
			return err
		}
		folder := filepath.Join(l.dir, d.Name, "account="+account, "date=1970-01-01")
		if err := errors.Join(os.MkdirAll(folder, 0o700), os.Rename(f.Path, filepath.Join(folder, "made.parquet"))); err != nil {
			return fmt.Errorf("make scratch folder: %w", err)
		}
		return nil
	})
}

func textRows(d schemas.Dataset, rows [][]string) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		b := array.NewRecordBuilder(memory.DefaultAllocator, d.Arrow())
		defer b.Release()
		for _, row := range rows {
			for i, text := range row {
				b.Field(i).(*array.StringBuilder).Append(text)
			}
		}
		batch := b.NewRecordBatch()
		defer batch.Release()
		yield(batch, nil)
	}
}

// fetch brings the files that a statement may read to the scratch folder.
func (l *lake) fetch(q duck.Query, names []string) error {
	needed, err := duck.Datasets(l.s.ctx, q, names)
	if err != nil {
		return err
	}
	var files []objstore.Object
	for _, name := range needed {
		if name == codesDataset.Name {
			if err := l.writeCodes(); err != nil {
				return err
			}
			continue
		}
		for _, account := range l.accounts {
			for page, err := range l.store.List(l.s.ctx, schemas.DatasetFolder(name, account), "") {
				if err != nil {
					return err
				}
				files = append(files, page.Objects...)
			}
		}
	}
	return l.download(files)
}

// fetchAtOnce is how many files are fetched at the same time, and worthABar from
// how many bytes on somebody wants to see how far it is.
const (
	fetchAtOnce = 16
	worthABar   = 8 << 20
)

func (l *lake) download(files []objstore.Object) error {
	var total int64
	for _, f := range files {
		total += f.Size
	}
	var done atomic.Int64
	began := l.s.clock()
	progress := terminal.NewProgress(l.s.out.Err, l.s.words, l.s.clock)
	defer progress.Close()
	group, ctx := errgroup.WithContext(l.s.ctx)
	group.SetLimit(fetchAtOnce)
	for _, f := range files {
		group.Go(func() error {
			path := filepath.Join(l.dir, filepath.FromSlash(f.Key[len(schemas.DatasetPrefix):]))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return fmt.Errorf("make scratch folder: %w", err)
			}
			if err := l.get(ctx, f, path); err != nil {
				return err
			}
			at := done.Add(f.Size)
			if total >= worthABar {
				progress.Update(pipeline.Progress{Stage: "download", Bytes: at, TotalBytes: total})
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if total >= worthABar {
		progress.Done(schemas.StageTime{Name: "download", Bytes: total, Seconds: l.s.clock().Sub(began).Seconds()})
	}
	return nil
}

// get fetches a file as it is now: it may have been written again since it was
// listed, or be gone with an undo.
func (l *lake) get(ctx context.Context, f objstore.Object, path string) error {
	_, err := l.store.Download(ctx, f, path, nil)
	for try := 0; errors.Is(err, objstore.ErrChanged) && try < 3; try++ {
		if f, err = l.store.Head(ctx, f.Key, ""); err == nil {
			_, err = l.store.Download(ctx, f, path, nil)
		}
	}
	if errors.Is(err, objstore.ErrNotFound) {
		return nil
	}
	return err
}

// writeCodes writes the texts of codes, which stand in Postgres.
func (l *lake) writeCodes() error {
	texts := map[string][][]string{}
	err := l.ask("select account, code, message, remedy from report.codes order by account, code", func(cells []postgres.Cell) error {
		row := make([]string, 3)
		for i := range row {
			row[i] = cells[i+1].Text()
		}
		texts[cells[0].Text()] = append(texts[cells[0].Text()], row)
		return nil
	})
	if err != nil {
		return err
	}
	return l.making(func(make maker) error {
		for account, rows := range texts {
			if err := make(codesDataset, account, rows); err != nil {
				return err
			}
		}
		return nil
	})
}

// note says when an import is not in the datasets: the newest one, or the one that
// is asked about.
func (l *lake) note(id string) error {
	var newest, account, state string
	var day time.Time
	sql := "select f.import_id, f.account, f.day, f.state from report.funnel f where starts_with(f.import_id, '" + id + "') and f.state not in ('received', 'planning', 'applying') order by f.import_id desc limit 1"
	err := l.ask(sql, func(cells []postgres.Cell) (err error) {
		newest, account, state = cells[0].Text(), cells[1].Text(), cells[3].Text()
		day, err = time.Parse(time.DateOnly, cells[2].Text())
		return err
	})
	if err != nil || newest == "" {
		return err
	}
	parsed, err := schemas.ParseImportID(newest)
	if err != nil {
		return err
	}
	_, err = l.store.Head(l.s.ctx, schemas.DatasetKey("imports", account, day, parsed), "")
	switch {
	case errors.Is(err, objstore.ErrNotFound):
		l.s.out.Notef("%s", l.s.words.Say("query_not_in_datasets", "id", newest))
		return nil
	case err == nil && id != "" && state == string(schemas.Undone):
		l.s.out.Notef("%s", l.s.words.Say("query_undone", "id", newest))
	}
	return err
}
