package sync

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Ahead validates records while later ones are still asked for.
type Ahead interface {
	// Read is called for each answer, on one goroutine, with some records of the
	// table records and what their columns feed as far as it is known. It adds
	// their rows, under the numbers that the records have, to the tables that
	// validate writes. The batch is the caller's. It returns false, and adds
	// nothing, when the records can only be read together with all others.
	Read(ctx context.Context, run *pipeline.Run, header []string, m schemas.Mapping, records arrow.RecordBatch) (bool, error)
	// Keep is called once, after the last Read, and says which of the batches that
	// were read count; the rows of the others are taken away.
	Keep(batches []bool)
}

// answer is an answer to be stored, and what it brought.
type answer struct {
	commit
	part
}

// part are the entries of one answer, and with what they were read ahead.
type part struct {
	entries []entry
	traits  []string         // names of the characteristics that were columns
	sellers map[int64]string // names of the entries' sellers
	targets map[string]schemas.ColumnTarget
}

// cut returns what was taken up since the last cut, with what is known by now. What
// names a seller that is not known yet waits for the next cut.
func (c *collector) cut(cursor *Cursor) part {
	p := part{entries: c.fresh, sellers: map[int64]string{}}
	for _, e := range p.entries {
		if e.seller == 0 || !e.wanted {
			continue
		}
		name, known := cursor.Sellers[e.seller]
		if !known {
			name, known = c.connection.Sellers[e.seller]
		}
		if !known && len(p.entries) < batchRows {
			return part{}
		}
		p.sellers[e.seller] = name
	}
	c.fresh = nil
	if c.traits == nil {
		c.traits = map[string]bool{}
	}
	for _, e := range p.entries {
		for name := range e.eachTrait() {
			c.traits[name] = true
		}
	}
	p.traits = slices.Sorted(maps.Keys(c.traits))
	return p
}

// readAhead validates the records of an answer. More characteristics than become
// extra fields are left for the end: which ones do depends on all records.
func (c *collector) readAhead(ctx context.Context, run *pipeline.Run, ahead Ahead, base schemas.Mapping, next answer) error {
	p := next.part
	if ahead == nil || len(p.entries) == 0 || len(p.entries) > batchRows || len(p.traits) > maxTraits {
		return nil
	}
	m, header := mapping(base, p.traits)
	p.targets = m.Columns
	for batch, err := range recordBatches(p.entries, p.sellers, p.traits) {
		if err != nil {
			return err
		}
		read, err := ahead.Read(ctx, run, header, m, batch)
		if err != nil {
			return err
		}
		if read {
			c.parts = append(c.parts, p)
		}
	}
	return nil
}

// settle tells which of the answers that were read ahead count: those whose entries
// are all what is known last, read with the names that are known last. It returns
// the entries of the list that are still to be read, under places of their own.
func (c *collector) settle(ahead Ahead, m schemas.Mapping, sellers map[int64]string, list []entry) (left []entry) {
	kept := make([]bool, len(c.parts))
	done := map[int64]bool{} // places
	for i, p := range c.parts {
		if kept[i] = c.holds(p, m, sellers); kept[i] {
			for _, e := range p.entries {
				done[e.place] = true
			}
		}
	}
	if ahead != nil {
		ahead.Keep(kept)
	}
	for i := range list {
		if !done[list[i].place] {
			c.places++
			list[i].place = c.places
			left = append(left, list[i])
		}
	}
	return left
}

// holds reports whether the entries of a part would be read the same way now.
func (c *collector) holds(p part, m schemas.Mapping, sellers map[int64]string) bool {
	for _, e := range p.entries {
		if c.seen[e.id].place != e.place {
			return false
		}
	}
	for id, name := range p.sellers {
		if sellers[id] != name {
			return false
		}
	}
	for column, target := range p.targets {
		if m.Columns[column].Field != target.Field {
			return false
		}
	}
	return true
}
