package parse

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestBatchesKeepTheirValues retains every batch until the end: memory that is
// used again too early shows up as changed values.
func TestBatchesKeepTheirValues(t *testing.T) {
	t.Parallel()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	data := leads(20_000)
	r, err := Open(bytes.NewReader(data), int64(len(data)), Options{BatchRows: 500})
	if err != nil {
		t.Fatal(err)
	}
	var held []arrow.RecordBatch
	var sums []uint64
	for batch, err := range r.Batches(context.Background(), mem) {
		if err != nil {
			t.Fatal(err)
		}
		if len(sums)%2 == 0 { // the others come back and are used again
			batch.Retain()
			held = append(held, batch)
		} else {
			held = append(held, nil)
		}
		sums = append(sums, sum(batch))
	}
	if len(held) != 40 {
		t.Fatalf("%d batches, want 40", len(held))
	}
	for i, batch := range held {
		if batch == nil {
			continue
		}
		if got := sum(batch); got != sums[i] {
			t.Errorf("batch %d changed while it was held", i)
		}
		batch.Release()
	}
	mem.AssertSize(t, 0)
}

// sum is a checksum of positions and cells.
func sum(batch arrow.RecordBatch) uint64 {
	h := uint64(14695981039346656037)
	list := batch.Column(6).(*array.List)
	for _, v := range batch.Column(3).(*array.Int64).Int64Values() {
		h = (h ^ uint64(v)) * 1099511628211
	}
	text := list.ListValues().(*array.String)
	for i := range text.Len() {
		for _, c := range []byte(text.Value(i)) {
			h = (h ^ uint64(c)) * 1099511628211
		}
	}
	return h
}

// repeated is an object of pieces, each repeated, that is nowhere in memory.
type repeated struct {
	pieces []string
	counts []int64
}

func (r repeated) size() (n int64) {
	for i, p := range r.pieces {
		n += int64(len(p)) * r.counts[i]
	}
	return n
}

func (r repeated) ReadAt(p []byte, off int64) (n int, err error) {
	for i, piece := range r.pieces {
		size := int64(len(piece)) * r.counts[i]
		for off < size && n < len(p) {
			at := int(off % int64(len(piece)))
			c := copy(p[n:min(len(p), n+int(min(size-off, int64(len(piece)))))], piece[at:])
			n, off = n+c, off+int64(c)
		}
		off = max(0, off-size)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestHugeRecords reads objects with records beyond all measure, in bounded
// memory, and the records around them.
func TestHugeRecords(t *testing.T) {
	kib := strings.Repeat("x", 1024)
	for name, tc := range map[string]struct {
		object  repeated
		most    int // MaxRecordBytes
		records int64
		defects map[string]int64
	}{
		"a cell of 64 MiB": {
			repeated{[]string{"a;b\n1;2\n3;\"", kib, "\"\n5;6\n"}, []int64{1, 64 << 10, 1}},
			0, 3, map[string]int64{},
		},
		"a cell beyond the limit": {
			repeated{[]string{"a;b\n1;2\n3;\"", kib + "\n", "\"\n5;6\n"}, []int64{1, 20 << 10, 1}},
			1 << 20, 3, map[string]int64{CodeTooLong: 1},
		},
		"no line end": {
			repeated{[]string{"a;b\n1;2\n", kib}, []int64{1, 20 << 10}},
			1 << 20, 2, map[string]int64{CodeTooLong: 1},
		},
		"an unclosed quote before more than the limit": {
			repeated{[]string{"a;b\n1;\"2\n", "3;4\n"}, []int64{1, 1 << 20}},
			1 << 20, 1<<20 + 1, map[string]int64{CodeUnclosedQuote: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			size := tc.object.size()
			r, err := Open(tc.object, size, Options{MaxRecordBytes: tc.most})
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			peak := before.HeapInuse
			defects := map[string]int64{}
			for batch, err := range r.Batches(context.Background(), memory.NewGoAllocator()) {
				if err != nil {
					t.Fatal(err)
				}
				codes := batch.Column(5).(*array.String)
				for i := range codes.Len() {
					if codes.IsValid(i) {
						defects[strings.Clone(codes.Value(i))]++
					}
				}
				runtime.ReadMemStats(&after)
				peak = max(peak, after.HeapInuse)
			}
			if r.Records() != tc.records || r.BytesRead() != size {
				t.Errorf("%d records, %d of %d bytes; want %d records", r.Records(), r.BytesRead(), size, tc.records)
			}
			for _, code := range []string{CodeTooLong, CodeUnclosedQuote, CodeTooFewCells, CodeTooManyCells} {
				if defects[code] != tc.defects[code] {
					t.Errorf("%s: %d records, want %d", code, defects[code], tc.defects[code])
				}
			}
			// A record is held once in the window and once as a cell, either of which
			// doubles as it grows.
			most := int64(8*max(tc.most, 0) + 16<<20)
			if tc.most == 0 {
				most = 8 * 65 << 20
			}
			t.Logf("held %d MiB at most", (int64(peak)-int64(before.HeapInuse))>>20)
			if grown := int64(peak) - int64(before.HeapInuse); grown > most {
				t.Errorf("held %d MiB", grown>>20)
			}
		})
	}
}
