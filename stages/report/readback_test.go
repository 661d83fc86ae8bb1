package report

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas"
)

// object is an object that counts how it is read.
type object struct {
	text  string
	reads []int64 // bytes of each read
}

func (o *object) read(_ context.Context, offset, n int64) ([]byte, error) {
	o.reads = append(o.reads, n)
	end := min(offset+n, int64(len(o.text)))
	return []byte(o.text[offset:end]), nil
}

func split(record []byte) ([]string, error) {
	return strings.Split(strings.TrimSuffix(string(record), "\n"), ";"), nil
}

func each[T any](list []T, last error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
		if last != nil {
			var none T
			yield(none, last)
		}
	}
}

func drain[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
	return out, nil
}

func TestReadBackGivesEveryRowItsOwnCells(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var rows []Located
		var want []RefusedRow
		var text strings.Builder
		for row := range rapid.Int64Range(0, 20).Draw(t, "rows") {
			record := fmt.Sprintf("%d;%s\n", row, strings.Repeat("x", rapid.SampledFrom([]int{0, 1, 50, gapLimit - 10, gapLimit + 10}).Draw(t, "width")))
			r := RefusedRow{Row: row + 1, Status: rapid.SampledFrom([]schemas.Outcome{schemas.OutcomeRejected, schemas.OutcomeSkipped, ""}).Draw(t, "status")}
			offset := int64(text.Len())
			text.WriteString(record)
			if r.Status == "" { // loaded
				continue
			}
			rows = append(rows, Located{RefusedRow: r, Offset: offset, Length: int64(len(record))})
			if r.Status == schemas.OutcomeRejected {
				r.Cells, _ = split([]byte(record))
			}
			want = append(want, r)
		}
		o := &object{text: text.String()}
		got, err := drain(ReadBack(context.Background(), each(rows, nil), o.read, split))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rows mismatch (-want +got):\n%s", diff)
		}
		for _, n := range o.reads {
			if n > spanLimit {
				t.Errorf("one read of %d bytes, the limit is %d", n, spanLimit)
			}
		}
	})
}

func TestReadBackNeedsFewReads(t *testing.T) {
	t.Parallel()
	record := strings.Repeat("x", 99) + "\n"
	o := &object{text: strings.Repeat(record, 100_000)} // 10 MB
	var rows []Located
	for i := int64(0); i < 100_000; i += 50 {
		rows = append(rows, Located{RefusedRow: RefusedRow{Row: i + 1, Status: schemas.OutcomeRejected}, Offset: i * 100, Length: 100})
	}
	got, err := drain(ReadBack(t.Context(), each(rows, nil), o.read, split))
	if err != nil || len(got) != len(rows) {
		t.Fatalf("%d rows, %v; want %d", len(got), err, len(rows))
	}
	if len(o.reads) > 4 {
		t.Errorf("%d reads for 10 MB with one refused row in fifty, want at most 4", len(o.reads))
	}
	// Two rows at the two ends: the megabytes between them are not worth reading.
	o.reads = nil
	if _, err := drain(ReadBack(t.Context(), each([]Located{rows[0], rows[len(rows)-1]}, nil), o.read, split)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{100, 100}, o.reads); diff != "" {
		t.Errorf("reads mismatch (-want +got):\n%s", diff)
	}
}

func TestReadBackLeavesDamagedRecordsAlone(t *testing.T) {
	t.Parallel()
	o := &object{text: "a;b\n" + strings.Repeat("x", recordLimit+1) + "\nc;d\n"}
	rows := []Located{
		{RefusedRow{Row: 1, Status: schemas.OutcomeRejected}, 0, 4},
		{RefusedRow{Row: 2, Status: schemas.OutcomeRejected}, 4, recordLimit + 2},
		{RefusedRow{Row: 3, Status: schemas.OutcomeConflict}, recordLimit + 6, 4},
	}
	got, err := drain(ReadBack(t.Context(), each(rows, nil), o.read, split))
	if err != nil {
		t.Fatal(err)
	}
	var cells [][]string
	for _, r := range got {
		cells = append(cells, r.Cells)
	}
	if diff := cmp.Diff([][]string{{"a", "b"}, nil, {"c", "d"}}, cells); diff != "" {
		t.Errorf("cells mismatch (-want +got):\n%s", diff)
	}
	for _, n := range o.reads {
		if n > 8 {
			t.Errorf("a read of %d bytes, want only the small records", n)
		}
	}
}

func TestReadBackHandsErrorsOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	row := Located{RefusedRow{Row: 1, Status: schemas.OutcomeRejected}, 0, 4}
	o := &object{text: "a;b\n"}
	noRead := func(context.Context, int64, int64) ([]byte, error) { return nil, broken }
	noDecode := func([]byte) ([]string, error) { return nil, broken }
	if _, err := drain(ReadBack(t.Context(), each([]Located{row}, broken), o.read, split)); !errors.Is(err, broken) {
		t.Errorf("error of the rows: %v", err)
	}
	if _, err := drain(ReadBack(t.Context(), each([]Located{row}, nil), noRead, split)); !errors.Is(err, broken) {
		t.Errorf("error of the store: %v", err)
	}
	if _, err := drain(ReadBack(t.Context(), each([]Located{row}, nil), o.read, noDecode)); !errors.Is(err, broken) {
		t.Errorf("error of the decoder: %v", err)
	}
	row.Length = 40 // behind the end of the object
	if _, err := drain(ReadBack(t.Context(), each([]Located{row}, nil), o.read, split)); err == nil {
		t.Error("no error for an object that is too short")
	}
}

func TestWithIssuesJoinsByRow(t *testing.T) {
	t.Parallel()
	a, b := Issue{Code: "A"}, Issue{Code: "B"}
	rows := []Located{{RefusedRow: RefusedRow{Row: 2}}, {RefusedRow: RefusedRow{Row: 5}}, {RefusedRow: RefusedRow{Row: 9}}}
	issues := []RowIssue{{1, a}, {2, a}, {2, b}, {3, a}, {9, b}, {12, a}}
	got, err := drain(WithIssues(each(rows, nil), each(issues, nil)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Located{{RefusedRow: RefusedRow{Row: 2, Issues: []Issue{a, b}}}, {RefusedRow: RefusedRow{Row: 5}}, {RefusedRow: RefusedRow{Row: 9, Issues: []Issue{b}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows mismatch (-want +got):\n%s", diff)
	}
	broken := errors.New("broken")
	if _, err := drain(WithIssues(each(rows, nil), each(issues[:2], broken))); !errors.Is(err, broken) {
		t.Errorf("error of the issues: %v", err)
	}
	if got, err := drain(WithIssues(each(rows, broken), each[RowIssue](nil, nil))); !errors.Is(err, broken) || len(got) != 3 {
		t.Errorf("error of the rows: %v after %d rows", err, len(got))
	}
}
