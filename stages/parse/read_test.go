package parse

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// result is everything that reading a file gives, as the expectations beside
// the files of testdata/csv spell it.
type result struct {
	Dialect *schemas.Dialect `json:"dialect,omitempty"`
	Header  []string         `json:"header,omitempty"`
	Blank   int64            `json:"blank,omitempty"`
	Records []row            `json:"records,omitempty"`
	Code    string           `json:"code,omitempty"` // the file was refused
}

type row struct {
	Row      int64    `json:"row"`
	Line     int64    `json:"line"`
	SheetRow int64    `json:"sheet_row"`
	Offset   int64    `json:"byte_offset"`
	Length   int64    `json:"byte_length"`
	Defect   string   `json:"defect,omitempty"`
	Cells    []string `json:"cells"`
}

// cells returns the records without their positions.
func (r result) cells() [][]string {
	var out [][]string
	for _, rec := range r.Records {
		out = append(out, rec.Cells)
	}
	return out
}

// readAll reads a file, and refusals into the result.
func readAll(data []byte, o Options) (result, error) {
	r, err := Open(bytes.NewReader(data), int64(len(data)), o)
	if err != nil {
		return refused(result{}, err)
	}
	res := result{Header: r.Header()}
	for batch, err := range r.Batches(context.Background(), memory.DefaultAllocator) {
		if err != nil {
			res, err = refused(res, err)
			if err != nil {
				return res, err
			}
			break
		}
		ints := [5]*array.Int64{}
		for i := range ints {
			ints[i] = batch.Column(i).(*array.Int64)
		}
		defects, lists := batch.Column(5).(*array.String), batch.Column(6).(*array.List)
		text := lists.ListValues().(*array.String)
		for i := range int(batch.NumRows()) {
			rec := row{
				Row: ints[0].Value(i), Line: ints[1].Value(i), SheetRow: ints[2].Value(i),
				Offset: ints[3].Value(i), Length: ints[4].Value(i), Cells: []string{},
			}
			if defects.IsValid(i) {
				rec.Defect = strings.Clone(defects.Value(i))
			}
			from, to := lists.ValueOffsets(i)
			for c := from; c < to; c++ {
				rec.Cells = append(rec.Cells, strings.Clone(text.Value(int(c))))
			}
			res.Records = append(res.Records, rec)
		}
	}
	if n := int64(len(res.Records)); n != r.Records() {
		return res, fmt.Errorf("%d records in batches, %d counted", n, r.Records())
	}
	if r.BytesRead() != int64(len(data)) {
		return res, fmt.Errorf("read %d bytes of %d", r.BytesRead(), len(data))
	}
	d := r.Dialect()
	res.Dialect, res.Blank = &d, r.Blank()
	return res, nil
}

func refused(res result, err error) (result, error) {
	if pipeline.KindOf(err) != pipeline.KindRejected {
		return res, err
	}
	res.Code = pipeline.CodeOf(err)
	return res, nil
}

// read is readAll for tests that expect no failure of the machine.
func read(t *testing.T, data string, o Options) result {
	t.Helper()
	res, err := readAll([]byte(data), o)
	if err != nil {
		t.Fatalf("read %.80q: %v", data, err)
	}
	return res
}

// encode writes text in an encoding, without a byte order mark.
func encode(text, name string) []byte {
	if m, ok := byteEncodings[name]; ok {
		out, err := m.NewEncoder().Bytes([]byte(text))
		if err != nil {
			panic(err)
		}
		return out
	}
	d, ok := wideEncodings[name]
	if !ok {
		return []byte(text)
	}
	var out []byte
	for _, r := range text {
		if d.unit == 4 {
			out = d.order.AppendUint32(out, uint32(r))
			continue
		}
		for _, u := range utf16.AppendRune(nil, r) {
			out = d.order.AppendUint16(out, u)
		}
	}
	return out
}
