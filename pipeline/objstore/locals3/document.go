package locals3

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// document is what is known of an object beside its bytes; one JSON file each.
//
// It carries the size and time of the file it was written for. When the file
// differs, because somebody edited it or a crash fell between document and file,
// the document does not count: an ETag must never name other bytes.
type document struct {
	// Size in bytes and Modified in Unix nanoseconds of the object's file; zero for
	// folder markers.
	Size     int64 `json:"size"`
	Modified int64 `json:"modified"`
	// Folder marks an object whose key ends in "/": clients make them for folders.
	Folder bool `json:"folder,omitempty"`
	// ETag with quotes.
	ETag string `json:"etag"`
	// Upload is the multipart upload it came from, so that completing twice can be
	// told from completing another.
	Upload   string            `json:"upload,omitempty"`
	Headers  headers           `json:"headers"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

// headers are stored with an object and given back as they came.
type headers struct {
	ContentType        string `json:"content_type,omitempty"`
	ContentEncoding    string `json:"content_encoding,omitempty"`
	ContentDisposition string `json:"content_disposition,omitempty"`
	ContentLanguage    string `json:"content_language,omitempty"`
	CacheControl       string `json:"cache_control,omitempty"`
	Expires            string `json:"expires,omitempty"`
}

// describes tells whether the document was written for this file. Whole seconds
// are enough when the file has no finer time: archives and some file systems cut it.
func (d *document) describes(info fs.FileInfo) bool {
	if d.Folder || info.IsDir() {
		return d.Folder && info.IsDir()
	}
	if d.Size != info.Size() {
		return false
	}
	got, want := info.ModTime(), time.Unix(0, d.Modified)
	return got.Equal(want) || got.Nanosecond() == 0 && got.Unix() == want.Unix()
}

// stamp ties the document to a complete file.
func (d *document) stamp(info fs.FileInfo) {
	d.Size, d.Modified = info.Size(), info.ModTime().UnixNano()
}

// handmade stands in for the document of a file that was not uploaded, or was
// changed since. Its ETag changes with the file.
func handmade(info fs.FileInfo) *document {
	d := &document{ETag: fmt.Sprintf(`"file-%x-%x"`, info.ModTime().UnixNano(), info.Size())}
	d.stamp(info)
	return d
}

// documentPath is the file for a key's document: folders get the suffix ".d" and
// documents ".json", so that no key's folder collides with another's document.
func (d *folder) documentPath(bucket, key string) string {
	parts := strings.Split(strings.TrimSuffix(key, "/"), "/")
	for i := range parts[:len(parts)-1] {
		parts[i] += ".d"
	}
	parts[len(parts)-1] += ".json"
	return filepath.Join(d.sidecar, bucket+".d", filepath.Join(parts...))
}

// documentFor gives the document of an existing file or marker; nil for a
// directory that is no object.
func (d *folder) documentFor(bucket, key string, info fs.FileInfo) (*document, error) {
	doc := new(document)
	ok, err := readJSON(d.documentPath(bucket, key), doc)
	if err != nil {
		return nil, err
	}
	if ok && doc.ETag != "" && doc.describes(info) {
		return doc, nil
	}
	if !info.Mode().IsRegular() {
		return nil, nil
	}
	return handmade(info), nil
}

// removeDocument takes the directories with it that nobody needs any more.
func (d *folder) removeDocument(bucket, key string) error {
	path := d.documentPath(bucket, key)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	prune(filepath.Dir(path), filepath.Join(d.sidecar, bucket+".d"))
	return nil
}

// prune removes dir and its parents below top as long as they are empty.
func prune(dir, top string) {
	for ; dir != top && strings.HasPrefix(dir, top); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			return
		}
	}
}

// readJSON is false for a file that is not there or was torn by a crash.
func readJSON(path string, into any) (bool, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return json.Unmarshal(data, into) == nil, nil
}

// writeJSON replaces the file in one step. Two writers of one path exclude each
// other by the caller's lock.
func writeJSON(path string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	next := path + ".next"
	err = os.WriteFile(next, data, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.WriteFile(next, data, 0o600)
		}
	}
	if err == nil {
		err = os.Rename(next, path)
	}
	return err
}
