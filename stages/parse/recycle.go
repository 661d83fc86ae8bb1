package parse

import (
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// recycler is an allocator that hands the buffers of released batches to the
// next ones. Fresh memory for every batch costs a fifth of the time of reading:
// clearing it, collecting it, and writing to memory that is in no cache. A
// buffer comes back only when the last reference to its batch was released, on
// whatever goroutine that is, so that no batch changes while somebody holds it.
type recycler struct {
	mem memory.Allocator

	mu     sync.Mutex
	free   [][]byte
	held   int // bytes in free
	closed bool
}

const (
	recycleStep = 16 << 10 // sizes are multiples of it, so that they meet again
	recycleMost = 32 << 20 // bytes kept
)

// Allocate implements memory.Allocator. The bytes are not zero.
func (a *recycler) Allocate(size int) []byte {
	a.mu.Lock()
	best := -1
	for i, b := range a.free {
		if cap(b) >= size && cap(b) <= 2*size+recycleStep && (best < 0 || cap(b) < cap(a.free[best])) {
			best = i
		}
	}
	if best >= 0 {
		b := a.free[best]
		last := len(a.free) - 1
		a.free[best], a.free[last] = a.free[last], nil
		a.free = a.free[:last]
		a.held -= cap(b)
		a.mu.Unlock()
		return b[:size]
	}
	a.mu.Unlock()
	return a.mem.Allocate((size + recycleStep - 1) / recycleStep * recycleStep)[:size]
}

// Reallocate implements memory.Allocator.
func (a *recycler) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	grown := a.Allocate(size)
	copy(grown, b)
	a.Free(b)
	return grown
}

// Free implements memory.Allocator.
func (a *recycler) Free(b []byte) {
	if cap(b) == 0 {
		return
	}
	b = b[:cap(b)]
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.held+len(b) > recycleMost {
		a.mem.Free(b)
		return
	}
	a.free = append(a.free, b)
	a.held += len(b)
}

// close gives back what is kept, and from now on everything that comes.
func (a *recycler) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for _, b := range a.free {
		a.mem.Free(b)
	}
	a.free, a.held = nil, 0
}
