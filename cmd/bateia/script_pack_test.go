package main

import (
	"archive/zip"
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// cmdPack packs files: pack gzip leads.csv.gz leads.csv
func cmdPack(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: pack gzip|zstd|zip packed file…")
	}
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	defer func() { ts.Check(out.Close()) }()
	var w io.WriteCloser
	switch args[0] {
	case "gzip":
		w = gzip.NewWriter(out)
	case "zstd":
		w, err = zstd.NewWriter(out)
		ts.Check(err)
	case "zip":
		z := zip.NewWriter(out)
		for _, name := range args[2:] {
			f, err := z.Create(name)
			ts.Check(err)
			_, err = io.WriteString(f, ts.ReadFile(name))
			ts.Check(err)
		}
		ts.Check(z.Close())
		return
	default:
		ts.Fatalf("cannot pack %s", args[0])
	}
	_, err = io.WriteString(w, ts.ReadFile(args[2]))
	ts.Check(err)
	ts.Check(w.Close())
}

// cmdWorkbook writes CSV files as the sheets of a workbook, each named as its
// file; numbers become numbers: workbook leads.xlsx Capa.csv Leads.csv
func cmdWorkbook(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: workbook file.xlsx sheet.csv…")
	}
	f := excelize.NewFile()
	for i, name := range args[1:] {
		sheet := strings.TrimSuffix(name, ".csv")
		if i == 0 {
			ts.Check(f.SetSheetName("Sheet1", sheet))
		} else {
			_, err := f.NewSheet(sheet)
			ts.Check(err)
		}
		r := csv.NewReader(strings.NewReader(ts.ReadFile(name)))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		ts.Check(err)
		for at, row := range rows {
			cells := make([]any, len(row))
			for n, text := range row {
				cells[n] = text
				if v, err := strconv.ParseFloat(text, 64); err == nil {
					cells[n] = v
				}
			}
			ts.Check(f.SetSheetRow(sheet, "A"+strconv.Itoa(at+1), &cells))
		}
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[0])))
	ts.Check(f.Close())
}
