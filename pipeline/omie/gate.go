package omie

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/bateia/bateia/pipeline"
)

// Lanes stores what is remembered of each key and method, for all who call.
type Lanes interface {
	// ChangeLane calls change with what is stored of a lane, empty at first, and the
	// store's time, and stores what it returns; nil leaves it as it is. Meanwhile
	// nobody else changes that lane. change may be called again, from the start.
	ChangeLane(ctx context.Context, key, method string, change func(lane []byte, now time.Time) ([]byte, error)) error
}

// SharedGate is the gate of all processes that share a store: however many they
// are, together they keep the limits.
type SharedGate struct {
	Lanes Lanes
	// Patience is how long a call may wait, default two minutes: longer than the
	// same call has to, shorter than a block.
	Patience time.Duration
	// Hold is how long a lane stays taken by a caller that dies, default 9 s; a
	// caller that lives renews it.
	Hold time.Duration
	// Scale is how many seconds of Omie's pass in one of ours, for simulators.
	// Default 1, at most MaxScale.
	Scale float64
}

// MaxScale keeps scaled times within the years that can be written.
const MaxScale = 1000

// epoch is where scaled time begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (g SharedGate) scale() float64 {
	if g.Scale <= 0 {
		return 1
	}
	return g.Scale
}

// scaled is the time of Omie's at a time of the store's.
func (g SharedGate) scaled(at time.Time) time.Time {
	if s := g.scale(); s != 1 {
		return since(at.Sub(epoch).Seconds() * s)
	}
	return at
}

// since is the time so many seconds after the epoch: more than a Duration holds.
func since(seconds float64) time.Time {
	whole := math.Floor(seconds)
	return time.Unix(epoch.Unix()+int64(whole), int64((seconds-whole)*1e9)).UTC()
}

// Pass implements Gate. Errors of the store are returned as they are.
func (g SharedGate) Pass(ctx context.Context, key, method, call string) (func(*Fault) error, error) {
	patience := g.Patience
	if patience <= 0 {
		patience = 2 * time.Minute
	}
	// The lane of a dead caller is waited for in any case.
	patience = max(patience, time.Duration(float64(2*g.hold())*g.scale()))
	key = KeyHash(key)
	var waited time.Duration // in Omie's time
	for {
		wait, err := g.try(ctx, key, method, call)
		if err != nil {
			return nil, err
		}
		if wait == 0 {
			stop := g.renew(ctx, key, method)
			return func(f *Fault) error {
				stop()
				return g.end(ctx, key, method, call, f)
			}, nil
		}
		if waited+wait > patience {
			return nil, &pipeline.Error{Op: "call " + method, Kind: pipeline.KindBusy, Code: "OMIE_BLOCKED", Wait: time.Duration(float64(wait) / g.scale()),
				Err: errors.New("the next call may start too late to wait for it"), Hint: "Nothing to do: the sync goes on by itself."}
		}
		waited += wait
		timer := time.NewTimer(time.Duration(float64(wait)/g.scale()) + time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// try starts the call, or says how long to wait, in Omie's time, before trying
// again.
func (g SharedGate) try(ctx context.Context, key, method, call string) (wait time.Duration, err error) {
	err = g.change(ctx, key, method, func(l *Lane, now time.Time) bool {
		at := l.Ready(now, call)
		if !at.After(now) {
			wait = 0
			l.Start(now, call, g.held(now))
			return true
		}
		wait = at.Sub(now)
		if l.Running.After(now) {
			wait = min(wait, Pause) // nobody knows how long it takes
		}
		return false
	})
	return wait, err
}

// held is until when a call that runs at a time of Omie's keeps its lane. How long
// that is, is a matter of our processes and our clock.
func (g SharedGate) held(now time.Time) time.Time {
	return now.Add(time.Duration(float64(g.hold()) * g.scale()))
}

func (g SharedGate) hold() time.Duration {
	if g.Hold <= 0 {
		return 9 * time.Second
	}
	return g.Hold
}

// renew keeps the lane of a running call until stop is called, which waits for it.
// What cannot be renewed is only free sooner: nobody but its caller suffers.
func (g SharedGate) renew(ctx context.Context, key, method string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(g.hold() / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = g.change(ctx, key, method, func(l *Lane, now time.Time) bool { l.Running = g.held(now); return true })
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// end notes how a call ended, also when ctx ended meanwhile.
func (g SharedGate) end(ctx context.Context, key, method, call string, f *Fault) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return g.change(ctx, key, method, func(l *Lane, now time.Time) bool { l.End(now, call, f); return true })
}

// change lets fn change a lane; it reports whether it did.
func (g SharedGate) change(ctx context.Context, key, method string, fn func(l *Lane, now time.Time) bool) error {
	return g.Lanes.ChangeLane(ctx, key, method, func(state []byte, now time.Time) ([]byte, error) {
		var l Lane
		if len(state) > 0 {
			if err := json.Unmarshal(state, &l); err != nil {
				return nil, fmt.Errorf("read lane of %s: %w", method, err)
			}
		}
		if !fn(&l, g.scaled(now)) {
			return nil, nil
		}
		return json.Marshal(l)
	})
}

// BlockedUntil returns until when a lane may not be used, in the store's time, the
// zero time when nothing is known of it; lane is what Lanes stores.
func (g SharedGate) BlockedUntil(lane []byte) time.Time {
	var l Lane
	if len(lane) == 0 || json.Unmarshal(lane, &l) != nil || l.BlockedUntil.IsZero() {
		return time.Time{}
	}
	if s := g.scale(); s != 1 {
		return since(float64(l.BlockedUntil.Unix()-epoch.Unix()) / s)
	}
	return l.BlockedUntil
}

// KeyHash returns the name under which Lanes knows a key.
func KeyHash(key string) string {
	sum := sha256.Sum256([]byte("omie key\n" + key))
	return hex.EncodeToString(sum[:16])
}
