package validate

import (
	"cmp"
	"context"
	_ "embed"
	"runtime"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/blocks.sql
	blocksSQL string
	//go:embed sql/records.sql
	recordsSQL string
	//go:embed sql/cells.sql
	cellsSQL string
	//go:embed sql/profile.sql
	profileSQL string
	//go:embed sql/places.sql
	placesSQL string
)

// Stage is the stage validate. The zero value works.
type Stage struct {
	// Workers is how many goroutines read records, default the number of
	// processors, at most 4: beyond that the workset is what one waits for.
	Workers int

	// Findings is called once, before the records are read, with what a sample
	// and the formats of all rows say of each column. It may be nil.
	Findings func([]Finding)

	// Narrow is called once, after all records said what the columns mean and before
	// they are read, and may take records away. It keeps Facts.Records true. It may
	// be nil.
	Narrow func(ctx context.Context, run *pipeline.Run) error

	// Given writes the table given of the workset: export_name, salt, bateia_id and a
	// column for each field with the hash of what these exports gave out. What nobody
	// knows of any more is missing there. When it is nil, every cell of an export that
	// comes back counts as an edit.
	Given func(ctx context.Context, run *pipeline.Run, exports []schemas.ImportID) error

	// Ahead is what was read of a sync while it went on. It may be nil.
	Ahead *Ahead

	unit, chunk int64 // rows a worker reads and rows written at once, for tests
}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageValidate }

// Run implements pipeline.Stage. It reads records, and record_places of a sync, and
// writes rows, identities, issues and answers; it adds Columns, Fields, HasExtra and file
// issues to the facts.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) error {
	ranges, err := readRanges(ctx, run.Workset)
	if err != nil {
		return err
	}
	var content Content // of a sync every column says what it feeds
	if run.Request.Sync == nil {
		if content, err = profile(ctx, run, ranges); err != nil {
			return err
		}
	}
	plan, issues, err := MakePlan(run.Facts.Header, content, run.Request.Mapping, run.Request.Unattended)
	for _, issue := range issues {
		run.Warn(issue)
	}
	run.Facts.Columns = nil
	for _, c := range plan.Columns {
		run.Facts.Columns = append(run.Facts.Columns, c.Column)
	}
	if err != nil {
		s.find(plan, content, nil)
		return err
	}
	v := New(plan, ConfigOf(run))
	if err := sample(ctx, run.Workset, v, ranges); err != nil {
		return err
	}
	s.find(plan, content, v.types)
	if s.Narrow != nil {
		if err := s.Narrow(ctx, run); err != nil {
			return err
		}
		if ranges, err = readRanges(ctx, run.Workset); err != nil {
			return err
		}
	}
	records, err := s.giving(ctx, run, v)
	if err != nil {
		return err
	}
	stats, err := s.readAll(ctx, run, v, records, ranges)
	if err != nil {
		return err
	}
	if run.Request.Sync != nil {
		if err := s.Ahead.addTo(&stats, run.Facts.Header); err != nil {
			return err
		}
		if err := run.Workset.Exec(ctx, placesSQL); err != nil {
			return err
		}
	}
	if err := report(run, v, stats); err != nil {
		return err
	}
	if err := s.edited(ctx, run, v); err != nil {
		return err
	}
	if err := answers(ctx, run); err != nil {
		return err
	}
	return countDistinct(ctx, run)
}

// ConfigOf returns what an import's account and options say about reading.
func ConfigOf(run *pipeline.Run) Config {
	system := run.Source.System
	if system == "" {
		system = run.Source.Name
	}
	if system == "" {
		system = run.Source.Kind
	}
	return Config{
		Country:         run.Account.Country,
		DefaultAreaCode: run.Account.Settings.DefaultAreaCode,
		System:          system,
		IgnoreValues:    run.Account.Settings.IgnoreValues,
		Owners: &Owners{Names: run.Account.Settings.Owners, Distributions: run.Account.Distributions,
			Fallback: run.Account.Settings.OwnerFallback},
		Options: run.Request.Mapping.Options,
		Local:   run.Request.Sync != nil,
		Now:     run.Now.In(run.Account.Location()),
	}
}

// Limits of one read: the workset holds the whole result of a query in memory.
const (
	blockRows  = 1024
	rangeRows  = 60 * blockRows
	rangeBytes = 24 << 20
)

// unitRows is how many rows a worker reads at once, and writeRows how many are
// written at once. The workset stores row groups of 122,880 rows and hands out
// batches of 2,048: a write of whole row groups goes straight to its blocks,
// while a part of one would be written twice, to the log first.
const (
	unitRows  = 20 * blockRows
	writeRows = 120 * blockRows
)

// span is a range of row numbers.
type span struct{ from, to int64 }

// readRanges cuts the records into ranges.
func readRanges(ctx context.Context, w pipeline.Workset) ([]span, error) {
	var ranges []span
	var rows, bytes int64
	for b, err := range w.Read(ctx, blocksSQL) {
		if err != nil {
			return nil, err
		}
		blocks, counts, lengths := b.Column(0).(*array.Int64), b.Column(1).(*array.Int64), b.Column(2).(*array.Int64)
		for i := range int(b.NumRows()) {
			n, size := counts.Value(i), lengths.Value(i)
			if len(ranges) == 0 || rows+n > rangeRows || bytes+size > rangeBytes {
				ranges = append(ranges, span{from: blocks.Value(i)*blockRows + 1})
				rows, bytes = 0, 0
			}
			rows, bytes = rows+n, bytes+size
			ranges[len(ranges)-1].to = (blocks.Value(i)+1)*blockRows + 1
		}
	}
	return ranges, nil
}

