package sync

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
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
}

// Connection is what is known of a connection before a sync.
type Connection struct {
	Name    string           // as it stands in external ids
	Known   map[int64]bool   // records that were loaded before; false for those that are gone
	Sellers map[int64]string // names by code
}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageSync }

// Run implements pipeline.Stage. It writes the tables records and record_refs and
// sets run.Facts: Header, Records, Bytes and Sync. The mapping of the run becomes
// that of the columns. An error of kind busy says that the sync goes on later, at
// the page that was stored last.
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
	return c.write(ctx, run, cursor)
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
	return cursor, nil
}

func (s Stage) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// walk asks for what is missing. Answers are stored beside the next call.
func (s Stage) walk(ctx context.Context, run *pipeline.Run, source Source, c *collector, cursor *Cursor) error {
	g, gctx := errgroup.WithContext(ctx)
	commits := make(chan commit, 4)
	g.Go(func() error {
		for next := range commits {
			if err := s.commit(gctx, run, cursor.Prefix, next, &c.bytes); err != nil {
				return err
			}
		}
		return nil
	})
	w := walk{
		source: source, request: c.request, known: c.connection.Known, sellers: c.connection.Sellers, now: s.now, wait: s.Wait,
		until: s.now().Add(cmp.Or(s.Budget, budget)), cursor: cursor, add: c.add, seen: func() map[int64]entry { return c.seen },
		forget: func() { clear(c.seen) },
		worked: len(cursor.Stored) > 0 && !cursor.Adopted, // else it was another pair that worked
		store: func(ctx context.Context, next commit) error {
			select {
			case commits <- next:
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
	close(commits)
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

// collector keeps each record once, as it was read last.
type collector struct {
	request    *schemas.SyncRequest
	connection Connection
	seen       map[int64]entry
	bytes      int64
}

func (c *collector) add(rows []omie.Customer) {
	for i := range rows {
		_, known := c.connection.Known[int64(rows[i].ID)]
		e := newEntry(&rows[i], c.connection.Name, c.request, known)
		if before, some := c.seen[e.id]; some && before.changed.After(e.changed) {
			continue
		}
		c.seen[e.id] = e
	}
}

// refs is the table record_refs: what the source calls each row.
var refs = arrow.NewSchema([]arrow.Field{
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "source_ref", Type: arrow.BinaryTypes.String},
}, nil)

// write makes the tables, in the order in which the records changed.
func (c *collector) write(ctx context.Context, run *pipeline.Run, cursor *Cursor) error {
	list := slices.SortedFunc(maps.Values(c.seen), func(a, b entry) int {
		return cmp.Or(a.changed.Compare(b.changed), cmp.Compare(a.id, b.id))
	})
	sellers := maps.Clone(c.connection.Sellers)
	if sellers == nil {
		sellers = map[int64]string{}
	}
	maps.Copy(sellers, cursor.Sellers)
	traits := traitsOf(list)
	run.Request.Mapping, run.Facts.Header = mapping(run.Request.Mapping, traits)

	facts := &schemas.SyncFacts{Calls: cursor.Calls, Pages: len(cursor.Stored), Records: int64(len(list)), Verified: cursor.Verified,
		Gone: cursor.Gone, Empty: cursor.Empty, Sellers: cursor.Sellers}
	if cursor.Verified {
		facts.Watermark = watermark(list, cursor.Began)
	}
	for _, e := range list {
		if e.inactive && e.wanted {
			facts.Inactive = append(facts.Inactive, e.id)
		}
	}
	run.Facts.Sync, run.Facts.Records, run.Facts.Bytes = facts, int64(len(list)), c.bytes

	rows, err := run.Workset.Write(ctx, schemas.TableRecords, schemas.Records, recordBatches(list, sellers, traits))
	if err == nil && rows != int64(len(list)) {
		err = fmt.Errorf("write records: %d of %d", rows, len(list))
	}
	if err != nil {
		return err
	}
	_, err = run.Workset.Write(ctx, schemas.TableRecordRefs, refs, refBatches(list))
	return err
}

// watermark is the newest change, but no later than the reading began: what
// changed since then may have been read before it did.
func watermark(list []entry, began time.Time) (newest time.Time) {
	for _, e := range list {
		if e.changed.After(newest) {
			newest = e.changed
		}
	}
	if newest.After(began) {
		return began
	}
	return newest
}

// traitsOf are the names of the characteristics, those that most records have
// first when they are too many, in the order of the alphabet.
func traitsOf(list []entry) []string {
	counts := map[string]int{}
	for _, e := range list {
		if e.traits == "" {
			continue
		}
		parts := strings.Split(e.traits, cellMark)
		for i := 0; i+1 < len(parts); i += 2 {
			counts[parts[i]]++
		}
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	names = names[:min(len(names), maxTraits)]
	slices.Sort(names)
	return names
}

const batchRows = 10_000

// recordBatches are the rows of records.
func recordBatches(list []entry, sellers map[int64]string, traits []string) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		row := int64(0)
		for chunk := range slices.Chunk(list, batchRows) {
			b := array.NewRecordBuilder(memory.DefaultAllocator, schemas.Records)
			cells := b.Field(6).(*array.ListBuilder)
			texts := cells.ValueBuilder().(*array.StringBuilder)
			for _, e := range chunk {
				row++
				for i := range 3 { // row, line, sheet_row
					b.Field(i).(*array.Int64Builder).Append(row)
				}
				b.Field(3).(*array.Int64Builder).Append(0)
				b.Field(4).(*array.Int64Builder).Append(0)
				if e.wanted {
					b.Field(5).AppendNull()
				} else {
					b.Field(5).(*array.StringBuilder).Append(skipped)
				}
				cells.Append(true)
				for i, cell := range strings.Split(e.cells, cellMark) {
					if i == ownerColumn {
						cell = clean(sellers[e.seller])
					}
					texts.Append(cell)
				}
				own := map[string]string{}
				if parts := strings.Split(e.traits, cellMark); e.traits != "" {
					for i := 0; i+1 < len(parts); i += 2 {
						own[parts[i]] = parts[i+1]
					}
				}
				for _, name := range traits {
					texts.Append(own[name])
				}
			}
			batch := b.NewRecordBatch()
			b.Release()
			more := yield(batch, nil)
			batch.Release()
			if !more {
				return
			}
		}
	}
}

func refBatches(list []entry) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		row := int64(0)
		for chunk := range slices.Chunk(list, batchRows) {
			b := array.NewRecordBuilder(memory.DefaultAllocator, refs)
			for _, e := range chunk {
				row++
				b.Field(0).(*array.Int64Builder).Append(row)
				b.Field(1).(*array.StringBuilder).Append(fmt.Sprint(e.id))
			}
			batch := b.NewRecordBatch()
			b.Release()
			more := yield(batch, nil)
			batch.Release()
			if !more {
				return
			}
		}
	}
}
