package parse

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/bateia/bateia/pipeline"
)

const packedText = "nome;telefone\r\nAna;51987654321\r\nBia;51987654322\r\nJosé;\"51\r\n987654323\"\r\n"

func gzipped(parts ...string) []byte {
	var out bytes.Buffer
	for _, text := range parts {
		z := gzip.NewWriter(&out)
		must(z.Write([]byte(text)))
		must(0, z.Close())
	}
	return out.Bytes()
}

func zstded(text string, options ...zstd.EOption) []byte {
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out, options...)
	must(0, err)
	must(z.Write([]byte(text)))
	must(0, z.Close())
	return out.Bytes()
}

// entry is a file of a zip archive.
type entry struct {
	name, text string
	change     func(*zip.FileHeader)
}

func zipped(entries ...entry) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.text == "" {
			h.Method = zip.Store // a compressor for each of many files is slow
		}
		w, err := z.CreateHeader(h)
		must(0, err)
		if !strings.HasSuffix(e.name, "/") {
			must(io.WriteString(w, e.text))
		}
		if e.change != nil {
			e.change(h) // as the directory at the end will say
		}
	}
	must(0, z.Close())
	return out.Bytes()
}

// listed changes a byte of the first entry in the directory of an archive.
func listed(data []byte, at int) []byte {
	data[bytes.Index(data, []byte("PK\x01\x02"))+at] ^= 1
	return data
}

func must[T any](_ T, err error) {
	if err != nil {
		panic(err)
	}
}

// unpack returns the text that a file unpacks to and what it was.
func unpack(dir string, data []byte, o UnpackOptions) (text string, u *Unpacked, err error) {
	o.Dir = dir
	if u, err = Unpack(context.Background(), bytes.NewReader(data), int64(len(data)), o); err != nil {
		return "", nil, err
	}
	out, err := io.ReadAll(io.NewSectionReader(u, 0, u.Size))
	return string(out), u, errors.Join(err, u.Close())
}

// checkEmpty checks that nothing was left in the folder.
func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in scratch: %v, %v", left, err)
	}
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	leads := entry{name: "leads.csv", text: packedText}
	half := len(packedText) / 2
	for _, tc := range []struct {
		name, kind string
		data       []byte
	}{
		{"plain", "", []byte(packedText)},
		{"gzip", compressionGzip, gzipped(packedText)},
		{"gzip of several members", compressionGzip, gzipped(packedText[:half], "", packedText[half:])},
		{"gzip with zeros behind it", compressionGzip, append(gzipped(packedText), make([]byte, 700)...)},
		{"zstd", compressionZstd, zstded(packedText)},
		{"zstd without a checksum", compressionZstd, zstded(packedText, zstd.WithEncoderCRC(false))},
		{"zstd of several frames", compressionZstd, append(zstded(packedText[:half]), zstded(packedText[half:])...)},
		{"zstd behind a frame to skip", compressionZstd, append([]byte("\x50\x2A\x4D\x18\x04\x00\x00\x00abcd"), zstded(packedText)...)},
		{"zip", compressionZip, zipped(leads)},
		{"zip in a folder", compressionZip, zipped(entry{name: "export/"}, entry{name: "export/leads.csv", text: packedText})},
		{"zip of a Mac", compressionZip, zipped(leads, entry{name: "__MACOSX/._leads.csv", text: "x"}, entry{name: ".DS_Store", text: "x"})},
		{"zip that is stored", compressionZip, zipped(entry{"leads.csv", packedText, nil})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text, u, err := unpack(dir, tc.data, UnpackOptions{Name: "leads"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(packedText, text); diff != "" || u.Compression != tc.kind {
				t.Errorf("compression %q, text mismatch (-want +got):\n%s", u.Compression, diff)
			}
			checkEmpty(t, dir)
		})
	}
}