// sample looks through the columns whose format only the data can tell.
func sample(ctx context.Context, w pipeline.Workset, v *Validator, ranges []span) error {
	open := v.OpenColumns()
	if len(open) == 0 {
		return nil
	}
	s := v.NewSample()
	for _, span := range ranges {
		for b, err := range w.Read(ctx, cellsSQL, span.from, span.to) {
			if err != nil {
				return err
			}
			lists, sheetRows := b.Column(0).(*array.List), b.Column(1).(*array.Int64)
			texts := lists.ListValues().(*array.String)
			for i := range int(b.NumRows()) {
				lo, hi := lists.ValueOffsets(i)
				for _, column := range open {
					if int64(column) < hi-lo {
						s.Add(column, texts.Value(int(lo)+column), sheetRows.Value(i))
					}
				}
			}
		}
	}
	v.Decide(s)
	return nil
}

// unit is some batches of records, and later the tables made of them.
type unit struct {
	batches []arrow.RecordBatch
	rows    int64
	done    chan tables // receives one value, or none when the run ends early
}

func (u *unit) release() {
	for _, b := range u.batches {
		b.Release()
	}
	u.batches = nil
}

// readAll reads all records with several workers and writes the tables in the
// order of the file. records is the query of those of a range.
func (s Stage) readAll(ctx context.Context, run *pipeline.Run, v *Validator, records string, ranges []span) (Stats, error) {
	workers := s.Workers
	if workers <= 0 {
		workers = min(runtime.GOMAXPROCS(0), 4)
	}
	g, gctx := errgroup.WithContext(ctx)
	work := make(chan *unit)             // to the workers
	order := make(chan *unit, workers+1) // the same units to the writer
	all := make([]Stats, workers)
	g.Go(func() error {
		defer close(work)
		defer close(order)
		return readUnits(gctx, run.Workset, records, ranges, cmp.Or(s.unit, unitRows), func(u *unit) error {
			select {
			case order <- u:
			case <-gctx.Done():
				u.release()
				return gctx.Err()
			}
			select {
			case work <- u:
				return nil
			case <-gctx.Done():
				u.release()
				return gctx.Err()
			}
		})
	})
	for i := range workers {
		g.Go(func() error {
			r := v.NewReader()
			for u := range work {
				u.done <- readUnit(v, r, u)
			}
			all[i] = r.stats
			return nil
		})
	}
	g.Go(func() error { return writeAll(gctx, run, v, order, cmp.Or(s.chunk, writeRows)) })
	if err := g.Wait(); err != nil {
		return Stats{}, err
	}
	total := all[0]
	for _, other := range all[1:] {
		total.add(other)
	}
	return total, nil
}

func (s *Stats) add(o Stats) {
	for i := range s.Filled {
		s.Filled[i] += o.Filled[i]
		s.Valid[i] += o.Valid[i]
		s.Local[i] += o.Local[i]
	}
	s.LocalRows += o.LocalRows
	s.Areas.add(&o.Areas)
	s.Places.add(&o.Places)
	s.National += o.National
	s.International += o.International
}

// readUnits reads the ranges and hands on units of a few batches.
func readUnits(ctx context.Context, w pipeline.Workset, records string, ranges []span, rows int64, hand func(*unit) error) error {
	for _, span := range ranges {
		u := &unit{done: make(chan tables, 1)}
		for b, err := range w.Read(ctx, records, span.from, span.to) {
			if err != nil {
				u.release()
				return err
			}
			b.Retain()
			u.batches = append(u.batches, b)
			u.rows += b.NumRows()
			if u.rows >= rows {
				if err := hand(u); err != nil {
					return err
				}
				u = &unit{done: make(chan tables, 1)}
			}
		}
		if u.rows == 0 {
			continue
		}
		if err := hand(u); err != nil {
			return err
		}
	}
	return nil
}

// readUnit validates the records of one unit and releases its batches.
func readUnit(v *Validator, r *Reader, u *unit) tables {
	defer u.release()
	o := newOutput(v, int(u.rows))
	defer o.release()
	for _, b := range u.batches {
		var numbers [5]*array.Int64
		for i := range numbers {
			numbers[i] = b.Column(i).(*array.Int64)
		}
		defects := b.Column(5).(*array.String)
		lists := b.Column(6).(*array.List)
		var exports [2]*array.String
		var hashes *array.List
		if b.NumCols() > 7 {
			exports[0], exports[1], hashes = b.Column(7).(*array.String), b.Column(8).(*array.String), b.Column(9).(*array.List)
		}
		texts := lists.ListValues().(*array.String)
		for i := range int(b.NumRows()) {
			defect := ""
			if !defects.IsNull(i) {
				defect = defects.Value(i)
			}
			lo, hi := lists.ValueOffsets(i)
			r.ReadGiven(defect, Cells{column: texts, lo: int(lo), n: int(hi - lo)}, givenOf(exports[:], hashes, i))
			o.append(Position{numbers[0].Value(i), numbers[1].Value(i), numbers[2].Value(i), numbers[3].Value(i), numbers[4].Value(i)}, r)
		}
	}
	return o.flush()
}
