package sync

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// budget is how long one job asks for pages before it lets others have its place.
const budget = 10 * time.Minute

// maxTraits is how many characteristics become extra fields.
const maxTraits = 50

// skipped is why a record is not loaded.
const skipped = "SOURCE_RECORD_SKIPPED"

// Stage reads the customers of run.Request.Sync into the table records.
type Stage struct {
	// Open returns the API of a connection, and what is known of it.
	Open  func(ctx context.Context, run *pipeline.Run) (Source, Connection, error)
	Pages Pages
	// Cursor returns what was stored of how far the import is, nil at first.
	Cursor func(ctx context.Context, run *pipeline.Run) ([]byte, error)
	// SaveCursor stores it, when the run still holds its claim.
	SaveCursor func(ctx context.Context, run *pipeline.Run, cursor []byte) error
	// Now is the time, default time.Now.
	Now func() time.Time
	// Budget is how long one run asks for pages, default ten minutes.
	Budget time.Duration
	// Wait waits between tries that the gate does not space, default with a timer.
	Wait func(context.Context, time.Duration) error
	// Ahead validates the records of answers beside the next calls. Without it the
	// next stage does that afterwards.
	Ahead Ahead
}

// Connection is what is known of a connection before a sync.
type Connection struct {
	Name    string           // as it stands in external ids
	Known   map[int64]bool   // records that were loaded before; false for those that are gone
	Sellers map[int64]string // names by code
}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageSync }

// Run implements pipeline.Stage. It writes the tables records, of what was not read
// ahead, and record_places and sets run.Facts: Header, Records, Bytes and Sync. The
// mapping of the run becomes that of the columns. An error of kind busy says that
// the sync goes on later, at the page that was stored last.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) error {
	request := run.Request.Sync
	if request == nil {
		return &pipeline.Error{Op: "read customers", Kind: pipeline.KindPermanent, Code: "INTERNAL", Err: errors.New("the import is no sync")}
	}
	source, connection, err := s.Open(ctx, run)
	if err != nil {
		return err
	}
	c := &collector{request: request, connection: connection, seen: map[int64]entry{}}
	cursor, err := s.resume(ctx, run, c)
	if err != nil {
		return err
	}
	if cursor.Step != stepDone {
		if err := s.walk(ctx, run, source, c, cursor); err != nil {
			return err
		}
	}
	return c.write(ctx, run, cursor, s.Ahead)
}

// resume reads the pages that are stored already.
func (s Stage) resume(ctx context.Context, run *pipeline.Run, c *collector) (*Cursor, error) {
	cursor := &Cursor{Prefix: pagePrefix(run.ImportID), Step: stepFirst, Round: 1, Size: pageSizes[0], Began: s.now()}
	switch {
	case len(c.request.IDs) > 0:
		cursor.Step, cursor.Lookup = stepLookup, slices.Compact(slices.Sorted(slices.Values(c.request.IDs)))
	case c.request.Nudge:
		cursor.Step = stepNudge
	}
	data, err := s.Cursor(ctx, run)
	if err != nil || data == nil {
		return cursor, err
	}
	if err := json.Unmarshal(data, cursor); err != nil {
		return nil, &pipeline.Error{Op: "read cursor", Kind: pipeline.KindPermanent, Code: "INTERNAL"}
	}
	for _, p := range cursor.Stored {
		data, err := s.Pages.GetPage(ctx, cursor.Prefix+p.Name)
		if err != nil {
			return nil, fmt.Errorf("read stored page: %w", err)
		}
		rows, err := decodePage(data)
		if err != nil {
			return nil, err
		}
		c.bytes += int64(len(data))
		c.add(rows)
	}
	c.fresh = nil // validated with what else is left at the end
	return cursor, nil
}

func (s Stage) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// walk asks for what is missing. An answer is stored beside the next two calls and
// before the one after them, so that a process that dies loses three answers at most.
// Validating may take longer than a call, and follows behind.
func (s Stage) walk(ctx context.Context, run *pipeline.Run, source Source, c *collector, cursor *Cursor) error {
	g, gctx := errgroup.WithContext(ctx)
	answers, stored := make(chan answer, 1), make(chan answer, 16)
	base := run.Request.Mapping
	g.Go(func() error {
		defer close(stored)
		for next := range answers {
			if err := s.commit(gctx, run, cursor.Prefix, next.commit, &c.bytes); err != nil {
				return err
			}
			select {
			case stored <- next:
			case <-gctx.Done():
				return gctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for next := range stored {
			if err := c.readAhead(gctx, run, s.Ahead, base, next); err != nil {
				return err
			}
		}
		return nil
	})
	w := walk{
		source: source, request: c.request, known: c.connection.Known, sellers: c.connection.Sellers, now: s.now, wait: s.Wait,
		until: s.now().Add(cmp.Or(s.Budget, budget)), cursor: cursor, add: c.add, seen: func() map[int64]entry { return c.seen },
		forget: c.forget,
		worked: len(cursor.Stored) > 0 && !cursor.Adopted, // else it was another pair that worked
		store: func(ctx context.Context, next commit) error {
			select {
			case answers <- answer{next, c.cut(cursor)}:
				return nil
			case <-gctx.Done():
				return gctx.Err()
			}
		},
		progress: func(records, total int) {
			run.Report(pipeline.Progress{Stage: schemas.StageSync, Rows: int64(records), TotalRows: int64(max(total, records))})
		},
	}
	if w.wait == nil {
		w.wait = wait
	}
	failed := w.run(gctx)
	close(answers)
	// What was read before the failure is stored all the same.
	if err := g.Wait(); err != nil {
		return err
	}
	return failed
}

// commit stores an answer, then how far the sync is.
func (s Stage) commit(ctx context.Context, run *pipeline.Run, prefix string, c commit, bytes *int64) error {
	if c.name != "" {
		data, err := encodePage(c.rows)
		if err != nil {
			return err
		}
		if err := s.Pages.PutPage(ctx, prefix+c.name, data); err != nil {
			return fmt.Errorf("store page: %w", err)
		}
		*bytes += int64(len(data))
	}
	return s.SaveCursor(ctx, run, c.cursor)
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
