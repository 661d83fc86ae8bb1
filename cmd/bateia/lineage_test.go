package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

// told are the statements of a prospect: an ERP, a list from a fair, a correction
// by hand that clears, a list that saw the fair's lead again, and an owner by turn.
func told() []postgres.Lead {
	erp := &survivorship.Policy{Rank: 2, Changes: 3}
	clearing := &survivorship.Policy{Rank: 1, Clear: true, Filled: map[string]bool{"website": true}}
	say := func(i schemas.ImportID, row int64, p *survivorship.Policy, l postgres.Lead, fields map[string]string) postgres.Lead {
		l.Statement = survivorship.Statement{Import: i, Row: row, Policy: p, Fields: fields, ByID: p == clearing}
		if l.LeadImport == 0 {
			l.LeadImport, l.LeadRow = i, row
		}
		l.SheetRow = row + 1
		l.ImportedAt = time.Date(2026, 3, int(i), 15, 4, 0, 0, time.UTC)
		return l
	}
	upload := schemas.Source{Kind: "upload", Name: "Feira de São Leopoldo"}
	fair := map[string]string{"name": "padaria sol", "city": "Canoas", "phone": "+5551987654321", "website": "example.com", "owner": "distribution:Sul"}
	list := []postgres.Lead{
		say(1, 4, erp, postgres.Lead{Source: schemas.Source{Kind: "omie", Name: "loja"}, SourceRef: "4711"}, map[string]string{"name": "Padaria Sol Ltda"}),
		say(2, 1, nil, postgres.Lead{Source: upload, FileName: "contatos da feira de são leopoldo 2026.csv", Outcome: "updated"}, fair),
		say(3, 7, clearing, postgres.Lead{Source: upload, FileName: "b.csv"}, map[string]string{"city": "Esteio"}),
		say(4, 2, nil, postgres.Lead{Source: upload, FileName: "c.csv", LeadImport: 2, LeadRow: 1}, map[string]string{"city": "Canoas"}),
	}
	list[1].Extra = map[string]json.RawMessage{"size": json.RawMessage("3")}
	return list
}

func toldProspect() postgres.Prospect {
	return postgres.Prospect{ID: "ba1", Extra: map[string]string{"size": "3"}, Fields: map[string]string{
		"name": "Padaria Sol Ltda", "city": "Esteio", "phone": "+5551987654321", "owner": "Ana", "notes": "from before"}}
}

func TestLineageOfAProspect(t *testing.T) {
	t.Parallel()
	docs := lineageOf(toldProspect(), told()).documents()
	type short struct {
		Value, Drawn, Lead, File string
		Rank                     int
		Lost                     []string
	}
	got := map[string]short{}
	for name, d := range docs {
		s := short{Value: deref(d.Value), Drawn: d.Drawn, Rank: d.Rank}
		if d.placeDocument != nil {
			s.Lead, s.File = d.LeadID, d.File
		}
		for _, l := range d.Lost {
			s.Lost = append(s.Lost, l.Value+" "+string(l.Reason)+" "+l.LeadID)
		}
		got[name] = s
	}
	fair := "contatos da feira de são leopoldo 2026.csv"
	want := map[string]short{
		"name":       {Value: "Padaria Sol Ltda", Rank: 2, Lead: "00000000000001:4", Lost: []string{"padaria sol lower_rank 00000000000002:1"}},
		"phone":      {Value: "+5551987654321", Rank: 1, Lead: "00000000000002:1", File: fair},
		"city":       {Value: "Esteio", Rank: 2, Lead: "00000000000003:7", File: "b.csv", Lost: []string{"Canoas lower_rank 00000000000002:1"}},
		"website":    {Lost: []string{"example.com cleared 00000000000002:1"}},
		"owner":      {Value: "Ana", Drawn: "Sul", Rank: 1, Lead: "00000000000002:1", File: fair},
		"extra.size": {Value: "3", Rank: 1, Lead: "00000000000002:1", File: fair},
		"notes":      {Value: "from before"}, // no row that counts says it
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lineage mismatch (-want +got):\n%s", diff)
	}
	for name := range lineageOf(toldProspect(), told()).origins() {
		if name == "website" || name == "notes" {
			t.Errorf("%s has an origin", name)
		}
	}
	leads := leadDocuments(told())
	if len(leads) != 3 || len(leads[1].Seen) != 1 || leads[1].Seen[0].File != "c.csv" || len(leads[0].Seen) != 0 {
		t.Errorf("leads with what saw them again: %+v", leads)
	}
}

func TestLineageFitsTheScreen(t *testing.T) {
	t.Parallel()
	for _, locale := range schemas.Locales {
		var out bytes.Buffer
		s := &session{out: terminal.Output{Out: &out}, words: terminal.Words{Locale: locale}}
		p := toldProspect()
		p.Fields["notes"] = strings.Repeat("a long remark ", 20)
		s.printProspect(schemas.Account{Timezone: "America/Sao_Paulo"}, p, told(), lineageOf(p, told()))
		text := out.String()
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 100 {
				t.Errorf("%s: a line of %d characters: %s", locale, n, line)
			}
		}
		for _, want := range []string{"4711 · omie loja · 2026-03-01 12:04", "✗ padaria sol · " + s.words.Say("lost_lower_rank"), "b.csv", s.words.Say("cleared_value"), "Ana (" + s.words.Say("drawn_from", "name", "Sul") + ")"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", locale, want, text)
			}
		}
	}
	for _, why := range []survivorship.Reason{survivorship.Older, survivorship.LowerRank, survivorship.FillsOnly, survivorship.NotFirst,
		survivorship.Cleared, survivorship.Unchanged, survivorship.StillToDraw} {
		w := terminal.Words{Locale: "es"}
		if key := "lost_" + string(why); w.Say(key) == key {
			t.Errorf("no text %s", key)
		}
	}
}
