package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
	"github.com/bateia/bateia/schemas"
)

func TestFlagMapping(t *testing.T) {
	t.Parallel()
	got, err := FlagMapping([]string{"Fone=phone", "a=b=email"}, []string{"source=Feira = 2024"},
		[]string{"default_area_code=51", "strict_formats=true"}, "update")
	if err != nil {
		t.Fatal(err)
	}
	want := schemas.Mapping{
		Columns: map[string]schemas.ColumnTarget{"Fone": {Field: "phone"}, "a=b": {Field: "email"}},
		Set:     map[string]string{"source": "Feira = 2024"},
		Mode:    schemas.ModeUpdate,
		Options: schemas.Options{DefaultAreaCode: "51", StrictFormats: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mapping mismatch (-want +got):\n%s", diff)
	}
	for name, call := range map[string]func() (schemas.Mapping, error){
		"no =":           func() (schemas.Mapping, error) { return FlagMapping([]string{"phone"}, nil, nil, "") },
		"no column":      func() (schemas.Mapping, error) { return FlagMapping([]string{"=phone"}, nil, nil, "") },
		"no value":       func() (schemas.Mapping, error) { return FlagMapping(nil, []string{"source= "}, nil, "") },
		"unknown field":  func() (schemas.Mapping, error) { return FlagMapping([]string{"x=fone"}, nil, nil, "") },
		"unknown option": func() (schemas.Mapping, error) { return FlagMapping(nil, nil, []string{"colour=red"}, "") },
		"no boolean":     func() (schemas.Mapping, error) { return FlagMapping(nil, nil, []string{"strict_formats=maybe"}, "") },
	} {
		if m, err := call(); err == nil {
			t.Errorf("%s was accepted: %+v", name, m)
		}
	}
}

func TestFilesSayWhatAFailureMeans(t *testing.T) {
	t.Parallel()
	store := objstoretest.New(t)
	files := Files{store}
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := files.PutFile(t.Context(), "a/b", path); err != nil {
		t.Fatal(err)
	}
	pinned, err := store.Head(t.Context(), "a/b", "")
	if err != nil {
		t.Fatal(err)
	}
	pin := Pin(pinned)
	if _, err := files.Download(t.Context(), pin, path, func(int64) {}); err != nil {
		t.Errorf("download of the pinned object: %v", err)
	}
	if err := files.GetFile(t.Context(), "a/none", path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("get of nothing: %v", err)
	}
	if _, err := store.Put(t.Context(), "a/b", strings.NewReader("second, longer"), objstore.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err = files.Download(t.Context(), pin, path, func(int64) {})
	if pipeline.KindOf(err) != pipeline.KindRejected || pipeline.CodeOf(err) != "FILE_CHANGED" {
		t.Errorf("download of an overwritten object: %v", err)
	}
	tests := []struct {
		name string
		err  error
		want pipeline.Kind
	}{
		{"unavailable", &objstore.Error{Kind: objstore.ErrUnavailable}, pipeline.KindTransient},
		{"cut short", &objstore.Error{Kind: objstore.ErrTruncated}, pipeline.KindTransient},
		{"denied", &objstore.Error{Kind: objstore.ErrDenied}, pipeline.KindPermanent},
		{"told to stop", context.Canceled, pipeline.KindTransient},
	}
	for _, tt := range tests {
		if got := pipeline.KindOf(meaning("read object", tt.err)); got != tt.want {
			t.Errorf("%s: kind %s, want %s", tt.name, got, tt.want)
		}
	}
	if meaning("read object", nil) != nil {
		t.Error("no error became one")
	}
}