func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	leads := entry{name: "leads.csv", text: packedText}
	bad := func(data []byte, at int) []byte { data[(at+len(data))%len(data)] ^= 0x55; return data }
	for _, tc := range []struct {
		name, code, detail string
		data               []byte
	}{
		{"two files", CodeNotCSV, "zip_files", zipped(leads, entry{name: "more.csv", text: "a"})},
		{"no file", CodeEmpty, "", zipped(entry{name: "folder/"})},
		{"encrypted zip", CodeNotCSV, "zip_protected", zipped(entry{"leads.csv", packedText, func(h *zip.FileHeader) { h.Flags |= 1 }})},
		{"zip by another method", CodeNotCSV, "archive", zipped(entry{"leads.csv", packedText, func(h *zip.FileHeader) { h.Method = 14 }})},
		{"zip with a bad checksum", CodeTruncated, "", listed(zipped(leads), 16)},
		{"zip that says it is shorter", CodeTruncated, "", listed(zipped(leads), 24)},
		{"zip that says it is much longer", CodeTruncated, "", listed(zipped(leads), 25)},
		{"gzip with a bad checksum", CodeTruncated, "", bad(gzipped(packedText), -5)},
		{"gzip with a bad length", CodeTruncated, "", bad(gzipped(packedText), -1)},
		{"rubbish behind gzip", CodeTruncated, "", append(gzipped(packedText), "rubbish"...)},
		{"rubbish behind zeros", CodeTruncated, "", append(gzipped(packedText), "\x00\x00rubbish"...)},
		{"a member behind zeros", CodeTruncated, "", append(append(gzipped(packedText), 0, 0), gzipped(packedText)...)},
		{"rubbish between members", CodeTruncated, "", append(append(gzipped(packedText), 'x'), gzipped(packedText)...)},
		{"second member breaks off", CodeTruncated, "", gzipped(packedText, packedText)[:len(gzipped(packedText))+20]},
		{"zstd with a bad checksum", CodeTruncated, "", bad(zstded(packedText), -1)},
		{"rubbish behind zstd", CodeTruncated, "", append(zstded(packedText), "rubbish"...)},
		{"gzip in gzip", CodeBomb, "nested", gzipped(string(gzipped(packedText)))},
		{"zip in zip", CodeBomb, "nested", zipped(entry{name: "a.zip", text: string(zipped(leads))})},
		{"zip in gzip", CodeBomb, "nested", gzipped(string(zipped(leads)))},
		{"bzip2 in zip", CodeBomb, "nested", zipped(entry{name: "a.csv", text: "BZh91AY&SY"})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, _, err := unpack(dir, tc.data, UnpackOptions{Name: "leads.csv"})
			issue, ok := Refusal(err)
			if !ok || issue.Code != tc.code || issue.Detail != tc.detail {
				t.Errorf("error %v, issue %+v, want %s %q", err, issue, tc.code, tc.detail)
			}
			checkEmpty(t, dir)
		})
	}
}

// TestUnpackTruncated cuts packed files at every byte: none of them may pass for
// whole.
func TestUnpackTruncated(t *testing.T) {
	t.Parallel()
	text := packedText + strings.Repeat("Caio;51987654329\r\n", 20)
	for name, data := range map[string][]byte{
		"gzip":                    gzipped(text),
		"zstd":                    zstded(text),
		"zstd without a checksum": zstded(text, zstd.WithEncoderCRC(false)),
		"zip":                     zipped(entry{name: "leads.csv", text: text}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for n := 4; n < len(data); n++ { // before that it is some other file
				got, _, err := unpack(dir, data[:n], UnpackOptions{Name: "leads.csv"})
				if pipeline.CodeOf(err) != CodeTruncated {
					t.Errorf("%d of %d bytes: %d bytes of text, error %v", n, len(data), len(got), err)
				}
			}
			checkEmpty(t, dir)
		})
	}
}

// TestUnpackDamaged flips every bit pattern of one byte at a time: what comes out
// is the text or a refusal, never something else. A gzip header holds a name and
// a time that no checksum covers.
func TestUnpackDamaged(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"gzip": gzipped(packedText), "zstd": zstded(packedText), "zip": zipped(entry{name: "leads.csv", text: packedText}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for at := range data {
				damaged := bytes.Clone(data)
				damaged[at] ^= 0xFF
				got, u, err := unpack(dir, damaged, UnpackOptions{})
				if err == nil && u.Compression != "" && got != packedText {
					t.Errorf("byte %d: text %q", at, got)
				}
			}
		})
	}
}

// zeros is a reader of so many zero bytes.
type zeros struct{ left int }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), z.left)
	clear(p[:n])
	z.left -= n
	return n, nil
}

func TestUnpackLimits(t *testing.T) {
	t.Parallel()
	bomb := func(bytesOf int) []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		must(io.Copy(z, &zeros{bytesOf}))
		must(0, z.Close())
		return out.Bytes()
	}
	text := ""
	for i := range 2000 {
		text += fmt.Sprintf("lead %d;%d\n", i, i*i*7919)
	}
	// A window of a gigabyte: frame header with window descriptor, no size.
	window := []byte("\x28\xB5\x2F\xFD\x00\xA0\x01\x00\x00")
	for _, tc := range []struct {
		name, code string
		most       int64
		data       []byte
	}{
		{"a few bytes too long", CodeTooLarge, int64(len(text)) - 1, gzipped(text)},
		{"long for zstd", CodeTooLarge, int64(len(text)) - 1, zstded(text)},
		{"long for zip", CodeTooLarge, int64(len(text)) - 1, zipped(entry{name: "a.csv", text: text})},
		{"as long as may be", "", int64(len(text)), gzipped(text)},
		{"bomb", CodeBomb, 0, bomb(40 << 20)},
		{"bomb within the limit of a small account", CodeBomb, 1 << 20, bomb(2 << 20)},
		{"empty rows of a sheet", "", 0, gzipped(strings.Repeat(";;;;;;;;;;\r\n", 1<<20))},
		{"zstd window", CodeBomb, 0, window},
		{"zip of a hundred thousand files", CodeNotCSV, 0, manyFiles(100_000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, _, err := unpack(dir, tc.data, UnpackOptions{Name: "a.csv.gz", MaxBytes: tc.most})
			if pipeline.CodeOf(err) != tc.code {
				t.Errorf("error %v, want %q", err, tc.code)
			}
			checkEmpty(t, dir)
		})
	}
}

