package app

import (
	"context"
	"sync"

	"github.com/bateia/bateia/pipeline/objstore"
)

// crashes is a bucket whose client dies right after a request was carried out, each
// so many times.
type crashes struct {
	*objstore.Store
	mu sync.Mutex
	at map[string]int
	// told is called after every file that was written, as the embedded store tells.
	told func(ctx context.Context, key string) error
}

func (c *crashes) dies(op string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[op] == 0 {
		return false
	}
	if c.at[op]--; c.at[op] == 0 {
		delete(c.at, op)
	}
	return true
}

func (c *crashes) PutFile(ctx context.Context, key, path string, o objstore.PutOptions, progress func(int64)) (objstore.Object, error) {
	obj, err := c.Store.PutFile(ctx, key, path, o, progress)
	if err == nil {
		err = c.told(ctx, key)
	}
	if err == nil && c.dies("put") {
		return obj, &objstore.Error{Op: "put object", Kind: objstore.ErrUnavailable}
	}
	return obj, err
}

func (c *crashes) EraseBelow(ctx context.Context, prefix string, remove func(string) bool) (int64, error) {
	n, err := c.Store.EraseBelow(ctx, prefix, remove)
	if err == nil && c.dies("erase") {
		return n, &objstore.Error{Op: "delete object", Kind: objstore.ErrUnavailable}
	}
	return n, err
}
