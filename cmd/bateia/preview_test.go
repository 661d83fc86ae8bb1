package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// bateia runs the program without an environment and returns what it wrote.
func bateia(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), environment{
		args: args, in: strings.NewReader(""), out: &stdout, err: &stderr, getenv: func(string) string { return "" },
	})
	return code, stdout.String(), stderr.String()
}

// messyLeads writes a file with a bit of everything, all of it invented.
func messyLeads(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id;Nome;Fone;Recado;Nascimento;Renda;Cidade;UF;Obs;obs;;Obs\n")
	for i := range 60 {
		phone := fmt.Sprintf("9%04d-%04d", 8000+i, i*31)
		if i%3 > 0 {
			phone = "(51) " + phone
		}
		fmt.Fprintf(&b, "%d;João %c. Souza;%s;(51) 9%04d-%04d;%02d/%02d/19%02d;%d,%02d;Canoas;RS;a;b;;\n",
			i+1, 'A'+i%26, phone, 8100+i, i*17, 1+i%28, 1+i%12, 50+i%40, 1000+i*37, i)
	}
	name := filepath.Join(t.TempDir(), "lista de março.csv")
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestPreviewAsJSON(t *testing.T) {
	t.Parallel()
	code, out, errs := bateia(t, "preview", messyLeads(t), "--json")
	var doc previewDocument
	if err := json.Unmarshal([]byte(out), &doc); code != exitDone || err != nil || errs != "" {
		t.Fatalf("exit %d, %v, %s", code, err, errs)
	}
	var got []string
	for _, c := range doc.Columns {
		line := fmt.Sprintf("%s → %s (%s) %.2f/%.2f", c.Name, c.Field, c.Reason, c.FillRate, c.DistinctShare)
		if c.Proposed != nil {
			line += " proposed " + *c.Proposed
		}
		if c.TypeEvidence != nil {
			line += fmt.Sprintf(" %s %v %v", c.TypeEvidence.Format, c.TypeEvidence.Decided, c.TypeEvidence.SheetRows)
		}
		if c.SuggestedType != "text" {
			line += " as " + c.SuggestedType
		}
		got = append(got, line)
	}
	want := []string{
		"id → extra.id (counter) 1.00/1.00 as number",
		"Nome → name (header) 1.00/0.43",
		"Fone → phone (header) 1.00/1.00",
		"Recado → extra.recado (ambiguous: phone) 1.00/1.00 proposed phone",
		"Nascimento → birthday (header) 1.00/1.00 dd/mm/yyyy true [14 15 16]",
		"Renda → extra.renda (extra) 1.00/1.00 as number",
		"Cidade → city (header) 1.00/0.02",
		"UF → state (header) 1.00/0.02",
		"Obs → notes (header) 1.00/0.02",
		"obs → notes (header) 1.00/0.02",
		" →  (unnamed) 0.00/0.00",
		"Obs → notes (header) 0.00/0.00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	for _, c := range doc.Causes {
		if c.Code == "PHONE_LOCAL_ONLY" {
			if c.Rows != 20 || c.Column == nil || *c.Column != "Fone" || c.Remedy == "" || cmp.Diff([]int64{2, 5, 8, 11, 14}, c.SheetRows) != "" {
				t.Errorf("cause %+v", c)
			}
			return
		}
	}
	t.Errorf("no cause PHONE_LOCAL_ONLY in %+v", doc.Causes)
}

// The mapping file that preview writes means what preview showed, column by
// column, and asks for nothing that import would refuse.
func TestWrittenMappingMeansWhatWasShown(t *testing.T) {
	t.Parallel()
	file := messyLeads(t)
	for _, flags := range [][]string{
		nil,
		{"--map", "Recado=phone2", "--set", "source=Feira", "--option", "default_area_code=51"},
		{"--map", "id=external_id", "--map", "obs=ignore"},
	} {
		mapping := filepath.Join(t.TempDir(), "m.yaml")
		args := append([]string{"preview", file, "--json"}, flags...)
		code, before, errs := bateia(t, append(args, "--write-mapping", mapping)...)
		if code != exitDone {
			t.Fatalf("%v: exit %d, %s", flags, code, errs)
		}
		code, after, errs := bateia(t, "preview", file, "--json", "--mapping", mapping)
		if code != exitDone {
			text, _ := os.ReadFile(mapping)
			t.Fatalf("%v: exit %d, %s\n%s", flags, code, errs, text)
		}
		fields := func(out string) (list []string) {
			var doc previewDocument
			if err := json.Unmarshal([]byte(out), &doc); err != nil {
				t.Fatal(err)
			}
			for _, c := range doc.Columns {
				list = append(list, c.Name+" → "+c.Field+" "+c.Type)
			}
			for _, n := range doc.Issues.ByCode {
				list = append(list, fmt.Sprint(n))
			}
			return list
		}
		if diff := cmp.Diff(fields(before), fields(after)); diff != "" {
			t.Errorf("%v (-shown +written):\n%s", flags, diff)
		}
	}
}

func TestWrittenMappingNeverReplacesAFile(t *testing.T) {
	t.Parallel()
	file := messyLeads(t)
	mine := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := bateia(t, "preview", file, "--write-mapping", mine)
	if text, _ := os.ReadFile(mine); code != exitUsage || string(text) != "mine" || !strings.Contains(errs, "exists already") {
		t.Errorf("exit %d, %s, file %q", code, errs, text)
	}
}

func TestPreviewFitsATerminal(t *testing.T) {
	t.Parallel()
	file := messyLeads(t)
	for _, locale := range []string{"en", "pt-BR", "es"} {
		_, out, _ := bateia(t, "preview", file, "--locale", locale)
		for line := range strings.Lines(out) {
			line = strings.TrimRight(line, "\n")
			if utf8.RuneCountInString(line) > previewWidth && !strings.Contains(line, "bateia ") && !strings.Contains(line, "--map ") {
				t.Errorf("%s: longer than %d: %s", locale, previewWidth, line)
			}
			if strings.HasSuffix(line, " ") || strings.ContainsAny(line, "{}") {
				t.Errorf("%s: %q", locale, line)
			}
		}
		for _, want := range []string{"--map Recado=phone", "--option default_area_code=51", "--write-mapping", "dd/mm/yyyy"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", locale, want, out)
			}
		}
	}
}

