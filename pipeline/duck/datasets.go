package duck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Written is a Parquet file in a workset's folder.
type Written struct {
	Path  string
	Rows  int64
	Bytes int64
}

// WriteDataset writes what a query gives as the file of a dataset, under the
// dataset's name. The query's columns are those of the dataset, in its order; a null
// list is an empty one.
func (w *Workset) WriteDataset(ctx context.Context, d schemas.Dataset, query string) (Written, error) {
	columns, values := make([]string, len(d.Columns)), make([]string, len(d.Columns))
	for i, c := range d.Columns {
		columns[i] = ident(c.Name)
		values[i] = columns[i] + "::" + string(c.Type)
		if c.Type == schemas.DatasetTexts {
			values[i] = "coalesce(" + values[i] + ", [])"
		}
		values[i] += " as " + columns[i]
	}
	path, rows, err := w.export(ctx, fmt.Sprintf("select %s from (%s) q(%s)", strings.Join(values, ", "), query, strings.Join(columns, ", ")), d.Name+".parquet")
	if err != nil {
		return Written{}, fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Written{}, fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	return Written{path, rows, info.Size()}, nil
}

// WriteDatasetRows writes batches, which have the dataset's schema, as its file.
func (w *Workset) WriteDatasetRows(ctx context.Context, d schemas.Dataset, batches pipeline.Batches) (_ Written, err error) {
	table := "dataset_" + d.Name
	defer func() {
		err = errors.Join(err, w.Exec(context.WithoutCancel(ctx), "drop table if exists "+ident(table)))
	}()
	if _, err := w.Write(ctx, table, d.Arrow(), batches); err != nil {
		return Written{}, fmt.Errorf("write dataset %s: %w", d.Name, err)
	}
	return w.WriteDataset(ctx, d, "select * from "+ident(table))
}
