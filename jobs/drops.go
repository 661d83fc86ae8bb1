package jobs

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// uploads is where drops are looked for.
const uploads = "uploads/"

// parallelHeads is how many new drops are asked about at once.
const parallelHeads = 8

// dropName is what the key of a drop says: uploads/<account>/<list…>/<name>.
type dropName struct {
	account string // "" when the file lies directly under uploads/
	list    string // folders joined with /, "" when there is none
	name    string
}

// parseDrop reads the key of an object; ok is false for what is no drop: folder
// markers, manifests, files of programs that copy and of desktop systems, and
// keys that Postgres could not store.
func parseDrop(key string) (d dropName, ok bool) {
	rest, found := strings.CutPrefix(key, uploads)
	if !found || rest == "" || strings.HasSuffix(rest, "/") || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		return d, false
	}
	parts := strings.FieldsFunc(rest, func(r rune) bool { return r == '/' })
	if len(parts) == 0 {
		return d, false
	}
	d.name = parts[len(parts)-1]
	if len(parts) > 1 {
		d.account, d.list = parts[0], strings.Join(parts[1:len(parts)-1], "/")
	}
	lower := strings.ToLower(d.name)
	for _, suffix := range []string{".part", ".filepart", ".import.yaml"} {
		if strings.HasSuffix(lower, suffix) {
			return d, false
		}
	}
	return d, !strings.HasPrefix(d.name, "~$") && d.name != ".DS_Store" && lower != folderManifest
}

// walk registers every new drop of the bucket and returns how many objects lie
// under uploads/. Each page costs one query per account that has files in it.
func (s *Service) walk(ctx context.Context) (int64, error) {
	reg, err := s.newRegistrar(ctx)
	if err != nil {
		return 0, err
	}
	var objects int64
	for page, err := range s.cfg.Store.List(ctx, uploads, "") {
		if err != nil {
			return objects, storeError(err)
		}
		objects += int64(len(page.Objects))
		if err := reg.page(ctx, page.Objects); err != nil {
			return objects, err
		}
	}
	return objects, nil
}

// ObjectCreated is told by the embedded object store that a key was written: the
// drop becomes an import at once, without a scan, and a manifest speaks to those
// that are not applied yet. Other buckets and keys are nobody's business.
func (s *Service) ObjectCreated(ctx context.Context, bucket, key string) error {
	_, isDrop := parseDrop(key)
	_, isManifest := manifestAccount(key)
	if bucket != s.cfg.Store.Bucket() || !isDrop && !isManifest {
		return nil
	}
	obj, err := s.cfg.Store.Head(ctx, key, "")
	if errors.Is(err, objstore.ErrNotFound) {
		return nil // gone again
	}
	if err != nil {
		return storeError(err)
	}
	reg, err := s.newRegistrar(ctx)
	if err != nil {
		return err
	}
	return reg.page(ctx, []objstore.Object{obj})
}

// registrar turns the drops of one scan into imports.
type registrar struct {
	s         *Service
	accounts  map[string]int32 // by slug
	manifests manifests
}

func (s *Service) newRegistrar(ctx context.Context) (*registrar, error) {
	list, err := s.db.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	r := &registrar{s: s, accounts: map[string]int32{}, manifests: manifests{store: s.cfg.Store}}
	for _, a := range list {
		if a.ID != postgres.AccountUnassigned {
			r.accounts[a.Slug] = a.ID
		}
	}
	return r, nil
}

// drop is one object that may become an import.
type drop struct {
	dropName
	obj objstore.Object
}

// page registers what is new among the objects, in one transaction per account.
func (r *registrar) page(ctx context.Context, objects []objstore.Object) error {
	if err := r.late(ctx, objects); err != nil {
		return err
	}
	groups := map[int32][]drop{}
	var order []int32
	for _, o := range objects {
		d, ok := parseDrop(o.Key)
		if !ok {
			continue
		}
		account, known := r.accounts[d.account]
		if !known {
			account = postgres.AccountUnassigned
		}
		if groups[account] == nil {
			order = append(order, account)
		}
		groups[account] = append(groups[account], drop{d, o})
	}
	for _, account := range order {
		if err := r.group(ctx, account, groups[account]); err != nil {
			return err
		}
	}
	return nil
}

