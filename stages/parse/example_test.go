package parse_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/stages/parse"
)

// A file is opened, which finds out how it is written, and streamed in batches.
func Example() {
	file := strings.NewReader("telefone;nome\n51 98765-4321;\"Silva; Ana\"\n\n51 91234-5678\n")
	r, err := parse.Open(file, file.Size(), parse.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("delimiter %q, header %q\n", r.Dialect().Delimiter, r.Header())
	for batch, err := range r.Batches(context.Background(), memory.DefaultAllocator) {
		if err != nil {
			fmt.Println(err)
			return
		}
		row, sheetRow := batch.Column(0).(*array.Int64), batch.Column(2).(*array.Int64)
		defect, cells := batch.Column(5).(*array.String), batch.Column(6).(*array.List)
		for i := range int(batch.NumRows()) {
			from, to := cells.ValueOffsets(i)
			fmt.Printf("row %d, row %d of the sheet: %d cells", row.Value(i), sheetRow.Value(i), to-from)
			if defect.IsValid(i) {
				fmt.Print(", ", defect.Value(i))
			}
			fmt.Println()
		}
	}
	fmt.Println(r.Records(), "records,", r.Blank(), "blank line")
	// Output:
	// delimiter ";", header ["telefone" "nome"]
	// row 1, row 2 of the sheet: 2 cells
	// row 2, row 4 of the sheet: 1 cells, ROW_TOO_FEW_CELLS
	// 2 records, 1 blank line
}

func ExampleClean() {
	file := strings.NewReader("sep=;\nnome;valor\n\"Silva; Ana\";10,50\n\nBia\n")
	var out strings.Builder // lines end with CRLF
	dialect, counts, err := parse.Clean(context.Background(), file, file.Size(), parse.Options{}, &out)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(out.String(), "\r\n", "\n"))
	fmt.Printf("read with %q: %d records, %d blank line\n", dialect.Delimiter, counts.Records, counts.Blank)
	// Output:
	// nome,valor
	// Silva; Ana,"10,50"
	// Bia,
	// read with ";": 2 records, 1 blank line
}
