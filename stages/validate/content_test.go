package validate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// A made-up column: cell i of n.
var (
	mobiles   = func(i int) string { return fmt.Sprintf("519%08d", 80_000_000+i*7_919_791%19_999_999) }
	dressed   = func(i int) string { return fmt.Sprintf("(51) 9%04d-%04d", 8000+i%1999, (i*37)%10_000) }
	mails     = func(i int) string { return fmt.Sprintf("pessoa%d@exemplo.com.br", i*31%997) }
	cpfs      = func(i int) string { return cpf(123_456_789 + i*104_729) }
	dottedCPF = func(i int) string {
		d := cpf(123_456_789 + i*104_729)
		return d[:3] + "." + d[3:6] + "." + d[6:9] + "-" + d[9:]
	}
	dates    = func(i int) string { return fmt.Sprintf("%02d/%02d/%d", 1+i%28, 1+i%12, 1950+i%50) }
	amounts  = func(i int) string { return fmt.Sprintf("%d,%02d", i*137%9000, i%100) }
	ceps     = func(i int) string { return fmt.Sprintf("%05d-%03d", 90_000+i, i%1000) }
	bareCEPs = func(i int) string { return fmt.Sprintf("%05d%03d", 90_000+i, i%1000) }
	states   = func(i int) string { return []string{"RS", "SC", "PR", "SP"}[i%4] }
	lands    = func(i int) string { return []string{"Brasil", "Argentina", "México"}[i%3] }
	people   = func(i int) string {
		return []string{"Ana", "João", "Maria", "José", "Carlos", "Beatriz"}[i%6] + " " + []string{"Souza", "da Silva", "Lima", "Pérez Díaz"}[i/6%4] +
			[]string{"", " Neto", " Filho", " Costa", " Rocha", " Dias", " Moura"}[i/24%7]
	}
	firms  = func(i int) string { return fmt.Sprintf("Comércio %s Ltda", []string{"Alfa", "Beta", "Gama"}[i%3]) }
	sites  = func(i int) string { return fmt.Sprintf("www.loja%d.com.br", i) }
	yesno  = func(i int) string { return []string{"Sim", "Não"}[i%2] }
	counts = func(i int) string { return fmt.Sprint(i + 1) }
	serial = func(i int) string { return fmt.Sprint(40_000_000_00 + i*3) }
	sorted = func(i int) string { return fmt.Sprintf("519%08d", 80_000_000+i*30_011) }
	insta  = func(i int) string { return fmt.Sprintf("@loja.%d", i) }
	seller = func(i int) string { return []string{"ana@loja.com.br", "bia@loja.com.br"}[i%2] }
	blanks = func(int) string { return " - " }
)

// cpf completes nine digits with their check digits.
func cpf(nine int) string {
	d := fmt.Sprintf("%09d", nine%1_000_000_000)
	for range 2 {
		sum := 0
		for i, c := range d {
			sum += int(c-'0') * (len(d) + 1 - i)
		}
		check := 11 - sum%11
		if check > 9 {
			check = 0
		}
		d += string(rune('0' + check))
	}
	return d
}

func contentOf(country string, rows int, columns ...func(int) string) Content {
	p := NewProfiler(len(columns), country)
	cells := make([]string, len(columns))
	for i := range rows {
		for c, column := range columns {
			cells[c] = column(i)
		}
		p.Add(CellsOf(cells))
	}
	return p.Content()
}

func TestContentIsRecognized(t *testing.T) {
	t.Parallel()
	mixed := func(a, b func(int) string, every int) func(int) string {
		return func(i int) string {
			if i%every == 0 {
				return b(i)
			}
			return a(i)
		}
	}
	for _, tt := range []struct {
		name    string
		column  func(int) string
		want    string
		counter bool
	}{
		{"mobiles of digits", mobiles, ContentPhone, false},
		{"mobiles as people write them", dressed, ContentPhone, false},
		{"phones in ascending order are no counter", sorted, ContentPhone, false},
		{"e-mails", mails, ContentEmail, false},
		{"CPF of digits", cpfs, ContentDocument, false},
		{"CPF with dots", dottedCPF, ContentDocument, false},
		{"dates", dates, ContentDate, false},
		{"amounts", amounts, ContentNumber, false},
		{"postal codes", ceps, ContentPostal, false},
		{"postal codes without hyphen may be anything", bareCEPs, ContentNumber, true},
		{"states", states, ContentState, false},
		{"countries", lands, ContentCountry, false},
		{"names of people", people, ContentName, false},
		{"names of firms are no people", firms, "", false},
		{"web sites", sites, ContentURL, false},
		{"answers", yesno, ContentBoolean, false},
		{"row numbers", counts, ContentNumber, true},
		{"serial keys as long as phones", serial, ContentNumber, true},
		{"handles", insta, ContentHandle, false},
		{"a remark now and then", mixed(mails, firms, 20), ContentEmail, false},
		{"half one, half another", mixed(mails, mobiles, 2), "", false},
		{"blanks only", blanks, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := contentOf("BR", 200, tt.column)[0]
			got, confidence, _ := p.clear()
			if got != tt.want || p.Counter != tt.counter {
				t.Errorf("clear = %q (%.2f), counter %v; want %q, %v; shares %v", got, confidence, p.Counter, tt.want, tt.counter, p.Shares())
			}
			if confidence < 0 || confidence > 0.95 {
				t.Errorf("confidence %v", confidence)
			}
		})
	}
}

