package sync

import (
	"context"
	"errors"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
)

// Source is the API as a sync needs it. Every call passes its gate, and returns a
// *omie.Fault inside a *pipeline.Error when it failed.
type Source interface {
	Customers(ctx context.Context, r omie.ListRequest) (omie.Page[omie.Customer], error)
	Sellers(ctx context.Context, page, size int) (omie.Page[omie.Seller], error)
}

// How often a call that failed is made again before the sync gives up, by what the
// failure means. The gate keeps the time between them.
const (
	transientTries = 3
	// keyTries: a key that worked in this sync and does not now may be throttling in
	// disguise. The same call waits a minute, so these are slow.
	keyTries  = 3
	busyTries = 10
)

// errShrink asks for the list to be begun again with smaller pages.
var errShrink = errors.New("the page was too large for Omie")

// errMoved asks for the list to be begun again: it is not as long as it was.
var errMoved = errors.New("the list changed while it was read")

// ask makes a call until it succeeds or trying again does not help. worked says
// that the key has worked in this sync.
func ask[T any](ctx context.Context, worked bool, wait func(context.Context, time.Duration) error, call func(context.Context) (T, error)) (T, error) {
	tries := map[omie.Class]int{}
	for {
		out, err := call(ctx)
		var f *omie.Fault
		if err == nil || !errors.As(err, &f) {
			if pipeline.CodeOf(err) != "OMIE_UNEXPECTED" {
				return out, err
			}
			f = &omie.Fault{Class: omie.ClassTransient} // another form than the documented one: perhaps the next is right
		}
		tries[f.Class]++
		limit := 0
		switch f.Class {
		case omie.ClassTransient, omie.ClassUnknown:
			limit = transientTries
		case omie.ClassBroken:
			limit = 1
		case omie.ClassRedundant, omie.ClassRunning, omie.ClassTooMany:
			limit = busyTries
		case omie.ClassBlocked:
			limit = 1 // the gate knows how long, and whether to wait here
		case omie.ClassKey:
			if worked {
				limit = keyTries
			}
		}
		if tries[f.Class] > limit {
			if f.Class == omie.ClassBroken {
				err = errors.Join(errShrink, err)
			}
			return out, err
		}
		// What has its own time the gate keeps; the others get a moment that grows.
		if f.Wait == 0 {
			if err := wait(ctx, time.Second<<tries[f.Class]); err != nil {
				return out, err
			}
		}
	}
}

// classOf returns the class of a fault in err, "" when there is none.
func classOf(err error) omie.Class {
	var f *omie.Fault
	if errors.As(err, &f) {
		return f.Class
	}
	return ""
}
