package omietest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
)

// Gate is a gate for callers in one process, in the time of a simulator.
type Gate struct {
	Server *Server
	// Patience is how long a call may wait, in Omie's time, default a day: where time
	// flies, a moment in which the machine is busy is minutes.
	Patience time.Duration

	mu    sync.Mutex
	lanes map[string]*omie.Lane
}

// Pass implements omie.Gate.
func (g *Gate) Pass(ctx context.Context, key, method, call string) (func(*omie.Fault) error, error) {
	patience := g.Patience
	if patience <= 0 {
		patience = 24 * time.Hour
	}
	asked := g.Server.Now()
	for {
		wait, start := g.try(key+" "+method, call)
		if start {
			return func(f *omie.Fault) error { return g.end(key+" "+method, call, f) }, nil
		}
		if g.Server.Now().Add(wait).Sub(asked) > patience {
			return nil, &pipeline.Error{Op: "call " + method, Kind: pipeline.KindBusy, Err: errors.New("the next call may start too late to wait for it")}
		}
		timer := time.NewTimer(time.Duration(float64(wait)/g.Server.options.Scale) + time.Microsecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

func (g *Gate) try(name, call string) (wait time.Duration, start bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lanes == nil {
		g.lanes = map[string]*omie.Lane{}
	}
	if g.lanes[name] == nil {
		g.lanes[name] = &omie.Lane{}
	}
	now := g.Server.Now()
	if g.lanes[name].Running.After(now) {
		return omie.Pause, false // nobody knows how long it takes
	}
	if at := g.lanes[name].Ready(now, call); at.After(now) {
		return at.Sub(now), false
	}
	g.lanes[name].Start(now, call, now.Add(24*time.Hour))
	return 0, true
}

func (g *Gate) end(name, call string, f *omie.Fault) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lanes[name].End(g.Server.Now(), call, f)
	return nil
}
