package sync

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/schemas"
)

// collector keeps each record once, as it was read last.
type collector struct {
	request    *schemas.SyncRequest
	connection Connection
	seen       map[int64]entry
	bytes      int64
	places     int64           // how many entries were taken up
	fresh      []entry         // taken up since the last cut
	traits     map[string]bool // names of characteristics seen so far
	parts      []part          // answers that were read ahead; the committing goroutine's until it ends
}

// add takes records up that are new, or newer than what is known of them.
func (c *collector) add(rows []omie.Customer) {
	for i := range rows {
		_, known := c.connection.Known[int64(rows[i].ID)]
		e := newEntry(&rows[i], c.connection.Name, c.request, known)
		if before, some := c.seen[e.id]; some && (before.changed.After(e.changed) || before.same(e)) {
			continue
		}
		c.places++
		e.place = c.places
		c.seen[e.id] = e
		c.fresh = append(c.fresh, e)
	}
}

// forget takes back whatever was taken up.
func (c *collector) forget() {
	clear(c.seen)
	clear(c.traits)
	c.fresh = nil
}

// placesSchema is the table record_places: which row each record becomes, and what
// the source calls it. Records are read under the number of their place, before
// anybody knows in which order they changed.
var placesSchema = arrow.NewSchema([]arrow.Field{
	{Name: "place", Type: arrow.PrimitiveTypes.Int64},
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "source_ref", Type: arrow.BinaryTypes.String},
}, nil)

// write makes the tables. The rows are in the order in which the records changed.
func (c *collector) write(ctx context.Context, run *pipeline.Run, cursor *Cursor, ahead Ahead) error {
	list := slices.SortedFunc(maps.Values(c.seen), func(a, b entry) int {
		return cmp.Or(a.changed.Compare(b.changed), cmp.Compare(a.id, b.id))
	})
	sellers := c.sellers(cursor)
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

	left := c.settle(ahead, run.Request.Mapping, sellers, list)
	rows, err := run.Workset.Write(ctx, schemas.TableRecords, schemas.Records, recordBatches(left, sellers, traits))
	if err == nil && rows != int64(len(left)) {
		err = fmt.Errorf("write records: %d of %d", rows, len(left))
	}
	if err != nil {
		return err
	}
	_, err = run.Workset.Write(ctx, schemas.TableRecordPlaces, placesSchema, placeBatches(list))
	return err
}

// sellers are their names, as far as they are known.
func (c *collector) sellers(cursor *Cursor) map[int64]string {
	sellers := maps.Clone(c.connection.Sellers)
	if sellers == nil {
		sellers = map[int64]string{}
	}
	maps.Copy(sellers, cursor.Sellers)
	return sellers
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
		for name := range e.eachTrait() {
			counts[name]++
		}
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	names = names[:min(len(names), maxTraits)]
	slices.Sort(names)
	return names
}

const batchRows = 10_000

// recordBatches are the rows of records, numbered by their places.
func recordBatches(list []entry, sellers map[int64]string, traits []string) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for chunk := range slices.Chunk(list, batchRows) {
			b := array.NewRecordBuilder(memory.DefaultAllocator, schemas.Records)
			cells := b.Field(6).(*array.ListBuilder)
			texts := cells.ValueBuilder().(*array.StringBuilder)
			for _, e := range chunk {
				for i := range 3 { // row, line, sheet_row
					b.Field(i).(*array.Int64Builder).Append(e.place)
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
				own := maps.Collect(e.eachTrait())
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

func placeBatches(list []entry) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		row := int64(0)
		for chunk := range slices.Chunk(list, batchRows) {
			b := array.NewRecordBuilder(memory.DefaultAllocator, placesSchema)
			for _, e := range chunk {
				row++
				b.Field(0).(*array.Int64Builder).Append(e.place)
				b.Field(1).(*array.Int64Builder).Append(row)
				b.Field(2).(*array.StringBuilder).Append(fmt.Sprint(e.id))
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
