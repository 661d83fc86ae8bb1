package jobs

import (
	"context"
	"errors"
	"path"
	"strings"
	"sync"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/schemas"
)

// folderManifest is the name of the manifest that holds for everything below its
// folder.
const folderManifest = "_import.yaml"

// fileManifest is what is added to a file's name for the manifest of that file.
const fileManifest = ".import.yaml"

// manifests reads what a drop is to be imported with: the nearest _import.yaml
// above it, overridden by <name>.import.yaml, overridden by the object's
// metadata. Manifests of folders are remembered for the length of a scan.
type manifests struct {
	store Store

	mu      sync.Mutex
	folders map[string]*folder // by folder, "" never
}

type folder struct {
	once    sync.Once
	mapping *schemas.Mapping // nil when the folder has none
	err     error
}

// manifestError says that a manifest cannot be read. Its cause is for the author
// of the manifest alone.
type manifestError struct {
	key string // "" for metadata
	err error
}

func (e *manifestError) Error() string { return "a manifest cannot be read" }
func (e *manifestError) Unwrap() error { return e.err }

// of returns the mapping of a drop. Errors: *manifestError, or the store's.
func (m *manifests) of(ctx context.Context, obj objstore.Object) (schemas.Mapping, error) {
	out, err := m.nearest(ctx, path.Dir(obj.Key))
	if err != nil {
		return out, err
	}
	own, err := m.read(ctx, obj.Key+fileManifest)
	if err != nil {
		return out, err
	}
	if own != nil {
		out = out.Override(*own)
	}
	meta, err := schemas.MappingFromMetadata(obj.Metadata)
	if err != nil {
		return out, &manifestError{err: err}
	}
	return out.Override(meta), nil
}

// nearest returns the manifest of the folder or of the next one above it that has
// one, up to the account's.
func (m *manifests) nearest(ctx context.Context, dir string) (schemas.Mapping, error) {
	for strings.HasPrefix(dir, uploads) {
		f := m.folder(dir)
		f.once.Do(func() { f.mapping, f.err = m.read(ctx, dir+"/"+folderManifest) })
		if f.err != nil {
			return schemas.Mapping{}, f.err
		}
		if f.mapping != nil {
			return *f.mapping, nil
		}
		dir = path.Dir(dir)
	}
	return schemas.Mapping{}, nil
}

func (m *manifests) folder(dir string) *folder {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.folders == nil {
		m.folders = map[string]*folder{}
	}
	if m.folders[dir] == nil {
		m.folders[dir] = &folder{}
	}
	return m.folders[dir]
}

// read returns the mapping at key, nil when there is none.
func (m *manifests) read(ctx context.Context, key string) (*schemas.Mapping, error) {
	obj, err := m.store.Head(ctx, key, "")
	if errors.Is(err, objstore.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, storeError(err)
	}
	data, err := m.store.ReadRange(ctx, obj, 0, schemas.MaxMapping+1)
	if err != nil {
		return nil, storeError(err)
	}
	mapping, err := schemas.ParseMapping(data)
	if err != nil {
		return nil, &manifestError{key: key, err: err}
	}
	return &mapping, nil
}
