package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Store reads objects that were pinned when the import was registered.
type Store interface {
	// Download writes exactly the pinned object to path and returns the SHA-256
	// of its bytes; on an error there is no file at path. It is called once per
	// attempt. progress gets the bytes written so far, never from two goroutines
	// at once, and is never nil.
	//
	// The error is a *pipeline.Error: KindRejected with FILE_CHANGED when the key
	// holds other content by now or nothing at all, KindTransient when the store
	// cannot be reached, KindPermanent when it refuses.
	Download(ctx context.Context, obj schemas.ObjectPin, path string, progress func(done int64)) (sum [sha256.Size]byte, err error)
}

// Stage copies run.Object to run.Path and fills Facts.Bytes and Facts.SHA256.
//
// It refuses files with FILE_EMPTY, FILE_TOO_LARGE and FILE_CHANGED. A scratch
// folder without room is a transient error: another worker may have it, and
// here it comes back.
type Stage struct {
	Store Store
	// Free returns the bytes that may still be written to the file system of
	// dir; math.MaxInt64 when that cannot be known. nil asks the system.
	Free func(dir string) (int64, error)
}

const (
	// scratchFactor is how much scratch an import takes, in sizes of its file:
	// the copy itself, and up to twice as much for the workset, which holds the
	// records as text and again as canonical values.
	scratchFactor = 3
	// scratchReserve stays free for what else runs on the machine, in bytes.
	scratchReserve = 64 << 20
	// progressStep is how many bytes lie between two reports of progress.
	progressStep = 1 << 20
)

// Name is schemas.StageFetch.
func (Stage) Name() string { return schemas.StageFetch }

// Run fetches the object. See pipeline.Stage.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) error {
	obj := run.Object
	if obj.ETag == "" {
		return &pipeline.Error{Op: "read object", Kind: pipeline.KindPermanent, Code: "INTERNAL",
			Err: errors.New("the import has no pinned object")}
	}
	limit := run.Account.Settings.WithDefaults().MaxFileSize
	switch {
	case obj.Size == 0:
		return refuse(run, "FILE_EMPTY", "")
	case obj.Size > limit:
		return refuse(run, "FILE_TOO_LARGE", excess(obj.Size, limit))
	}
	if err := s.checkRoom(run.Dir, obj.Size); err != nil {
		return err
	}
	// The name is ours, not the user's: it never has to be escaped, cut or hidden.
	path := filepath.Join(run.Dir, "object")
	sum, err := s.Store.Download(ctx, obj, path, reporter(run))
	if err != nil {
		if code := pipeline.CodeOf(err); pipeline.KindOf(err) == pipeline.KindRejected && code != "" {
			run.Warn(schemas.FileIssue{Code: code, Severity: schemas.SeverityError})
		}
		return fmt.Errorf("fetch object: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("check the local copy: %w", err)
	}
	digest := hex.EncodeToString(sum[:])
	// An attempt that follows another one must see the same bytes, whatever the
	// store believes about its ETag.
	if info.Size() != obj.Size || run.Facts.SHA256 != "" && run.Facts.SHA256 != digest {
		return refuse(run, "FILE_CHANGED", "")
	}
	run.Path = path
	run.Facts.Bytes = obj.Size
	run.Facts.SHA256 = digest
	return nil
}

// refuse notes the issue on the file and returns the error that ends the import.
func refuse(run *pipeline.Run, code, detail string) error {
	run.Warn(schemas.FileIssue{Code: code, Severity: schemas.SeverityError, Detail: detail})
	return pipeline.Reject(code, "fetch object")
}

func (s Stage) checkRoom(dir string, size int64) error {
	free := s.Free
	if free == nil {
		free = freeBytes
	}
	have, err := free(dir)
	if err != nil {
		return fmt.Errorf("measure free space: %w", err)
	}
	need := int64(math.MaxInt64)
	if size < (math.MaxInt64-scratchReserve)/scratchFactor {
		need = size*scratchFactor + scratchReserve
	}
	if have >= need {
		return nil
	}
	return &pipeline.Error{
		Op: "make room for the object", Kind: pipeline.KindTransient,
		Err:  fmt.Errorf("%s free in the scratch folder, %s needed", sizeText(have), sizeText(need)),
		Hint: "Free space there, or name a larger folder with BATEIA_SCRATCH_DIR.",
	}
}

// reporter hands progress on in steps, and the end of it always.
func reporter(run *pipeline.Run) func(done int64) {
	total, next := run.Object.Size, int64(0)
	return func(done int64) {
		if done < next && done < total {
			return
		}
		next = done + progressStep
		run.Report(pipeline.Progress{Stage: schemas.StageFetch, Bytes: done, TotalBytes: total})
	}
}

// excess says how far a size is over its limit, in bytes when both round to the
// same text.
func excess(size, limit int64) string {
	if sizeText(size) == sizeText(limit) {
		return fmt.Sprintf("%d B > %d B", size, limit)
	}
	return sizeText(size) + " > " + sizeText(limit)
}

// sizeText writes a size in binary units, rounded to a tenth: 75 MiB, 1.5 GiB.
func sizeText(n int64) string {
	unit, value := "B", float64(n)
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if value < 1024 {
			break
		}
		unit, value = u, value/1024
	}
	if rounded := math.Round(value*10) / 10; rounded != math.Trunc(rounded) {
		return fmt.Sprintf("%.1f %s", rounded, unit)
	}
	return fmt.Sprintf("%.0f %s", value, unit)
}