// Eleven digits that are good as both say nothing by themselves.
func TestDigitsThatAreBothAreLeftToTheHeader(t *testing.T) {
	t.Parallel()
	both := []string{}
	r := rand.New(rand.NewPCG(3, 4))
	for len(both) < 30 {
		if d := cpf(519_000_000 + r.IntN(1_000_000)); d[2] == '9' {
			both = append(both, d)
		}
	}
	content := contentOf("BR", len(both), func(i int) string { return both[i] })
	if p := content[0]; p.share(ContentPhone) < 0.9 || p.share(ContentDocument) < 0.9 {
		t.Fatalf("shares %v: not what this test is about", p.Shares())
	}
	if kind, _, ok := content[0].clear(); ok && kind != ContentNumber {
		t.Errorf("clear = %q", kind)
	}
	for header, want := range map[string]string{"Telefone": "phone (header)", "CPF": "document (header)", "Dado": "extra.dado (extra)"} {
		p, _, _ := MakePlan([]string{header}, content, schemas.Mapping{}, true)
		if got := p.Columns[0].Field + " (" + p.Columns[0].Reason + ")"; got != want {
			t.Errorf("%s → %s, want %s", header, got, want)
		}
	}
}

func TestPlansWithContent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		header   string
		columns  []func(int) string
		rows     int
		attended bool
		rest     string
		want     []string
		issues   []string
	}{
		{"a sure header stays what it is", "Telefone;e-mail", []func(int) string{mobiles, mails}, 100, false, "", []string{
			"Telefone → phone (header)", "e-mail → email (header)"}, nil},
		{"cells confirm a qualified header", "Telefone do cliente", []func(int) string{mobiles}, 100, false, "", []string{
			"Telefone do cliente → phone (header+content)"}, nil},
		{"cells settle a doubtful header", "Contatos;Contato", []func(int) string{mobiles, people}, 100, false, "", []string{
			"Contatos → phone (header+content)", "Contato → name (header+content)"}, nil},
		{"a few cells settle nothing", "e-mail;Contatos", []func(int) string{mails, mobiles}, 6, false, "", []string{
			"e-mail → email (header)", "Contatos → extra.contatos (ambiguous: phone)"}, nil},
		{"cells of another kind than a doubtful header", "e-mail;Contato", []func(int) string{mails, mobiles}, 100, false, "", []string{
			"e-mail → email (header)", "Contato → extra.contato (ambiguous: phone)"}, nil},
		{"cells of another kind than a sure header are told", "Telefone;e-mail", []func(int) string{mails, mobiles}, 100, false, "", []string{
			"Telefone → phone (contradicted: email)", "e-mail → email (contradicted: phone)"},
			[]string{"COLUMN_CONTENT_DIFFERS Telefone,e-mail email, phone"}},
		{"an unknown header is left to the user", "e-mail;Recado", []func(int) string{mails, mobiles}, 100, false, "", []string{
			"e-mail → email (header)", "Recado → extra.recado (ambiguous: phone)"}, nil},
		{"also when somebody watches", "e-mail;Recado", []func(int) string{mails, mobiles}, 100, true, "", []string{
			"e-mail → email (header)", "Recado → extra.recado (ambiguous: phone)"}, nil},
		{"unless he asked for it", "e-mail;Recado", []func(int) string{mails, mobiles}, 100, true, "auto", []string{
			"e-mail → email (header)", "Recado → phone (content)"}, nil},
		{"a column without name is taken when it is clear", ";Coluna 2", []func(int) string{mobiles, mails}, 100, false, "", []string{
			" → phone (content)", "Coluna 2 → email (content)"}, nil},
		{"but not beside one that is named", "celular;", []func(int) string{mobiles, dressed}, 100, false, "", []string{
			"celular → phone (header)", " →  (ambiguous: phone)"}, nil},
		{"nor by a few cells", "celular;", []func(int) string{mobiles, mails}, 6, false, "", []string{
			"celular → phone (header)", " →  (ambiguous: email)"}, nil},
		{"the seller's address is nobody's identity", "celular;Quem;", []func(int) string{mobiles, seller, seller}, 100, true, "auto", []string{
			"celular → phone (header)", "Quem → extra.quem (extra)", " →  (unnamed)"}, nil},
		{"what counts is no id", "celular;id;Código", []func(int) string{mobiles, counts, serial}, 100, true, "auto", []string{
			"celular → phone (header)", "id → extra.id (counter)", "Código → extra.codigo (counter)"}, nil},
		{"a number that is a phone", "nome;Número", []func(int) string{people, mobiles}, 100, false, "", []string{
			"nome → name (header)", "Número → phone (header+content)"}, nil},
		{"the number of a house stays one", "celular;rua;Número", []func(int) string{mobiles, firms, counts}, 100, false, "", []string{
			"celular → phone (header)", "rua → street (header)", "Número → street_number (header)"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, issues, err := MakePlan(strings.Split(tt.header, ";"), contentOf("BR", tt.rows, tt.columns...), schemas.Mapping{Rest: tt.rest}, !tt.attended)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, planLines(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			var got []string
			for _, i := range issues {
				got = append(got, i.Code+" "+strings.Join(i.Names, ",")+" "+i.Detail)
			}
			if diff := cmp.Diff(tt.issues, got); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
			for _, c := range p.Columns {
				taken := c.Imported && !strings.Contains(c.Reason, ":") && c.Reason != reasonExtra && c.Reason != reasonCounter
				if taken && !tt.attended && c.Confidence < schemas.HeaderSure || c.Confidence < 0 || c.Confidence > 1 {
					t.Errorf("%s has confidence %.2f", c.Name, c.Confidence)
				}
				if strings.Contains(c.Reason, ":") && c.Confidence >= schemas.HeaderSure {
					t.Errorf("%s is left to the user with confidence %.2f", c.Name, c.Confidence)
				}
			}
		})
	}
}

