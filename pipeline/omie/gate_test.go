package omie_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
)

// memory is a store of lanes in one process.
type memory struct {
	mu    sync.Mutex
	lanes map[string][]byte
}

func (m *memory) ChangeLane(ctx context.Context, key, method string, change func([]byte, time.Time) ([]byte, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next, err := change(m.lanes[key+method], time.Now())
	if err == nil && next != nil {
		m.lanes[key+method] = next
	}
	return err
}

func TestSharedGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &memory{lanes: map[string][]byte{}}
		one, other := omie.SharedGate{Lanes: store}, omie.SharedGate{Lanes: store}
		began := time.Now()
		after := func() time.Duration { return time.Since(began).Round(time.Millisecond) }
		pass := func(g omie.SharedGate, call string) func(*omie.Fault) error {
			t.Helper()
			leave, err := g.Pass(t.Context(), "1", "ListarClientes", call)
			if err != nil {
				t.Fatal(err)
			}
			return leave
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(pass(one, "a")(nil))
		must(pass(other, "b")(nil))
		if got := after(); got < omie.Pause || got > omie.Pause+5*time.Millisecond {
			t.Errorf("the second call started after %v", got)
		}

		// A call that takes long keeps its lane, also beyond the hold of a dead caller.
		slow := pass(one, "c")
		go func() {
			time.Sleep(time.Minute)
			must(slow(nil))
		}()
		must(pass(other, "d")(nil))
		if got := after(); got < time.Minute || got > time.Minute+2*time.Second {
			t.Errorf("a call beside one that runs started after %v", got)
		}

		// What a caller took who died, others get after the hold.
		ctx, die := context.WithCancel(t.Context())
		_, err := one.Pass(ctx, "1", "ListarClientes", "e")
		must(err)
		die() // and nobody leaves
		died := time.Now()
		must(pass(other, "f")(nil))
		if got := time.Since(died); got < 8*time.Second || got > 11*time.Second {
			t.Errorf("the lane of a dead caller was free after %v", got)
		}

		// The same call waits a minute, a longer wait is not waited for.
		at := time.Now()
		must(pass(other, "f")(nil))
		if got := time.Since(at); got < 60*time.Second || got > 62*time.Second {
			t.Errorf("the same call started after %v", got)
		}
		must(pass(one, "g")(&omie.Fault{Class: omie.ClassBlocked, Status: 425, Wait: 30 * time.Minute}))
		at = time.Now()
		_, err = other.Pass(t.Context(), "1", "ListarClientes", "h")
		if wait := pipeline.WaitOf(err); pipeline.KindOf(err) != pipeline.KindBusy || wait < 29*time.Minute || time.Since(at) > time.Second {
			t.Errorf("inside a block: %v after %v, wait %v", err, time.Since(at), wait)
		}
		// Another method and another key are free.
		for _, lane := range [][2]string{{"1", "ListarVendedores"}, {"2", "ListarClientes"}} {
			leave, err := other.Pass(t.Context(), lane[0], lane[1], "h")
			must(err)
			must(leave(nil))
		}
		if time.Since(at) > time.Second {
			t.Errorf("free lanes took %v", time.Since(at))
		}
	})
}

// Simulated time passes however fast it is.
func TestScaledTimePasses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))) // of a clock that is not ours
		for _, scale := range []float64{1, 20, 500, omie.MaxScale} {
			g := omie.SharedGate{Lanes: &memory{lanes: map[string][]byte{}}, Scale: scale}
			began := time.Now()
			for n := range 11 {
				leave, err := g.Pass(t.Context(), "1", "ListarClientes", string(rune('a'+n)))
				if err == nil {
					err = leave(nil)
				}
				if err != nil {
					t.Fatalf("scale %v: %v", scale, err)
				}
			}
			want := time.Duration(float64(10*omie.Pause) / scale)
			if took := time.Since(began); took < want || took > want+50*time.Millisecond {
				t.Errorf("scale %v: ten pauses took %v, want %v", scale, took, want)
			}
		}
	})
}
