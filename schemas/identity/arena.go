package identity

import (
	"sync"
	"unsafe"
)

// blockSize is how many bytes of canonical forms share one allocation: about 280 phones. A string that is kept keeps
// its block, so the block is small.
const blockSize = 4 << 10

// A block hands out strings from one allocation. A byte that was handed out is never written again.
type block struct{ free []byte }

var blocks = sync.Pool{New: func() any { return new(block) }}

// intern copies b into a string. Canonical forms never share memory with the cell they were read from, whose buffer
// the caller may recycle.
func intern(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > blockSize/8 {
		return string(b)
	}
	k := blocks.Get().(*block)
	if len(k.free) < len(b) {
		k.free = make([]byte, blockSize)
	}
	n := copy(k.free, b)
	s := unsafe.String(&k.free[0], n)
	k.free = k.free[n:]
	blocks.Put(k)
	return s
}