// A file of very many columns is shown in a few screens; what feeds a field is
// never left out.
func TestPreviewOfAWideFile(t *testing.T) {
	t.Parallel()
	var header, row []string
	for i := range 500 {
		header, row = append(header, fmt.Sprintf("medida %c%c", 'a'+i/26, 'a'+i%26)), append(row, fmt.Sprint(i%7))
	}
	text := strings.Join(append(header, "e-mail"), ";") + "\n" + strings.Repeat(strings.Join(append(row, "ana@exemplo.com.br"), ";")+"\n", 8)
	name := filepath.Join(t.TempDir(), "wide.csv")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := bateia(t, "preview", name)
	if lines := strings.Count(out, "\n"); code != exitDone || lines > 250 {
		t.Fatalf("exit %d, %d lines, %s", code, lines, errs)
	}
	for _, want := range []string{"email", "440 more columns without a field"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// Columns whose names were swapped are shown with the flags that put them right,
// and with these nothing is refused.
func TestPreviewOfSwappedColumns(t *testing.T) {
	t.Parallel()
	text := "Telefone;e-mail\n"
	for i := range 30 {
		text += fmt.Sprintf("pessoa%d@exemplo.com.br;51 98765-43%02d\n", i, i)
	}
	name := filepath.Join(t.TempDir(), "swapped.csv")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, out, _ := bateia(t, "preview", name)
	for _, want := range []string{"COLUMN_CONTENT_DIFFERS", "--map Telefone=email", "--map e-mail=phone", "EMAIL_INVALID"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	_, out, _ = bateia(t, "preview", name, "--map", "Telefone=email", "--map", "e-mail=phone")
	if strings.Contains(out, "_INVALID") || strings.Contains(out, "COLUMN_CONTENT_DIFFERS") {
		t.Errorf("still refused:\n%s", out)
	}
}
