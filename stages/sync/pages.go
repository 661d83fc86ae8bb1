package sync

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/schemas"
)

// Pages stores the pages of a sync as objects. Errors say what they mean for the
// work.
type Pages interface {
	PutPage(ctx context.Context, key string, data []byte) error
	GetPage(ctx context.Context, key string) ([]byte, error)
}

// pagePrefix is where the pages of an import lie.
func pagePrefix(id schemas.ImportID) string { return "plans/" + id.String() + "/pages/" }

// encodePage makes the object of a page: its records, without what is not read of
// them, as JSON under zstd.
func encodePage(rows []omie.Customer) ([]byte, error) {
	text, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("encode page: %w", err)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("encode page: %w", err)
	}
	defer w.Close()
	return w.EncodeAll(text, nil), nil
}

func decodePage(data []byte) (rows []omie.Customer, err error) {
	r, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1))
	if err == nil {
		defer r.Close()
		err = json.NewDecoder(r).Decode(&rows)
	}
	if err != nil {
		return nil, &pipeline.Error{Op: "read stored page", Kind: pipeline.KindPermanent, Code: "INTERNAL"}
	}
	return rows, nil
}