func manyFiles(n int) []byte {
	list := make([]entry, n)
	for i := range list {
		list[i].name = fmt.Sprint(i)
	}
	return zipped(list...)
}

// failing is a source that cannot be read beyond its first bytes.
type failing struct{ data []byte }

var errDisk = errors.New("disk")

func (f failing) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > 4<<10 {
		return 0, errDisk
	}
	return bytes.NewReader(f.data).ReadAt(p, at)
}

// TestUnpackFailures checks that a failing machine is not taken for a bad file.
func TestUnpackFailures(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "%d;%d\n", i*7919%10007, i*104729)
	}
	for name, data := range map[string][]byte{
		"gzip": gzipped(text.String()), "zstd": zstded(text.String()), "zip": zipped(entry{name: "a", text: text.String()}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Unpack(context.Background(), failing{data}, int64(len(data)), UnpackOptions{Dir: t.TempDir()})
			if !errors.Is(err, errDisk) || pipeline.KindOf(err) == pipeline.KindRejected {
				t.Errorf("error %v, want the disk's", err)
			}
			_, err = Unpack(context.Background(), bytes.NewReader(data), int64(len(data)), UnpackOptions{Dir: t.TempDir() + "/missing"})
			if err == nil || pipeline.KindOf(err) == pipeline.KindRejected {
				t.Errorf("error %v without a folder", err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_, err = Unpack(ctx, bytes.NewReader(data), int64(len(data)), UnpackOptions{Dir: t.TempDir()})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want canceled", err)
			}
		})
	}
}

// TestStageReadsPackedFiles checks that the whole stage reads what was packed as
// it reads the text, positions among it.
func TestStageReadsPackedFiles(t *testing.T) {
	t.Parallel()
	plain, _ := newRun(t, packedText)
	if err := (Stage{}).Run(context.Background(), plain); err != nil {
		t.Fatal(err)
	}
	run, w := newRun(t, string(gzipped(packedText)))
	run.FileName = "leads.csv.gz"
	if err := (Stage{}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	want := plain.Facts
	want.Dialect.Compression = compressionGzip
	if diff := cmp.Diff(want, run.Facts); diff != "" || w.rows != 3 {
		t.Errorf("%d rows, facts mismatch (-want +got):\n%s", w.rows, diff)
	}
	checkEmpty(t, run.Dir)

	run, _ = newRun(t, string(gzipped(packedText)[:40]))
	err := (Stage{}).Run(context.Background(), run)
	if pipeline.CodeOf(err) != CodeTruncated || len(run.Facts.Issues) != 1 || run.Facts.Issues[0].Code != CodeTruncated {
		t.Errorf("error %v, issues %+v", err, run.Facts.Issues)
	}
}

// FuzzUnpack feeds arbitrary bytes and checks that they end in text or in a
// refusal, within the limit and without anything left in scratch.
func FuzzUnpack(f *testing.F) {
	for _, seed := range [][]byte{
		gzipped(packedText), zstded(packedText), zipped(entry{name: "leads.csv", text: packedText}), gzipped("a", "b"),
		workbookOf(f, func(b *book) { b.rows([]any{"nome", "fone"}, []any{"Ana", 51987654321}) }),
		[]byte("PK\x05\x06"), []byte("\x1F\x8B"), []byte(compoundMagic), []byte("a;b\n"),
	} {
		f.Add(seed)
	}
	dir := f.TempDir()
	const most = 1 << 20
	f.Fuzz(func(t *testing.T, data []byte) {
		text, _, err := unpack(dir, data, UnpackOptions{MaxBytes: most})
		if err != nil && pipeline.KindOf(err) != pipeline.KindRejected {
			t.Errorf("error %v is no refusal", err)
		}
		if len(text) > max(most, len(data)) {
			t.Errorf("%d bytes of text", len(text))
		}
		checkEmpty(t, dir)
	})
}
