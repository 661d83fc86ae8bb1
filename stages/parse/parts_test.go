package parse

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// endless is an object of size bytes that repeats a piece of text, and counts
// what is read of it.
type endless struct {
	piece string
	size  int64
	read  int64
}

func (e *endless) ReadAt(p []byte, at int64) (int, error) {
	n := int(min(int64(len(p)), e.size-at))
	for i := 0; i < n; {
		i += copy(p[i:n], e.piece[(at+int64(i))%int64(len(e.piece)):])
	}
	e.read += int64(n)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// hugeFile is 120 MB of a table of free text with nearly every delimiter in it.
func hugeFile() *endless {
	piece := "id;nome;nota;quando\n" + plainSemicolons(contacts(400))
	return &endless{piece: piece, size: 120 << 20}
}

func plainSemicolons(rows [][]string) string {
	s := plainStyle
	s.delim = ";"
	return s.table(rows)
}

// TestSniffingReadsLittle opens a file of 120 MB: what is read to find out about
// it must not depend on its size.
func TestSniffingReadsLittle(t *testing.T) {
	t.Parallel()
	src := hugeFile()
	r, err := Open(src, src.size, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := r.Dialect(); d.Delimiter != ";" {
		t.Errorf("delimiter %q, want ;", d.Delimiter)
	}
	if most := int64(sampleBytes + 2*partBytes + 512<<10); src.read > most {
		t.Errorf("read %d bytes, want at most %d", src.read, most)
	}
}

// TestTheMiddleDecides has a start that could be split in two ways.
func TestTheMiddleDecides(t *testing.T) {
	t.Parallel()
	start := "quem~nota, ou aviso\n" + strings.Repeat("Ana~gosta de uvas, e peras\n", 8000)
	rest := strings.Repeat("Bia~ligar na segunda\n", 20000)
	for name, tc := range map[string]struct{ data, want string }{
		"by the middle": {start + rest, "~"},
		"by the end":    {start + strings.Repeat("Ana~gosta de uvas, e peras\n", 8000) + rest[:len(rest)/4], "~"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, encoding := range []string{utf8Name, utf16LEName} {
				data := encode(tc.data, encoding)
				r, err := Open(bytes.NewReader(data), int64(len(data)), Options{Encoding: encoding})
				if err != nil {
					t.Fatal(err)
				}
				if d := r.Dialect(); d.Delimiter != tc.want {
					t.Errorf("%s: delimiter %q, want %q", encoding, d.Delimiter, tc.want)
				}
			}
		})
	}
}

// BenchmarkOpenHuge is how long it takes to find out about a file of 120 MB.
func BenchmarkOpenHuge(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		src := hugeFile()
		if _, err := Open(src, src.size, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
