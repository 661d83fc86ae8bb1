package validate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Ahead validates records of a sync while it still asks for others. It writes the
// tables that the stage validate writes and keeps what it counted for it. The zero
// value works, for one run.
type Ahead struct {
	batches []aheadBatch
	read    *Validator // with the columns of header
	header  []string
	fields  []string
}

// aheadBatch is what was counted of one batch.
type aheadBatch struct {
	header []string
	stats  Stats
	counts bool
}

// Read validates a batch of records whose columns are those of header. It returns
// false when a column's format is known only once all its cells are.
func (a *Ahead) Read(ctx context.Context, run *pipeline.Run, header []string, m schemas.Mapping, records arrow.RecordBatch) (bool, error) {
	if a.read == nil || !slices.Equal(a.header, header) {
		plan, _, err := MakePlan(header, nil, m, run.Request.Unattended)
		if err != nil {
			return false, nil // the stage says what is wrong with it
		}
		a.read, a.header = New(plan, ConfigOf(run)), header
	}
	if len(a.read.OpenColumns()) > 0 || a.fields != nil && !slices.Equal(a.fields, a.read.Fields()) {
		return false, nil
	}
	a.fields = a.read.Fields()
	reader := a.read.NewReader()
	records.Retain()
	made := readUnit(a.read, reader, &unit{batches: []arrow.RecordBatch{records}, rows: records.NumRows()})
	w := writer{run: run, schema: schemas.Rows(a.fields), held: []tables{made}}
	defer w.release()
	if err := w.write(ctx); err != nil {
		return false, err
	}
	a.batches = append(a.batches, aheadBatch{header: header, stats: reader.stats, counts: true})
	return true, nil
}

// Keep says which batches count.
func (a *Ahead) Keep(batches []bool) {
	for i, kept := range batches {
		a.batches[i].counts = kept
	}
}

// addTo adds what was counted to the stats of a header that has all the columns.
func (a *Ahead) addTo(stats *Stats, header []string) error {
	if a == nil {
		return nil
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	for _, b := range a.batches {
		if !b.counts {
			continue
		}
		moved := b.stats
		moved.Filled, moved.Valid, moved.Local = make([]int64, len(header)), make([]int64, len(header)), make([]int64, len(header))
		for i, name := range b.header {
			j, ok := at[name]
			if !ok {
				return &pipeline.Error{Op: "count cells", Kind: pipeline.KindPermanent, Code: "INTERNAL", Err: errors.New(fmt.Sprint("column ", i, " is not in the header"))}
			}
			moved.Filled[j], moved.Valid[j], moved.Local[j] = b.stats.Filled[i], b.stats.Valid[i], b.stats.Local[i]
		}
		stats.add(moved)
	}
	return nil
}
