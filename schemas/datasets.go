package schemas

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// Dataset is a table for analysts in the bucket: Parquet files, one an import, of
// which account and day stand in the key as Hive has it.
type Dataset struct {
	Name    string
	Comment string // what a row is
	Columns []DatasetColumn
	// Counts says that it holds what the import said: an import that was taken back
	// has no file in it.
	Counts bool
	// Beyond are columns that the view of the same name lacks.
	Beyond []string
}

// DatasetColumn is a column of a dataset.
type DatasetColumn struct {
	Name    string
	Type    DatasetType
	Comment string
}

// DatasetType is the type of a column, by its name in SQL.
type DatasetType string

// Types of columns. Texts is never null, but may be empty.
const (
	DatasetText    DatasetType = "varchar"
	DatasetInteger DatasetType = "bigint"
	DatasetDouble  DatasetType = "double"
	DatasetBoolean DatasetType = "boolean"
	DatasetMoment  DatasetType = "timestamp with time zone"
	DatasetTexts   DatasetType = "varchar[]"
)

// Names of datasets that the program asks for by name.
const (
	DatasetRows      = "rows"
	DatasetLeads     = "leads"
	DatasetProspects = "prospects"
	DatasetSnapshot  = "prospects_snapshot"
)

// DatasetPrefix is where datasets begin in the bucket.
const DatasetPrefix = "reports/"

// DatasetKey is where the file of an import, or a snapshot, lies; day is that of
// the account on which it was registered.
func DatasetKey(dataset, account string, day time.Time, id ImportID) string {
	return fmt.Sprintf("%sdate=%s/%s.parquet", DatasetFolder(dataset, account), day.Format(time.DateOnly), id)
}

// DatasetFolder is below what the files of an account lie.
func DatasetFolder(dataset, account string) string {
	return DatasetPrefix + dataset + "/account=" + account + "/"
}

// ImportOfDatasetKey is the import that a key of DatasetKey belongs to.
func ImportOfDatasetKey(key string) (ImportID, bool) {
	name, ok := strings.CutSuffix(key[strings.LastIndex(key, "/")+1:], ".parquet")
	id, err := ParseImportID(name)
	return id, ok && err == nil
}

// DatasetByName finds a dataset.
func DatasetByName(name string) (Dataset, bool) {
	i := slices.IndexFunc(datasets, func(d Dataset) bool { return d.Name == name })
	if i < 0 {
		return Dataset{}, false
	}
	return datasets[i], true
}

// Datasets returns all datasets, in reading order.
func Datasets() []Dataset { return slices.Clone(datasets) }

// Arrow is the schema of a dataset's batches.
func (d Dataset) Arrow() *arrow.Schema {
	fields := make([]arrow.Field, len(d.Columns))
	for i, c := range d.Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.arrow(), Nullable: c.Type != DatasetTexts}
	}
	return arrow.NewSchema(fields, nil)
}

func (t DatasetType) arrow() arrow.DataType {
	switch t {
	case DatasetInteger:
		return arrow.PrimitiveTypes.Int64
	case DatasetDouble:
		return arrow.PrimitiveTypes.Float64
	case DatasetBoolean:
		return arrow.FixedWidthTypes.Boolean
	case DatasetMoment:
		return arrow.FixedWidthTypes.Timestamp_us
	case DatasetTexts:
		return arrow.ListOfNonNullable(arrow.BinaryTypes.String)
	}
	return arrow.BinaryTypes.String
}
