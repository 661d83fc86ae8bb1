package postgres_test

import (
	"errors"
	"testing"

	"github.com/bateia/bateia/pipeline/postgres"
)

func TestSnapshotIsOfOneMoment(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	_, url := v.analyst(t, "acme")
	r := v.reader(t, url)
	countries := func(read postgres.ReadFunc) (got string) {
		err := read(postgres.Query{SQL: "select country from accounts where account = $1", Args: []any{"acme"}},
			func([]postgres.Column) error { return nil },
			func(cells []postgres.Cell) error { got += cells[0].Text(); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	err := r.Snapshot(t.Context(), func(read postgres.ReadFunc) error {
		before := countries(read)
		if _, err := v.admin.Exec(t.Context(), "update bateia.accounts set country = 'UY' where slug = 'acme'"); err != nil {
			t.Fatal(err)
		}
		if after := countries(read); before != after || after == "UY" {
			t.Errorf("the country changed from %q to %q within a snapshot", before, after)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	stop := errors.New("enough")
	err = r.Snapshot(t.Context(), func(read postgres.ReadFunc) error {
		if got := countries(read); got != "UY" {
			t.Errorf("the next snapshot sees %q", got)
		}
		return read(postgres.Query{SQL: "table accounts"}, func([]postgres.Column) error { return nil }, func([]postgres.Cell) error { return stop })
	})
	if !errors.Is(err, stop) {
		t.Errorf("the error of who reads became %v", err)
	}
	if rows, _, err := read(t.Context(), r, "select country from accounts"); err != nil || len(rows) != 1 {
		t.Errorf("the reader is of no more use: %v, %v", rows, err)
	}
}