func (r *registrar) group(ctx context.Context, account int32, drops []drop) error {
	pins := make([]schemas.ObjectPin, len(drops))
	for i, d := range drops {
		pins[i] = pinOf(d.obj)
	}
	var fresh []int
	err := r.s.db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var err error
		fresh, err = postgres.NewDrops(ctx, tx, account, r.s.cfg.Store.Bucket(), pins)
		return err
	})
	if err != nil || len(fresh) == 0 {
		return err
	}
	list, err := r.describe(ctx, account, drops, fresh)
	if err != nil {
		return err
	}
	var done []postgres.Registered
	err = r.s.db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var err error
		done, err = r.s.RegisterTx(ctx, tx, account, list...)
		return err
	})
	for _, d := range done {
		if err == nil && !d.Existed {
			r.s.cfg.Log.InfoContext(ctx, "registered a drop", "import_id", d.ID.String())
		}
	}
	return err
}

// describe asks for what a listing does not tell of the fresh drops: version,
// metadata, manifests. Those that are gone by now are left out.
func (r *registrar) describe(ctx context.Context, account int32, drops []drop, fresh []int) ([]postgres.Registration, error) {
	found := make([]*postgres.Registration, len(fresh))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelHeads)
	for n, i := range fresh {
		group.Go(func() error {
			reg, err := r.registration(ctx, account, drops[i])
			if errors.Is(err, objstore.ErrNotFound) {
				return nil
			}
			found[n] = reg
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var out []postgres.Registration
	for _, reg := range found {
		if reg != nil {
			out = append(out, *reg)
		}
	}
	return out, nil
}

func (r *registrar) registration(ctx context.Context, account int32, d drop) (*postgres.Registration, error) {
	obj, err := r.s.cfg.Store.Head(ctx, d.obj.Key, "")
	if err != nil {
		return nil, storeError(err)
	}
	pin := pinOf(obj)
	reg := &postgres.Registration{
		FileName: d.name, List: d.list, Object: pin, Versions: postgres.DropVersions(pin),
		Source:  schemas.Source{Kind: "upload", Name: d.list},
		Request: schemas.Request{Unattended: true},
	}
	if account == postgres.AccountUnassigned {
		reg.Refused = &schemas.FileIssue{Code: "ACCOUNT_UNKNOWN", Detail: d.account}
		return reg, nil
	}
	mapping, err := r.manifests.of(ctx, obj)
	var wrong *manifestError
	switch {
	case errors.As(err, &wrong):
		reg.Refused = &schemas.FileIssue{Code: "MAPPING_INVALID", Detail: path.Base(wrong.key)}
		return reg, nil
	case err != nil:
		return nil, err
	}
	if mapping.List != "" {
		reg.List, reg.Source.Name = mapping.List, mapping.List
	}
	reg.Request.Mapping = mapping
	return reg, nil
}

func pinOf(o objstore.Object) schemas.ObjectPin {
	return schemas.ObjectPin{Bucket: o.Bucket, Key: o.Key, VersionID: o.VersionID, ETag: o.ETag, Size: o.Size, Modified: o.LastModified}
}

// storeError says that a failure of the bucket passes, and drops its text: it
// names keys, and the names of files may name people.
func storeError(err error) error {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, objstore.ErrNotFound, objstore.ErrUnavailable, objstore.ErrDenied} {
		if errors.Is(err, known) {
			return &pipeline.Error{Op: "ask object store", Kind: pipeline.KindTransient, Err: known}
		}
	}
	var e *objstore.Error
	if errors.As(err, &e) {
		err = fmt.Errorf("%s: status %d %s", e.Op, e.Status, e.Code)
	}
	return &pipeline.Error{Op: "ask object store", Kind: pipeline.KindTransient, Err: err}
}
