package stages_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/stages"
	"github.com/bateia/bateia/stages/parse"
)

// wide writes a text as spreadsheets do that say "Unicode text".
func wide(text string) []byte {
	var b bytes.Buffer
	b.Write([]byte{0xff, 0xfe})
	for _, u := range utf16.Encode([]rune(text)) {
		_ = binary.Write(&b, binary.LittleEndian, u) // a buffer never fails
	}
	return b.Bytes()
}

// latin1 writes a text with a byte a character.
func latin1(text string) []byte {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r))
	}
	return b
}

// cleaned is what the program reads in a file.
func cleaned(t *testing.T, body []byte) []string {
	t.Helper()
	var out bytes.Buffer
	if _, _, err := parse.Clean(t.Context(), bytes.NewReader(body), int64(len(body)), parse.Options{}, &out); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\r\n")
}

// What speaks of the person is overwritten in whatever encoding, and every other
// record reads as before, at its place.
func TestRedactionLeavesOtherRecordsAlone(t *testing.T) {
	t.Parallel()
	const text = "nome;telefone;obs\nZuléide Plantáda;51 98722-4321;\"fala\n\"\"pouco\"\"\"\nJoão;51 98111-0001;ação\nZuléide;51987224321;\nAna;51 98111-0002;x\n"
	p := schemas.Person{Named: []schemas.Identity{{Kind: identity.Phone, Value: "+5551987224321"}}, Names: []string{"zuleide plantada"}}
	for _, tt := range []struct {
		name string
		body []byte
	}{
		{"UTF-8", []byte(text)}, {"Windows-1252", latin1(text)}, {"UTF-16", wide(text)}, {"carriage returns", []byte(strings.ReplaceAll(text, "\n", "\r\n"))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.csv")
			if err := os.WriteFile(path, tt.body, 0o600); err != nil {
				t.Fatal(err)
			}
			found, err := stages.FindPerson(t.Context(), pipeline.SearchFile{Path: path, Name: "x.csv", Dir: t.TempDir()}, p)
			if err != nil || len(found.Stretches) != 2 || found.Stretches[0].Row != 1 || found.Stretches[1].Row != 3 {
				t.Fatalf("found %+v: %v", found, err)
			}
			if err := stages.Redact(path, found.Dialect, found.Stretches); err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(path)
			if err != nil || len(after) != len(tt.body) {
				t.Fatalf("%d bytes, were %d: %v", len(after), len(tt.body), err)
			}
			was, is := cleaned(t, tt.body), cleaned(t, after)
			for _, line := range is {
				if strings.Contains(line, "Zul") || strings.Contains(line, "4321") {
					t.Errorf("left: %q", line)
				}
			}
			others := func(lines []string) (out []string) {
				for i, line := range lines {
					if strings.HasPrefix(line, "João") || strings.HasPrefix(line, "Ana") {
						out = append(out, string(rune('0'+i))+line)
					}
				}
				return out
			}
			if diff := cmp.Diff(others(was), others(is)); diff != "" || len(was) != len(is) {
				t.Errorf("other records (-was +is):\n%s", diff)
			}
		})
	}
}

// In a workbook every sheet is looked at, and what cannot be looked into says so.
func TestFindPersonInWorkbooksAndArchives(t *testing.T) {
	t.Parallel()
	p := schemas.Person{Named: []schemas.Identity{{Kind: identity.Phone, Value: "+5551987224321"}}}
	book := excelize.NewFile()
	t.Cleanup(func() { _ = book.Close() }) // nothing of it is kept
	var file, archive bytes.Buffer
	_, err := book.NewSheet("Plan2")
	for cell, text := range map[string]string{"Sheet1!A1": "nome", "Sheet1!B1": "telefone", "Sheet1!A2": "Ana", "Sheet1!B2": "51981110001", "Plan2!A1": "obs", "Plan2!A2": "ligar (51) 98722-4321"} {
		sheet, at, _ := strings.Cut(cell, "!")
		err = errors.Join(err, book.SetCellStr(sheet, at, text))
	}
	z := zip.NewWriter(&archive)
	for _, name := range []string{"a.csv", "b.csv"} {
		w, failed := z.Create(name)
		err = errors.Join(err, failed)
		_, failed = w.Write([]byte("nome;telefone\nZuleide;51987224321\n"))
		err = errors.Join(err, failed)
	}
	if err := errors.Join(err, book.Write(&file), z.Close()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file string
		body       []byte
		found      bool
		unread     bool
	}{
		{"another sheet", "x.xlsx", file.Bytes(), true, false},
		{"an archive of several files", "x.zip", archive.Bytes(), false, true},
		{"no header", "x.csv", []byte("Zuleide;51987224321\nAna;51981110001\n"), true, false},
		{"somebody else", "y.csv", []byte("nome;telefone\nAna;51981110001\n"), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x")
			if err := os.WriteFile(path, tt.body, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := stages.FindPerson(t.Context(), pipeline.SearchFile{Path: path, Name: tt.file, Dir: t.TempDir()}, p)
			if err != nil || len(got.Stretches) > 0 != tt.found || got.Unread != tt.unread {
				t.Errorf("found %+v: %v", got, err)
			}
		})
	}
}