func TestNoIdentifierNamesTheLikeliestColumn(t *testing.T) {
	t.Parallel()
	_, issues, err := MakePlan([]string{"nome", "Recado", "Quem"}, contentOf("BR", 50, people, mobiles, seller), schemas.Mapping{}, true)
	if pipeline.CodeOf(err) != "MAPPING_NO_IDENTIFIER" || issues[0].Detail != "Recado=phone" {
		t.Errorf("MakePlan = %v, %+v", err, issues)
	}
	if text := schemas.Remedy("MAPPING_NO_IDENTIFIER", "en", issues[0].Args()); !strings.Contains(text, "--map 'Recado=phone'") {
		t.Errorf("remedy: %s", text)
	}
}

// Whatever the cells look like, nobody's rows are joined by a guess: unattended,
// an identity comes from a header that names it, or from a column without name
// whose cells are clear and beside which no other one of its kind is.
func TestContentAloneNeverTakesANamedColumn(t *testing.T) {
	t.Parallel()
	makers := []func(int) string{mobiles, dressed, mails, cpfs, dottedCPF, dates, amounts, ceps, bareCEPs, states, lands, people,
		firms, sites, yesno, counts, serial, sorted, insta, seller, blanks}
	headers := []string{"Telefone", "e-mail", "Contato", "Contatos", "Recado", "Número", "id", "", "Coluna 3", "Nome", "CPF", "Rua", "Cor"}
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SliceOfN(rapid.SampledFrom(headers), 1, 6).Draw(t, "header")
		columns := make([]func(int) string, len(header))
		for i := range columns {
			columns[i] = makers[rapid.IntRange(0, len(makers)-1).Draw(t, "cells")]
		}
		content := contentOf("BR", rapid.SampledFrom([]int{0, 4, 6, 30}).Draw(t, "rows"), columns...)
		plan, _, _ := MakePlan(header, content, schemas.Mapping{}, true)
		alone, _, _ := MakePlan(header, nil, schemas.Mapping{}, true)
		for i, c := range plan.Columns {
			f, _ := schemas.FieldByName(c.Field)
			_, sure, known := schemas.MatchHeader(header[i])
			switch {
			case c.Reason == "" || c.Confidence < 0 || c.Confidence > 1 || c.Imported != (c.Field != ""):
				t.Fatalf("column %d is %+v", i, c)
			case f.Kind == 0:
			case c.Reason == reasonContent && !nameless(header[i]):
				t.Fatalf("%q feeds %s by its cells", header[i], c.Field)
			case !known && !nameless(header[i]):
				t.Fatalf("%q feeds %s", header[i], c.Field)
			}
			// What a sure header alone decides, cells do not change, but for the
			// number that is a phone, and between two columns of one name.
			elsewhere := func(o Column) bool { return o.Field == alone.Columns[i].Field }
			if was := alone.Columns[i]; known && sure >= schemas.HeaderSure && header[i] != "Número" && was.Reason == reasonHeader &&
				was.Field != c.Field && !slices.ContainsFunc(plan.Columns, elsewhere) {
				t.Fatalf("%q feeds %q instead of %q", header[i], c.Field, was.Field)
			}
		}
	})
}

// BenchmarkProfile looks at the sample of a file of eight columns.
func BenchmarkProfile(b *testing.B) {
	columns := []func(int) string{mobiles, dressed, mails, cpfs, dates, amounts, people, firms}
	var rows []Cells
	for i := range int(contentRows(len(columns))) {
		cells := make([]string, len(columns))
		for c, column := range columns {
			cells[c] = column(i)
		}
		rows = append(rows, CellsOf(cells))
	}
	b.ReportAllocs()
	for b.Loop() {
		p := NewProfiler(len(columns), "BR")
		for _, row := range rows {
			p.Add(row)
		}
		p.Content()
	}
}
