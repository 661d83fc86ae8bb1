package parse

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
)

// hostile are pieces that, repeated, make repair look ahead at every line.
var hostile = map[string]struct {
	head, piece string
	o           Options
}{
	"quotes":                            {"a;b\n", `"`, Options{}},
	"quotes and line feeds":             {"a;b\n", "\"\n", Options{}},
	"opening quotes":                    {"a;b;c\n1;2;3\n", "x;\"\n", Options{}},
	"opening quotes and text":           {"a;b;c\n1;2;3\n", "x;\"y\n", Options{}},
	"three quotes":                      {"a;b;c\n1;2;3\n", "\"\"\"\n", Options{}},
	"quotes in the middle of cells":     {"a;b;c\n1;2;3\n", "\"x\"y;\"\n", Options{}},
	"records that swallow others":       {"a;b;c\n1;2;3\n", "\"x\n1;2\n\"\n", Options{}},
	"quotes under a long delimiter":     {"a||b||c\n1||2||3\n", "x||\"y\n", Options{Delimiter: "||", Quote: `"`}},
	"loose quotes under an escape":      {"a;b;c\n1;2;3\n", "\"x\"y;\\\"\n", Options{Delimiter: ";", Quote: `"`, Escape: `\`}},
	"carriage returns":                  {"a;b;c\n1;2;3\n", "x\ry\r", Options{Delimiter: ";"}},
	"carriage returns and line feeds":   {"a;b;c\n1;2;3\n", "x\r\"y\r;\n", Options{Delimiter: ";"}},
	"cells too many":                    {"a;b;c\n" + strings.Repeat("x y;1;z w\nv u;2;t s\n", 50), "x y;1;z w;x y;1;z w;x y;1;z w\n", Options{}},
	"cells too many, most of them none": {"a;b;c\n" + strings.Repeat("x y;;z w\n;2;t s\n", 50), ";;;;;;x;;;;\n", Options{}},
	"cells too few":                     {"a;b;c\n" + strings.Repeat("1;2;\n1;2;x\n", 50), "1\n", Options{}},
	"comments that are none":            {"# x\na;b;c\n1;2;3\n", "#;\"\n", Options{Comment: "#"}},
	"delimiters":                        {"a;b;c\n1;2;3\n", ";", Options{}},
}

// TestHostileFilesTakeLinearTime reads megabytes of what repair is for. A
// quadratic look ahead takes hours for them; the limit is many times what they
// take on a busy machine.
func TestHostileFilesTakeLinearTime(t *testing.T) {
	t.Parallel()
	const limit = 30 * time.Second
	for name, tc := range hostile {
		t.Run(name, func(t *testing.T) {
			size := 1 << 20
			if strings.HasPrefix(name, "quotes") && len(tc.piece) <= 2 {
				size = 10 << 20
			}
			data := append([]byte(tc.head), bytes.Repeat([]byte(tc.piece), size/len(tc.piece))...)
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			defer cancel()
			start := time.Now()
			o := tc.o
			o.MaxRecordBytes = 1 << 20
			r, err := Open(bytes.NewReader(data), int64(len(data)), o)
			if err != nil {
				t.Skip("refused: ", err)
			}
			for _, err := range r.Batches(ctx, memory.DefaultAllocator) {
				if err != nil && pipeline.CodeOf(err) != CodeNoDataRows {
					t.Fatalf("%v at %d of %d bytes", err, r.BytesRead(), len(data))
				}
			}
			if r.BytesRead() != int64(len(data)) {
				t.Errorf("read %d of %d bytes", r.BytesRead(), len(data))
			}
			read := time.Since(start)
			if _, _, err := Clean(ctx, bytes.NewReader(data), int64(len(data)), o, io.Discard); err != nil {
				t.Errorf("clean: %v", err)
			}
			t.Logf("%d records in %v, cleaned in %v", r.Records(), read, time.Since(start)-read)
		})
	}
}
