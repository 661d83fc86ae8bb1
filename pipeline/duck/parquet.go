package duck

import (
	"context"
	"fmt"
	"path/filepath"
)

// Export writes the result of a query as one zstd-compressed Parquet file in
// the workset's folder and returns its path.
func (w *Workset) Export(ctx context.Context, query, name string) (string, error) {
	path, _, err := w.export(ctx, query, name)
	return path, err
}

// groupRows is how many rows a row group has: the engine holds two a thread in memory,
// and rows may be wide.
const groupRows = 16 << 10

func (w *Workset) export(ctx context.Context, query, name string) (path string, rows int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	path = filepath.Join(w.dir, name)
	res, err := w.writer.ExecContext(ctx, fmt.Sprintf("copy (%s) to '%s' (format parquet, compression zstd, row_group_size %d)", query, quote(path), groupRows), nil)
	if err == nil {
		rows, err = res.RowsAffected()
	}
	return path, rows, wrap("write parquet", err)
}

// Import makes a table of a Parquet file that lies in the workset's folder.
func (w *Workset) Import(ctx context.Context, table, name string) error {
	return w.Exec(ctx, fmt.Sprintf("create or replace table %s as select * from read_parquet('%s')",
		ident(table), quote(filepath.Join(w.dir, name))))
}
