// Package dataset writes the files of datasets: Parquet, compressed by zstd, the
// same bytes for the same rows.
package dataset
