package locals3

import (
	"log/slog"
	"strings"
	"sync"
)

// events hands changes to one callback without making requests wait.
//
// versitygw could post them to a webhook URL, but sends each on a goroutine of its
// own, out of order, gives up after three seconds, and prints the URL, which has
// to be secret, to standard output.
type events struct {
	queue chan event
	log   *slog.Logger
	wait  sync.WaitGroup

	mu      sync.Mutex
	stopped bool
}

type event struct{ bucket, key, name string }

func newEvents(call func(bucket, key, event string), log *slog.Logger) *events {
	e := &events{queue: make(chan event, 4096), log: log, stopped: call == nil}
	if call != nil {
		e.wait.Go(func() {
			for ev := range e.queue {
				call(ev.bucket, ev.key, ev.name)
			}
		})
	}
	return e
}

// emit never blocks. The names are copied: the front end reuses their memory for
// the next request.
func (e *events) emit(bucket, key, name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return
	}
	select {
	case e.queue <- event{strings.Clone(bucket), strings.Clone(key), name}:
	default:
		e.log.Warn("local object store drops an event", "object", strings.Clone(key))
	}
}

// stop lets the callback finish what is queued and waits for it.
func (e *events) stop() {
	e.mu.Lock()
	if !e.stopped {
		e.stopped = true
		close(e.queue)
	}
	e.mu.Unlock()
	e.wait.Wait()
}
